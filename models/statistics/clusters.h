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

/// By how much clustering widens a statistic of the shares: the variance by clusters over the variance of independent
/// rows (Kish 1965). The statistic is Σ weight_i · |deviation_i|, of the share of bin i or (`cumulative`) of the bins
/// up to i, so the root of the effect is averaged with those weights. A cumulative statistic takes the effect of the
/// mean (the same sum without the bars) where that is larger: clusters that move as one stretch the tail more than the
/// average. At least 1 (dependence never makes rows worth more here), at most the number of rows.
[[nodiscard]] double designEffect(const ClusterTable& table, std::span<const double> weights, bool cumulative);

/// Ids from 0 without gaps, in the order of the ids; returns their number. Dense input is left as it is.
std::size_t densify(std::vector<std::uint32_t>& ids);

}  // namespace pilothouse::statistics
