// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/window_size.h"

#include <charconv>

namespace pilothouse::monitoring {

namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000, kMostDays = 400, kMostRows = 1'000'000'000;

std::optional<std::int64_t> rowsOf(std::string_view text) {
    if (!text.ends_with(" rows")) return {};
    text.remove_suffix(5);
    std::int64_t rows = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), rows);
    if (code != std::errc() || end != text.data() + text.size() || rows < 10 || rows > kMostRows) return {};
    return rows;
}

}  // namespace

std::optional<WindowSize> parseWindowSize(std::string_view text) {
    using Unit = WindowSize::Unit;
    if (text == "day") return WindowSize{Unit::Days, 1};
    if (text == "week") return WindowSize{Unit::Days, 7};
    if (const auto rows = rowsOf(text)) return WindowSize{Unit::Rows, *rows};
    const auto duration = parseDuration(text);
    if (!duration || *duration < std::chrono::minutes(1) || duration->count() > kMostDays * kDayNs) return {};
    if (duration->count() % kDayNs == 0) return WindowSize{Unit::Days, duration->count() / kDayNs};
    return WindowSize{Unit::Time, duration->count()};
}

}  // namespace pilothouse::monitoring
