// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/predictions/log_reader.h"
#include "models/predictions/part_format.h"
#include "models/workspace/database.h"

namespace pilothouse::predictions {

/// Rows as they go to disk, coded without the database: a segment, or a batch when they are few.
struct EncodedSegment {
    std::size_t rows = 0;
    std::int64_t firstTime = std::numeric_limits<std::int64_t>::max(), lastTime = kTimestampMin.ns;
    std::vector<std::pair<std::string, EncodedColumn>> columns;  ///< by name, then type
    std::vector<std::string> order;                              ///< the names in order of first use
    std::vector<std::pair<std::uint64_t, std::uint32_t>> ids;    ///< hash of the request id, row; by row
    IdIndex index;                                               ///< of these ids
    Bytes indexBytes;                                            ///< the same, coded
};

/// Codes rows on the thread that it lives on. Every row needs time, model and request id; the caller sees to that.
class SegmentBuilder {
public:
    explicit SegmentBuilder(Effort effort = Effort::Dense) : m_writer(effort) {}

    /// The writer of that column; it stays where it is until finish().
    [[nodiscard]] ColumnWriter& column(const std::string& name, ports::ColumnType type);
    /// Before the current row's value is appended to a column: gives it the missing values of the rows in between.
    void catchUp(ColumnWriter& column) const {
        if (column.rows() < m_rows) column.appendMissing(m_rows - column.rows());
    }
    void finishRow(std::int64_t timeNs, std::uint64_t requestHash) {
        m_out.firstTime = std::min(m_out.firstTime, timeNs);
        m_out.lastTime = std::max(m_out.lastTime, timeNs);
        m_out.ids.emplace_back(requestHash, static_cast<std::uint32_t>(m_rows++));
    }
    [[nodiscard]] std::size_t rows() const { return m_rows; }
    /// Once.
    [[nodiscard]] EncodedSegment finish();

private:
    PartWriter m_writer;
    EncodedSegment m_out;
    std::size_t m_rows = 0;
};

/// The segment without these rows, ascending. Coded anew; Corrupt only if memory is damaged.
[[nodiscard]] Result<EncodedSegment> withoutRows(const EncodedSegment& segment, std::span<const std::uint32_t> rows);
/// One decoded block of a column of one type; nothing where the segment has no such column.
[[nodiscard]] Result<std::optional<ColumnBlock>> decodeColumn(const EncodedSegment& segment, std::string_view name,
                                                              ports::ColumnType type, std::size_t block);

/// How many values of a field came, by type.
struct FieldValues {
    std::string name;
    std::array<std::uint64_t, 3> values{};  ///< by ColumnType
    ports::ColumnType first = ports::ColumnType::Number;
};
[[nodiscard]] std::vector<FieldValues> fieldValues(const EncodedSegment& segment);

/// The three below work within the caller's transaction.
/// Widens the schema; a value of another type than its field's first is counted as a conflict.
[[nodiscard]] Status updateFields(workspace::Database& database, const LogReader& reader,
                                  std::span<const FieldValues> fields);
[[nodiscard]] Status insertSegment(workspace::Database& database, const EncodedSegment& segment,
                                   std::int64_t firstOrdinal);
/// Returns its id and checksum. Moves the columns out of `columns`.
[[nodiscard]] Result<TailIds::Batch> insertBatch(workspace::Database& database,
                                                 std::vector<std::pair<std::string, EncodedColumn>> columns,
                                                 std::size_t rows, std::int64_t firstTime, std::int64_t lastTime,
                                                 std::int64_t firstOrdinal);

}  // namespace pilothouse::predictions
