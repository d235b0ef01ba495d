// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pilothouse::statistics {

struct CurrentCounts;

/// Counts a cluster and bin, row by row.
struct ClusterTable {
    std::size_t clusters = 0, bins = 0;
    std::vector<std::uint32_t> counts;  ///< [cluster * bins + bin]
    [[nodiscard]] std::span<const std::uint32_t> row(std::size_t cluster) const {
        return std::span(counts).subspan(cluster * bins, bins);
    }
};

inline constexpr std::uint32_t kNoBin = 0xFFFFFFFFu;

/// Bin of each row (kNoBin: left out) by cluster. Ids should be dense; sparse ones are made so.
[[nodiscard]] ClusterTable tabulate(std::span<const std::uint32_t> binOfRow, std::size_t bins,
                                    std::span<const std::uint32_t> clusters);

/// The counts of a window that were made with clusters: its values, and its rows without and with a value.
[[nodiscard]] ClusterTable valuesByCluster(const CurrentCounts& counts);
[[nodiscard]] ClusterTable missingByCluster(const CurrentCounts& counts);

/// Clusters that hold a row, and the size of the one that a row lies in, on the mean over rows: Σ mᵢ² / Σ mᵢ (1 of
/// none).
struct ClusterSizes {
    std::uint64_t clusters = 0;
    double mean = 1;
};
[[nodiscard]] ClusterSizes clusterSizes(const ClusterTable& table);

/// By how much clustering widens a statistic of the shares: the variance by clusters over the variance of independent
/// rows (Kish 1965). The statistic is Σ weight_i · |deviation_i|, of the share of bin i or (`cumulative`) of the bins
/// up to i, so the root of the effect is averaged with those weights. A cumulative statistic takes the effect of the
/// mean (the same sum without the bars) where that is larger: clusters that move as one stretch the tail more than the
/// average. At least 1 (dependence never makes rows worth more here), at most the number of rows.
[[nodiscard]] double designEffect(const ClusterTable& table, std::span<const double> weights, bool cumulative);

/// The largest design effect that chance gives a window in which rows depend on each other as they do in the reference
/// (design effect and sizes there): 1 + (m - 1) ρ for clusters of the window's size (Kish, 1965), times the 0.95
/// quantile of F between their numbers. Days that differ by more do so because something changed within the window, and
/// may not hide it. Infinite where either has fewer than two clusters.
[[nodiscard]] double largestDesign(double referenceDesign, const ClusterSizes& reference, const ClusterSizes& window);

/// What the design effect leaves out: it says how far the shares of clustered rows deviate, not that they do so
/// together. Σ |deviation_i| over the bins then has fewer independent parts, and a wider distribution about the same
/// mean. This is the coefficient of variation of that sum over the one of independent rows, at least 1: the variance
/// from the bins' covariance over clusters, with cov(|x|, |y|) = ρ² σx σy / π of two normals (to second order in ρ), as
/// Rao and Scott (1984) correct χ² by the second moment of the eigenvalues. Without bias for few clusters: pairs of
/// different clusters estimate the squared covariances. 1 below eight clusters.
[[nodiscard]] double commonMotion(const ClusterTable& table);

/// Ids from 0 without gaps, in the order of the ids; returns their number. Dense input is left as it is.
std::size_t densify(std::vector<std::uint32_t>& ids);

}  // namespace pilothouse::statistics
