// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "models/statistics/sample.h"

namespace pilothouse::statistics {

/// Two-sample Cramér-von Mises: T = U / (n m (n + m)) - (4 n m - 1) / (6 (n + m)), U from midranks (Anderson 1962, Ann.
/// Math. Stat. 33). Exact p: all orders counted (Xiao, Gordon and Yakovlev 2006, J. Stat. Soft. 17(8)), to 25 values a
/// side; Auto: to 20 a side, as SciPy. Asymptotic: the limiting distribution (Csörgő and Faraway 1996) with T's own
/// mean and variance; summed until it stands still, where SciPy stops at 1e-7. Fails below two values a side.
[[nodiscard]] Result<TestResult> cramerVonMises(const SortedSample& a, const SortedSample& b,
                                                PValue method = PValue::Auto);

/// Mann-Whitney U, two-sided; the statistic is U of the first sample (ties half). Exact p without ties; fails with ties
/// or beyond a million pairs. Auto: exact when there are no ties and the smaller sample has at most 8 values, as SciPy
/// (and at most 100,000 pairs). Asymptotic: normal with tie and continuity correction. Fails when all values are equal.
[[nodiscard]] Result<TestResult> mannWhitney(const SortedSample& a, const SortedSample& b,
                                             PValue method = PValue::Auto);

/// The same of counts on the same ordered bins: values within a bin are ties. Asymptotic p. Fails when lengths differ,
/// a side has no rows, or all rows are in one bin.
[[nodiscard]] Result<TestResult> mannWhitneyOnBins(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b);

/// Anderson-Darling for k samples, midrank version, standardised: Scholz and Stephens (1987), JASA 82, equation 7 and
/// table 2. `statistic` is (A² - (k - 1)) / σ. p by a parabola through the table's log significance, as SciPy's, and so
/// held to 0.001 … 0.25: values at the ends mean "at most" and "at least". Fails below two samples, below two distinct
/// values or four values in all.
[[nodiscard]] Result<TestResult> andersonDarling(std::span<const SortedSample> samples);
/// The same of two sides counted on the same ordered bins, ties within a bin. Fails as above, or when lengths differ or
/// a side has no rows.
[[nodiscard]] Result<TestResult> andersonDarlingOnBins(std::span<const std::uint64_t> a,
                                                       std::span<const std::uint64_t> b);

}  // namespace pilothouse::statistics
