// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace pilothouse::ports {

/// What rows are ordered by: time, or the numbers of one field.
struct RowOrder {
    std::string field;       ///< empty: time
    bool ascending = false;  ///< the oldest or the least first; equals of a field by time, newest first
    // Rows without a number in the field come last, whichever the order.
    bool operator==(const RowOrder&) const = default;
};

}  // namespace pilothouse::ports
