// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/base/timestamp.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace pilothouse {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// Reads exactly `width` digits at the front and removes them.
std::optional<int> takeDigits(std::string_view& text, std::size_t width) {
    if (text.size() < width) return {};
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        if (text[i] < '0' || text[i] > '9') return {};
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

bool isLeap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int daysInMonth(int year, int month) {
    constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && isLeap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// ".25" → 250,000,000; further digits than nanoseconds are cut.
std::optional<std::int64_t> takeFraction(std::string_view& text) {
    if (!take(text, '.')) return 0;
    std::int64_t value = 0, unit = kNsPerSecond;
    bool any = false;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        any = true;
        unit /= 10;
        value += unit * (text.front() - '0');
        text.remove_prefix(1);
    }
    if (!any) return {};
    return value;
}

std::optional<std::int64_t> takeOffsetSeconds(std::string_view& text) {
    if (text.empty() || take(text, 'Z') || take(text, 'z')) return 0;
    const bool negative = text.front() == '-';
    if (!take(text, '+') && !take(text, '-')) return {};
    const auto hours = takeDigits(text, 2);
    if (!hours || *hours > 23) return {};
    take(text, ':');
    const auto minutes = text.empty() ? std::optional<int>(0) : takeDigits(text, 2);
    if (!minutes || *minutes > 59) return {};
    const std::int64_t seconds = *hours * 3600 + *minutes * 60;
    return negative ? -seconds : seconds;
}

}  // namespace

// Howard Hinnant, "chrono-compatible low-level date algorithms".
std::int64_t daysFromCivil(CivilDate d) {
    const std::int64_t y = d.month <= 2 ? d.year - 1 : d.year;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t yoe = y - era * 400;
    const std::int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

CivilDate civilFromDays(std::int64_t z) {
    z += 719468;
    const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const std::int64_t doe = z - era * 146097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    const int day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
    const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
    return {static_cast<int>(yoe + era * 400 + (month <= 2 ? 1 : 0)), month, day};
}

std::optional<Timestamp> Timestamp::parseIso(std::string_view text) {
    const auto year = takeDigits(text, 4);
    if (!year || !take(text, '-')) return {};
    const auto month = takeDigits(text, 2);
    if (!month || *month < 1 || *month > 12 || !take(text, '-')) return {};
    const auto day = takeDigits(text, 2);
    if (!day || *day < 1 || *day > daysInMonth(*year, *month)) return {};
    // Whole years only, so that the product below cannot overflow 64 bits.
    if (*year < 1678 || *year > 2261) return {};
    const std::int64_t date = daysFromCivil({*year, *month, *day}) * 86400;
    if (text.empty()) return Timestamp{date * kNsPerSecond};
    if (!take(text, 'T') && !take(text, ' ') && !take(text, 't')) return {};
    const auto hour = takeDigits(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return {};
    const auto minute = takeDigits(text, 2);
    if (!minute || *minute > 59) return {};
    std::optional<int> second = 0;
    if (take(text, ':')) second = takeDigits(text, 2);
    if (!second || *second > 60) return {};
    const auto fraction = takeFraction(text);
    if (!fraction) return {};
    const auto offset = takeOffsetSeconds(text);
    if (!offset || !text.empty()) return {};
    const std::int64_t seconds = date + *hour * 3600 + *minute * 60 + *second - *offset;
    // An offset may lead out of the years that toIso() can write and this function reads.
    if (seconds < daysFromCivil({1678, 1, 1}) * 86400 || seconds >= daysFromCivil({2262, 1, 1}) * 86400) return {};
    return Timestamp{seconds * kNsPerSecond + *fraction};
}

std::string Timestamp::toIso() const {
    std::int64_t seconds = ns / kNsPerSecond, fraction = ns % kNsPerSecond;
    if (fraction < 0) {
        fraction += kNsPerSecond;
        --seconds;
    }
    std::int64_t days = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        --days;
    }
    const CivilDate d = civilFromDays(days);
    std::array<char, 64> out{};
    const int h = static_cast<int>(rest / 3600), m = static_cast<int>(rest / 60 % 60), s = static_cast<int>(rest % 60);
    if (fraction == 0) {
        std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year, d.month, d.day, h, m, s);
        return out.data();
    }
    std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%09lld", d.year, d.month, d.day, h, m, s,
                  static_cast<long long>(fraction));
    std::string text = out.data();
    while (text.back() == '0')
        text.pop_back();
    return text + "Z";
}

namespace {
struct Unit {
    std::string_view name;
    std::int64_t ns;
};
// Largest first: formatDuration takes the first that divides.
constexpr std::array<Unit, 8> kUnits{{{"w", 604'800 * kNsPerSecond},
                                      {"d", 86'400 * kNsPerSecond},
                                      {"h", 3'600 * kNsPerSecond},
                                      {"m", 60 * kNsPerSecond},
                                      {"s", kNsPerSecond},
                                      {"ms", 1'000'000},
                                      {"us", 1'000},
                                      {"ns", 1}}};
}  // namespace

std::optional<Duration> parseDuration(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data() || value < 0) return {};
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const Unit& u : kUnits) {
        std::int64_t ns = 0;
        if (u.name == unit)
            return __builtin_mul_overflow(value, u.ns, &ns) ? std::nullopt : std::optional(Duration{ns});
    }
    return {};
}

std::string formatDuration(Duration d) {
    if (d.count() == 0) return "0s";
    for (const Unit& u : kUnits)
        if (d.count() % u.ns == 0) return std::to_string(d.count() / u.ns) + std::string(u.name);
    return std::to_string(d.count()) + "ns";
}

}  // namespace pilothouse
