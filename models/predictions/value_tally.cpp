// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/value_tally.h"

#include <xxhash.h>

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "models/predictions/parallel.h"
#include "models/predictions/row_builder.h"

namespace pilothouse::predictions {

using ports::ColumnType;

namespace {
std::uint64_t hashOf(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }
}  // namespace

void ValueTally::grow() {
    constexpr std::size_t kLeast = 64;
    const std::vector<Slot> old = std::exchange(m_slots, std::vector<Slot>(std::max(kLeast, m_slots.size() * 2)));
    const std::size_t mask = m_slots.size() - 1;
    for (const Slot& slot : old) {
        if (slot.count == 0) continue;
        std::size_t at = slot.hash & mask;
        while (m_slots[at].count != 0)
            at = (at + 1) & mask;
        m_slots[at] = slot;
    }
}

void ValueTally::addHash(std::uint64_t hash, std::uint64_t count, const Place& place) {
    if ((m_used + 1) * 4 > m_slots.size() * 3) grow();
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = hash & mask;
    while (m_slots[at].count != 0 && m_slots[at].hash != hash)
        at = (at + 1) & mask;
    Slot& slot = m_slots[at];
    if (slot.count == 0) {
        slot.hash = hash;
        slot.place = place;
        ++m_used;
    }
    slot.count += count;
}

void ValueTally::addTexts(const ColumnBlock& block, const Mask& mask, Place place) {
    // Codes are counted, and a text is looked at once a block. The last count is of rows without one, or not selected.
    const auto none = static_cast<std::uint32_t>(block.pool.size());
    std::vector<std::uint32_t> counts(block.pool.size() + 1);
    for (std::size_t i = 0; i < mask.size(); ++i)
        ++counts[mask[i] != 0 ? std::min(block.codes[i], none) : none];
    for (std::uint32_t code = 0; code < none; ++code) {
        if (counts[code] == 0) continue;
        place.item = static_cast<std::uint16_t>(code & 0x3fff);
        addHash(hashOf(block.pool.at(code)), counts[code], place);
        m_missing -= counts[code];
    }
}

void ValueTally::addOthers(const ColumnBlock& block, const Mask& mask, Place place) {
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!mask[i] || block.missing(i)) continue;
        place.item = static_cast<std::uint16_t>(i & 0x3fff);
        addHash(hashOf(valueText(block, i)), 1, place);
        --m_missing;
    }
}

Status ValueTally::add(BlockView& view, const Mask& mask) {
    const std::uint64_t selected = countSelected(mask);
    m_total += selected;
    m_missing += selected;  // less what has a value
    PH_ASSIGN(const TypedBlocks* blocks, view.field(m_field));
    Place place;
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

void ValueTally::add(const ValueTally& other) {
    m_total += other.m_total;
    m_missing += other.m_missing;
    for (const Slot& slot : other.m_slots)
        if (slot.count != 0) addHash(slot.hash, slot.count, slot.place);
}

void ValueTally::missingAsEmpty() {
    if (m_missing > 0) addHash(hashOf({}), std::exchange(m_missing, 0), {});
}

Result<ValueTally> ValueTally::of(Scanner& scanner, const std::string& field) {
    std::vector<ValueTally> parts(kWindow, ValueTally(field));
    PH_TRY(scanner.eachAtOnce(
        [&](std::size_t slot, BlockView& view, const Mask& mask) { return parts[slot].add(view, mask); }));
    for (std::size_t slot = 1; slot < kWindow; ++slot)
        parts[0].add(std::exchange(parts[slot], ValueTally(field)));
    return std::move(parts[0]);
}

std::uint64_t ValueTally::leastCount(std::size_t limit) const {
    std::vector<std::uint64_t> most;  // a heap, the least in front
    for (const Slot& slot : m_slots) {
        if (slot.count == 0 || (most.size() == limit && slot.count <= most.front())) continue;
        if (most.size() == limit) {
            std::ranges::pop_heap(most, std::greater{});
            most.pop_back();
        }
        most.push_back(slot.count);
        std::ranges::push_heap(most, std::greater{});
    }
    return most.size() < limit ? 1 : most.front();
}

Result<std::vector<ValueTally::Entry>> ValueTally::top(const Scanner& scanner, std::size_t limit) const {
    std::vector<Entry> best;
    limit = std::min(limit, m_used);
    if (limit == 0) return best;
    const std::uint64_t least = leastCount(limit);
    std::vector<const Slot*> candidates;  // more than the limit where values are equally frequent
    for (const Slot& slot : m_slots)
        if (slot.count >= least) candidates.push_back(&slot);
    // In the order of the log, so that a block is read once.
    std::ranges::sort(candidates, {}, [](const Slot* s) { return std::tuple(s->place.part, s->place.block); });
    const auto ahead = [](const Entry& a, const Entry& b) {
        return a.count != b.count ? a.count > b.count : a.value < b.value;
    };
    const auto add = [&](std::string_view value, std::uint64_t count) {
        if (best.size() == limit) {
            if (count < best.front().count || (count == best.front().count && value >= best.front().value)) return;
            std::ranges::pop_heap(best, ahead);
            best.pop_back();
        }
        best.push_back({std::string(value), count});
        std::ranges::push_heap(best, ahead);  // the last one in front
    };
    std::optional<BlockView> view;
    for (const Slot* slot : candidates) {
        const Place& place = slot->place;
        if (place.part == Place::kNowhere) {
            add({}, slot->count);
            continue;
        }
        const Part& part = scanner.reader().parts()[place.part];
        if (!view || &view->part() != &part || view->block() != place.block) {
            PH_TRY(scanner.token().check());
            view.emplace(scanner.reader(), part, place.block, scanner.knownBefore());
        }
        const auto type = static_cast<ColumnType>(place.type);
        PH_ASSIGN(const ColumnBlock* block, view->field(m_field, type));
        if (!block) return fail(Error::internal("a value that was counted is gone"));
        if (type == ColumnType::Text)
            add(block->pool.at(place.item), slot->count);
        else
            add(valueText(*block, place.item), slot->count);
    }
    std::ranges::sort(best, ahead);
    return best;
}

}  // namespace pilothouse::predictions
