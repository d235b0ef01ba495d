// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "models/statistics/sample.h"

namespace pilothouse::statistics {

/// Two-sample Kolmogorov-Smirnov: D = sup |F(x) - G(x)| of the empirical distributions, two-sided.
/// Exact p (of continuous distributions; conservative with ties): the share of lattice paths that leave the band
/// (Hodges 1958, Arkiv för Matematik 3), in time n · m · D. Auto: exact up to 10,000 values a side, as SciPy's.
/// Exact fails beyond 100,000 a side. A p below the range of numbers is 0. Asymptotic: the one-sample distribution at
/// round(n·m / (n + m)), as SciPy's method='asymp'.
[[nodiscard]] Result<TestResult> kolmogorovSmirnov(const SortedSample& a, const SortedSample& b,
                                                   PValue method = PValue::Auto);

/// What counts on shared bins say of D: no less than `low` (at the edges), no more than `high` (had all of one side's
/// values of a bin come before all of the other's). Fails when the lengths differ or a side has no rows.
struct KolmogorovSmirnovBounds {
    double low = 0, high = 0;
};
[[nodiscard]] Result<KolmogorovSmirnovBounds> kolmogorovSmirnovOnBins(std::span<const std::uint64_t> a,
                                                                      std::span<const std::uint64_t> b);

/// P(D_n >= d) of one sample of n against a known continuous distribution. Simard and L'Ecuyer (2011), J. Stat. Soft.
/// 39(11), choose the method: Durbin's matrix (Marsaglia, Tsang and Wang 2003), twice Smirnov's one-sided sum in the
/// tail, Pelz and Good (1976) between. Relative error below 1e-9 to n = 10,000.
[[nodiscard]] double kolmogorovTail(std::uint64_t n, double d);

}  // namespace pilothouse::statistics
