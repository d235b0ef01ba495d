// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/statistics/distance.h"

/// Statistics of two histograms on frozen bins that see what the distance of the effect does not see.
namespace pilothouse::statistics {

enum class Evidence {
    Distance,           ///< the comparison's own: Wasserstein-1 or total variation
    ChiSquare,          ///< Σ (p - q)² / h, h the pooled share: rare values; in proportion to Pearson's
    LargestDifference,  ///< max |p - q|: one frequent value among many
    LargestResidual,    ///< max |p - q| / sqrt(h (1 - h)): one rare value among many
    AndersonDarling     ///< Σ (P - Q)² h / H (1 - H) of the cumulated shares: shifts where σ is of the tails
};

/// What decides whether a column changed, by its kind; tests/bench chose them by their power at equal false-alarm rate:
///   continuous                                 the distance
///   heavy-tailed, score                        Anderson-Darling
///   mostly one value                           the distance and Anderson-Darling
///   discrete with few values                   the distance and χ²
///   boolean and few categories (up to ten)     χ²
///   many categories                            χ², the largest difference and the largest residual
/// With clusters the distance alone: its design effect is known, that of the others is not.
[[nodiscard]] std::vector<Evidence> evidenceOf(const ColumnProfile& reference, const Comparison& comparison);

/// One statistic of the shares. A pooled share counts as at least a tenth of a current row: one row of a value that
/// the reference never held does not decide by itself.
[[nodiscard]] double evidence(Evidence what, const Comparison& comparison, std::span<const double> p,
                              std::span<const double> q, OuterPlaces at);

/// The Cauchy combination of p-values that may depend on each other (Liu and Xie 2020): the tail of the mean of
/// tan(π (½ - p)); exact to first order for small p. One p-value is left as it is, 1 for none.
[[nodiscard]] double combinedPValue(std::span<const double> pValues);

/// The chance that so many of `current` values lie below the least, or above the greatest, of `reference` others of the
/// same distribution: k of them do with probability Π (n - i) / (m + n - i), i < k (exceedances, Gumbel and von
/// Schelling 1950), whatever the distribution; less with ties. Twice that of the rarer side. One value alone says
/// nothing: 1.
[[nodiscard]] double beyondPValue(const std::array<std::uint64_t, 2>& beyond, double reference, double current);

/// Both, by Bonferroni's bound with weights 19 to 1 (Rosenthal and Rubin 1983): any dependence between them is allowed,
/// and values beyond the reference's, which are far from chance when they come at all, cost the others little.
[[nodiscard]] double withBeyond(double pValue, double beyond);

}  // namespace pilothouse::statistics
