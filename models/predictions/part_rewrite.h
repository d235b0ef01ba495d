// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

#include "models/predictions/segment_writer.h"

/// Parts of the log written anew with fewer rows, or several as one. What is replaced leaves free pages behind, with
/// its bytes on them (workspace/space.h).
namespace pilothouse::predictions {

/// The rows of a part that stay, ascending.
struct KeptRows {
    const Part* part = nullptr;
    std::vector<std::uint32_t> rows;
};

/// All rows of the part but these, which ascend.
[[nodiscard]] KeptRows without(const Part& part, std::span<const std::uint32_t> rows);

/// The rows of a part that a request id has, in order. Corrupt where they cannot be read.
[[nodiscard]] Result<std::vector<std::uint32_t>> rowsOfRequest(LogReader& reader, const Part& part,
                                                               std::string_view requestId);
/// The rows of a part that a model has, in order.
[[nodiscard]] Result<std::vector<std::uint32_t>> rowsOfModel(LogReader& reader, const Part& part,
                                                             std::string_view model);
/// The rows of a part that are older than the moment, in order. Reads times only where some are and some are not.
[[nodiscard]] Result<std::vector<std::uint32_t>> rowsBefore(LogReader& reader, const Part& part, Timestamp moment);

/// Setting: how often rows were taken out of the log.
inline constexpr const char* kRemovals = "predictions.removals";
/// To be called where rows go, in the transaction in which they do; replacePart() does.
[[nodiscard]] Status noteRemoval(workspace::Database& database);

/// The three below work within the caller's transaction, which the reader looks at too.
[[nodiscard]] Status deletePart(workspace::Database& database, const Part& part);
/// A segment stays a segment and a batch a batch; a part of which no row stays goes.
[[nodiscard]] Status replacePart(workspace::Database& database, LogReader& reader, const KeptRows& kept);
/// Segments that follow each other become one. At most kSegmentRows rows in all.
[[nodiscard]] Status mergeSegments(workspace::Database& database, LogReader& reader, std::span<const Part> segments);

}  // namespace pilothouse::predictions
