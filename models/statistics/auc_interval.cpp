// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/auc_interval.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "models/statistics/clusters.h"
#include "models/statistics/intervals.h"
#include "models/statistics/null_distribution.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

struct Placements {
    double auc = kNaN, error = kNaN;
    double rarer = 0;  ///< rows or clusters that hold the class which fewer hold
};

/// What each row adds to AUC - its mean, as if rows were drawn again: (placement - AUC) / rows of its class.
std::vector<double> influences(std::span<const double> scores, std::span<const std::uint8_t> outcomes, double& auc) {
    std::vector<std::uint32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return scores[a] < scores[b]; });
    double positives = 0;
    for (const std::uint8_t o : outcomes)
        positives += o != 0 ? 1 : 0;
    const double negatives = static_cast<double>(scores.size()) - positives;
    std::vector<double> out(scores.size());
    double positivesBelow = 0, negativesBelow = 0, wins = 0;
    for (std::size_t i = 0; i < order.size();) {
        std::size_t end = i;
        double in = 0;
        while (end < order.size() && scores[order[end]] == scores[order[i]])
            in += outcomes[order[end++]] != 0 ? 1 : 0;
        const double rest = static_cast<double>(end - i) - in;
        const double ofPositive = (negativesBelow + rest / 2) / negatives;
        const double ofNegative = (positives - positivesBelow - in / 2) / positives;
        for (; i < end; ++i)
            out[order[i]] = outcomes[order[i]] != 0 ? ofPositive : ofNegative;
        wins += in * ofPositive;
        positivesBelow += in;
        negativesBelow += rest;
    }
    auc = wins / positives;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = (out[i] - auc) / (outcomes[i] != 0 ? positives : negatives);
    return out;
}

/// DeLong: each class has a variance of its own, over n - 1.
Placements ofRows(std::span<const std::uint8_t> outcomes, const std::vector<double>& influence, double auc) {
    double squares[2] = {}, count[2] = {};
    for (std::size_t i = 0; i < influence.size(); ++i) {
        const std::size_t c = outcomes[i] != 0 ? 1 : 0;
        squares[c] += influence[i] * influence[i];
        ++count[c];
    }
    Placements out{auc, kNaN, std::min(count[0], count[1])};
    if (out.rarer >= 2)
        out.error = std::sqrt(squares[0] * count[0] / (count[0] - 1) + squares[1] * count[1] / (count[1] - 1));
    return out;
}

/// Obuchowski: a cluster's positives and negatives go together. K_c / (K_c - 1) of her equation, with the number of
/// clusters that hold the class; the cross term with the number of all clusters.
Placements ofClusters(std::span<const std::uint8_t> outcomes, const std::vector<double>& influence, double auc,
                      std::span<const std::uint32_t> clusters) {
    std::vector<std::uint32_t> ids(clusters.begin(), clusters.end());
    const std::size_t number = densify(ids);
    std::vector<double> sums[2] = {std::vector<double>(number, 0.0), std::vector<double>(number, 0.0)};
    std::vector<std::uint8_t> holds[2] = {std::vector<std::uint8_t>(number, 0), std::vector<std::uint8_t>(number, 0)};
    for (std::size_t i = 0; i < influence.size(); ++i) {
        const std::size_t c = outcomes[i] != 0 ? 1 : 0;
        sums[c][ids[i]] += influence[i];
        holds[c][ids[i]] = 1;
    }
    double squares[2] = {}, count[2] = {}, cross = 0, all = 0;
    for (std::size_t k = 0; k < number; ++k) {
        for (const std::size_t c : {std::size_t{0}, std::size_t{1}}) {
            squares[c] += sums[c][k] * sums[c][k];
            count[c] += holds[c][k];
        }
        cross += sums[0][k] * sums[1][k];
        all += holds[0][k] != 0 || holds[1][k] != 0 ? 1 : 0;
    }
    Placements out{auc, kNaN, std::min(count[0], count[1])};
    if (out.rarer < 2) return out;
    const double variance =
        squares[0] * count[0] / (count[0] - 1) + squares[1] * count[1] / (count[1] - 1) + 2 * cross * all / (all - 1);
    out.error = std::sqrt(std::max(0.0, variance));
    return out;
}

Placements placementsOf(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                        std::span<const std::uint32_t> clusters) {
    const auto positive = [](std::uint8_t o) { return o != 0; };
    if (scores.size() != outcomes.size() || (!clusters.empty() && clusters.size() != scores.size()) ||
        std::none_of(outcomes.begin(), outcomes.end(), positive) ||
        std::all_of(outcomes.begin(), outcomes.end(), positive) ||
        std::any_of(scores.begin(), scores.end(), [](double s) { return std::isnan(s); }))
        return {};
    double auc = 0;
    const std::vector<double> influence = influences(scores, outcomes, auc);
    return clusters.empty() ? ofRows(outcomes, influence, auc) : ofClusters(outcomes, influence, auc, clusters);
}

}  // namespace

double aucStandardError(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                        std::span<const std::uint32_t> clusters) {
    return placementsOf(scores, outcomes, clusters).error;
}

Interval aucIntervalAnalytic(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                             std::span<const std::uint32_t> clusters) {
    const Placements p = placementsOf(scores, outcomes, clusters);
    Interval out{p.auc, kNaN, kNaN};
    if (std::isnan(p.error)) return out;
    const double z = normalCritical(0.025);
    if (p.auc <= 0 || p.auc >= 1 || p.error == 0) {
        const ShareInterval w = wilson(p.auc, p.rarer, z);
        return {p.auc, std::min(w.low, p.auc), std::max(w.high, p.auc)};
    }
    const double logit = std::log(p.auc / (1 - p.auc)), half = z * p.error / (p.auc * (1 - p.auc));
    out.low = 1 / (1 + std::exp(half - logit));
    out.high = 1 / (1 + std::exp(-half - logit));
    return out;
}

}  // namespace pilothouse::statistics
