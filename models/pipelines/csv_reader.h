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
    /// Number column ("flights.csv:17: temp_f: "abc" is not a number") or what is no ISO time in a Time column. An
    /// empty field is a missing value.
    std::map<std::string, ports::ColumnType> types;
    std::size_t rowsPerPart = 65'536;
    std::size_t maximumLineBytes = 1 << 20;  ///< of one record, line breaks within quotes included
    std::size_t maximumColumns = 4'096;
    /// What a .zst may unpack to, in all and beside its packed size (counted once it passed 64 MiB); its window is 128
    /// MiB at most.
    std::uint64_t maximumUnpackedBytes = std::uint64_t{8} << 30;
    std::uint64_t maximumExpansion = 1'000;
};

/// Reads a file (or a resource, ":/data/…") in parts of at most rowsPerPart; a file without rows is one empty part.
/// Text columns are coded by part. A truncated .zst is an error that says so, after the rows before it were handed
/// over; the sink's own error ends the reading.
[[nodiscard]] Status readCsv(const std::string& path, const CsvOptions& options, const CancellationToken& token,
                             const std::function<Status(ports::RowSet&&)>& sink);
/// All parts in one.
[[nodiscard]] Result<ports::RowSet> readCsv(const std::string& path, const CsvOptions& options,
                                            const CancellationToken& token);

/// The parser by itself: bytes in pieces of any size, rows out. What it makes does not depend on where a piece ends.
class CsvParser {
public:
    /// `name` stands in messages; the options and the sink are kept by reference.
    CsvParser(std::string name, const CsvOptions& options, const std::function<Status(ports::RowSet&&)>& sink);
    ~CsvParser();
    [[nodiscard]] Status feed(std::string_view bytes);
    /// The last record may lack its line break. Hands over what is left.
    [[nodiscard]] Status finish();
    /// After a broken source: hands over the whole records so far, and drops the one that is not whole.
    [[nodiscard]] Status abandon();
    [[nodiscard]] std::size_t rows() const;  ///< read so far

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}  // namespace pilothouse::pipelines
