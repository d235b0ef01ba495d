// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/value_tally.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <tuple>
#include <utility>

#include "models/predictions/parallel.h"
#include "models/predictions/row_builder.h"

namespace pilothouse::predictions {

using ports::ColumnType;

namespace {
std::uint64_t hashOf(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

/// Rows by code. The last count is of rows without a text, or not selected.
void countCodes(const ColumnBlock& block, const Mask& mask, std::vector<std::uint32_t>& counts) {
    const auto none = static_cast<std::uint32_t>(block.pool.size());
    const std::uint32_t* const codes = block.codes.data();
    const std::size_t rows = mask.size();
    if (std::memchr(mask.data(), 0, rows)) {
        counts.assign(none + 1, 0);
        for (std::size_t i = 0; i < rows; ++i)
            ++counts[mask[i] != 0 ? std::min(codes[i], none) : none];
        return;
    }
    // Neighbours apart: the same code twice in a row would wait for the first one's count.
    counts.assign(2 * (none + std::size_t{1}), 0);
    std::uint32_t* const even = counts.data();
    std::uint32_t* const odd = even + none + 1;
    for (std::size_t i = 0; i + 1 < rows; i += 2) {
        ++even[std::min(codes[i], none)];
        ++odd[std::min(codes[i + 1], none)];
    }
    if (rows % 2 != 0) ++even[std::min(codes[rows - 1], none)];
    for (std::uint32_t code = 0; code < none; ++code)
        even[code] += odd[code];
}

}  // namespace

ValueTally::ValueTally(std::string field, unsigned order)
    : m_field(std::move(field)), m_tables(kTables, ValueTable(order)) {}

void ValueTally::addTexts(const ColumnBlock& block, const Mask& mask, ValuePlace place) {
    // Codes are counted, and a text is looked at once a block.
    const auto none = static_cast<std::uint32_t>(block.pool.size());
    thread_local std::vector<std::uint32_t> keptCounts;
    std::vector<std::uint32_t>& counts = keptCounts;
    countCodes(block, mask, counts);
    thread_local std::vector<std::uint64_t> keptHashes;
    std::vector<std::uint64_t>& hashes = keptHashes;
    hashes.resize(none);
    for (std::uint32_t code = 0; code < none; ++code) {
        if (counts[code] == 0) continue;
        hashes[code] = hashOf(block.pool.at(code));
        table(hashes[code]).expect(hashes[code]);
    }
    std::uint64_t found = 0;
    for (std::uint32_t code = 0; code < none; ++code) {
        if (counts[code] == 0) continue;
        place.item = static_cast<std::uint16_t>(code & 0x3fff);
        if (table(hashes[code]).add(hashes[code], counts[code], place)) m_first.add(block.pool.at(code), hashes[code]);
        found += counts[code];
    }
    m_missing -= found;
}

void ValueTally::addOthers(const ColumnBlock& block, const Mask& mask, ValuePlace place) {
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!mask[i] || block.missing(i)) continue;
        place.item = static_cast<std::uint16_t>(i & 0x3fff);
        const std::string text = valueText(block, i);
        const std::uint64_t hash = hashOf(text);
        if (table(hash).add(hash, 1, place)) m_first.add(text, hash);
        --m_missing;
    }
}

Status ValueTally::add(BlockView& view, const Mask& mask) {
    const std::uint64_t selected = countSelected(mask);
    m_total += selected;
    m_missing += selected;  // less what has a value
    PH_ASSIGN(const TypedBlocks* blocks, view.field(m_field));
    ValuePlace place;
    place.part = static_cast<std::uint32_t>(&view.part() - view.reader().parts().data());
    place.block = static_cast<std::uint16_t>(view.block());
    for (const auto& block : *blocks) {
        place.type = static_cast<std::uint16_t>(static_cast<unsigned>(block->type) & 3u);
        if (block->type == ColumnType::Text)
            addTexts(*block, mask, place);
        else
            addOthers(*block, mask, place);
    }
    return {};
}

void ValueTally::missingAsEmpty() {
    if (m_missing == 0) return;
    const std::uint64_t hash = hashOf({});
    if (table(hash).add(hash, std::exchange(m_missing, 0), {})) m_first.add({}, hash);
}

std::size_t ValueTally::distinct() const {
    std::size_t sum = 0;
    for (const ValueTable& table : m_tables)
        sum += table.used();
    return sum;
}

Result<ValueTally> ValueTally::of(Scanner& scanner, const std::string& field) {
    constexpr std::size_t kFew = 10'000;  // they are put together before others would have come to help
    std::vector<ValueTally> parts;
    for (unsigned slot = 0; slot < kWindow; ++slot)
        parts.emplace_back(field, slot);
    PH_TRY(scanner.eachAtOnce(
        [&](std::size_t slot, BlockView& view, const Mask& mask) { return parts[slot].add(view, mask); }));
    std::size_t values = 0;
    for (std::size_t slot = 0; slot < kWindow; ++slot) {
        values += parts[slot].distinct();
        if (slot == 0) continue;
        parts[0].m_total += parts[slot].m_total;
        parts[0].m_missing += parts[slot].m_missing;
        parts[0].m_first.add(parts[slot].m_first);
    }
    runOrdered(
        kTables,
        [&](std::size_t t) {
            for (std::size_t slot = 1; slot < kWindow; ++slot)
                parts[0].m_tables[t].add(std::exchange(parts[slot].m_tables[t], ValueTable()));
        },
        [](std::size_t) { return true; }, values < kFew ? kTables : 0);
    return std::move(parts[0]);
}

std::uint64_t ValueTally::leastCount(std::size_t limit) const {
    std::vector<std::uint64_t> most;  // a heap, the least in front
    for (const ValueTable& table : m_tables) {
        for (const ValueTable::Slot& slot : table.slots()) {
            if (slot.count == 0 || (most.size() == limit && slot.count <= most.front())) continue;
            if (most.size() == limit) {
                std::ranges::pop_heap(most, std::greater{});
                most.pop_back();
            }
            most.push_back(slot.count);
            std::ranges::push_heap(most, std::greater{});
        }
    }
    return most.size() < limit ? 1 : most.front();
}

/// The first entries: most first, ties by value.
class ValueTally::Best {
public:
    explicit Best(std::size_t limit) : m_limit(limit) {}
    void add(std::string_view value, std::uint64_t count) {
        if (m_entries.size() == m_limit) {
            const Entry& last = m_entries.front();
            if (count < last.count || (count == last.count && value >= last.value)) return;
            std::ranges::pop_heap(m_entries, ahead);
            m_entries.pop_back();
        }
        m_entries.push_back({std::string(value), count});
        std::ranges::push_heap(m_entries, ahead);  // the last one in front
    }
    void add(const Best& other) {
        for (const Entry& entry : other.m_entries)
            add(entry.value, entry.count);
    }
    void clear() { m_entries.clear(); }
    std::vector<Entry> take() {
        std::ranges::sort(m_entries, ahead);
        return std::move(m_entries);
    }

private:
    static bool ahead(const Entry& a, const Entry& b) {
        return a.count != b.count ? a.count > b.count : a.value < b.value;
    }
    std::size_t m_limit;
    std::vector<Entry> m_entries;
};

std::vector<ValueTally::Candidate> ValueTally::candidates(std::uint64_t leastCount) const {
    std::vector<Candidate> found;
    for (const ValueTable& table : m_tables)
        for (const ValueTable::Slot& slot : table.slots())
            if (slot.count >= leastCount) found.push_back({slot.place, slot.count});
    std::ranges::sort(found, {}, &Candidate::block);
    return found;
}

Result<std::vector<ValueTally::Entry>> ValueTally::top(const Scanner& scanner, std::size_t limit) const {
    limit = std::min(limit, distinct());
    if (limit == 0) return std::vector<Entry>();
    // Those of the least count are mostly more than there is room for. The first ones of all values are known: where
    // enough of them have that count, no other is looked at.
    const std::uint64_t least = leastCount(limit);
    Best best(limit);
    std::vector<Candidate> more = candidates(least + 1);
    std::size_t room = limit - more.size();
    for (const FirstTexts::Text& text : m_first.sorted()) {
        if (room == 0) break;
        if (table(text.hash).countOf(text.hash) != least) continue;
        best.add(text.text, least);
        --room;
    }
    if (room > 0) {
        best.clear();
        more = candidates(least);
    }
    PH_TRY(addBlocks(scanner, more, best));
    return best.take();
}

/// Each block that holds some is read once.
Status ValueTally::addBlocks(const Scanner& scanner, std::span<const Candidate> all, Best& best) const {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (i == 0 || all[i].block() != all[i - 1].block()) starts.push_back(i);
    starts.push_back(all.size());

    struct Found {
        Status status;
        Best best;
    };
    std::vector<Found> found(kWindow, Found{{}, best});
    Status failed;
    runOrdered(
        starts.size() - 1,
        [&](std::size_t run) {
            Found& slot = found[run % kWindow];
            slot.best.clear();
            slot.status = addBlock(scanner, all.subspan(starts[run], starts[run + 1] - starts[run]), slot.best);
        },
        [&](std::size_t run) {
            const Found& slot = found[run % kWindow];
            failed = slot.status;
            if (failed) best.add(slot.best);
            return failed.has_value();
        });
    return failed;
}

/// Candidates that stand in one block.
Status ValueTally::addBlock(const Scanner& scanner, std::span<const Candidate> candidates, Best& best) const {
    if (candidates.front().place.part == ValuePlace::kNowhere) {
        for (const Candidate& candidate : candidates)
            best.add({}, candidate.count);
        return {};
    }
    PH_TRY(scanner.token().check());
    const ValuePlace& first = candidates.front().place;
    BlockView view(scanner.reader(), scanner.reader().parts()[first.part], first.block, scanner.knownBefore());
    for (const Candidate& candidate : candidates) {
        const auto type = static_cast<ColumnType>(candidate.place.type);
        PH_ASSIGN(const ColumnBlock* block, view.field(m_field, type));
        if (!block) return fail(Error::internal("a value that was counted is gone"));
        if (type == ColumnType::Text)
            best.add(block->pool.at(candidate.place.item), candidate.count);
        else
            best.add(valueText(*block, candidate.place.item), candidate.count);
    }
    return {};
}

}  // namespace pilothouse::predictions
