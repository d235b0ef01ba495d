// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/predictions/query_plan.h"
#include "models/predictions/text_table.h"

namespace pilothouse::predictions {

/// The fields that were asked for, with the type each is shown as.
struct ShownField {
    std::string name;
    ports::ColumnType type = ports::ColumnType::Number;
};
/// InvalidInput for a field that the log does not have. In a log without rows, a field that is not known shows as
/// numbers.
[[nodiscard]] Result<std::vector<ShownField>> shownFields(const LogReader& reader,
                                                          const std::vector<std::string>& names);

/// Collects chosen rows of many blocks into columns. A value of another type than its column's comes as text.
class RowBuilder {
public:
    explicit RowBuilder(const std::vector<ShownField>& fields);
    [[nodiscard]] Status append(BlockView& view, std::span<const std::uint32_t> rows);
    [[nodiscard]] std::size_t rows() const { return m_out.rows; }
    /// Leaves the builder empty, ready for more.
    [[nodiscard]] ports::RowSet take();

private:
    void appendTexts(std::size_t column, const TypedBlocks& blocks, std::span<const std::uint32_t> rows);
    [[nodiscard]] std::uint32_t intern(std::size_t column, std::string_view text);

    ports::RowSet m_out;
    std::vector<TextTable> m_tables;
};

/// The number or time of a block's row in text form, as a wildcard compares it; the text itself for texts.
[[nodiscard]] std::string valueText(const ColumnBlock& block, std::size_t row);

}  // namespace pilothouse::predictions
