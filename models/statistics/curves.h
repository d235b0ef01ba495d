// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/statistics/performance.h"

/// What a picture of a binary classifier is drawn from. Inputs as in performance.h; pure, for any thread.
namespace pilothouse::statistics {

struct CurvePoint {
    double x = 0, y = 0;
    double threshold = 0;  ///< rows with a score at or above it are called positive; infinity where none are
};

/// Receiver operating characteristic (Fawcett 2006): x is the false positive rate, y the recall, one corner for each
/// distinct score, from (0, 0) to (1, 1), straight between corners. The area below is rocAuc(). Empty when a class is
/// absent or the input cannot be used.
[[nodiscard]] std::vector<CurvePoint> rocCurve(std::span<const double> scores, std::span<const std::uint8_t> outcomes);
/// x is the recall, y the precision, for each distinct score from the highest down. Between points the precision is
/// that of the point behind (a step): Σ Δx · y is averagePrecision(). Empty without a positive.
[[nodiscard]] std::vector<CurvePoint> precisionRecallCurve(std::span<const double> scores,
                                                           std::span<const std::uint8_t> outcomes);
/// The first, the last, and every point at least 1 / `steps` away (on either axis) from the one kept before.
[[nodiscard]] std::vector<CurvePoint> thinned(std::span<const CurvePoint> points, double steps);

/// One bin of a reliability diagram (DeGroot and Fienberg 1983).
struct ReliabilityBin {
    double low = 0, high = 0;  ///< scores in it, both ends included
    double meanScore = 0;
    Interval share;  ///< of positives, 95 % by Wilson at the clusters' effective n
    std::uint64_t n = 0;
};
/// About `bins` bins of equal count; equal scores stay together, so there may be fewer. Clusters: empty or one id a
/// row.
[[nodiscard]] std::vector<ReliabilityBin> reliability(std::span<const double> scores,
                                                      std::span<const std::uint8_t> outcomes,
                                                      std::span<const std::uint32_t> clusters, std::size_t bins);

}  // namespace pilothouse::statistics
