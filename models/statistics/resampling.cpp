// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/resampling.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "models/base/vector_state.h"
#include "models/statistics/binning.h"
#include "models/statistics/random.h"

namespace pilothouse::statistics {

namespace {

/// More clusters than this are merged into as many groups: independent clusters make independent groups, and that many
/// are plenty to resample. Bounds the cost whatever the window; so does the bound of cells.
constexpr std::size_t kGroups = 1024, kCells = std::size_t{1} << 18;
/// Fewer clusters are too few to resample; rows at the effective n are.
constexpr std::size_t kFewestClusters = 4;

std::uint64_t rows(double effective) { return static_cast<std::uint64_t>(std::max(1.0, std::round(effective))); }

/// Where the outer bins' rows lie in a resample with `low` and `high` rows there.
OuterPlaces jitter(Random& random, OuterPlaces at, const std::array<double, 2>& spread, double low, double high) {
    if (low > 0) at.low += spread[0] * random.fastNormal() / std::sqrt(low);
    if (high > 0) at.high += spread[1] * random.fastNormal() / std::sqrt(high);
    return at;
}

/// The current window's clusters, and the resampled shares that come of them.
class ClusterResampler {
public:
    ClusterResampler(const Comparison& comparison, const CurrentCounts& current) : m_comparison(comparison) {
        const std::size_t clusters = current.clusterCounts.size();
        m_bins = comparison.current.size();
        m_groups = std::min(clusters, std::clamp(kCells / m_bins, std::size_t{64}, kGroups));
        m_outer = comparison.numeric && current.clusterOuterSums.size() == clusters;
        m_rows.assign(m_groups * m_bins, 0);
        m_sums.assign(m_groups, {0, 0});
        for (std::size_t c = 0; c < clusters; ++c)
            add(current, c);
        const double groups = static_cast<double>(m_groups);
        // A window that changed within keeps the width that its own clusters have.
        const double design = std::max(comparison.currentDesign, comparison.nCurrent / comparison.effectiveCurrent);
        m_widen = std::sqrt(design / comparison.currentDesign * groups / std::max(1.0, groups - 1));
    }

    [[nodiscard]] std::size_t groups() const { return m_groups; }

    void draw(const std::vector<ClusterDraws::Draw>& drawn, std::vector<double>& shares, OuterPlaces& at) {
        m_drawn.assign(m_bins, 0);
        double sums[2] = {0, 0}, total = 0;
        for (const auto& [group, times] : drawn) {
            const float* row = &m_rows[group * m_bins];
            float* to = m_drawn.data();
            for (std::size_t b = 0; b < m_bins; ++b)
                to[b] += times * row[b];
            sums[0] += static_cast<double>(times) * m_sums[group][0];
            sums[1] += static_cast<double>(times) * m_sums[group][1];
        }
        for (const float rows : m_drawn)
            total += static_cast<double>(rows);
        at = m_comparison.outer;
        shares = m_comparison.current;
        if (total == 0) return;
        if (m_outer) {
            const double low = static_cast<double>(m_drawn.front()), high = static_cast<double>(m_drawn.back());
            if (low > 0) at.low += m_widen * (sums[0] / low / m_comparison.scale - at.low);
            if (high > 0) at.high += m_widen * (sums[1] / high / m_comparison.scale - at.high);
        }
        for (std::size_t b = 0; b < m_bins; ++b)
            shares[b] += m_widen * (static_cast<double>(m_drawn[b]) / total - shares[b]);
    }

private:
    void add(const CurrentCounts& current, std::size_t cluster) {
        const std::size_t group = cluster % m_groups;
        float* to = &m_rows[group * m_bins];
        const auto& row = current.clusterCounts[cluster];
        for (std::size_t b = 0; b < row.size(); ++b)
            to[b] += static_cast<float>(row[b]);
        if (!m_comparison.numeric) {
            // Without unseen values a cluster, each cluster's "other" holds the window's share of them.
            const double other = row.back(), all = static_cast<double>(current.counts.back());
            double unseen = all > 0 ? other * static_cast<double>(current.unseen) / all : 0;
            if (current.clusterUnseen.size() == current.clusterCounts.size())
                unseen = std::min<double>(current.clusterUnseen[cluster], other);
            to[m_bins - 2] -= static_cast<float>(unseen);
            to[m_bins - 1] += static_cast<float>(unseen);
        }
        if (m_outer)
            for (std::size_t side = 0; side < 2; ++side)
                m_sums[group][side] += current.clusterOuterSums[cluster][side];
    }

    const Comparison& m_comparison;
    std::size_t m_groups = 0, m_bins = 0;
    bool m_outer = false;
    std::vector<float> m_rows, m_drawn;  ///< [group][bin]; whole numbers, exact up to 2^24
    std::vector<std::array<double, 2>> m_sums;
    double m_widen = 1;
};

/// Expected in a bin from which on its count is drawn as a normal number.
constexpr double kManyRows = 15;

/// Shares of n rows drawn from `shares`, which must outlive it: multinomial, or with `kManyRows` expected in every bin
/// that holds any, normal with the multinomial's covariance.
class ShareSampler {
public:
    ShareSampler(std::span<const double> shares, std::uint64_t n) : m_shares(shares), m_n(n) {
        const double size = static_cast<double>(n);
        m_normal = std::ranges::all_of(shares, [&](double s) { return s == 0 || s * size >= kManyRows; });
        for (const double share : shares)
            m_roots.push_back(std::sqrt(share / size));
    }

    void draw(Random& random, std::vector<double>& out) const {
        if (!m_normal) {
            multinomial(random, m_n, m_shares, out);
            for (double& x : out)
                x /= static_cast<double>(m_n);
            return;
        }
        double sum = 0;
        for (std::size_t b = 0; b < out.size(); ++b)
            sum += out[b] = m_roots[b] * random.fastNormal();
        for (std::size_t b = 0; b < out.size(); ++b)
            out[b] += m_shares[b] * (1 - sum);
    }

private:
    std::span<const double> m_shares;
    std::uint64_t m_n;
    bool m_normal = false;
    std::vector<double> m_roots;
};

/// Draws both samples, or their difference at once: with `kManyRows` expected in every bin of both, the difference of
/// the shares is normal with the multinomial's covariance, for a quarter of the cost.
class NullSampler {
public:
    NullSampler(const Comparison& comparison, std::uint64_t seed)
        : m_random(seed),
          m_shares(comparison.smoothed),
          m_reference(rows(comparison.effectiveReference)),
          m_current(rows(comparison.effectiveCurrent)) {
        const double a = static_cast<double>(m_reference), b = static_cast<double>(m_current);
        m_normal = *std::min_element(m_shares.begin(), m_shares.end()) * std::min(a, b) >= kManyRows;
        for (const double share : m_shares)
            m_roots.push_back(std::sqrt(share * (1 / a + 1 / b)));
    }

    /// Shares of the reference and the current rows; returns what 1 / rows of the outer bins on both sides add up to.
    std::array<double, 2> draw(std::vector<double>& p, std::vector<double>& q) {
        return m_normal ? drawNormal(p, q) : drawCounts(p, q);
    }
    Random& random() { return m_random; }

private:
    std::array<double, 2> drawNormal(std::vector<double>& p, std::vector<double>& q) {
        p = m_shares;
        double sum = 0;
        for (std::size_t b = 0; b < q.size(); ++b)
            sum += q[b] = m_roots[b] * m_random.fastNormal();
        for (std::size_t b = 0; b < q.size(); ++b)
            q[b] += p[b] * (1 - sum);
        const double perRow = 1 / static_cast<double>(m_reference) + 1 / static_cast<double>(m_current);
        return {perRow / p.front(), perRow / p.back()};
    }
    std::array<double, 2> drawCounts(std::vector<double>& p, std::vector<double>& q) {
        multinomial(m_random, m_reference, m_shares, p);
        multinomial(m_random, m_current, m_shares, q);
        // An empty bin has no mean that could wander.
        const auto perRow = [](double a, double b) { return a > 0 && b > 0 ? 1 / a + 1 / b : 0; };
        const std::array<double, 2> outer = {perRow(p.front(), q.front()), perRow(p.back(), q.back())};
        const double a = 1 / static_cast<double>(m_reference), b = 1 / static_cast<double>(m_current);
        for (double& x : p)
            x *= a;
        for (double& x : q)
            x *= b;
        return outer;
    }

    Random m_random;
    const std::vector<double>& m_shares;
    std::vector<double> m_roots;
    std::uint64_t m_reference, m_current;
    bool m_normal = false;
};

}  // namespace

Nulls nullsOf(const Comparison& comparison, std::span<const Evidence> asked, int resamples, std::uint64_t seed) {
    clearVectorState();
    NullSampler sampler(comparison, seed);
    std::vector<double> p(comparison.smoothed.size()), q(p.size()), distances;
    std::vector<std::vector<double>> samples(asked.size());
    for (int r = 0; r < resamples; ++r) {
        const std::array<double, 2> outer = sampler.draw(p, q);
        OuterPlaces at;
        if (comparison.numeric) {
            // The means of the outer bins wander on both sides; only their difference matters.
            at = {comparison.places.front(), comparison.places.back()};
            at.low += comparison.referenceSpread[0] * std::sqrt(outer[0]) * sampler.random().fastNormal();
            at.high += comparison.referenceSpread[1] * std::sqrt(outer[1]) * sampler.random().fastNormal();
        }
        distances.push_back(comparison.distance(p, q, at));
        for (std::size_t e = 0; e < asked.size(); ++e)
            samples[e].push_back(asked[e] == Evidence::Distance ? distances.back()
                                                                : evidence(asked[e], comparison, p, q, at));
    }
    // Where rows depend on each other the distance alone is asked for, and commonMotion is of the distance.
    Nulls out{PearsonThree::fit(distances).widened(comparison.commonMotion), {}};
    for (std::size_t e = 0; e < asked.size(); ++e)
        out.evidence.push_back(asked[e] == Evidence::Distance ? out.distance : PearsonThree::fit(samples[e]));
    return out;
}

const std::vector<std::vector<ClusterDraws::Draw>>& ClusterDraws::of(std::size_t clusters) {
    const std::lock_guard lock(m_guard);
    auto [it, added] = m_draws.try_emplace(clusters);
    if (!added) return it->second;
    Random random(m_seed + clusters);
    std::vector<std::uint32_t> times(clusters);
    for (int r = 0; r < m_resamples; ++r) {
        std::fill(times.begin(), times.end(), 0);
        for (std::size_t c = 0; c < clusters; ++c)
            ++times[random.below(clusters)];
        auto& drawn = it->second.emplace_back();
        for (std::size_t c = 0; c < clusters; ++c)
            if (times[c] > 0) drawn.push_back({static_cast<std::uint32_t>(c), static_cast<float>(times[c])});
    }
    return it->second;
}

EffectInterval effectInterval(const Comparison& comparison, const CurrentCounts& current, ClusterDraws& draws,
                              int resamples, std::uint64_t seed) {
    clearVectorState();
    Random random(seed);
    const std::uint64_t nReference = rows(comparison.effectiveReference), nCurrent = rows(comparison.effectiveCurrent);
    const bool clustered = current.clusterCounts.size() >= kFewestClusters && comparison.effectiveCurrent > 1;
    const double noise = comparison.noise(), noiseSquared = 2 * noise * noise;  // of the data, and of the resampling
    std::vector<double> p(comparison.reference.size()), q(p.size()), effects;
    std::optional<ClusterResampler> clusters;
    if (clustered) clusters.emplace(comparison, current);
    const auto* drawn = clustered ? &draws.of(clusters->groups()) : nullptr;
    const ShareSampler reference(comparison.reference, nReference), now(comparison.current, nCurrent);
    const double size = static_cast<double>(nCurrent);
    for (int r = 0; r < resamples; ++r) {
        reference.draw(random, p);
        OuterPlaces at = comparison.outer;
        if (clustered) {
            clusters->draw((*drawn)[static_cast<std::size_t>(r)], q, at);
        } else {
            now.draw(random, q);
            if (comparison.numeric) {
                at = jitter(random, at, comparison.currentSpread, size * q.front(), size * q.back());
            }
        }
        effects.push_back(lessNoise(comparison.distance(p, q, at), noiseSquared));
    }
    std::sort(effects.begin(), effects.end());
    return {quantile(effects, 0.025), quantile(effects, 0.975)};
}

}  // namespace pilothouse::statistics
