// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/monitoring/monitor.h"
#include "models/monitoring/performance_metrics.h"
#include "models/ports/model_registry.h"
#include "models/ports/rows.h"

/// From the log's rows to those that a metric is taken of. Inside of the folder.
namespace pilothouse::monitoring {

/// What the monitor measures, of which task: its own keys first, then what the registry says of the version; binary
/// where nothing says otherwise. `metric` is null, and `problem` says why, where that cannot be.
struct MeasuredMetric {
    Task task = Task::Binary;
    const PerformanceMetric* metric = nullptr;
    std::string problem;
};
[[nodiscard]] MeasuredMetric measuredMetric(const MonitorDefinition& monitor, const ports::ModelVersion& version);
/// The name of the check in findings, also where nothing could be measured.
[[nodiscard]] std::string checkName(const MonitorDefinition& monitor, const ports::ModelVersion* version);

/// The columns that performanceRows() looks at, beside those of clusters.
[[nodiscard]] std::vector<std::string> performanceColumns(const MonitorDefinition& monitor, Task task,
                                                          bool withOutcomes);

struct ExtractedRows {
    PerformanceRows rows;
    std::vector<std::uint32_t> places;  ///< the rows of the set that they are
    std::string problem;  ///< what cannot be: "3 of 12 rows have a score that is not within 0 and 1"; empty: nothing
};
/// Rows without a prediction are left out, and with `withOutcomes` those without an outcome; without, outcomes and
/// truth stay empty. Multiclass: outcomes are places in the monitor's classes; predictions are the column `predicted`
/// (a class's name or place), else the most probable class.
[[nodiscard]] ExtractedRows performanceRows(const ports::RowSet& rows, std::span<const std::uint32_t> clusters,
                                            const MonitorDefinition& monitor, Task task, bool withOutcomes);

}  // namespace pilothouse::monitoring
