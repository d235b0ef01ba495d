// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "models/base/timestamp.h"

namespace pilothouse::monitoring {

/// How long a window is, or how far it moves: "day", "week", "14d" (whole days of the workspace's calendar), "6h",
/// "15m" (time, from 1970 on in UTC), "10000 rows" (in order of arrival).
struct WindowSize {
    enum class Unit { Days, Time, Rows };
    Unit unit = Unit::Days;
    std::int64_t amount = 7;  ///< days, nanoseconds or rows
    bool operator==(const WindowSize&) const = default;
};

/// Nothing for other texts, for less than a minute or more than 400 days, less than 10 rows or more than a billion.
[[nodiscard]] std::optional<WindowSize> parseWindowSize(std::string_view text);

}  // namespace pilothouse::monitoring
