// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/row_builder.h"

#include <limits>

namespace pilothouse::predictions {

using ports::Column;
using ports::ColumnType;

std::string valueText(const ColumnBlock& block, std::size_t row) {
    switch (block.type) {
        case ColumnType::Number:
            return numberText(block.numbers[row]);
        case ColumnType::Time:
            return Timestamp{block.times[row]}.toIso();
        case ColumnType::Text:
            break;
    }
    return std::string(block.text(row));
}

Result<std::vector<ShownField>> shownFields(const LogReader& reader, const std::vector<std::string>& names) {
    std::vector<ShownField> fields;
    for (const std::string& name : names) {
        PH_TRY(checkField(reader, name));
        const LogField* known = reader.field(name);
        fields.push_back({name, known ? known->info.type : reservedType(name).value_or(ColumnType::Number)});
    }
    return fields;
}

RowBuilder::RowBuilder(const std::vector<ShownField>& fields) : m_tables(fields.size()) {
    for (const ShownField& f : fields)
        m_out.columns.push_back({f.name, f.type, {}, {}, {}, {}});
}

Status RowBuilder::append(BlockView& view, std::span<const std::uint32_t> rows) {
    if (rows.empty()) return {};
    for (std::size_t c = 0; c < m_out.columns.size(); ++c) {
        Column& out = m_out.columns[c];
        PH_ASSIGN(const TypedBlocks* blocks, view.field(out.name));
        if (out.type == ColumnType::Text) {
            appendTexts(c, *blocks, rows);
            continue;
        }
        const ColumnBlock* source = nullptr;
        for (const auto& block : *blocks)
            if (block->type == out.type) source = block.get();
        if (out.type == ColumnType::Number) {
            const std::size_t at = out.numbers.size();
            out.numbers.resize(at + rows.size(), std::numeric_limits<double>::quiet_NaN());
            for (std::size_t i = 0; source && i < rows.size(); ++i)
                out.numbers[at + i] = source->numbers[rows[i]];
        } else {
            const std::size_t at = out.times.size();
            out.times.resize(at + rows.size(), kTimestampMin.ns);
            for (std::size_t i = 0; source && i < rows.size(); ++i)
                out.times[at + i] = source->times[rows[i]];
        }
    }
    m_out.rows += rows.size();
    return {};
}

void RowBuilder::appendTexts(std::size_t column, const TypedBlocks& blocks, std::span<const std::uint32_t> rows) {
    Column& out = m_out.columns[column];
    const std::size_t at = out.codes.size();
    out.codes.resize(at + rows.size(), Column::kMissingCode);
    for (const auto& block : blocks) {
        if (block->type != ColumnType::Text) {
            for (std::size_t i = 0; i < rows.size(); ++i)
                if (!block->missing(rows[i])) out.codes[at + i] = intern(column, valueText(*block, rows[i]));
            continue;
        }
        if (rows.size() < block->pool.size() / 16) {  // few rows: a table of all codes costs more
            for (std::size_t i = 0; i < rows.size(); ++i)
                if (!block->missing(rows[i])) out.codes[at + i] = intern(column, block->text(rows[i]));
            continue;
        }
        std::vector<std::uint32_t> codes(block->pool.size(), Column::kMissingCode);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::uint32_t code = block->codes[rows[i]];
            if (code == Column::kMissingCode) continue;
            if (codes[code] == Column::kMissingCode) codes[code] = intern(column, block->pool.at(code));
            out.codes[at + i] = codes[code];
        }
    }
}

std::uint32_t RowBuilder::intern(std::size_t column, std::string_view text) {
    std::vector<std::string>& dictionary = m_out.columns[column].dictionary;
    return m_tables[column].codeOf(
        text, [&](std::uint32_t code) -> std::string_view { return dictionary[code]; },
        [&](std::string_view t) { dictionary.emplace_back(t); });
}

ports::RowSet RowBuilder::take() {
    ports::RowSet empty;
    for (const Column& c : m_out.columns)
        empty.columns.push_back({c.name, c.type, {}, {}, {}, {}});
    for (TextTable& table : m_tables)
        table.clear();
    std::swap(empty, m_out);
    return empty;
}

}  // namespace pilothouse::predictions
