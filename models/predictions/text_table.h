// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pilothouse::predictions {

/// Numbers distinct texts from 0 in order of first use. The texts themselves lie with the caller.
class TextTable {
public:
    /// `at(code)` is the text that has this code, `add(text)` stores the next one.
    template <class At, class Add>
    std::uint32_t codeOf(std::string_view text, At&& at, Add&& add) {
        const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
        if (m_slots.size() < (m_hashes.size() + 1) * 2) grow();
        const std::size_t mask = m_slots.size() - 1;
        std::size_t slot = hash & mask;
        for (; m_slots[slot] != 0; slot = (slot + 1) & mask) {
            const std::uint32_t code = m_slots[slot] - 1;
            if (m_hashes[code] == hash && at(code) == text) return code;
        }
        m_hashes.push_back(hash);
        m_slots[slot] = static_cast<std::uint32_t>(m_hashes.size());
        add(text);
        return m_slots[slot] - 1;
    }
    /// The code of a text that has one.
    template <class At>
    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text, At&& at) const {
        if (m_slots.empty()) return {};
        const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
        const std::size_t mask = m_slots.size() - 1;
        for (std::size_t slot = hash & mask; m_slots[slot] != 0; slot = (slot + 1) & mask) {
            const std::uint32_t code = m_slots[slot] - 1;
            if (m_hashes[code] == hash && at(code) == text) return code;
        }
        return {};
    }
    [[nodiscard]] std::size_t size() const { return m_hashes.size(); }
    [[nodiscard]] std::uint64_t hashOf(std::uint32_t code) const { return m_hashes[code]; }
    void clear() {
        std::ranges::fill(m_slots, 0);
        m_hashes.clear();
    }

private:
    void grow() {
        m_slots.assign(std::max<std::size_t>(64, m_slots.size() * 4), 0);
        for (std::size_t code = 0; code < m_hashes.size(); ++code) {
            std::size_t slot = m_hashes[code] & (m_slots.size() - 1);
            while (m_slots[slot] != 0)
                slot = (slot + 1) & (m_slots.size() - 1);
            m_slots[slot] = static_cast<std::uint32_t>(code + 1);
        }
    }
    std::vector<std::uint32_t> m_slots;  ///< open addressing: code + 1, or 0 for free
    std::vector<std::uint64_t> m_hashes;
};

}  // namespace pilothouse::predictions
