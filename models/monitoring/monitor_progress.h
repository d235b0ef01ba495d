// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "models/predictions/prediction_store.h"
#include "models/workspace/database.h"

namespace pilothouse::monitoring {

/// How far a monitor has come: its row of monitor_progress.
struct MonitorProgress {
    std::string definition;                 ///< digest of the text by which it was judged last
    Timestamp judgedFrom = kTimestampMax;   ///< windows that start from here on are judged
    Timestamp judgedUntil = kTimestampMin;  ///< those that were due at this moment at the latest have been
    predictions::LogMark mark;              ///< rows and labels up to here are in them
    Timestamp newest = kTimestampMin;       ///< of those rows
    std::int64_t nextOrdinal = 0;           ///< windows of rows: where the next one begins
};

[[nodiscard]] Result<std::optional<MonitorProgress>> readProgress(workspace::Database& database,
                                                                  const std::string& monitor);
/// In the caller's transaction.
[[nodiscard]] Status writeProgress(workspace::Database& database, const std::string& monitor,
                                   const MonitorProgress& progress);

}  // namespace pilothouse::monitoring
