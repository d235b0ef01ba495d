// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "models/statistics/null_distribution.h"
#include "models/statistics/performance.h"

namespace pilothouse::statistics {

/// Wilson's (1927) score interval of a share of n (not necessarily whole) at z standard errors.
[[nodiscard]] ShareInterval wilson(double share, double n, double z);

/// A ratio Σ numerator / Σ denominator over rows. Clusters: empty or one id a row.
struct RatioRows {
    std::span<const double> numerator;
    std::span<const double> denominator;  ///< empty: 1 a row
    std::span<const std::uint32_t> clusters;
};
/// The ratio with its linearised standard error over clusters (rows without any), Cochran (1977) 6.4 and Kish (1965):
/// sqrt(C / (C - 1) Σ_c (y_c - r x_c)²) / Σ x. NaN where lengths differ or the denominator is 0; the error is NaN below
/// two clusters.
struct Ratio {
    double value = 0, standardError = 0;
    double denominator = 0;  ///< Σ x
    std::size_t clusters = 0;
};
[[nodiscard]] Ratio ratioOf(const RatioRows& rows);

/// 95 % interval of a share (every numerator 0 or its denominator): Wilson at the effective n, which is Σ x over the
/// design effect of the clusters (at least 1).
[[nodiscard]] Interval shareInterval(const RatioRows& rows);
/// 95 % interval of a mean: Student's t over clusters - 1 degrees of freedom.
[[nodiscard]] Interval meanInterval(const RatioRows& rows);

}  // namespace pilothouse::statistics
