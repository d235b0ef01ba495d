// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/base/time_zone.h"
#include "models/ports/prediction_log.h"
#include "models/predictions/prediction_store.h"
#include "models/statistics/profile.h"
#include "models/workspace/database.h"

namespace pilothouse::monitoring {

struct LogProfileRequest {
    ports::Query query;
    TimeRange range = TimeRange::all();
    std::vector<ports::FieldInfo> columns;  ///< what is profiled: numbers and texts; times are left out
    std::vector<std::string> cluster;       ///< "date" (the calendar's day), or columns; empty: rows are independent
    statistics::ProfileOptions options{};
    predictions::Arrivals arrivals = {};  ///< only these rows are there
};

/// What is profiled where nothing else is said: the log's features, and the score.
[[nodiscard]] Result<std::vector<ports::FieldInfo>> profiledFields(workspace::Database& database);

/// The reference profile of the rows of a prediction log that match, in memory that their number does not matter for:
/// one pass, and one more where clusters are named. The profile's times are those of the first and last row. Of more
/// than 65,536 clusters several count as one. Thread: the database's.
[[nodiscard]] Result<statistics::Profile> profileLog(workspace::Database& database, const Zone& zone,
                                                     const LogProfileRequest& request, const CancellationToken& token);

}  // namespace pilothouse::monitoring
