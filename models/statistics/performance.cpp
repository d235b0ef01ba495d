// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/performance.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "models/statistics/bootstrap.h"

namespace pilothouse::statistics {

namespace {

bool usable(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    return scores.size() == outcomes.size() && !scores.empty() &&
           std::none_of(scores.begin(), scores.end(), [](double s) { return std::isnan(s); });
}

/// Rows sorted by score once, so that the AUC of any reweighting takes one pass. Equal scores form a group.
class Ranked {
public:
    Ranked(std::span<const double> scores, std::span<const std::uint8_t> outcomes) : m_outcomes(outcomes) {
        m_order.resize(scores.size());
        std::iota(m_order.begin(), m_order.end(), 0u);
        std::sort(m_order.begin(), m_order.end(), [&](std::uint32_t a, std::uint32_t b) {
            return scores[a] != scores[b] ? scores[a] < scores[b] : a < b;
        });
        for (std::size_t i = 1; i <= m_order.size(); ++i)
            if (i == m_order.size() || scores[m_order[i]] != scores[m_order[i - 1]]) m_groupEnds.push_back(i);
    }

    /// `weight(row)` times each row; NaN when a class has no weight. Exact in integers up to 2^53.
    template <class Weight>
    [[nodiscard]] double auc(Weight weight) const {
        double negativesBelow = 0, positives = 0, wins = 0;
        std::size_t i = 0;
        for (const std::size_t end : m_groupEnds) {
            double positive = 0, negative = 0;
            for (; i < end; ++i)
                (m_outcomes[m_order[i]] != 0 ? positive : negative) += weight(m_order[i]);
            wins += positive * (negativesBelow + negative / 2);
            negativesBelow += negative;
            positives += positive;
        }
        return positives > 0 && negativesBelow > 0 ? wins / (positives * negativesBelow) : kNaN;
    }

    /// Average precision of the rows, each `weight(row)` times; NaN without a positive.
    template <class Weight>
    [[nodiscard]] double averagePrecision(Weight weight) const {
        double found = 0, taken = 0, sum = 0;
        for (std::size_t g = m_groupEnds.size(); g-- > 0;) {  // highest scores first
            double positives = 0;
            for (std::size_t i = g == 0 ? 0 : m_groupEnds[g - 1]; i < m_groupEnds[g]; ++i) {
                const double times = weight(m_order[i]);
                taken += times;
                if (m_outcomes[m_order[i]] != 0) positives += times;
            }
            found += positives;
            if (positives > 0) sum += positives * (found / taken);
        }
        return found > 0 ? sum / found : kNaN;
    }

private:
    std::span<const std::uint8_t> m_outcomes;
    std::vector<std::uint32_t> m_order;
    std::vector<std::size_t> m_groupEnds;
};

constexpr auto kOnce = [](std::uint32_t) { return 1.0; };

}  // namespace

double rocAuc(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    return usable(scores, outcomes) ? Ranked(scores, outcomes).auc(kOnce) : kNaN;
}

double logLoss(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    if (!usable(scores, outcomes)) return kNaN;
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const double p = std::clamp(scores[i], 1e-15, 1 - 1e-15);
        sum -= outcomes[i] != 0 ? std::log(p) : std::log1p(-p);
    }
    return sum / static_cast<double>(scores.size());
}

double brierScore(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    if (!usable(scores, outcomes)) return kNaN;
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const double d = scores[i] - (outcomes[i] != 0 ? 1 : 0);
        sum += d * d;
    }
    return sum / static_cast<double>(scores.size());
}

double averagePrecision(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    return usable(scores, outcomes) ? Ranked(scores, outcomes).averagePrecision(kOnce) : kNaN;
}

ConfusionMatrix confusion(std::span<const double> scores, std::span<const std::uint8_t> outcomes, double threshold) {
    ConfusionMatrix m;
    for (std::size_t i = 0; i < std::min(scores.size(), outcomes.size()); ++i) {
        const bool called = scores[i] >= threshold;
        if (outcomes[i] != 0)
            ++(called ? m.truePositive : m.falseNegative);
        else
            ++(called ? m.falsePositive : m.trueNegative);
    }
    return m;
}

Interval aucInterval(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                     std::span<const std::uint32_t> clusters, int resamples, std::uint64_t seed) {
    if (!usable(scores, outcomes)) return {kNaN, kNaN, kNaN};
    const Ranked ranked(scores, outcomes);
    return clusterBootstrap(ranked.auc(kOnce), scores.size(), clusters, resamples, seed,
                            [&](auto weight) { return ranked.auc(weight); });
}

Interval averagePrecisionInterval(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                  std::span<const std::uint32_t> clusters, int resamples, std::uint64_t seed) {
    if (!usable(scores, outcomes)) return {kNaN, kNaN, kNaN};
    const Ranked ranked(scores, outcomes);
    return clusterBootstrap(ranked.averagePrecision(kOnce), scores.size(), clusters, resamples, seed,
                            [&](auto weight) { return ranked.averagePrecision(weight); });
}

Interval aucDifference(std::span<const double> a, std::span<const double> b, std::span<const std::uint8_t> outcomes,
                       std::span<const std::uint32_t> clusters, int resamples, std::uint64_t seed) {
    if (!usable(a, outcomes) || !usable(b, outcomes)) return {kNaN, kNaN, kNaN};
    const Ranked first(a, outcomes), second(b, outcomes);
    return clusterBootstrap(first.auc(kOnce) - second.auc(kOnce), a.size(), clusters, resamples, seed,
                            [&](auto weight) { return first.auc(weight) - second.auc(weight); });
}

}  // namespace pilothouse::statistics
