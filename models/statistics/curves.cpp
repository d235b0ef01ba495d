// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/statistics/intervals.h"

namespace pilothouse::statistics {

namespace {

bool usable(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    return scores.size() == outcomes.size() && !scores.empty() &&
           std::none_of(scores.begin(), scores.end(), [](double s) { return std::isnan(s); });
}

/// Rows by falling score.
std::vector<std::size_t> ranked(std::span<const double> scores) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    return order;
}

double positives(std::span<const std::uint8_t> outcomes) {
    return static_cast<double>(std::count_if(outcomes.begin(), outcomes.end(), [](std::uint8_t o) { return o != 0; }));
}

/// visit(threshold, true positives, false positives) after the rows of each distinct score.
template <class Visit>
void forEachThreshold(std::span<const double> scores, std::span<const std::uint8_t> outcomes, Visit visit) {
    const auto order = ranked(scores);
    double truePositive = 0, falsePositive = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        ++(outcomes[order[i]] != 0 ? truePositive : falsePositive);
        if (i + 1 < order.size() && scores[order[i + 1]] == scores[order[i]]) continue;
        visit(scores[order[i]], truePositive, falsePositive);
    }
}

}  // namespace

std::vector<CurvePoint> rocCurve(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    std::vector<CurvePoint> out;
    if (!usable(scores, outcomes)) return out;
    const double all = positives(outcomes), none = static_cast<double>(outcomes.size()) - all;
    if (all == 0 || none == 0) return out;
    out.push_back({0, 0, std::numeric_limits<double>::infinity()});
    forEachThreshold(scores, outcomes, [&](double threshold, double truePositive, double falsePositive) {
        out.push_back({falsePositive / none, truePositive / all, threshold});
    });
    return out;
}

std::vector<CurvePoint> precisionRecallCurve(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    std::vector<CurvePoint> out;
    if (!usable(scores, outcomes)) return out;
    const double all = positives(outcomes);
    if (all == 0) return out;
    forEachThreshold(scores, outcomes, [&](double threshold, double truePositive, double falsePositive) {
        out.push_back({truePositive / all, truePositive / (truePositive + falsePositive), threshold});
    });
    return out;
}

std::vector<CurvePoint> thinned(std::span<const CurvePoint> points, double steps) {
    std::vector<CurvePoint> out;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const CurvePoint& p = points[i];
        if (i == 0 || i + 1 == points.size() || std::abs(p.x - out.back().x) * steps >= 1 ||
            std::abs(p.y - out.back().y) * steps >= 1)
            out.push_back(p);
    }
    return out;
}

std::vector<ReliabilityBin> reliability(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                        std::span<const std::uint32_t> clusters, std::size_t bins) {
    std::vector<ReliabilityBin> out;
    if (!usable(scores, outcomes) || bins == 0 || (!clusters.empty() && clusters.size() != scores.size())) return out;
    auto order = ranked(scores);
    std::reverse(order.begin(), order.end());
    const std::size_t n = order.size();
    std::size_t from = 0;
    for (std::size_t bin = 1; bin <= bins && from < n; ++bin) {
        std::size_t to = std::max(from + 1, (n * bin + bins / 2) / bins);
        to = std::min(to, n);
        while (to < n && scores[order[to]] == scores[order[to - 1]])
            ++to;
        std::vector<double> hits;
        std::vector<std::uint32_t> ids;
        double sum = 0;
        for (std::size_t i = from; i < to; ++i) {
            hits.push_back(outcomes[order[i]] != 0 ? 1 : 0);
            if (!clusters.empty()) ids.push_back(clusters[order[i]]);
            sum += scores[order[i]];
        }
        out.push_back({scores[order[from]], scores[order[to - 1]], sum / static_cast<double>(to - from),
                       shareInterval({hits, {}, ids}), to - from});
        from = to;
    }
    return out;
}

}  // namespace pilothouse::statistics
