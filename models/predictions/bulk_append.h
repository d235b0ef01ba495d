// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/predictions/prediction_store.h"
#include "models/predictions/segment_writer.h"

namespace pilothouse::predictions {

/// Fewer rows than this wait for others as a batch; more become a segment at once.
inline constexpr std::size_t kLeastSegmentRows = 16'384;

/// Adds coded rows within the caller's transaction (durable when that commits), as a segment or, when they are few, as
/// a batch; rows that the log holds are left out. Rows get the ordinals after all that are there.
[[nodiscard]] Result<Appended> appendEncoded(workspace::Database& database, const EncodedSegment& segment);

}  // namespace pilothouse::predictions
