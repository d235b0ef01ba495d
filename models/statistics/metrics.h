// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/base/result.h"
#include "models/statistics/performance.h"

namespace pilothouse::statistics {

/// A metric with its 95 % interval and the maturity of the labels that it rests on.
struct MetricValue {
    std::string name;      ///< "accuracy", "roc_auc", …
    Interval value;        ///< NaN: not defined for these rows (no positive, nothing called positive, …)
    std::string interval;  ///< how it was found: "wilson", "student", "delong", "bootstrap", "" (none)
    std::uint64_t rows = 0, labelled = 0;
    /// Share of the rows whose outcome is known.
    [[nodiscard]] double maturity() const {
        return rows == 0 ? 0 : static_cast<double>(labelled) / static_cast<double>(rows);
    }
};

struct MetricOptions {
    double threshold = 0.5;  ///< called positive at or above
    int resamples = 400;     ///< of bootstrapped intervals, a pass over the rows each; 0: leave those intervals out
    std::uint64_t seed = 1;
};

/// Confusion-matrix metrics; NaN where a denominator is 0 (scikit-learn's zero_division=nan).
[[nodiscard]] double accuracy(const ConfusionMatrix& m);
[[nodiscard]] double precision(const ConfusionMatrix& m);
[[nodiscard]] double recall(const ConfusionMatrix& m);
[[nodiscard]] double specificity(const ConfusionMatrix& m);
[[nodiscard]] double f1(const ConfusionMatrix& m);  ///< 2 TP / (2 TP + FP + FN)

/// Rows of a binary classifier whose outcome is known.
struct BinaryRows {
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
    std::vector<std::uint32_t> clusters;  ///< empty: rows are independent
    std::uint64_t rows = 0;               ///< before those without an outcome were left out
};
/// Outcomes are 0, 1 or NaN (not known yet), scores within [0, 1] where the outcome is known. Fails otherwise, naming
/// the row, and when lengths differ or no outcome is known.
[[nodiscard]] Result<BinaryRows> labelledRows(std::span<const double> scores, std::span<const double> outcomes,
                                              std::span<const std::uint32_t> clusters);

/// accuracy, precision, recall, specificity, f1, roc_auc, average_precision, log_loss, brier, ece. Intervals: shares by
/// Wilson at the clusters' effective n (f1 through TP / (TP + FP + FN), of which it is a monotone function: Hand,
/// Christen and Kirielle 2021), means by Student's t over clusters, roc_auc as in auc_interval.h, the rest by a cluster
/// bootstrap.
[[nodiscard]] std::vector<MetricValue> measureBinary(const BinaryRows& rows, const MetricOptions& options);

/// Expected calibration error: Σ_b n_b / n |mean score - share positive|. Bins are (low, high], as in scikit-learn's
/// calibration_curve: of equal width over [0, 1], or between quantiles of the scores. Noise alone makes it positive:
/// about sqrt(bins / n) of it. NaN as in performance.h, and with scores outside [0, 1] or no bins.
enum class CalibrationBins { EqualWidth, EqualMass };
[[nodiscard]] double calibrationError(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                      std::size_t bins, CalibrationBins kind);

/// Rows of a regression whose outcome is known.
struct RegressionRows {
    std::vector<double> predicted, actual;
    std::vector<std::uint32_t> clusters;
    std::uint64_t rows = 0;
};
/// Actual values are NaN while not known; fails on a prediction or outcome that is not finite, when lengths differ, or
/// when no outcome is known.
[[nodiscard]] Result<RegressionRows> labelledRegression(std::span<const double> predicted,
                                                        std::span<const double> actual,
                                                        std::span<const std::uint32_t> clusters);
/// mae, rmse, mape, r2, and pinball at `quantile` (0 … 1). mape is NaN when an outcome is 0, r2 when all outcomes are
/// equal. Intervals: means by Student's t over clusters (rmse: the root of the mean square's), r2 by bootstrap.
[[nodiscard]] std::vector<MetricValue> measureRegression(const RegressionRows& rows, double quantile,
                                                         const MetricOptions& options);

}  // namespace pilothouse::statistics
