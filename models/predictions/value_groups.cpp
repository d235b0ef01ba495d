// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/value_groups.h"

#include <algorithm>
#include <utility>

#include "models/predictions/parallel.h"
#include "models/predictions/row_builder.h"

namespace pilothouse::predictions {

using ports::ColumnType;

Result<Groups> Groups::make(Scanner& scanner, const std::string& splitBy) {
    Groups groups;
    groups.m_field = splitBy;
    if (splitBy.empty()) {
        groups.m_names = {""};
        return groups;
    }
    if (splitBy == ports::field::outcome) {
        groups.m_kind = Kind::Outcome;
        groups.m_names = {"1", "0", ""};
        return groups;
    }
    PH_TRY(checkField(scanner.reader(), splitBy));
    const LogField* field = scanner.reader().field(splitBy);
    if (field && field->info.type != ColumnType::Text)
        return fail(Error::invalid("\"" + splitBy + "\" holds no texts, so it cannot split the rows"));
    groups.m_kind = Kind::Field;
    const ports::ScanStats before = scanner.stats;
    PH_ASSIGN(ValueTally tally, ValueTally::of(scanner, splitBy));
    scanner.stats = before;  // the rows are passed over once more, and count then
    tally.missingAsEmpty();  // one group
    PH_ASSIGN(const auto entries, tally.top(scanner, kMost));
    for (const ValueTally::Entry& entry : entries)
        groups.m_names.push_back(entry.value);
    groups.m_named = groups.m_names.size();
    if (tally.distinct() > kMost) groups.m_names.push_back("other");
    return groups;
}

std::uint8_t Groups::groupOf(std::string_view value) const {
    for (std::size_t g = 0; g < m_named; ++g)
        if (m_names[g] == value) return static_cast<std::uint8_t>(g);
    return static_cast<std::uint8_t>(m_named);  // "other"
}

Status Groups::groupsOf(BlockView& view, std::vector<std::uint8_t>& groups) const {
    groups.assign(view.rows(), 0);
    if (m_kind == Kind::None) return {};
    if (m_kind == Kind::Outcome) {
        PH_ASSIGN(const ColumnBlock* outcome, view.field(m_field, ColumnType::Number));
        for (std::size_t i = 0; i < groups.size(); ++i) {
            const double value = outcome ? outcome->numbers[i] : std::nan("");
            groups[i] = std::isnan(value) ? 2 : value > 0.5 ? 0 : 1;
        }
        return {};
    }
    PH_ASSIGN(const TypedBlocks* blocks, view.field(m_field));
    std::ranges::fill(groups, groupOf({}));
    for (const auto& block : *blocks) {
        if (block->type != ColumnType::Text) {
            for (std::size_t i = 0; i < groups.size(); ++i)
                if (!block->missing(i)) groups[i] = groupOf(valueText(*block, i));
            continue;
        }
        std::vector<std::uint8_t> byCode(block->pool.size());
        for (std::size_t code = 0; code < byCode.size(); ++code)
            byCode[code] = groupOf(block->pool.at(code));
        for (std::size_t i = 0; i < groups.size(); ++i)
            if (block->codes[i] != ports::Column::kMissingCode) groups[i] = byCode[block->codes[i]];
    }
    return {};
}

}  // namespace pilothouse::predictions
