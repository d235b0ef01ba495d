// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "models/statistics/sample.h"
#include "models/statistics/share_distance.h"

namespace pilothouse::statistics {

/// How Evidently (0.7) and NannyML (0.13) put samples into bins, so that their numbers can be had again. Not what a
/// monitor should use: both lay equal-width bins over the range, so that one wild value empties all others. Everywhere:
/// infinities are refused, and so are more than 100,000 bins.

/// Edges of equal width from the smallest to the largest value, the last one inclusive (NumPy's histogram_bin_edges).
/// A constant sample spans half a unit to either side.
[[nodiscard]] Result<std::vector<double>> sturgesEdges(const SortedSample& sample);  ///< width = range / (log2 n + 1)
[[nodiscard]] Result<std::vector<double>> doaneEdges(const SortedSample& sample);  ///< Doane 1976: more bins if skewed

/// Evidently: Sturges' bins over both samples together, or one bin a value where the reference has at most 20 of them.
[[nodiscard]] Result<Shares> sharesEvidently(const SortedSample& reference, const SortedSample& current,
                                             bool fillZeros);
/// Evidently's Hellinger distance: Sturges' bins over the distinct values of both samples.
[[nodiscard]] Result<double> hellingerEvidently(const SortedSample& reference, const SortedSample& current);
/// NannyML: Doane's bins over the reference; what lies outside of them is one more bin.
[[nodiscard]] Result<Shares> sharesNannyml(const SortedSample& reference, const SortedSample& current);

}  // namespace pilothouse::statistics
