// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "models/predictions/segment_writer.h"

/// The same row twice is one row: (model, version, request id, time) tells rows apart. A row without a version differs
/// from one of any version.
namespace pilothouse::predictions {

/// The rows of the set that neither the log nor an earlier row of the set holds, ascending, and the hashes of their
/// request ids. A few probes of memory a row: one in the tail's ids and one in the id index of each segment that
/// reaches to the rows' times. The caller holds the state's tailMutex.
struct NewRows {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint64_t> hashes;
};
[[nodiscard]] Result<NewRows> findNewRows(LogReader& reader, const ports::RowSet& rows);

/// The rows of the segment that the log or an earlier row of it holds, ascending. Sorted id indexes are compared in one
/// pass each, so that the cost a row stays flat as the log grows. The caller holds the state's tailMutex.
[[nodiscard]] Result<std::vector<std::uint32_t>> findRepeatedRows(LogReader& reader, const EncodedSegment& segment);

}  // namespace pilothouse::predictions
