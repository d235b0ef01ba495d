// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pilothouse {

using Duration = std::chrono::nanoseconds;

/// An instant: nanoseconds since 1970-01-01T00:00:00Z, UTC, no leap seconds. Range: years 1678 to 2261.
struct Timestamp {
    std::int64_t ns = 0;

    constexpr auto operator<=>(const Timestamp&) const = default;
    constexpr Timestamp operator+(Duration d) const { return {ns + d.count()}; }
    constexpr Timestamp operator-(Duration d) const { return {ns - d.count()}; }
    constexpr Duration operator-(Timestamp other) const { return Duration{ns - other.ns}; }
    constexpr Timestamp& operator+=(Duration d) {
        ns += d.count();
        return *this;
    }

    [[nodiscard]] constexpr std::int64_t ms() const { return ns / 1'000'000; }
    [[nodiscard]] constexpr double seconds() const { return static_cast<double>(ns) * 1e-9; }
    static constexpr Timestamp fromMs(std::int64_t ms) { return {ms * 1'000'000}; }
    static constexpr Timestamp fromSeconds(std::int64_t s) { return {s * 1'000'000'000}; }

    /// Reads "2013-01-01T10:15:00Z", with optional fraction and offset ("+02:00"), a blank for the T, or a bare date
    /// (midnight UTC). Nothing else; out of range or trailing text gives nothing.
    static std::optional<Timestamp> parseIso(std::string_view text);
    /// "2013-01-01T10:15:00Z"; with a fraction only where there is one.
    [[nodiscard]] std::string toIso() const;
};

constexpr Timestamp kTimestampMin{INT64_MIN};
constexpr Timestamp kTimestampMax{INT64_MAX};

/// Half open: [start, end).
struct TimeRange {
    Timestamp start;
    Timestamp end;

    constexpr bool operator==(const TimeRange&) const = default;
    [[nodiscard]] constexpr bool contains(Timestamp t) const { return start <= t && t < end; }
    [[nodiscard]] constexpr bool empty() const { return end <= start; }
    [[nodiscard]] constexpr Duration duration() const { return end - start; }
    [[nodiscard]] constexpr bool overlaps(const TimeRange& o) const { return start < o.end && o.start < end; }
    static constexpr TimeRange all() { return {kTimestampMin, kTimestampMax}; }
};

/// Reads "15m", "36h", "7d", "2w", "90s", "250ms": a whole number and a unit. Nothing for anything else or an overflow.
std::optional<Duration> parseDuration(std::string_view text);
/// The shortest exact form that parseDuration reads back.
std::string formatDuration(Duration d);

/// Calendar arithmetic (proleptic Gregorian), without a time zone.
struct CivilDate {
    int year = 1970;
    int month = 1;  ///< 1-12
    int day = 1;    ///< 1-31
};
std::int64_t daysFromCivil(CivilDate date);
CivilDate civilFromDays(std::int64_t days);

}  // namespace pilothouse
