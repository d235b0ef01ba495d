// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "models/base/cancellation.h"
#include "models/ports/query.h"
#include "models/predictions/prediction_store.h"

/// Where the rows of a query lie, in time and in order of arrival.
namespace pilothouse::monitoring {

/// [first, last] event time as a range; nothing: no row matches.
[[nodiscard]] Result<std::optional<TimeRange>> extentOf(workspace::Database& database, const ports::Query& query,
                                                        const predictions::Arrivals& arrivals,
                                                        const CancellationToken& token);
/// Event times of the rows, to the minute, each once.
[[nodiscard]] Result<std::vector<Timestamp>> timesOf(workspace::Database& database, const ports::Query& query,
                                                     const predictions::Arrivals& arrivals,
                                                     const CancellationToken& token);
/// The ordinal behind the `count`-th row; nothing: there are fewer.
[[nodiscard]] Result<std::optional<std::int64_t>> ordinalAfter(workspace::Database& database, const ports::Query& query,
                                                               const predictions::Arrivals& arrivals,
                                                               std::uint64_t count, const CancellationToken& token);

}  // namespace pilothouse::monitoring
