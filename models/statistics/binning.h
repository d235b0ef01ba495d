// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/statistics/profile.h"
#include "models/statistics/value_runs.h"

namespace pilothouse::statistics {

/// Inner edges of about `bins` bins of equal mass over finite values. Equal values are never parted; with no
/// more distinct values than bins each gets its own. An edge lies midway between two neighbours, so that a value that
/// differs in its last bits still meets its bin. Constant values get an edge on either side.
[[nodiscard]] std::vector<double> equalMassEdges(std::span<const ValueRun> runs, std::size_t bins);

/// Bin of a value that is not NaN: bin i is [edges[i-1], edges[i]), the outer bins are open.
[[nodiscard]] std::size_t binOf(std::span<const double> edges, double value);

/// Type 7 of Hyndman and Fan (1996) over ascending values, the default of R and NumPy.
[[nodiscard]] double quantile(std::span<const double> sorted, double q);

/// Distance that a shift by one bin covers, in `scale`: between neighbouring bin means. One less than there are bins.
[[nodiscard]] std::vector<double> binGaps(const ColumnProfile& profile);

}  // namespace pilothouse::statistics
