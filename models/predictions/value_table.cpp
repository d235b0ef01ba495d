// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/value_table.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace pilothouse::predictions {

void ValueTable::grow() {
    constexpr std::size_t kLeast = 64;
    const std::vector<Slot> old = std::exchange(m_slots, std::vector<Slot>(std::max(kLeast, m_slots.size() * 2)));
    m_shift = 64 - static_cast<unsigned>(std::countr_zero(m_slots.size()));
    for (const Slot& slot : old)
        if (slot.count != 0) m_slots[find(slot.hash)] = slot;
}

void ValueTable::add(const ValueTable& other) {
    constexpr std::size_t kAhead = 16;
    for (std::size_t i = 0; i < other.m_slots.size(); ++i) {
        if (i + kAhead < other.m_slots.size()) expect(other.m_slots[i + kAhead].hash);
        const Slot& slot = other.m_slots[i];
        if (slot.count != 0) add(slot.hash, slot.count, slot.place);
    }
}

std::uint64_t ValueTable::countOf(std::uint64_t hash) const { return m_slots.empty() ? 0 : m_slots[find(hash)].count; }

void FirstTexts::add(std::string_view text, std::uint64_t hash) {
    if (m_texts.size() == kMost) {
        if (text >= m_texts.front().text) return;
        std::ranges::pop_heap(m_texts, std::less<>{});
        m_texts.pop_back();
    }
    m_texts.push_back({std::string(text), hash});
    std::ranges::push_heap(m_texts, std::less<>{});
}

void FirstTexts::add(const FirstTexts& other) {
    for (const Text& one : other.m_texts)
        if (std::ranges::find(m_texts, one.hash, &Text::hash) == m_texts.end()) add(one.text, one.hash);
}

std::vector<FirstTexts::Text> FirstTexts::sorted() const {
    std::vector<Text> texts = m_texts;
    std::ranges::sort(texts, std::less<>{});
    return texts;
}

}  // namespace pilothouse::predictions
