// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::statistics {

/// What stands where a bin is empty.
enum class Smoothing {
    None,      ///< zero: PSI is infinite where one side alone is empty
    Jeffreys,  ///< 0.5 more in every bin, on both sides: the default
    Evidently  ///< each side on its own: 0.0001, or a millionth of its smallest share where that is 0.0001 or less; the
               ///< shares then add up to more than 1
};

/// Two histograms on the same bins, as shares.
struct Shares {
    std::vector<double> reference, current;
};
/// Fails when the lengths differ, when there is no bin, or when a side has no rows.
[[nodiscard]] Result<Shares> sharesOf(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current,
                                      Smoothing smoothing = Smoothing::Jeffreys);

/// Of shares on the same bins. NaN when the lengths differ, nothing is there, a share is negative or not finite.
///
/// Jensen-Shannon distance: sqrt(½ KL(p‖m) + ½ KL(q‖m)), m the middle of both (Endres and Schindelin 2003); in bits,
/// so 0 … 1. Both sides are brought to sum 1, as SciPy does.
[[nodiscard]] double jensenShannon(std::span<const double> p, std::span<const double> q);
/// The same in natural logarithms, Evidently's default: 0 … sqrt(ln 2).
[[nodiscard]] double jensenShannonNatural(std::span<const double> p, std::span<const double> q);
/// Population stability index: Σ (p - q) ln(p / q) (Siddiqi 2006). Infinite when a bin is empty on one side only.
[[nodiscard]] double populationStability(std::span<const double> p, std::span<const double> q);
/// Hellinger distance: sqrt(½ Σ (√p - √q)²), 0 … 1.
[[nodiscard]] double hellinger(std::span<const double> p, std::span<const double> q);
/// Largest difference of a share (NannyML's L-infinity distance).
[[nodiscard]] double largestDifference(std::span<const double> p, std::span<const double> q);
/// Energy distance of shares that lie at ascending `places`: sqrt(2 Σ (P - Q)² gap), P and Q cumulated (that of
/// samples: sample_distance.h). NaN also when a place is not finite or they do not ascend.
[[nodiscard]] double energyOnBins(std::span<const double> p, std::span<const double> q, std::span<const double> places);
// Total variation, and Wasserstein-1 on bins: distance.h.

}  // namespace pilothouse::statistics
