// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/ports/rows.h"

namespace pilothouse::pipelines {

/// A CSV (RFC 4180: quotes, CRLF, a UTF-8 mark are understood), plain or as .zst (by content, not by name).
struct CsvOptions {
    /// Column → type; columns not named are Text. A named column that the file lacks is an error, and so is text in a
    /// Number column ("flights.csv:17: temp_f: "abc" is not a number") or what is no ISO time in a Time column.
    std::map<std::string, ports::ColumnType> types;
    std::size_t rowsPerPart = 65'536;
    std::size_t maximumLineBytes = 1 << 20;
};

/// Reads a file (or a resource, ":/data/…") in parts. A truncated .zst is an error that says so, after the rows before it
/// were handed over; the sink's own error ends the reading.
[[nodiscard]] Status readCsv(const std::string& path, const CsvOptions& options, const CancellationToken& token,
                             const std::function<Status(ports::RowSet&&)>& sink);
/// All parts in one.
[[nodiscard]] Result<ports::RowSet> readCsv(const std::string& path, const CsvOptions& options,
                                            const CancellationToken& token);

}  // namespace pilothouse::pipelines
