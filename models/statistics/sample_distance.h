// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/statistics/sample.h"

namespace pilothouse::statistics {

/// Wasserstein-1 (earth mover's) distance: ∫ |F - G| dx, in the values' unit. Infinities are refused.
[[nodiscard]] Result<double> wasserstein(const SortedSample& a, const SortedSample& b);
/// Over the reference's standard deviation (n - 1). Fails when the reference is constant.
[[nodiscard]] Result<double> wassersteinSigma(const SortedSample& reference, const SortedSample& current);
/// Evidently's normed form: over max(standard deviation with n, 0.001), whatever the unit.
[[nodiscard]] Result<double> wassersteinEvidently(const SortedSample& reference, const SortedSample& current);
/// Energy distance as SciPy's and Evidently's: sqrt(2 ∫ (F - G)² dx) (Székely and Rizzo 2013, J. Stat. Plan. Inference
/// 143). Infinities are refused.
[[nodiscard]] Result<double> energyDistance(const SortedSample& a, const SortedSample& b);

}  // namespace pilothouse::statistics
