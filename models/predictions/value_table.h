// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/predictions/column_block.h"

namespace pilothouse::predictions {

/// Where a value stands: a code of a block's texts, or a row of a block of another type.
struct ValuePlace {
    static constexpr std::uint32_t kNowhere = 0xFFFFFFFF;  ///< the empty text
    std::uint32_t part = kNowhere;
    std::uint16_t block = 0;
    std::uint16_t item : 14 = 0, type : 2 = 0;
    /// Places of a block are alike in it; ascends in the order of the log.
    [[nodiscard]] std::uint64_t blockKey() const { return std::uint64_t{part} << 16 | block; }
};
static_assert(kBlockRows <= 1 << 14);

/// Counts by hash, in open addressing. Thread: one at a time.
class ValueTable {
public:
    struct Slot {
        std::uint64_t hash = 0, count = 0;  ///< count 0: free
        ValuePlace place;
    };
    /// `order`: tables that are to be added up want one each, from 0. One that is read in the order of its slots would
    /// fill another of the same order in clusters.
    explicit ValueTable(unsigned order = 0) : m_factor(0x9e3779b97f4a7c15ULL * (2 * order + 1)) {}

    /// True where the hash is new.
    bool add(std::uint64_t hash, std::uint64_t count, const ValuePlace& place) {
        if ((m_used + 1) * 4 > m_slots.size() * 3) grow();
        Slot& slot = m_slots[find(hash)];
        const bool isNew = slot.count == 0;
        if (isNew) {
            slot.hash = hash;
            slot.place = place;
            ++m_used;
        }
        slot.count += count;
        return isNew;
    }
    void add(const ValueTable& other);
    /// That the hash will be asked for soon: most of a large table is not in the processor's caches.
    void expect(std::uint64_t hash) const {
        if (!m_slots.empty()) __builtin_prefetch(&m_slots[home(hash)]);
    }
    [[nodiscard]] std::uint64_t countOf(std::uint64_t hash) const;
    /// Free ones as well.
    [[nodiscard]] const std::vector<Slot>& slots() const { return m_slots; }
    [[nodiscard]] std::size_t used() const { return m_used; }

private:
    void grow();
    /// Odd factors, each spreading the bits of a hash in a way of its own (Fibonacci hashing, Knuth 6.4).
    [[nodiscard]] std::size_t home(std::uint64_t hash) const { return (hash * m_factor) >> m_shift; }
    /// The slot of the hash, or the free one where it belongs.
    [[nodiscard]] std::size_t find(std::uint64_t hash) const {
        const std::size_t mask = m_slots.size() - 1;
        std::size_t at = home(hash);
        while (m_slots[at].count != 0 && m_slots[at].hash != hash)
            at = (at + 1) & mask;
        return at;
    }

    std::uint64_t m_factor;
    unsigned m_shift = 0;  ///< 64 less the bits of a slot's number
    std::vector<Slot> m_slots;
    std::size_t m_used = 0;
};

/// The first texts in order, of all that were added: where all values are equally frequent, those are the answer, and
/// no text is looked at twice.
class FirstTexts {
public:
    static constexpr std::size_t kMost = 64;
    struct Text {
        std::string text;
        std::uint64_t hash = 0;
        bool operator<(const Text& other) const { return text < other.text; }
    };
    void add(std::string_view text, std::uint64_t hash);
    void add(const FirstTexts& other);
    /// Ascending, each once.
    [[nodiscard]] std::vector<Text> sorted() const;

private:
    std::vector<Text> m_texts;  ///< a heap, the last one in front
};

}  // namespace pilothouse::predictions
