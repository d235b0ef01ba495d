// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_buckets.h"

#include <array>

namespace pilothouse::items {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Steps within a day; they divide it, so that every midnight is an edge (also of a day with 23 or 25 hours).
constexpr std::array<Duration, 10> kSteps{seconds(10), minutes(1), minutes(5), minutes(15), minutes(30),
                                          hours(1),    hours(2),   hours(3),   hours(6),    hours(12)};

std::vector<Timestamp> stepEdges(const TimeRange& range, const Zone& zone, Duration step) {
    std::vector<Timestamp> edges{range.start};
    Timestamp midnight = zone.startOfDay(range.start);
    while (midnight < range.end) {
        const Timestamp next = zone.nextMidnight(midnight);
        for (Timestamp t = midnight; t < next && t < range.end; t += step)
            if (t > range.start) edges.push_back(t);
        midnight = next;
    }
    edges.push_back(range.end);
    return edges;
}

std::vector<Timestamp> dayEdges(const TimeRange& range, const Zone& zone, int days) {
    std::vector<Timestamp> edges{range.start};
    for (Timestamp t = zone.startOfDay(range.start); t < range.end; t = zone.addDays(t, days))
        if (t > range.start) edges.push_back(t);
    edges.push_back(range.end);
    return edges;
}

}  // namespace

std::vector<Timestamp> bucketEdges(const TimeRange& range, const Zone& zone, int maxBuckets) {
    if (range.empty() || maxBuckets < 1) return {};
    // In doubles: the difference of two far times does not fit 64 bits.
    const double span = static_cast<double>(range.end.ns) - static_cast<double>(range.start.ns);
    const double day = static_cast<double>(Duration(hours(24)).count());
    for (const Duration step : kSteps)
        if (span / static_cast<double>(step.count()) + 1 <= maxBuckets) return stepEdges(range, zone, step);
    int days = 1;
    while (span / (days * day) + 1 > maxBuckets && days < 100'000)
        days = days == 1 ? 7 : 2 * days;
    return dayEdges(range, zone, days);
}

}  // namespace pilothouse::items
