// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/time_axis.h"

#include <QDateTime>
#include <array>
#include <cmath>

namespace pilothouse::chart {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::size_t kTooMany = 20'000;  // a bound against ranges that nobody can have meant

const std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

QString monthName(int month) { return QString::fromLatin1(kMonths[static_cast<std::size_t>(month - 1)]); }
QString dayAndMonth(CivilDate d) { return QString::number(d.day) + u' ' + monthName(d.month); }

std::int64_t floorTo(std::int64_t value, std::int64_t step) {
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

/// Instants whose distance from local midnight is a multiple of `step` on the wall clock.
std::vector<Timestamp> wallClockTimes(TimeRange range, const Zone& zone, std::int64_t step) {
    std::vector<Timestamp> out;
    if (step <= kMinute) {  // no zone moves its clock by less than a minute today: an offset per range will do
        const std::int64_t offset = zone.offsetAt(range.start).count();
        for (std::int64_t t = floorTo(range.start.ns + offset, step) - offset; t <= range.end.ns; t += step) {
            if (t >= range.start.ns) out.push_back({t});
            if (out.size() > kTooMany) break;
        }
        return out;
    }
    for (Timestamp day = zone.startOfDay(range.start); day <= range.end && out.size() < kTooMany;
         day = zone.nextMidnight(day)) {
        const Timestamp next = zone.nextMidnight(day);
        const std::int64_t dayOffset = zone.offsetAt(day).count();
        const std::int64_t firstWall = floorTo(day.ns + dayOffset, kDay);
        // In the hours that come twice in autumn each wall time is taken once, the skipped ones of spring not at all.
        for (std::int64_t wall = 0; wall < kDay; wall += step) {
            std::int64_t t = firstWall + wall - dayOffset;
            t -= zone.offsetAt({t}).count() - dayOffset;
            if (t < day.ns || t >= next.ns || t < range.start.ns || t > range.end.ns) continue;
            if (t + zone.offsetAt({t}).count() != firstWall + wall) continue;
            if (out.empty() || out.back().ns < t) out.push_back({t});
        }
    }
    return out;
}

std::vector<Timestamp> days(TimeRange range, const Zone& zone, int every) {
    std::vector<Timestamp> out;
    for (Timestamp t = zone.startOfDay(range.start); t <= range.end && out.size() < kTooMany;
         t = zone.nextMidnight(t)) {
        if (t < range.start) continue;
        const CivilDate d = zone.date(t);
        // Every second day counts from the month's first, and leaves the 31st out, so that labels stay apart.
        if (every == 1 || (d.day % every == 1 && d.day != 31)) out.push_back(t);
    }
    return out;
}

std::vector<Timestamp> weeks(TimeRange range, const Zone& zone, int every) {
    std::vector<Timestamp> out;
    for (Timestamp t = zone.startOfWeek(range.start); t <= range.end && out.size() < kTooMany; t = zone.addDays(t, 7)) {
        if (t < range.start) continue;
        const CivilDate d = zone.date(t);
        if (every == 1 || (daysFromCivil(d) / 7) % every == 0) out.push_back(t);
    }
    return out;
}

std::vector<Timestamp> months(TimeRange range, const Zone& zone, int every) {
    std::vector<Timestamp> out;
    CivilDate d = zone.date(range.start);
    std::int64_t month = static_cast<std::int64_t>(d.year) * 12 + d.month - 1;
    for (month = floorTo(month, every); out.size() < kTooMany; month += every) {
        const auto year = static_cast<int>(floorTo(month, 12) / 12);
        const Timestamp t =
            zone.midnight({year, static_cast<int>(month - static_cast<std::int64_t>(year) * 12) + 1, 1});
        if (t > range.end || year > 2260) break;
        if (t >= range.start) out.push_back(t);
    }
    return out;
}

enum class Kind { WallClock, Days, Weeks, Months };
struct Step {
    Kind kind;
    std::int64_t amount;  // ns, days, weeks, months
    std::int64_t length;  // ns, about
};

const std::vector<Step>& steps() {
    static const std::vector<Step> all = [] {
        std::vector<Step> out;
        for (std::int64_t power = 1; power < kSecond; power *= 10)
            for (const int factor : {1, 2, 5})
                out.push_back({Kind::WallClock, power * factor, power * factor});
        for (const std::int64_t s : {1, 2, 5, 10, 15, 30})
            out.push_back({Kind::WallClock, s * kSecond, s * kSecond});
        for (const std::int64_t m : {1, 2, 5, 10, 15, 30})
            out.push_back({Kind::WallClock, m * kMinute, m * kMinute});
        for (const std::int64_t h : {1, 2, 3, 6, 12})
            out.push_back({Kind::WallClock, h * kHour, h * kHour});
        for (const std::int64_t d : {1, 2})
            out.push_back({Kind::Days, d, d * kDay});
        for (const std::int64_t w : {1, 2})
            out.push_back({Kind::Weeks, w, w * 7 * kDay});
        for (const std::int64_t m : {1, 2, 3, 6})
            out.push_back({Kind::Months, m, m * 30 * kDay});
        for (const std::int64_t y : {1, 2, 5, 10, 20, 50, 100})
            out.push_back({Kind::Months, y * 12, y * 365 * kDay});
        return out;
    }();
    return all;
}

QString wallClockLabel(Timestamp t, const Zone& zone, std::int64_t step) {
    const std::int64_t wall = t.ns + zone.offsetAt(t).count();
    const std::int64_t ofDay = wall - floorTo(wall, kDay);
    const auto two = [](std::int64_t v) { return QStringLiteral("%1").arg(v, 2, 10, QLatin1Char('0')); };
    const QString minutes = two(ofDay / kHour) + u':' + two(ofDay / kMinute % 60);
    if (step >= kMinute) return minutes;
    const QString seconds = minutes + u':' + two(ofDay / kSecond % 60);
    if (step >= kSecond) return seconds;
    int digits = 0;
    for (std::int64_t s = step; s < kSecond; s *= 10)
        ++digits;
    return seconds + u'.' + QStringLiteral("%1").arg(ofDay % kSecond, 9, 10, QLatin1Char('0')).left(digits);
}

std::vector<Timestamp> instants(TimeRange range, const Zone& zone, const Step& step) {
    switch (step.kind) {
        case Kind::WallClock:
            return wallClockTimes(range, zone, step.amount);
        case Kind::Days:
            return days(range, zone, static_cast<int>(step.amount));
        case Kind::Weeks:
            return weeks(range, zone, static_cast<int>(step.amount));
        case Kind::Months:
            return months(range, zone, static_cast<int>(step.amount));
    }
    return {};
}

}  // namespace

TimeTicks timeTicks(TimeRange range, const Zone& zone, int maxTicks) {
    TimeTicks out;
    if (range.empty() || maxTicks < 1) return out;
    const double span = static_cast<double>(range.end.ns) - static_cast<double>(range.start.ns);
    const Step* step = &steps().back();
    for (const Step& candidate : steps()) {
        if (span / static_cast<double>(candidate.length) <= maxTicks) {
            step = &candidate;
            break;
        }
    }
    CivilDate before = zone.date(range.start);
    const bool hours = step->kind == Kind::WallClock;
    out.context = hours ? dayAndMonth(before) + u' ' + QString::number(before.year) : QString::number(before.year);
    for (const Timestamp t : instants(range, zone, *step)) {
        const CivilDate d = zone.date(t);
        TimeTick tick{t, {}, false};
        const bool newYear = d.year != before.year, newDay = newYear || d.month != before.month || d.day != before.day;
        switch (step->kind) {
            case Kind::WallClock:
                tick.major = newDay || t == zone.startOfDay(t);
                tick.label = tick.major ? dayAndMonth(d) : wallClockLabel(t, zone, step->amount);
                break;
            case Kind::Days:
            case Kind::Weeks:
                tick.major = newYear;
                tick.label = dayAndMonth(d);
                if (newYear) tick.label += u' ' + QString::number(d.year);
                break;
            case Kind::Months:
                tick.major = newYear || d.month == 1;
                tick.label = step->amount >= 12 ? QString::number(d.year) : monthName(d.month);
                if (tick.major && step->amount < 12) tick.label += u' ' + QString::number(d.year);
                break;
        }
        out.ticks.push_back(std::move(tick));
        before = d;
    }
    return out;
}

std::vector<Timestamp> calendarEdges(TimeRange range, const Zone& zone, Buckets::Unit unit) {
    std::vector<Timestamp> out;
    if (range.empty()) return out;
    const auto fixed = [&](std::int64_t step) {
        const std::int64_t offset = zone.offsetAt(range.start).count();
        for (std::int64_t t = floorTo(range.start.ns + offset, step) - offset;; t += step) {
            out.push_back({t});
            if (t >= range.end.ns || out.size() > kTooMany) return;
        }
    };
    const auto calendar = [&](Timestamp first, auto next) {
        for (Timestamp t = first;; t = next(t)) {
            out.push_back(t);
            if (t >= range.end || out.size() > kTooMany) return;
        }
    };
    switch (unit) {
        case Buckets::Unit::Minute:
            fixed(kMinute);
            break;
        case Buckets::Unit::QuarterHour:
            fixed(15 * kMinute);
            break;
        case Buckets::Unit::Hour:
            fixed(kHour);
            break;
        case Buckets::Unit::SixHours:
            fixed(6 * kHour);
            break;
        case Buckets::Unit::Day:
            calendar(zone.startOfDay(range.start), [&](Timestamp t) { return zone.nextMidnight(t); });
            break;
        case Buckets::Unit::Week:
            calendar(zone.startOfWeek(range.start), [&](Timestamp t) { return zone.addDays(t, 7); });
            break;
        case Buckets::Unit::Month: {
            const CivilDate d = zone.date(range.start);
            calendar(zone.midnight({d.year, d.month, 1}), [&](Timestamp t) { return zone.addMonths(t, 1); });
            break;
        }
    }
    return out;
}

Buckets buckets(TimeRange range, const Zone& zone, int maxBuckets) {
    Buckets out;
    if (range.empty()) return out;
    const double span = static_cast<double>(range.end.ns) - static_cast<double>(range.start.ns);
    out.unit = Buckets::Unit::Month;
    const std::array<std::pair<Buckets::Unit, std::int64_t>, 5> units{{{Buckets::Unit::Minute, kMinute},
                                                                       {Buckets::Unit::QuarterHour, 15 * kMinute},
                                                                       {Buckets::Unit::Hour, kHour},
                                                                       {Buckets::Unit::Day, kDay},
                                                                       {Buckets::Unit::Week, 7 * kDay}}};
    for (const auto& [unit, length] : units) {
        if (span / static_cast<double>(length) <= maxBuckets) {
            out.unit = unit;
            break;
        }
    }
    out.edges = calendarEdges(range, zone, out.unit);
    return out;
}

QString bucketWord(Buckets::Unit unit) {
    switch (unit) {
        case Buckets::Unit::Minute:
            return QStringLiteral("minute");
        case Buckets::Unit::QuarterHour:
            return QStringLiteral("15 minutes");
        case Buckets::Unit::Hour:
            return QStringLiteral("hour");
        case Buckets::Unit::SixHours:
            return QStringLiteral("6 hours");
        case Buckets::Unit::Day:
            return QStringLiteral("day");
        case Buckets::Unit::Week:
            return QStringLiteral("week");
        case Buckets::Unit::Month:
            return QStringLiteral("month");
    }
    return {};
}

}  // namespace pilothouse::chart
