// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/base/cancellation.h"
#include "models/ports/prediction_log.h"
#include "models/workspace/database.h"

/// The operations of ports::PredictionLog over the workspace's own log, within the caller's transaction (or one of
/// their own). Thread: the database's. Errors: InvalidInput for unknown fields and impossible requests, Corrupt naming
/// part and column.
namespace pilothouse::predictions {

[[nodiscard]] Result<std::vector<ports::FieldInfo>> fieldsOfLog(workspace::Database& database);
/// Every field that is there where the request names no columns.
[[nodiscard]] Result<ports::SearchPage> searchLog(workspace::Database& database, const ports::SearchRequest& request,
                                                  const CancellationToken& token);
[[nodiscard]] Result<std::uint64_t> countInLog(workspace::Database& database, const ports::Query& query,
                                               TimeRange range, const CancellationToken& token);
/// A split's groups: the eight with the most rows, most first, ties by name; "" is rows without a value; "other" is the
/// rest, where there is one. "outcome" splits into "1" (above 0.5), "0" and "".
[[nodiscard]] Result<ports::TimeCounts> timeCountsOfLog(workspace::Database& database,
                                                        const ports::TimeCountsRequest& request,
                                                        const CancellationToken& token);
/// Groups as above. Shares and values of a field are NaN where no row counts; Count is NaN in buckets wholly before the
/// first or after the last row of the log. Quantiles are type 7 (Hyndman and Fan, 1996); they are exact
/// while a bucket has few distinct values (131,072, less where buckets and groups are many), and else say by how much
/// they may be wrong (statistics::QuantileCounts).
[[nodiscard]] Result<ports::Aggregates> aggregateLog(workspace::Database& database,
                                                     const ports::AggregateRequest& request,
                                                     const CancellationToken& token);
/// Numbers and times count in text form.
[[nodiscard]] Result<ports::TopValues> topValuesOfLog(workspace::Database& database,
                                                      const ports::TopValuesRequest& request,
                                                      const CancellationToken& token);
/// Bins with categories count texts (of numbers, their text form), others numbers. A value that came as another type
/// than the bins want counts as missing.
[[nodiscard]] Result<std::vector<ports::FeatureCounts>> featureCountsOfLog(workspace::Database& database,
                                                                           const ports::FeatureCountsRequest& request,
                                                                           const CancellationToken& token);
[[nodiscard]] Result<ports::PredictionLog::Extent> extentOfLog(workspace::Database& database);

}  // namespace pilothouse::predictions
