// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/clusters.h"

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/statistics/drift.h"

namespace pilothouse::statistics {

std::size_t densify(std::vector<std::uint32_t>& ids) {
    if (ids.empty()) return 0;
    const std::uint32_t largest = *std::max_element(ids.begin(), ids.end());
    if (largest < ids.size()) return std::size_t{largest} + 1;
    std::vector<std::uint32_t> known = ids;
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    for (std::uint32_t& id : ids)
        id = static_cast<std::uint32_t>(std::lower_bound(known.begin(), known.end(), id) - known.begin());
    return known.size();
}

ClusterTable tabulate(std::span<const std::uint32_t> binOfRow, std::size_t bins,
                      std::span<const std::uint32_t> clusters) {
    std::vector<std::uint32_t> ids(clusters.begin(), clusters.end());
    ClusterTable table;
    table.clusters = densify(ids);
    table.bins = bins;
    table.counts.assign(table.clusters * bins, 0);
    const std::size_t rows = std::min(ids.size(), binOfRow.size());
    for (std::size_t i = 0; i < rows; ++i)
        if (binOfRow[i] < bins) ++table.counts[ids[i] * bins + binOfRow[i]];
    return table;
}

ClusterTable valuesByCluster(const CurrentCounts& counts) {
    ClusterTable table;
    table.clusters = counts.clusterCounts.size();
    table.bins = counts.counts.size();
    for (const auto& row : counts.clusterCounts)
        table.counts.insert(table.counts.end(), row.begin(), row.end());
    return table;
}

ClusterTable missingByCluster(const CurrentCounts& counts) {
    ClusterTable table;
    table.clusters = counts.clusterCounts.size();
    table.bins = 2;
    for (std::size_t c = 0; c < table.clusters; ++c) {
        const auto& row = counts.clusterCounts[c];
        table.counts.push_back(counts.clusterMissing[c]);
        table.counts.push_back(std::accumulate(row.begin(), row.end(), std::uint32_t{0}));
    }
    return table;
}

ClusterSizes clusterSizes(const ClusterTable& table) {
    ClusterSizes out;
    double rows = 0, squares = 0;
    for (std::size_t c = 0; c < table.clusters; ++c) {
        double size = 0;
        for (const std::uint32_t count : table.row(c))
            size += count;
        out.clusters += size > 0;
        rows += size;
        squares += size * size;
    }
    if (rows > 0) out.mean = squares / rows;
    return out;
}

double largestDesign(double referenceDesign, const ClusterSizes& reference, const ClusterSizes& window) {
    if (reference.clusters < 2 || window.clusters < 2) return std::numeric_limits<double>::infinity();
    const double larger = reference.mean > 1 ? (window.mean - 1) / (reference.mean - 1) : 1;
    const boost::math::fisher_f ratio(static_cast<double>(window.clusters - 1),
                                      static_cast<double>(reference.clusters - 1));
    const double chance = boost::math::quantile(boost::math::complement(ratio, 0.05));
    return (1 + (referenceDesign - 1) * larger) * std::max(1.0, chance);
}

double designEffect(const ClusterTable& table, std::span<const double> weights, bool cumulative) {
    std::vector<double> shares(table.bins, 0), sizes(table.clusters, 0);
    double rows = 0, used = 0;
    for (std::size_t c = 0; c < table.clusters; ++c) {
        const auto row = table.row(c);
        for (std::size_t b = 0; b < table.bins; ++b) {
            shares[b] += row[b];
            sizes[c] += row[b];
        }
        rows += sizes[c];
        if (sizes[c] > 0) ++used;
    }
    if (rows <= 1) return 1;
    if (used < 2) return rows;  // a single cluster says nothing of how clusters differ
    double share = 0;
    for (double& s : shares) {
        share = cumulative ? share + s : s;
        s = share / rows;
    }
    const std::size_t weighted = std::min(table.bins, weights.size());
    std::vector<double> squares(table.bins, 0);
    double meanSquares = 0;
    for (std::size_t c = 0; c < table.clusters; ++c) {
        if (sizes[c] == 0) continue;
        const auto row = table.row(c);
        double count = 0, mean = 0;
        for (std::size_t b = 0; b < table.bins; ++b) {
            count = cumulative ? count + row[b] : row[b];
            const double residual = count - sizes[c] * shares[b];
            squares[b] += residual * residual;
            if (b < weighted) mean += weights[b] * residual;
        }
        meanSquares += mean * mean;
    }
    const double few = used / (used - 1);
    double clustered = 0, independent = 0;
    for (std::size_t b = 0; b < weighted; ++b) {
        clustered += weights[b] * std::sqrt(squares[b] * few);
        independent += weights[b] * std::sqrt(std::max(0.0, shares[b] * (1 - shares[b])) * rows);
    }
    if (!(independent > 0)) return 1;
    double effect = clustered / independent;
    effect *= effect;
    if (cumulative) {
        // Variance of independent rows: a row in bin b counts the weights from b on.
        double place = 0, mean = 0, square = 0;
        for (std::size_t b = weighted; b-- > 0;) {
            const double inBin = shares[b] - (b > 0 ? shares[b - 1] : 0);
            place += weights[b];
            mean += inBin * place;
            square += inBin * place * place;
        }
        const double variance = rows * (square - mean * mean);
        if (variance > 0) effect = std::max(effect, meanSquares * few / variance);
    }
    return std::clamp(effect, 1.0, rows);
}

namespace {

/// Sums of an L1 statistic of normal deviations: its mean over E|Z|, and its variance.
struct AbsoluteSum {
    double mean = 0, variance = 0;
    [[nodiscard]] double relativeVariance() const { return mean > 0 ? variance / (mean * mean) : 0; }
};

/// `together`: Σ cov² / (σ σ') over pairs of different bins.
AbsoluteSum absoluteSum(double deviations, double variances, double together) {
    const double pi = std::acos(-1.0);
    return {deviations, variances * (1 - 2 / pi) + std::max(0.0, together) / pi};
}

AbsoluteSum independentSum(const std::vector<double>& shares) {
    double deviations = 0, variances = 0, pairs = 0, own = 0;
    for (const double p : shares) {
        const double variance = p * (1 - p);
        if (!(variance > 0)) continue;
        deviations += std::sqrt(variance);
        variances += variance;
        pairs += p * p / std::sqrt(variance);
        own += p * p * p * p / variance;
    }
    return absoluteSum(deviations, variances, pairs * pairs - own);
}

}  // namespace

double commonMotion(const ClusterTable& table) {
    constexpr std::size_t kFewest = 8, kGroups = 128;
    if (table.clusters < kFewest || table.bins < 2) return 1;
    // Independent clusters make independent groups; that many bound the cost.
    const std::size_t groups = std::min(table.clusters, kGroups);
    std::vector<double> residuals(groups * table.bins, 0), shares(table.bins, 0), squares(table.bins, 0);
    std::vector<double> sizes(groups, 0);
    double rows = 0;
    for (std::size_t c = 0; c < table.clusters; ++c)
        for (std::size_t b = 0; b < table.bins; ++b) {
            const double count = table.row(c)[b];
            residuals[c % groups * table.bins + b] += count;
            shares[b] += count;
            sizes[c % groups] += count;
            rows += count;
        }
    if (rows <= 1) return 1;
    double deviations = 0, variances = 0, own = 0;
    for (std::size_t b = 0; b < table.bins; ++b) {
        shares[b] /= rows;
        double fourths = 0;
        for (std::size_t g = 0; g < groups; ++g) {
            double& r = residuals[g * table.bins + b];
            r -= sizes[g] * shares[b];
            squares[b] += r * r;
            fourths += r * r * r * r;
        }
        if (!(squares[b] > 0)) continue;
        deviations += std::sqrt(squares[b]);
        variances += squares[b];
        own += (squares[b] * squares[b] - fourths) / squares[b];
        for (std::size_t g = 0; g < groups; ++g)
            residuals[g * table.bins + b] /= std::sqrt(std::sqrt(squares[b]));
    }
    double all = 0;
    for (std::size_t g = 0; g < groups; ++g)
        for (std::size_t h = 0; h < g; ++h) {
            double product = 0;
            for (std::size_t b = 0; b < table.bins; ++b)
                product += residuals[g * table.bins + b] * residuals[h * table.bins + b];
            all += 2 * product * product;
        }
    const double used = static_cast<double>(groups), few = used / (used - 1);
    const double alone = independentSum(shares).relativeVariance();
    if (!(alone > 0)) return 1;
    const double clustered = absoluteSum(deviations, variances, few * (all - own)).relativeVariance();
    // One normal alone has this; there is nothing wider.
    const double most = absoluteSum(1, 1, 0).relativeVariance();
    return std::clamp(std::sqrt(std::min(clustered, most) / alone), 1.0, 1000.0);
}

}  // namespace pilothouse::statistics
