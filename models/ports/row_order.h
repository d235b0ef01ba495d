// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace pilothouse::ports {

/// What rows are ordered by: time, or the numbers of one field.
struct RowOrder {
    std::string field;       ///< empty: time
    bool ascending = false;  ///< the oldest or the least first; equals of a field by time, newest first
    bool operator==(const RowOrder&) const = default;
};
/// So many rows at most come in the order of a field, in one page; rows without a number there are left out.
inline constexpr std::size_t kMostRanked = 10'000;

}  // namespace pilothouse::ports
