// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/block_cache.h"

#include <atomic>

namespace pilothouse::predictions {

namespace {

/// A pass over more than the cache holds would drop each block just before it is asked for again. So of large ones,
/// where there is no room, only every fourth comes in: some stay from pass to pass, and what is asked for over and over
/// is soon there (bimodal insertion: Qureshi et al., Adaptive Insertion Policies, 2007).
bool refused(std::size_t bytes) {
    constexpr std::size_t kLarge = std::size_t{1} << 20;
    static std::atomic<unsigned> turn = 0;
    return bytes > kLarge && ++turn % 4 != 0;
}

}  // namespace

BlockCache& BlockCache::instance() {
    static BlockCache cache(kDefaultBytes);
    return cache;
}

BlockCache& BlockCache::filters() {
    static BlockCache cache(kFilterBytes);
    return cache;
}

std::shared_ptr<const void> BlockCache::findAny(const Key& key) {
    const std::lock_guard lock(m_mutex);
    const auto place = m_places.find(key);
    if (place == m_places.end()) return {};
    m_entries.splice(m_entries.begin(), m_entries, place->second);
    return place->second->value;
}

void BlockCache::put(const Key& key, std::shared_ptr<const void> value, std::size_t bytes) {
    constexpr std::size_t kOverhead = 160;  // list node, hash node, control block
    const std::lock_guard lock(m_mutex);
    if (m_bytes + bytes > m_limit && refused(bytes)) return;
    if (const auto place = m_places.find(key); place != m_places.end()) {
        m_bytes -= place->second->bytes;
        m_entries.erase(place->second);
        m_places.erase(place);
    }
    m_entries.push_front({key, std::move(value), bytes + kOverhead});
    m_places.emplace(key, m_entries.begin());
    m_bytes += bytes + kOverhead;
    while (m_bytes > m_limit && m_entries.size() > 1)
        dropOldest();
}

void BlockCache::dropOldest() {
    m_bytes -= m_entries.back().bytes;
    m_places.erase(m_entries.back().key);
    m_entries.pop_back();
}

void BlockCache::clear() {
    const std::lock_guard lock(m_mutex);
    m_entries.clear();
    m_places.clear();
    m_bytes = 0;
}

std::size_t BlockCache::bytes() const {
    const std::lock_guard lock(m_mutex);
    return m_bytes;
}

}  // namespace pilothouse::predictions
