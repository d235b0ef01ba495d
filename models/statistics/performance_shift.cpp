// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/performance_shift.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/statistics/clusters.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

constexpr double kZ = 1.959963984540054;

struct Known {
    std::vector<double> losses, weights;
    std::vector<std::uint32_t> clusters;
    double mean = 0;
};

Result<Known> knownOf(const LossRows& rows, std::span<const double> weights, const char* side) {
    const std::size_t n = rows.losses.size();
    if ((!rows.clusters.empty() && rows.clusters.size() != n) || weights.size() != n)
        return fail(Error::invalid(std::string("losses, weights and clusters of the ") + side + " differ in length"));
    Known out;
    for (std::size_t i = 0; i < n; ++i) {
        if (!(weights[i] >= 0) || std::isinf(weights[i]))
            return fail(Error::invalid("row " + std::to_string(i) + " of the " + side + " has no usable weight"));
        if (std::isnan(rows.losses[i])) continue;
        if (std::isinf(rows.losses[i]))
            return fail(Error::invalid("row " + std::to_string(i) + " of the " + side + " has an infinite loss"));
        out.losses.push_back(rows.losses[i]);
        out.weights.push_back(weights[i]);
        out.clusters.push_back(rows.clusters.empty() ? static_cast<std::uint32_t>(i) : rows.clusters[i]);
    }
    if (out.losses.size() < 2)
        return fail(Error::invalid(std::string("the ") + side + " has fewer than two rows with a known outcome"));
    for (const double x : out.losses)
        out.mean += x / static_cast<double>(out.losses.size());
    densify(out.clusters);
    return out;
}

/// Standard error of an estimate that is the sum of `influence(row)`, over clusters; NaN below two.
template <class Influence>
double errorOf(const Known& rows, Influence influence) {
    const std::uint32_t most = *std::max_element(rows.clusters.begin(), rows.clusters.end());
    std::vector<double> sums(most + 1, 0.0);
    std::vector<std::uint8_t> seen(most + 1, 0);
    for (std::size_t i = 0; i < rows.losses.size(); ++i) {
        sums[rows.clusters[i]] += influence(i);
        seen[rows.clusters[i]] = 1;
    }
    double squares = 0, count = 0;
    for (std::size_t c = 0; c < sums.size(); ++c) {
        squares += sums[c] * sums[c];
        count += seen[c];
    }
    return count < 2 ? kNaN : std::sqrt(squares * count / (count - 1));
}

Interval around(double value, double error) { return {value, value - kZ * error, value + kZ * error}; }

}  // namespace

double effectiveSampleSize(std::span<const double> weights) {
    double sum = 0, squares = 0;
    for (const double w : weights) {
        sum += w;
        squares += w * w;
    }
    return squares > 0 ? sum * sum / squares : kNaN;
}

Result<PerformanceShift> explainShift(const LossRows& reference, std::span<const double> weights,
                                      const LossRows& current) {
    PH_ASSIGN(const Known before, knownOf(reference, weights, "reference"));
    const std::vector<double> ones(current.losses.size(), 1.0);
    PH_ASSIGN(const Known now, knownOf(current, ones, "current window"));
    // Brought to a largest weight of 1, so that sums of squares stay within range.
    const double most = *std::max_element(before.weights.begin(), before.weights.end());
    if (!(most > 0)) return fail(Error::invalid("no reference row with a known outcome has a weight"));
    double sum = 0, squares = 0, weighted = 0;
    for (std::size_t i = 0; i < before.losses.size(); ++i) {
        const double w = before.weights[i] / most;
        sum += w;
        squares += w * w;
        weighted += w * before.losses[i];
    }
    PerformanceShift out;
    out.reference = before.mean;
    out.reweighted = weighted / sum;
    out.current = now.mean;
    out.effectiveRows = sum * sum / squares;
    out.largestWeight = 1 / sum;
    out.referenceRows = before.losses.size();
    out.currentRows = current.losses.size();
    out.currentLabelled = now.losses.size();
    const auto n = static_cast<double>(before.losses.size()), m = static_cast<double>(now.losses.size());
    const auto ofReference = [&](std::size_t i) { return (before.losses[i] - out.reference) / n; };
    const auto ofReweighted = [&](std::size_t i) {
        return before.weights[i] / most * (before.losses[i] - out.reweighted) / sum;
    };
    const double referenceError = errorOf(before, ofReference), reweightedError = errorOf(before, ofReweighted);
    const double currentError = errorOf(now, [&](std::size_t i) { return (now.losses[i] - out.current) / m; });
    // The same rows make both means of the reference: their errors go together.
    const double bothError = errorOf(before, [&](std::size_t i) { return ofReweighted(i) - ofReference(i); });
    if (std::isnan(referenceError) || std::isnan(currentError))
        return fail(Error::invalid("one side has a single cluster: its spread is not known"));
    out.total = around(out.current - out.reference, std::hypot(currentError, referenceError));
    out.covariate = around(out.reweighted - out.reference, bothError);
    out.conceptual = around(out.current - out.reweighted, std::hypot(currentError, reweightedError));
    return out;
}

}  // namespace pilothouse::statistics
