// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace pilothouse::statistics {

struct Interval {
    double value = 0, low = 0, high = 0;
};

/// Everywhere: an outcome is positive when not 0. Scores and outcomes of different lengths, none at all, or a NaN among
/// the scores give NaN. All functions are pure, for any thread.

/// Area under the ROC curve by ranks, ties counted half (Mann-Whitney). NaN when one class is absent.
[[nodiscard]] double rocAuc(std::span<const double> scores, std::span<const std::uint8_t> outcomes);
/// Mean of -log p of what happened; scores are clipped to [1e-15, 1 - 1e-15].
[[nodiscard]] double logLoss(std::span<const double> scores, std::span<const std::uint8_t> outcomes);
[[nodiscard]] double brierScore(std::span<const double> scores, std::span<const std::uint8_t> outcomes);
/// Area under the precision-recall curve as a step function (average precision). NaN without a positive.
[[nodiscard]] double averagePrecision(std::span<const double> scores, std::span<const std::uint8_t> outcomes);

struct ConfusionMatrix {
    std::uint64_t truePositive = 0, falsePositive = 0, trueNegative = 0, falseNegative = 0;
};
/// Called positive: score >= threshold.
[[nodiscard]] ConfusionMatrix confusion(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                        double threshold);

/// 95 % percentile interval of the AUC by resampling clusters (dense ids from 0; empty: rows). Low and high are NaN
/// with fewer than two clusters, or when half the resamples lack a class. Deterministic for a seed.
[[nodiscard]] Interval aucInterval(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                   std::span<const std::uint32_t> clusters, int resamples, std::uint64_t seed);
/// The same of the average precision.
[[nodiscard]] Interval averagePrecisionInterval(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                                std::span<const std::uint32_t> clusters, int resamples,
                                                std::uint64_t seed);
/// Paired: AUC of a minus AUC of b on the same rows and the same resampled clusters, 95 % percentile interval.
[[nodiscard]] Interval aucDifference(std::span<const double> a, std::span<const double> b,
                                     std::span<const std::uint8_t> outcomes, std::span<const std::uint32_t> clusters,
                                     int resamples, std::uint64_t seed);

}  // namespace pilothouse::statistics
