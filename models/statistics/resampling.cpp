// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/resampling.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "models/statistics/binning.h"
#include "models/statistics/random.h"

namespace pilothouse::statistics {

namespace {

/// More clusters than this are merged into as many groups: independent clusters make independent groups, and that many
/// are plenty to resample. Bounds the cost whatever the window.
constexpr std::size_t kGroups = 1024;
/// Fewer clusters are too few to resample; rows at the effective n are.
constexpr std::size_t kFewestClusters = 4;

std::uint64_t rows(double effective) { return static_cast<std::uint64_t>(std::max(1.0, std::round(effective))); }

/// Where the outer bins' rows lie in a resample with `low` and `high` rows there.
OuterPlaces jitter(Random& random, OuterPlaces at, const std::array<double, 2>& spread, double low, double high) {
    if (low > 0) at.low += spread[0] * random.normal() / std::sqrt(low);
    if (high > 0) at.high += spread[1] * random.normal() / std::sqrt(high);
    return at;
}

/// The current window's clusters as short lists of (bin, rows), and the resampled shares that come of them.
class ClusterResampler {
public:
    ClusterResampler(const Comparison& comparison, const CurrentCounts& current) : m_comparison(comparison) {
        const std::size_t clusters = current.clusterCounts.size();
        m_groups = std::min(clusters, kGroups);
        m_outer = comparison.numeric && current.clusterOuterSums.size() == clusters;
        m_bins = comparison.current.size();
        std::vector<std::vector<double>> dense(m_groups, std::vector<double>(m_bins, 0));
        m_sums.assign(m_groups, {0, 0});
        const double unseenShare =
            current.counts.back() > 0 ? static_cast<double>(current.unseen) / static_cast<double>(current.counts.back())
                                      : 0;
        for (std::size_t c = 0; c < clusters; ++c) {
            auto& group = dense[c % m_groups];
            const auto& row = current.clusterCounts[c];
            for (std::size_t b = 0; b < row.size(); ++b)
                group[b] += row[b];
            if (!comparison.numeric) {
                const double other = row.back();
                const double unseen = current.clusterUnseen.size() == clusters
                                          ? std::min<double>(current.clusterUnseen[c], other)
                                          : other * unseenShare;
                group[m_bins - 2] -= unseen;
                group[m_bins - 1] += unseen;
            }
            if (m_outer)
                for (std::size_t side = 0; side < 2; ++side)
                    m_sums[c % m_groups][side] += current.clusterOuterSums[c][side];
        }
        for (const auto& group : dense) {
            for (std::size_t b = 0; b < m_bins; ++b)
                if (group[b] > 0) m_entries.push_back({static_cast<std::uint32_t>(b), group[b]});
            m_ends.push_back(m_entries.size());
        }
        const double groups = static_cast<double>(m_groups);
        const double design = comparison.nCurrent / comparison.effectiveCurrent;
        m_widen = std::sqrt(design / comparison.currentDesign * groups / std::max(1.0, groups - 1));
    }

    [[nodiscard]] std::size_t groups() const { return m_groups; }

    void draw(const std::uint16_t* times, std::vector<double>& shares, OuterPlaces& at) const {
        std::fill(shares.begin(), shares.end(), 0);
        double sums[2] = {0, 0}, total = 0;
        std::size_t i = 0;
        for (std::size_t g = 0; g < m_groups; i = m_ends[g], ++g) {
            if (times[g] == 0) continue;
            const double weight = times[g];
            for (std::size_t e = i; e < m_ends[g]; ++e)
                shares[m_entries[e].bin] += weight * m_entries[e].rows;
            sums[0] += weight * m_sums[g][0];
            sums[1] += weight * m_sums[g][1];
        }
        for (const double s : shares)
            total += s;
        at = m_comparison.outer;
        if (total == 0) {
            shares = m_comparison.current;
            return;
        }
        if (m_outer) {
            const double low = shares.front(), high = shares.back();
            if (low > 0) at.low += m_widen * (sums[0] / low / m_comparison.scale - at.low);
            if (high > 0) at.high += m_widen * (sums[1] / high / m_comparison.scale - at.high);
        }
        for (std::size_t b = 0; b < shares.size(); ++b)
            shares[b] = m_comparison.current[b] + m_widen * (shares[b] / total - m_comparison.current[b]);
    }

private:
    struct Entry {
        std::uint32_t bin;
        double rows;
    };
    const Comparison& m_comparison;
    std::size_t m_groups = 0, m_bins = 0;
    bool m_outer = false;
    std::vector<Entry> m_entries;
    std::vector<std::size_t> m_ends;
    std::vector<std::array<double, 2>> m_sums;
    double m_widen = 1;
};

}  // namespace

PearsonThree nullOf(const Comparison& comparison, int resamples, std::uint64_t seed) {
    Random random(seed);
    const std::uint64_t nReference = rows(comparison.effectiveReference), nCurrent = rows(comparison.effectiveCurrent);
    const std::size_t bins = comparison.smoothed.size();
    std::vector<double> p(bins), q(bins), sample;
    sample.reserve(static_cast<std::size_t>(resamples));
    OuterPlaces home;
    if (comparison.numeric) home = {comparison.places.front(), comparison.places.back()};
    for (int r = 0; r < resamples; ++r) {
        multinomial(random, nReference, comparison.smoothed, p);
        multinomial(random, nCurrent, comparison.smoothed, q);
        OuterPlaces at = home;
        if (comparison.numeric) {
            // Both sides' outer means wander; only their difference matters.
            const auto wander = [](double a, double b) { return a > 0 && b > 0 ? 1 / (1 / a + 1 / b) : 0; };
            at = jitter(random, home, comparison.referenceSpread, wander(p.front(), q.front()),
                        wander(p.back(), q.back()));
        }
        for (std::size_t b = 0; b < bins; ++b) {
            p[b] /= static_cast<double>(nReference);
            q[b] /= static_cast<double>(nCurrent);
        }
        sample.push_back(comparison.distance(p, q, at));
    }
    return PearsonThree::fit(sample);
}

const std::vector<std::uint16_t>& ClusterDraws::of(std::size_t clusters) {
    auto [it, added] = m_draws.try_emplace(clusters);
    if (added) {
        Random random(m_seed + clusters);
        it->second.assign(static_cast<std::size_t>(m_resamples) * clusters, 0);
        for (int r = 0; r < m_resamples; ++r)
            for (std::size_t c = 0; c < clusters; ++c)
                ++it->second[static_cast<std::size_t>(r) * clusters + random.below(clusters)];
    }
    return it->second;
}

EffectInterval effectInterval(const Comparison& comparison, const CurrentCounts& current, ClusterDraws& draws,
                              int resamples, std::uint64_t seed) {
    Random random(seed);
    const std::uint64_t nReference = rows(comparison.effectiveReference), nCurrent = rows(comparison.effectiveCurrent);
    const bool clustered = current.clusterCounts.size() >= kFewestClusters && comparison.effectiveCurrent > 1;
    const double noise = comparison.noise(), noiseSquared = 2 * noise * noise;  // of the data, and of the resampling
    std::vector<double> p(comparison.reference.size()), q(p.size()), effects;
    std::optional<ClusterResampler> clusters;
    if (clustered) clusters.emplace(comparison, current);
    const std::uint16_t* times = clustered ? draws.of(clusters->groups()).data() : nullptr;
    for (int r = 0; r < resamples; ++r) {
        multinomial(random, nReference, comparison.reference, p);
        for (double& x : p)
            x /= static_cast<double>(nReference);
        OuterPlaces at = comparison.outer;
        if (clustered) {
            clusters->draw(times + static_cast<std::size_t>(r) * clusters->groups(), q, at);
        } else {
            multinomial(random, nCurrent, comparison.current, q);
            if (comparison.numeric) at = jitter(random, at, comparison.currentSpread, q.front(), q.back());
            for (double& x : q)
                x /= static_cast<double>(nCurrent);
        }
        effects.push_back(lessNoise(comparison.distance(p, q, at), noiseSquared));
    }
    std::sort(effects.begin(), effects.end());
    return {quantile(effects, 0.025), quantile(effects, 0.975)};
}

}  // namespace pilothouse::statistics
