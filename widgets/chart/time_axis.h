// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

#include "models/base/time_zone.h"

namespace pilothouse::chart {

/// A mark on a time axis.
struct TimeTick {
    Timestamp time;
    QString label;
    bool major = false;  ///< a larger unit changes here (a date among hours, a year among months)
};

/// Ticks of a range and the words for what they leave out.
struct TimeTicks {
    std::vector<TimeTick> ticks;
    QString context;  ///< what holds at the start of the range: "9 Jul 2013" above hours, "2013" above days and months
};

/// Round ticks in a zone's calendar: powers of ten below a second; 1, 2, 5, 10, 15, 30 seconds and minutes; 1, 3, 6, 12
/// hours of the wall clock; 1, 2 days; Mondays; 1, 3, 6 months; 1, 2, 5 · 10^k years. The finest step that needs at
/// most `maxTicks`. Across a change of clocks hours stay on the wall clock's round hours.
[[nodiscard]] TimeTicks timeTicks(TimeRange range, const Zone& zone, int maxTicks);

/// Edges for buckets of aggregates that cover the range: hours, days or weeks of the calendar (or minutes in short
/// ranges), the finest that gives at most `maxBuckets`. The first edge is at or before the start, the last at or after
/// the end. Empty for an empty range.
struct Buckets {
    enum class Unit { Minute, QuarterHour, Hour, SixHours, Day, Week, Month } unit = Unit::Day;
    std::vector<Timestamp> edges;
};
[[nodiscard]] Buckets buckets(TimeRange range, const Zone& zone, int maxBuckets);
[[nodiscard]] std::vector<Timestamp> calendarEdges(TimeRange range, const Zone& zone, Buckets::Unit unit);
[[nodiscard]] QString bucketWord(Buckets::Unit unit);  ///< "day"

}  // namespace pilothouse::chart
