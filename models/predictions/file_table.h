// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/predictions/ingest_mapping.h"

namespace pilothouse::predictions {

/// A column of a file as it was read; what its values mean together is for the reader to say.
struct FileColumn {
    std::string name;
    std::vector<double> numbers;       ///< one a row; NaN: missing, or a text
    std::vector<std::uint32_t> codes;  ///< one a row, or none where the column has no text; kMissingCode: no text
    std::vector<std::string> dictionary;
    std::uint64_t numberCount = 0, textCount = 0, booleanCount = 0;  ///< rows; the booleans are among the texts
    /// More different texts than are told apart (2^20, or 256 MiB of them); the others share the last code.
    bool overflowed = false;
};

/// The rows of one file, with no workspace and no claim on what the fields are.
struct FileTable {
    std::string path;
    RowFormat format = RowFormat::Csv;
    std::uint64_t rows = 0;
    std::vector<FileColumn> columns;       ///< in the order in which the file names them first
    std::uint64_t unusable = 0;            ///< rows left out …
    std::string firstUnusable;             ///< … and where and why the first one was: "line 7: not JSON"
    std::vector<std::string> identifiers;  ///< columns that look like the time or an id of the row, by name and values
    [[nodiscard]] const FileColumn* find(std::string_view name) const {
        for (const FileColumn& c : columns)
            if (c.name == name) return &c;
        return nullptr;
    }
};

/// Reads JSON lines or CSV, plain, gzip or zstd (all told by content). In a CSV the words that people write for a
/// missing value (NA, N/A, NaN, null, None, in the usual cases of letters) are missing, and inf is a number. Bounded: 4
/// GiB of values, 10,000 columns, rows of 16 MiB. Errors name the file. Thread: any.
[[nodiscard]] Result<FileTable> readTable(const std::string& path, const CancellationToken& token);

}  // namespace pilothouse::predictions
