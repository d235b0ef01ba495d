// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ports/prediction_log.h"
#include "models/predictions/column_block.h"
#include "models/workspace/database.h"

namespace pilothouse::predictions {

/// A batch or a segment, as the tables list it.
struct Part {
    bool segment = false;
    std::int64_t id = 0;
    std::size_t rows = 0;
    std::int64_t firstTime = 0, lastTime = 0;  ///< least and greatest, both inclusive
    std::int64_t firstOrdinal = 0;
    std::uint64_t checksum = 0;

    [[nodiscard]] std::size_t blocks() const { return (rows + kBlockRows - 1) / kBlockRows; }
    [[nodiscard]] std::size_t rowsOf(std::size_t block) const {
        return std::min(kBlockRows, rows - block * kBlockRows);
    }
    [[nodiscard]] std::string name() const { return (segment ? "segment " : "batch ") + std::to_string(id); }
};

/// A field as the log knows it.
struct LogField {
    ports::FieldInfo info;
    unsigned types = 0;  ///< bits 1 << ColumnType of what arrived
    /// The type that came first; what comes as another is a conflict.
    std::optional<ports::ColumnType> first = {};
};

/// What the log consists of, as one transaction sees it.
struct LogContents {
    std::vector<Part> parts;       ///< in order of arrival
    std::vector<LogField> fields;  ///< reserved fields in their own order, then features in order of arrival

    /// The ordinal that the next row will get.
    [[nodiscard]] std::int64_t nextOrdinal() const {
        return parts.empty() ? 0 : parts.back().firstOrdinal + static_cast<std::int64_t>(parts.back().rows);
    }
};

/// Reads them, or gives what the connection read last where nothing changed since: an append or a key press must not
/// cost in proportion to the log. Within a transaction. Thread: the database's.
[[nodiscard]] Result<std::shared_ptr<const LogContents>> contentsOf(workspace::Database& database);
/// The part was inserted behind `contents`, and nothing else was changed since they were read, so that they need not be
/// read again. Where that is not so, or the transaction is rolled back, the next contentsOf() notices.
void noteAppended(workspace::Database& database, const LogContents& contents, const Part& part);

/// The type a reserved field always has; nothing for other names.
[[nodiscard]] std::optional<ports::ColumnType> reservedType(std::string_view name);

}  // namespace pilothouse::predictions
