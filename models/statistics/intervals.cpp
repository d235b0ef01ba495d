// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/intervals.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

#include "models/statistics/clusters.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

constexpr double kTail = 0.025;

bool fits(const RatioRows& rows) {
    const std::size_t n = rows.numerator.size();
    return n > 0 && (rows.denominator.empty() || rows.denominator.size() == n) &&
           (rows.clusters.empty() || rows.clusters.size() == n);
}

}  // namespace

ShareInterval wilson(double share, double n, double z) {
    const double z2 = z * z, middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Ratio ratioOf(const RatioRows& rows) {
    if (!fits(rows)) return {kNaN, kNaN, 0, 0};
    const auto weight = [&](std::size_t i) { return rows.denominator.empty() ? 1.0 : rows.denominator[i]; };
    double up = 0, down = 0;
    for (std::size_t i = 0; i < rows.numerator.size(); ++i) {
        up += rows.numerator[i];
        down += weight(i);
    }
    if (!(down > 0)) return {kNaN, kNaN, 0, 0};
    Ratio out{up / down, kNaN, down, 0};
    std::vector<std::uint32_t> ids(rows.clusters.begin(), rows.clusters.end());
    std::vector<double> residuals(ids.empty() ? 0 : densify(ids), 0.0);
    std::vector<std::uint8_t> seen(residuals.size(), 0);
    double squares = 0;
    for (std::size_t i = 0; i < rows.numerator.size(); ++i) {
        if (weight(i) == 0 && rows.numerator[i] == 0) continue;  // not of this ratio's rows
        const double residual = rows.numerator[i] - out.value * weight(i);
        if (ids.empty()) {
            squares += residual * residual;
            ++out.clusters;
        } else {
            residuals[ids[i]] += residual;
            seen[ids[i]] = 1;
        }
    }
    for (std::size_t c = 0; c < residuals.size(); ++c) {
        squares += residuals[c] * residuals[c];
        out.clusters += seen[c];
    }
    const auto count = static_cast<double>(out.clusters);
    if (out.clusters >= 2) out.standardError = std::sqrt(count / (count - 1) * squares) / down;
    return out;
}

Interval shareInterval(const RatioRows& rows) {
    const Ratio ratio = ratioOf(rows);
    Interval out{ratio.value, kNaN, kNaN};
    if (std::isnan(ratio.value)) return out;
    // One cluster does not tell its own spread.
    if (!rows.clusters.empty() && ratio.clusters < 2) return out;
    const double independent = ratio.value * (1 - ratio.value) / ratio.denominator;
    double design = 1;
    if (!rows.clusters.empty() && independent > 0)
        design = std::max(1.0, ratio.standardError * ratio.standardError / independent);
    // A share of 0 or 1 shows no spread: then a cluster is worth one row, the worst case.
    if (!rows.clusters.empty() && !(independent > 0))
        design = std::max(1.0, ratio.denominator / static_cast<double>(ratio.clusters));
    const ShareInterval w = wilson(ratio.value, ratio.denominator / design, normalCritical(kTail));
    out.low = std::min(w.low, ratio.value);
    out.high = std::max(w.high, ratio.value);
    return out;
}

Interval meanInterval(const RatioRows& rows) {
    const Ratio ratio = ratioOf(rows);
    Interval out{ratio.value, kNaN, kNaN};
    if (std::isnan(ratio.standardError)) return out;
    const boost::math::students_t student(static_cast<double>(ratio.clusters) - 1);
    const double half = boost::math::quantile(boost::math::complement(student, kTail)) * ratio.standardError;
    out.low = ratio.value - half;
    out.high = ratio.value + half;
    return out;
}

}  // namespace pilothouse::statistics
