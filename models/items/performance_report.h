// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/base/cancellation.h"
#include "models/items/performance.h"
#include "models/items/performance_rows.h"
#include "models/ports/model_registry.h"

namespace pilothouse::items {

/// What is known of the model beside its rows.
struct PerformanceContext {
    std::vector<ports::ModelVersion> versions;  ///< of the registry
    Duration labelDelay = std::chrono::hours(36);
    std::vector<std::string> cluster;  ///< of the model's performance monitor
    std::string clusterSource;         ///< that monitor's name; empty: none
};
/// The monitor's words for a model: label delay and clusters, from its definitions in the workspace. Thread: the
/// database's.
[[nodiscard]] Result<PerformanceContext> performanceContext(workspace::Database& database, const std::string& model);

/// Reads the rows and measures them, in one pass over the range and one over each version's first four weeks (for the
/// estimate without labels). Seconds for a million rows. Thread: the database's, not the GUI's. At most six versions.
///
/// Realised: statistics::measureBinary / measureRegression a window and over all, at the version's threshold. Estimated
/// (binary): statistics::Cbpe, fitted on the version's first labelled rows in the log (28 days, at most 50,000 rows, at
/// least 300 with 30 of each class); windows that begin before the end of those rows get none.
[[nodiscard]] Result<PerformanceReport> measurePerformance(workspace::Database& database,
                                                           const PerformanceQuestion& question,
                                                           const PerformanceContext& context,
                                                           const CancellationToken& token);

/// One metric of one version by the values of a column (texts: the 60 most frequent; numbers: up to eight ranges of
/// equal count), worst first.
[[nodiscard]] Result<SegmentReport> measureSegments(workspace::Database& database, const PerformanceQuestion& question,
                                                    const PerformanceContext& context,
                                                    const VersionPerformance& version, const std::string& column,
                                                    const std::string& metric, const CancellationToken& token);

/// The unit that gives a readable number of windows: hours to two days, days to ten weeks, weeks to two years.
[[nodiscard]] WindowUnit unitFor(Duration range);
/// Calendar windows that cover the range, cut at its ends; at most 2,000.
[[nodiscard]] std::vector<TimeRange> windowsOf(TimeRange range, const Zone& zone, WindowUnit unit);

/// Of labelled rows; empty where none is. Fails on a score or outcome that cannot be.
[[nodiscard]] Result<std::vector<statistics::MetricValue>> measureRows(const ScoredRows& rows, PerformanceTask task,
                                                                       double threshold, int resamples);

}  // namespace pilothouse::items
