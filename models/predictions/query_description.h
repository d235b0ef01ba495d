// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/ports/query.h"

namespace pilothouse::predictions {

/// The tree of a query for a person, a line a node, children indented by two blanks: "and", "  carrier = UA".
[[nodiscard]] std::vector<std::string> describe(const ports::Query& query);

}  // namespace pilothouse::predictions
