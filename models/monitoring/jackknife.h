// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/statistics/performance.h"

/// Intervals of any smooth statistic from its spread when groups of rows are left out (delete-a-group jackknife: Kott
/// 2001, J. Official Statistics 17). Pure, for any thread.
namespace pilothouse::monitoring {

struct JackknifeGroups {
    std::size_t groups = 0;
    std::vector<std::uint32_t> ofRow;
};
/// Clusters (dense ids a row; empty: rows) in random order dealt out to at most `most` groups of one size.
[[nodiscard]] JackknifeGroups jackknifeGroups(std::size_t rows, std::span<const std::uint32_t> clusters,
                                              std::size_t most, std::uint64_t seed);
/// 95 % by Student's t from the statistic without each group; low and high are NaN with fewer than two, or where one is
/// not finite.
[[nodiscard]] statistics::Interval jackknifeInterval(double value, std::span<const double> withoutGroup);

}  // namespace pilothouse::monitoring
