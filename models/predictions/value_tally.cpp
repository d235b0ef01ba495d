// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/value_tally.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
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

/// Odd factors, each spreading the bits of a hash in a way of its own (Fibonacci hashing, Knuth 6.4).
ValueTally::ValueTally(std::string field, unsigned order)
    : m_field(std::move(field)), m_factor(0x9e3779b97f4a7c15ULL * (2 * order + 1)) {}

void ValueTally::grow() {
    constexpr std::size_t kLeast = 64;
    const std::vector<Slot> old = std::exchange(m_slots, std::vector<Slot>(std::max(kLeast, m_slots.size() * 2)));
    const std::size_t mask = m_slots.size() - 1;
    m_shift = 64 - static_cast<unsigned>(std::countr_zero(m_slots.size()));
    for (const Slot& slot : old) {
        if (slot.count == 0) continue;
        std::size_t at = home(slot.hash);
        while (m_slots[at].count != 0)
            at = (at + 1) & mask;
        m_slots[at] = slot;
    }
}

void ValueTally::addHash(std::uint64_t hash, std::uint64_t count, const Place& place) {
    if ((m_used + 1) * 4 > m_slots.size() * 3) grow();
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = home(hash);
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
    std::vector<ValueTally> parts;
    for (unsigned slot = 0; slot < kWindow; ++slot)
        parts.emplace_back(field, slot);
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
    for (const Slot& slot : m_slots) {
        if (slot.count >= leastCount) found.push_back({slot.place, slot.count});
    }
    std::ranges::sort(found, {}, &Candidate::block);
    return found;
}

Result<std::vector<ValueTally::Entry>> ValueTally::top(const Scanner& scanner, std::size_t limit) const {
    limit = std::min(limit, m_used);
    if (limit == 0) return std::vector<Entry>();
    // More than the limit where values are equally frequent; each block that holds some is read once.
    const std::vector<Candidate> all = candidates(leastCount(limit));
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (i == 0 || all[i].block() != all[i - 1].block()) starts.push_back(i);
    starts.push_back(all.size());

    struct Found {
        Status status;
        Best best;
    };
    std::vector<Found> found(kWindow, Found{{}, Best(limit)});
    Best best(limit);
    Status failed;
    runOrdered(
        starts.size() - 1,
        [&](std::size_t run) {
            Found& slot = found[run % kWindow];
            slot.best.clear();
            slot.status =
                addBlock(scanner, std::span(all).subspan(starts[run], starts[run + 1] - starts[run]), slot.best);
        },
        [&](std::size_t run) {
            const Found& slot = found[run % kWindow];
            failed = slot.status;
            if (failed) best.add(slot.best);
            return failed.has_value();
        });
    PH_TRY(failed);
    return best.take();
}

/// Candidates that stand in one block.
Status ValueTally::addBlock(const Scanner& scanner, std::span<const Candidate> candidates, Best& best) const {
    if (candidates.front().place.part == Place::kNowhere) {
        for (const Candidate& candidate : candidates)
            best.add({}, candidate.count);
        return {};
    }
    PH_TRY(scanner.token().check());
    const Place& first = candidates.front().place;
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
