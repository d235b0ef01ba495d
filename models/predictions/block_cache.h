// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace pilothouse::predictions {

/// What was decoded, for all workspaces of the process, least recently used out first. Keys name content (a checksum),
/// never a place: an entry cannot be stale, not even after a rollback. Thread: any.
class BlockCache {
public:
    enum class Kind : std::uint32_t { Directory, Block, Rows, Ids, Words, TruthKeys, Outcome };
    struct Key {
        std::uint64_t content = 0;
        std::uint32_t block = 0;
        Kind kind = Kind::Block;
        bool operator==(const Key&) const = default;
    };
    static constexpr std::size_t kDefaultBytes = std::size_t{124} << 20;

    static constexpr std::size_t kFilterBytes = std::size_t{160} << 20;

    static BlockCache& instance();
    /// Filters over ids and words, and single rows taken out of blocks: apart from the blocks, so that a look at every
    /// row does not drop what spares one.
    static BlockCache& filters();
    explicit BlockCache(std::size_t bytes) : m_limit(bytes) {}

    template <class T>
    [[nodiscard]] std::shared_ptr<const T> find(const Key& key) {
        return std::static_pointer_cast<const T>(findAny(key));
    }
    /// Replaces what is there. Large values may be refused while there is no room for them.
    void put(const Key& key, std::shared_ptr<const void> value, std::size_t bytes);
    void clear();
    [[nodiscard]] std::size_t bytes() const;

private:
    struct Entry {
        Key key;
        std::shared_ptr<const void> value;
        std::size_t bytes;
    };
    struct Hash {
        std::size_t operator()(const Key& k) const {
            return static_cast<std::size_t>(k.content ^ (std::uint64_t{k.block} * 0x9e3779b97f4a7c15ULL) ^
                                            (static_cast<std::uint64_t>(k.kind) << 56));
        }
    };
    std::shared_ptr<const void> findAny(const Key& key);
    void dropOldest();

    mutable std::mutex m_mutex;
    std::size_t m_limit, m_bytes = 0;
    std::list<Entry> m_entries;  ///< most recently used first
    std::unordered_map<Key, std::list<Entry>::iterator, Hash> m_places;
};

}  // namespace pilothouse::predictions
