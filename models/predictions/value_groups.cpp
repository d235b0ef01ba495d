// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/value_groups.h"

#include <algorithm>

#include "models/predictions/parallel.h"
#include "models/predictions/row_builder.h"

namespace pilothouse::predictions {

using ports::ColumnType;

std::uint64_t& ValueTally::countOf(std::string_view value) {
    const std::uint32_t code = m_table.codeOf(
        value, [this](std::uint32_t c) -> std::string_view { return m_entries[c].value; },
        [this](std::string_view v) {
            m_entries.push_back({std::string(v), 0});
        });
    return m_entries[code].count;
}

Status ValueTally::add(BlockView& view, const Mask& mask) {
    const std::uint64_t selected = countSelected(mask);
    m_total += selected;
    m_missing += selected;  // less what has a value
    PH_ASSIGN(const TypedBlocks* blocks, view.field(m_field));
    for (const auto& block : *blocks) {
        if (block->type == ColumnType::Text) {
            std::vector<std::uint64_t> counts(block->pool.size());
            for (std::size_t i = 0; i < mask.size(); ++i) {
                if (!mask[i] || block->codes[i] == ports::Column::kMissingCode) continue;
                ++counts[block->codes[i]];
                --m_missing;
            }
            for (std::size_t code = 0; code < counts.size(); ++code)
                if (counts[code] > 0) countOf(block->pool.at(code)) += counts[code];
            continue;
        }
        for (std::size_t i = 0; i < mask.size(); ++i) {
            if (!mask[i] || block->missing(i)) continue;
            ++countOf(valueText(*block, i));
            --m_missing;
        }
    }
    return {};
}

void ValueTally::add(const ValueTally& other) {
    m_total += other.m_total;
    m_missing += other.m_missing;
    for (const Entry& entry : other.m_entries)
        countOf(entry.value) += entry.count;
}

void ValueTally::clear() {
    m_table.clear();
    m_entries.clear();
    m_total = m_missing = 0;
}

Result<ValueTally> ValueTally::of(Scanner& scanner, const std::string& field) {
    ValueTally all(field);
    std::vector<ValueTally> parts(kWindow, ValueTally(field));
    const Status done = scanner.eachAtOnce(
        [&](std::size_t slot, BlockView& view, const Mask& mask) { return parts[slot].add(view, mask); },
        [&](std::size_t slot) -> Status {
            all.add(parts[slot]);
            parts[slot].clear();
            return {};
        });
    PH_TRY(done);
    return all;
}

std::vector<ValueTally::Entry> ValueTally::sorted() const {
    std::vector<Entry> entries = m_entries;
    std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
        return a.count != b.count ? a.count > b.count : a.value < b.value;
    });
    return entries;
}

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
    PH_ASSIGN(const ValueTally tally, ValueTally::of(scanner, splitBy));
    scanner.stats = before;  // the rows are passed over once more, and count then
    auto entries = tally.sorted();
    // Rows without a value and rows with an empty text are one group.
    if (tally.missing() > 0) {
        auto empty = std::ranges::find(entries, std::string(), &ValueTally::Entry::value);
        if (empty == entries.end()) empty = entries.insert(entries.end(), {"", 0});
        empty->count += tally.missing();
        std::ranges::stable_sort(entries, [](const auto& a, const auto& b) {
            return a.count != b.count ? a.count > b.count : a.value < b.value;
        });
    }
    for (std::size_t i = 0; i < std::min(entries.size(), kMost); ++i)
        groups.m_names.push_back(entries[i].value);
    groups.m_named = groups.m_names.size();
    if (entries.size() > kMost) groups.m_names.push_back("other");
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
