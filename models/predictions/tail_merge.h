// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/predictions/log_reader.h"

namespace pilothouse::predictions {

/// So many batches of about one size become one, as long as that has at most kMergedRows rows: a reader's way through
/// the tail stays short even where every append is one row, and a row is written anew at most three times before it is
/// sealed.
inline constexpr std::size_t kMergedBatches = 16, kMergedRows = 4'096;

/// After `newest` was inserted behind the reader's parts, in the same transaction and under StoreState::tailMutex.
/// Damaged batches stay as they are.
[[nodiscard]] Status mergeTail(workspace::Database& database, LogReader& reader, const Part& newest);

}  // namespace pilothouse::predictions
