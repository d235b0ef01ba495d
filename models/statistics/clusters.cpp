// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/clusters.h"

#include <algorithm>
#include <cmath>
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

}  // namespace pilothouse::statistics
