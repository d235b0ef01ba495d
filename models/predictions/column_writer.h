// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "models/predictions/column_codec.h"
#include "models/predictions/text_table.h"
#include "models/predictions/word_filter.h"

namespace pilothouse::predictions {

/// A column as it goes to disk.
struct EncodedColumn {
    ColumnHeader header;
    Bytes headerBytes;
    Bytes data;
    std::uint64_t distinct = 0;  ///< estimate by linear counting, exact to a few in a thousand at 65,536 rows
};

/// Collects the rows of one column, however they come, and codes each block as soon as it is full. Equal rows give
/// equal bytes, wherever the pieces were cut.
class ColumnWriter {
public:
    ColumnWriter(ports::ColumnType type, Effort effort);

    /// Rows [from, to) of the source, which has this writer's type.
    void append(const ports::Column& source, std::size_t from, std::size_t to);
    void append(const ports::Column& source, std::span<const std::uint32_t> rows);
    void append(const ColumnBlock& source, std::size_t from, std::size_t to);
    void append(const ColumnBlock& source, std::span<const std::uint32_t> rows);
    /// One value, of this writer's type.
    void appendNumber(double value);
    void appendTime(std::int64_t ns);
    void appendText(std::string_view text);
    void appendMissing(std::size_t rows);
    [[nodiscard]] std::size_t rows() const { return m_rows + m_block.rows(); }
    /// False while every row is missing.
    [[nodiscard]] bool anyValue() const { return m_anyValue; }
    [[nodiscard]] EncodedColumn finish();

private:
    template <class Source>
    void appendRows(const Source& source, std::size_t from, std::size_t to);
    template <class Source>
    void appendChosen(const Source& source, std::span<const std::uint32_t> rows);
    template <class Source>
    void appendRow(const Source& source, std::size_t row);
    void startTexts(std::size_t sourceTexts);
    [[nodiscard]] std::uint32_t intern(std::string_view text);
    void flush();
    void countBlock();

    Effort m_effort;
    EncodedColumn m_out;
    ColumnBlock m_block;
    std::size_t m_rows = 0;  ///< in blocks that are done
    bool m_anyValue = false;
    std::vector<std::uint32_t> m_remap;  ///< the source's code → this block's code
    TextTable m_table;                   ///< of the block's pool
    std::vector<std::uint64_t> m_seen;   ///< bitmap of linear counting
    WordFilterBuilder m_words;           ///< of a segment's texts
};

}  // namespace pilothouse::predictions
