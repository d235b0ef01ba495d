// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimeZone>
#include <memory>
#include <string>

#include "models/base/result.h"
#include "models/base/timestamp.h"

namespace pilothouse {

/// A calendar: midnights, weeks and months of one IANA time zone. Immutable; safe from any thread.
class Zone {
public:
    Zone();  ///< UTC
    /// Unknown names are an error (also when the machine has no tzdata).
    static Result<Zone> fromName(const std::string& ianaName);

    [[nodiscard]] std::string name() const;
    [[nodiscard]] const QTimeZone& qt() const { return m_zone; }
    [[nodiscard]] Duration offsetAt(Timestamp t) const;
    /// Local calendar date at t.
    [[nodiscard]] CivilDate date(Timestamp t) const;
    /// Local midnight of that date; where a change of clocks skips it, the first instant of the day.
    [[nodiscard]] Timestamp midnight(CivilDate date) const;
    [[nodiscard]] Timestamp startOfDay(Timestamp t) const;
    [[nodiscard]] Timestamp nextMidnight(Timestamp t) const;  ///< the first local midnight after t
    [[nodiscard]] Timestamp startOfWeek(Timestamp t) const;   ///< Monday's midnight at or before t
    [[nodiscard]] Timestamp addDays(
        Timestamp t, int days) const;  ///< same wall-clock time, other date; a time that is skipped there is moved on
    [[nodiscard]] Timestamp addMonths(Timestamp t, int months) const;  ///< clamped to the month's last day
    [[nodiscard]] int weekday(Timestamp t) const;                      ///< 1 = Monday … 7 = Sunday

private:
    [[nodiscard]] Timestamp atSameWallClock(Timestamp t, CivilDate moved) const;
    QTimeZone m_zone;
};

}  // namespace pilothouse
