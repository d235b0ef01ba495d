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
        case MonitorKind::LabelFree:
            return "label_free";
        case MonitorKind::Latency:
            return "latency";
        case MonitorKind::Business:
            return "business";
        case MonitorKind::Multivariate:
            return "multivariate";
    }
    return "";
}

bool looksBack(MonitorKind kind) {
    return kind == MonitorKind::Traffic || kind == MonitorKind::Quality || kind == MonitorKind::Latency;
}

bool needsReference(MonitorKind kind) { return !looksBack(kind) && kind != MonitorKind::Business; }

namespace {

using Unit = WindowSize::Unit;

WindowSize sizeOf(const MonitorDefinition& monitor) { return parseWindowSize(monitor.window).value_or(WindowSize{}); }
WindowSize stepOf(const MonitorDefinition& monitor) {
    return monitor.step.empty() ? sizeOf(monitor) : parseWindowSize(monitor.step).value_or(sizeOf(monitor));
}

std::int64_t floorTo(std::int64_t value, std::int64_t step) {
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

/// Monday, 5 January 1970: steps of several days are counted from there, so that those of seven begin on Mondays.
constexpr std::int64_t kMonday = 4;

/// The last moment at or before t at which a window can begin and end.
Timestamp gridAt(const WindowSize& step, const Zone& zone, Timestamp t) {
    if (step.unit != Unit::Days) return {floorTo(t.ns, step.amount)};
    const Timestamp midnight = zone.startOfDay(t);
    const std::int64_t day = daysFromCivil(zone.date(t)) - kMonday;
    return zone.addDays(midnight, -static_cast<int>(day - floorTo(day, step.amount)));
}

Timestamp moved(const WindowSize& by, const Zone& zone, Timestamp t, int times) {
    if (by.unit == Unit::Days) return zone.addDays(t, times * static_cast<int>(by.amount));
    return {t.ns + times * by.amount};
}

/// The first window end after t.
Timestamp nextEnd(const MonitorDefinition& monitor, const Zone& zone, Timestamp t) {
    const WindowSize step = stepOf(monitor);
    return moved(step, zone, gridAt(step, zone, t), 1);
}

}  // namespace

bool countsRows(const MonitorDefinition& monitor) { return sizeOf(monitor).unit == Unit::Rows; }

std::vector<TimeRange> panesOf(const MonitorDefinition& monitor, const Zone& zone, TimeRange window) {
    const WindowSize step = stepOf(monitor);
    std::vector<TimeRange> out;
    for (Timestamp from = window.start; from < window.end;) {
        const Timestamp to = moved(step, zone, from, 1);
        out.push_back({from, std::min(to, window.end)});
        from = to;
    }
    return out;
}

TimeRange firstWindow(const MonitorDefinition& monitor, const Zone& zone, Timestamp from) {
    const WindowSize step = stepOf(monitor);
    Timestamp start = gridAt(step, zone, from);
    if (start < from) start = moved(step, zone, start, 1);
    return {start, moved(sizeOf(monitor), zone, start, 1)};
}

std::vector<TimeRange> windowsWith(const MonitorDefinition& monitor, const Zone& zone, Timestamp t) {
    const WindowSize size = sizeOf(monitor), step = stepOf(monitor);
    std::vector<TimeRange> out;
    for (Timestamp start = gridAt(step, zone, t);; start = moved(step, zone, start, -1)) {
        const TimeRange window{start, moved(size, zone, start, 1)};
        if (!window.contains(t)) break;
        out.insert(out.begin(), window);
    }
    return out;
}

Timestamp nextDue(const MonitorDefinition& monitor, const Zone& zone, Timestamp after) {
    return nextEnd(monitor, zone, after - monitor.maturity) + monitor.maturity;
}

std::vector<TimeRange> dueWindows(const MonitorDefinition& monitor, const Zone& zone, Timestamp after,
                                  Timestamp until) {
    std::vector<TimeRange> out;
    for (Timestamp due = nextDue(monitor, zone, after); due <= until; due = nextDue(monitor, zone, due)) {
        const Timestamp end = due - monitor.maturity;
        out.push_back({moved(sizeOf(monitor), zone, end, -1), end});
    }
    return out;
}

Timestamp windowStartBefore(const MonitorDefinition& monitor, const Zone& zone, Timestamp windowStart, int steps) {
    return moved(stepOf(monitor), zone, windowStart, -steps);
}

}  // namespace pilothouse::monitoring
