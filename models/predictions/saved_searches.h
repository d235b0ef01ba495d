// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/timestamp.h"
#include "models/ports/row_order.h"
#include "models/workspace/database.h"

namespace pilothouse::predictions {

/// A query under a name, with the time it looks at. Kept in the workspace, as one of its settings.
struct SavedSearch {
    std::string name;                           ///< unique, at most kMaxNameBytes
    std::string model;                          ///< empty: of all models
    std::vector<std::string> filters;           ///< clauses, all of which must hold
    std::optional<TimeRange> fixed;             ///< a range, or …
    std::optional<Duration> last;               ///< … the last so long; neither: the range stays as it is
    std::optional<ports::RowOrder> order = {};  ///< none: the order stays as it is
    std::vector<std::string> columns = {};      ///< ids of those that are shown, in their order; empty: as they are

    bool operator==(const SavedSearch&) const = default;
};

inline constexpr std::size_t kMaxSavedSearches = 500, kMaxNameBytes = 200;

/// Each within the caller's transaction. By name; what another version of the program cannot have written is Corrupt.
[[nodiscard]] Result<std::vector<SavedSearch>> listSearches(workspace::Database& database);
/// Adds it, or takes the place of the one of that name. InvalidInput for an empty or overlong name, for a clause that
/// does not parse and beyond kMaxSavedSearches.
[[nodiscard]] Status saveSearch(workspace::Database& database, const SavedSearch& search);
/// NotFound when there is none of that name.
[[nodiscard]] Status removeSearch(workspace::Database& database, const std::string& name);

}  // namespace pilothouse::predictions
