// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "models/ports/query.h"

namespace pilothouse::predictions {

/// Reads the query language. Clauses side by side mean AND:
///   carrier:UA  origin:(JFK OR LGA)  temp_f>80  dest:B*  temp_f:[20 TO 30]  wind_gust_mph:*  _missing_:pressure_mb
///   NOT origin:JFK  -origin:JFK  "gate timeout"  score~0.5±0.05  wrong  confident  labelled  outside:temp_f  unseen:dest
/// Errors name the byte position and what was expected. Bounded: 64 KiB of text, 64 levels.
[[nodiscard]] Result<ports::Query> parseQuery(std::string_view text);

/// The query that matches where both do.
[[nodiscard]] ports::Query conjunction(const ports::Query& a, const ports::Query& b);
/// "field:value" with whatever quoting the value needs.
[[nodiscard]] std::string equalsClause(std::string_view field, std::string_view value);

}  // namespace pilothouse::predictions
