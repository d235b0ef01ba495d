// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/performance.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "models/statistics/binning.h"
#include "models/statistics/clusters.h"
#include "models/statistics/random.h"
#include "models/statistics/verdict.h"

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

    [[nodiscard]] const std::vector<std::uint32_t>& order() const { return m_order; }
    [[nodiscard]] const std::vector<std::size_t>& groupEnds() const { return m_groupEnds; }

private:
    std::span<const std::uint8_t> m_outcomes;
    std::vector<std::uint32_t> m_order;
    std::vector<std::size_t> m_groupEnds;
};

/// 95 % percentile interval of `statistic(weights of rows)` over resampled clusters.
template <class Statistic>
Interval bootstrap(double value, std::size_t rows, std::span<const std::uint32_t> clusters, int resamples,
                   std::uint64_t seed, Statistic statistic) {
    Interval out{value, kNaN, kNaN};
    if (std::isnan(value) || (!clusters.empty() && clusters.size() != rows)) return out;
    std::vector<std::uint32_t> ids(clusters.begin(), clusters.end());
    if (ids.empty()) {
        ids.resize(rows);
        std::iota(ids.begin(), ids.end(), 0u);
    }
    const std::size_t number = densify(ids);
    // Ids that no row has would be drawn too, and make the resamples smaller than the sample.
    std::vector<std::uint32_t> used;
    std::vector<std::uint8_t> seen(number, 0);
    for (const std::uint32_t id : ids)
        seen[id] = 1;
    for (std::uint32_t id = 0; id < number; ++id)
        if (seen[id]) used.push_back(id);
    if (used.size() < 2) return out;
    Random random(seed);
    const int count = std::clamp(resamples, 100, 10'000);
    std::vector<double> times(number), values;
    for (int r = 0; r < count; ++r) {
        std::fill(times.begin(), times.end(), 0);
        for (std::size_t c = 0; c < used.size(); ++c)
            ++times[used[random.below(used.size())]];
        const double x = statistic([&](std::uint32_t row) { return times[ids[row]]; });
        if (!std::isnan(x)) values.push_back(x);
    }
    // A class so rare that half the resamples lack it does not carry an interval.
    if (values.size() * 2 < static_cast<std::size_t>(count)) return out;
    std::sort(values.begin(), values.end());
    out.low = quantile(values, 0.025);
    out.high = quantile(values, 0.975);
    return out;
}

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
    if (!usable(scores, outcomes)) return kNaN;
    const Ranked ranked(scores, outcomes);
    const auto& ends = ranked.groupEnds();
    double found = 0, taken = 0, sum = 0;
    for (std::size_t g = ends.size(); g-- > 0;) {  // highest scores first
        double positives = 0;
        const std::size_t from = g == 0 ? 0 : ends[g - 1];
        for (std::size_t i = from; i < ends[g]; ++i)
            positives += outcomes[ranked.order()[i]] != 0 ? 1 : 0;
        found += positives;
        taken += static_cast<double>(ends[g] - from);
        sum += positives * (found / taken);
    }
    return found > 0 ? sum / found : kNaN;
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
    return bootstrap(ranked.auc(kOnce), scores.size(), clusters, resamples, seed,
                     [&](auto weight) { return ranked.auc(weight); });
}

Interval aucDifference(std::span<const double> a, std::span<const double> b, std::span<const std::uint8_t> outcomes,
                       std::span<const std::uint32_t> clusters, int resamples, std::uint64_t seed) {
    if (!usable(a, outcomes) || !usable(b, outcomes)) return {kNaN, kNaN, kNaN};
    const Ranked first(a, outcomes), second(b, outcomes);
    return bootstrap(first.auc(kOnce) - second.auc(kOnce), a.size(), clusters, resamples, seed,
                     [&](auto weight) { return first.auc(weight) - second.auc(weight); });
}

}  // namespace pilothouse::statistics
