// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/statistics/metrics.h"

/// The metrics that a monitor can watch, and one of them measured over the rows of a window. Pure, for any thread.
namespace pilothouse::monitoring {

enum class Task { Binary, Multiclass, Regression };
[[nodiscard]] const char* toString(Task task);  ///< as ports::ModelVersion::task

struct PerformanceMetric {
    std::string_view name;
    Task task;
    std::string_view measured;   ///< its name in statistics::measureBinary, measureMulticlass or measureRegression
    std::string_view shown;      ///< in sentences
    bool lowerIsBetter = false;  ///< a loss: its fall is allowed in parts of the reference, not in points
    std::string_view also = {};  ///< its other name among a version's metrics
};
/// Null: the task has no such metric.
[[nodiscard]] const PerformanceMetric* findMetric(Task task, std::string_view name);
/// Of all tasks, each name once.
[[nodiscard]] std::vector<std::string> metricNames();
/// True for a name that is a metric of any task ("auc"), also "estimated_NAME".
[[nodiscard]] bool isMetric(std::string_view name);
/// Of a metric's name, also of "estimated_NAME".
[[nodiscard]] bool lowerIsBetter(std::string_view name);

/// Rows whose prediction and (outcomes and truth are empty otherwise) outcome are known.
struct PerformanceRows {
    Task task = Task::Binary;
    std::vector<double> predicted;      ///< binary: the score; regression: the value
    std::vector<double> outcomes;       ///< binary 0 or 1; regression the value
    std::vector<std::uint32_t> called;  ///< multiclass: predicted class
    std::vector<std::uint32_t> truth;   ///< multiclass
    std::vector<double> probabilities;  ///< multiclass: `classes` a row; empty: not known
    std::size_t classes = 0;
    std::vector<std::uint32_t> clusters;  ///< dense; empty: rows are independent
    [[nodiscard]] std::size_t size() const { return task == Task::Multiclass ? called.size() : predicted.size(); }
};

struct MeasureOptions {
    double threshold = 0.5;  ///< binary: called positive at or above
    int resamples = 400;
    std::uint64_t seed = 1;
};
/// The metric with its 95 % interval (NaN: not defined for these rows). As in statistics/metrics.h and multiclass.h;
/// auc: percentiles over resampled clusters; multiclass log_loss: Student's t over clusters; multiclass auc (one class
/// against the rest, the mean over classes) by a delete-a-group jackknife (jackknife.h) of at
/// most 40 groups of clusters. Fails as those do.
[[nodiscard]] Result<statistics::MetricValue> measureMetric(const PerformanceMetric& metric,
                                                            const PerformanceRows& rows, const MeasureOptions& options);

}  // namespace pilothouse::monitoring
