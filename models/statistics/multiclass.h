// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/base/result.h"
#include "models/statistics/metrics.h"

namespace pilothouse::statistics {

/// Rows of a multiclass classifier by true class and predicted class.
struct ClassMatrix {
    std::size_t classes = 0;
    std::vector<double> cells;  ///< [truth * classes + predicted]; whole numbers unless weighted or expected
    [[nodiscard]] double at(std::size_t truth, std::size_t predicted) const {
        return cells[truth * classes + predicted];
    }
};

inline constexpr std::uint32_t kNoClass = 0xFFFFFFFFu;  ///< an outcome that is not known yet
inline constexpr std::size_t kMostClasses = 1000;

/// Counts rows with a known outcome. Fails when lengths differ, a code is not below `classes` (an unknown class), there
/// are fewer than 2 or more than 1,000 classes, or no outcome is known.
[[nodiscard]] Result<ClassMatrix> classMatrix(std::span<const std::uint32_t> truth,
                                              std::span<const std::uint32_t> predicted, std::size_t classes);

/// Of one class against the rest. NaN where a denominator is 0.
struct ClassMetrics {
    double precision = 0, recall = 0, specificity = 0, f1 = 0;
    double support = 0;  ///< rows of the class
};
[[nodiscard]] std::vector<ClassMetrics> classMetrics(const ClassMatrix& matrix);

/// Macro: the mean over classes that occur as truth or prediction. Weighted: by their support. Micro: of the sums over
/// all classes (where each row has one class: the accuracy; specificity its own). A class without a denominator counts
/// as 0 in the mean, as in scikit-learn: a class that was never predicted was missed, not left out. NaN without rows.
enum class Average { Macro, Micro, Weighted };
[[nodiscard]] ClassMetrics averageOf(const ClassMatrix& matrix, Average average);
[[nodiscard]] double accuracyOf(const ClassMatrix& matrix);

/// `probabilities` is row by row, `classes` a row, summing to 1. Both fail when shapes differ, a probability is outside
/// of 0 … 1, a row does not sum to 1 within 1e-6, a class is unknown, or no outcome is known; the AUC also when a class
/// has no row or has all of them.
/// Area under the ROC curve of each class against the rest, their mean (Macro), mean by support (Weighted), or of all
/// (row, class) pairs together (Micro).
[[nodiscard]] Result<double> oneVsRestAuc(std::span<const double> probabilities, std::span<const std::uint32_t> truth,
                                          std::size_t classes, Average average);
/// Mean of -log p of the class that was true; probabilities are clipped at 1e-15.
[[nodiscard]] Result<double> multiclassLogLoss(std::span<const double> probabilities,
                                               std::span<const std::uint32_t> truth, std::size_t classes);

/// accuracy (Wilson; with clusters at their effective n), and precision, recall, specificity and f1 as
/// "NAME_macro", "NAME_micro" and "NAME_weighted" with bootstrapped intervals. Fails as classMatrix.
[[nodiscard]] Result<std::vector<MetricValue>> measureMulticlass(std::span<const std::uint32_t> truth,
                                                                 std::span<const std::uint32_t> predicted,
                                                                 std::size_t classes,
                                                                 std::span<const std::uint32_t> clusters,
                                                                 const MetricOptions& options);

}  // namespace pilothouse::statistics
