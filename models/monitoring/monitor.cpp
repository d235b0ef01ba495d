// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/monitor.h"

namespace pilothouse::monitoring {

const char* toString(MonitorKind kind) {
    switch (kind) {
        case MonitorKind::Traffic:
            return "traffic";
        case MonitorKind::Quality:
            return "quality";
        case MonitorKind::Score:
            return "score";
        case MonitorKind::Drift:
            return "drift";
        case MonitorKind::Performance:
            return "performance";
    }
    return "";
}

namespace {

int daysOf(const MonitorDefinition& monitor) { return monitor.window == "day" ? 1 : 7; }

/// The first window end after t.
Timestamp nextEnd(const MonitorDefinition& monitor, const Zone& zone, Timestamp t) {
    if (monitor.window == "day") return zone.nextMidnight(t);
    return zone.addDays(zone.startOfWeek(t), 7);
}

}  // namespace

Timestamp nextDue(const MonitorDefinition& monitor, const Zone& zone, Timestamp after) {
    return nextEnd(monitor, zone, after - monitor.maturity) + monitor.maturity;
}

std::vector<TimeRange> dueWindows(const MonitorDefinition& monitor, const Zone& zone, Timestamp after,
                                  Timestamp until) {
    std::vector<TimeRange> out;
    for (Timestamp due = nextDue(monitor, zone, after); due <= until; due = nextDue(monitor, zone, due)) {
        const Timestamp end = due - monitor.maturity;
        out.push_back({windowStartBefore(monitor, zone, end, 1), end});
    }
    return out;
}

Timestamp windowStartBefore(const MonitorDefinition& monitor, const Zone& zone, Timestamp windowStart, int steps) {
    return zone.addDays(windowStart, -steps * daysOf(monitor));
}

}  // namespace pilothouse::monitoring
