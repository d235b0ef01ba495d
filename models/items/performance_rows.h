// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/time_zone.h"
#include "models/ports/prediction_log.h"
#include "models/workspace/database.h"

namespace pilothouse::items {

/// More scored rows than this are not held at once; a narrower range is asked for.
inline constexpr std::uint64_t kMostPerformanceRows = 6'000'000;

/// The scored rows of one version, in order of arrival.
struct ScoredRows {
    std::vector<std::int64_t> times;
    std::vector<double> scores, outcomes;  ///< outcomes: NaN while not known
    std::vector<std::uint32_t> clusters;   ///< empty: rows are independent; else an id a row
    std::vector<std::uint32_t> segments;   ///< empty, or a code a row (see ScoredLog::segmentValues, edges)
    std::uint64_t unscored = 0;

    [[nodiscard]] std::size_t size() const { return times.size(); }
    /// The rows at these places.
    [[nodiscard]] ScoredRows picked(const std::vector<std::uint32_t>& places) const;
};

struct ScoredRequest {
    ports::Query query;
    TimeRange range = TimeRange::all();
    std::vector<std::string> cluster;  ///< "date", or columns; empty: independent rows
    std::string segment;               ///< a column whose values are read too; empty: none
    std::uint64_t enough = 0;          ///< not 0: stop after about so many rows with an outcome
    Duration enoughTime{};             ///< not 0: stop once rows are so much later than the first
};
struct ScoredLog {
    std::map<std::string, ScoredRows> versions;
    std::uint64_t rows = 0, labelled = 0;
    bool segmentIsText = false;
    std::vector<std::string> segmentValues;  ///< text: by code
    std::vector<double> segmentNumbers;      ///< number: by code, which is the row's place in reading order
};
inline constexpr std::uint32_t kNoSegment = 0xFFFFFFFFu;

/// Reads score, outcome, time, version, what tells clusters apart and perhaps a segment's column of all rows that match
/// and that a version scored. Thread: the database's. ResourceExhausted beyond kMostPerformanceRows.
[[nodiscard]] Result<ScoredLog> readScored(workspace::Database& database, const Zone& zone,
                                           const ScoredRequest& request, const CancellationToken& token);

}  // namespace pilothouse::items
