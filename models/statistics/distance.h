// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/statistics/drift.h"

namespace pilothouse::statistics {

/// Where the current rows of the outer bins lie, in scale.
struct OuterPlaces {
    double low = 0, high = 0;
};

/// Wasserstein-1 of shares `p` at `places` against `q` at the same places but for its outer bins. Two bins at least.
[[nodiscard]] double wassersteinOnBins(std::span<const double> p, std::span<const double> q,
                                       std::span<const double> places, OuterPlaces outer);
/// Half the sum of absolute differences.
[[nodiscard]] double totalVariation(std::span<const double> p, std::span<const double> q);

/// One column's two histograms, ready to be compared: shares of the reference and of the current window on the same
/// bins, with what resampling them needs.
struct Comparison {
    bool numeric = true;
    std::string unavailable;                 ///< why nothing can be compared; the rest is then empty
    std::vector<double> reference, current;  ///< shares
    /// Of the reference: categories that noise does not tell apart averaged, then 0.5 more in every bin (Jeffreys).
    /// What the null draws from.
    std::vector<double> smoothed;
    double scale = 1;            ///< numeric: the reference's
    std::vector<double> places;  ///< numeric: bin means over scale
    OuterPlaces outer;
    std::array<double, 2> referenceSpread{}, currentSpread{};  ///< standard deviation within the outer bins, over scale
    double nReference = 0, nCurrent = 0;                       ///< rows with a value
    double effectiveReference = 0, effectiveCurrent = 0;
    /// Categorical, with clusters: by how much the null is wider than that of independent rows at the effective n.
    double commonMotion = 1;
    double currentDesign = 1;  ///< design effect of the current clusters alone

    [[nodiscard]] double distance(std::span<const double> p, std::span<const double> q, OuterPlaces at) const {
        return numeric ? wassersteinOnBins(p, q, places, at) : totalVariation(p, q);
    }
    [[nodiscard]] double statistic() const { return distance(reference, current, outer); }
    /// What sampling noise alone adds to the statistic: its expectation without drift, for normal deviations.
    [[nodiscard]] double noise() const;
};

[[nodiscard]] Comparison compare(const ColumnProfile& reference, const CurrentCounts& current);

/// The part of a distance that noise does not explain. E[T²] is about effect² + noise².
[[nodiscard]] double lessNoise(double distance, double noiseSquared);

}  // namespace pilothouse::statistics
