// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/base/time_zone.h"

#include <QDateTime>

namespace pilothouse {

namespace {
constexpr std::int64_t kNs = 1'000'000'000;

std::int64_t floorDiv(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
}  // namespace

Zone::Zone() : m_zone(QTimeZone::utc()) {}

Result<Zone> Zone::fromName(const std::string& ianaName) {
    QTimeZone zone{QByteArray::fromStdString(ianaName)};
    // Qt takes an empty name for the machine's own zone.
    if (ianaName.empty() || !zone.isValid())
        return fail(ErrorKind::NotFound, "unknown time zone \"" + ianaName + "\" (is the package tzdata installed?)");
    Zone out;
    out.m_zone = zone;
    return out;
}

std::string Zone::name() const { return m_zone.id().toStdString(); }

Duration Zone::offsetAt(Timestamp t) const {
    const auto utc = QDateTime::fromMSecsSinceEpoch(floorDiv(t.ns, 1'000'000), Qt::UTC);
    return std::chrono::seconds(m_zone.offsetFromUtc(utc));
}

CivilDate Zone::date(Timestamp t) const { return civilFromDays(floorDiv((t + offsetAt(t)).ns, 86'400 * kNs)); }

Timestamp Zone::midnight(CivilDate date) const {
    const QDate day(date.year, date.month, date.day);
    return Timestamp::fromMs(day.startOfDay(m_zone).toMSecsSinceEpoch());
}

Timestamp Zone::startOfDay(Timestamp t) const { return midnight(date(t)); }

Timestamp Zone::nextMidnight(Timestamp t) const { return midnight(civilFromDays(daysFromCivil(date(t)) + 1)); }

int Zone::weekday(Timestamp t) const {
    const std::int64_t days = daysFromCivil(date(t));  // 1970-01-01 was a Thursday
    return static_cast<int>(((days + 3) % 7 + 7) % 7) + 1;
}

Timestamp Zone::startOfWeek(Timestamp t) const {
    return midnight(civilFromDays(daysFromCivil(date(t)) - (weekday(t) - 1)));
}

Timestamp Zone::atSameWallClock(Timestamp t, CivilDate moved) const {
    // Elapsed time since midnight is not the wall clock on a day whose clocks change.
    const Timestamp local = t + offsetAt(t);
    const std::int64_t inDay = local.ns - floorDiv(local.ns, 86'400 * kNs) * 86'400 * kNs;
    const QTime time = QTime::fromMSecsSinceStartOfDay(static_cast<int>(inDay / 1'000'000));
    const QDateTime there(QDate(moved.year, moved.month, moved.day), time, m_zone);
    return Timestamp::fromMs(there.toMSecsSinceEpoch()) + Duration{inDay % 1'000'000};
}

Timestamp Zone::addDays(Timestamp t, int days) const {
    return days == 0 ? t : atSameWallClock(t, civilFromDays(daysFromCivil(date(t)) + days));
}

Timestamp Zone::addMonths(Timestamp t, int months) const {
    if (months == 0) return t;
    const CivilDate d = date(t);
    const QDate moved = QDate(d.year, d.month, d.day).addMonths(months);
    return atSameWallClock(t, {moved.year(), moved.month(), moved.day()});
}

}  // namespace pilothouse
