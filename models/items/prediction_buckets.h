// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "models/base/time_zone.h"

namespace pilothouse::items {

/// Edges of at most `maxBuckets` buckets that fill the range exactly: whole minutes, hours or days of the calendar, but
/// for the first and the last, which begin and end with the range. Empty for an empty range.
[[nodiscard]] std::vector<Timestamp> bucketEdges(const TimeRange& range, const Zone& zone, int maxBuckets);

}  // namespace pilothouse::items
