// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/predictions/column_writer.h"

/// Parts: what the log is stored in. A part is a batch (one append) or a segment (65,536 rows, sealed); both hold
/// columns.
namespace pilothouse::predictions {

[[nodiscard]] std::uint64_t requestHash(std::string_view requestId);

/// One column of a part. A field whose type changed within a segment has a column of each type there.
struct PartColumn {
    std::string name;
    ColumnHeader header;
    std::uint64_t offset = 0;  ///< batches: where the column begins in the batch's data; of no use in segments
};

struct PartDirectory {
    std::vector<PartColumn> columns;  ///< by name, then type

    /// First and one past the last column of that name.
    [[nodiscard]] std::pair<std::size_t, std::size_t> range(std::string_view name) const;
    [[nodiscard]] std::size_t bytes() const;
};

/// Collects columns by (name, type) and keeps them equally long.
class PartWriter {
public:
    explicit PartWriter(Effort effort) : m_effort(effort) {}
    /// The writer for that column, brought up to the part's rows so far.
    [[nodiscard]] ColumnWriter& column(const std::string& name, ports::ColumnType type);
    /// Call after all columns of some rows were appended: fills the other columns with missing values.
    void finishRows(std::size_t rows);
    /// By name, then type; columns without any value are left out.
    [[nodiscard]] std::vector<std::pair<std::string, EncodedColumn>> finish();

private:
    Effort m_effort;
    std::size_t m_rows = 0;
    std::map<std::pair<std::string, ports::ColumnType>, ColumnWriter> m_columns;
};

struct EncodedBatch {
    Bytes directory, data;
    std::uint64_t checksum = 0;  ///< directoryChecksum() of the directory
};
[[nodiscard]] Bytes encodeDirectory(const std::vector<std::pair<std::string, EncodedColumn>>& columns,
                                    std::size_t rows);
/// `seed`: 0 for a batch; the segment's checksum for a segment, so that a directory counts for its segment alone.
[[nodiscard]] std::uint64_t directoryChecksum(ByteView directory, std::uint64_t seed = 0);
[[nodiscard]] EncodedBatch encodeBatch(std::vector<std::pair<std::string, EncodedColumn>> columns, std::size_t rows);
/// Corrupt for anything that encodeDirectory did not write, or whose checksum is not `checksum`.
[[nodiscard]] Result<PartDirectory> decodeDirectory(ByteView directory, std::size_t rows, std::uint64_t checksum,
                                                    std::uint64_t seed = 0);

/// Finds the rows of a request id in a segment: 40 bits of its hash and the row, sorted; about 5 bytes a row on disk. A
/// hit must be compared with the row itself (one in 10^7 is none).
class IdIndex {
public:
    static IdIndex build(std::vector<std::pair<std::uint64_t, std::uint32_t>> hashesAndRows);
    static Result<IdIndex> decode(ByteView bytes, std::size_t rows);
    [[nodiscard]] Bytes encode() const;
    /// Calls use(row) for each row that may have the id.
    void find(std::uint64_t hash, const std::function<void(std::uint32_t)>& use) const;
    [[nodiscard]] bool mayHold(std::uint64_t hash) const;
    /// Calls use(row, row of other) for each pair that may have the same id, in one pass over both.
    void findAll(const IdIndex& other, const std::function<void(std::uint32_t, std::uint32_t)>& use) const;
    [[nodiscard]] std::size_t bytes() const { return m_entries.size() * 8 + m_starts.size() * 4; }

private:
    void index();
    std::vector<std::uint64_t> m_entries;  ///< hash40 << 20 | row, ascending
    std::vector<std::uint32_t> m_starts;   ///< by the hash's leading 13 bits
};

}  // namespace pilothouse::predictions
