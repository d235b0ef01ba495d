// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/ports/prediction_log.h"
#include "models/workspace/database.h"

namespace pilothouse::predictions {

/// Rows of a full segment; what is loaded in bulk may be sealed in fewer.
inline constexpr std::size_t kSegmentRows = 65'536;

/// An outcome that became known.
struct Truth {
    std::string requestId;
    double value = 0;  ///< 1 or 0 for a binary model
    Timestamp known;
};

struct Appended {
    std::size_t added = 0;
    std::size_t repeated = 0;  ///< were there already, or came twice in these rows
};

/// Appends rows, as one acknowledged batch, within the caller's transaction (durable when that commits). Columns that
/// are absent are missing; new columns widen the schema. Rows need "time", "model" and "request_id". Times may be in
/// any order. A row of the same model, version, request id and time as one that is there adds nothing.
[[nodiscard]] Result<Appended> append(workspace::Database& database, const ports::RowSet& rows);
[[nodiscard]] Status appendTruth(workspace::Database& database, const std::string& model,
                                 std::span<const Truth> truths);
/// Moves full groups of kSegmentRows from batches into segments, and whole batches that later segments follow (no row
/// can be added to those), in the caller's transaction. Returns rows sealed.
[[nodiscard]] Result<std::size_t> seal(workspace::Database& database);

/// How far the log has come: what a later look need not read again, and what an earlier look had before it.
struct LogMark {
    std::int64_t ordinal = 0;   ///< that the next row will get
    std::int64_t truth = 0;     ///< id of the last batch of ground truth
    std::int64_t removals = 0;  ///< how often rows were taken out; a count of rows does not go on across one
    bool operator==(const LogMark&) const = default;
};
[[nodiscard]] Result<LogMark> markOf(workspace::Database& database);
/// Part of the log by arrival.
struct Arrivals {
    std::int64_t from = 0, before = std::numeric_limits<std::int64_t>::max();  ///< rows, by ordinal
    std::int64_t lastTruth = std::numeric_limits<std::int64_t>::max();  ///< batches of ground truth up to this one
};
/// Event times of the rows of a model whose ground truth came in batches after `truth`; unsorted, once a row.
[[nodiscard]] Result<std::vector<Timestamp>> rowsOfNewTruth(workspace::Database& database, const std::string& model,
                                                            std::int64_t truth, const CancellationToken& token);

struct ScanRequest {
    ports::Query query;
    TimeRange range = TimeRange::all();
    std::vector<std::string> columns;  ///< what to decode; "outcome" and "outcome_time" are joined from ground truth
    /// Only ground truth known before this moment counts (training and scoring as of a time).
    Timestamp truthKnownBefore = kTimestampMax;
    Arrivals arrivals = {};  ///< only these
};
/// Hands matching rows to `sink` in parts, in order of arrival. For monitors, training and aggregates.
[[nodiscard]] Status scan(workspace::Database& database, const ScanRequest& request, const CancellationToken& token,
                          const std::function<Status(const ports::RowSet&)>& sink);
/// scan() into one RowSet.
[[nodiscard]] Result<ports::RowSet> collect(workspace::Database& database, const ScanRequest& request,
                                            const CancellationToken& token);

}  // namespace pilothouse::predictions
