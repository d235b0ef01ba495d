// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/predictions/bytes.h"
#include "models/predictions/column_block.h"
#include "models/predictions/trigram_map.h"

namespace pilothouse::predictions {

/// Hashes of the words of a text: runs of letters, digits and underscores, case folded, as containsWords() sees them.
void appendWordHashes(std::string_view text, std::vector<std::uint64_t>& hashes);
[[nodiscard]] std::uint64_t valueHash(std::string_view text);

/// Says of each block of a text column which words it cannot hold: a Bloom filter a block, 12 bits a distinct word, 6
/// of them set, so that about 3 blocks in 1,000 are read in vain. Blocks of ids (hexadecimal digits) hold their whole
/// values instead. Beside it a map of the trigrams, for what is sought within words (older: without).
class WordFilter {
public:
    [[nodiscard]] static Result<WordFilter> decode(ByteView bytes, std::size_t blocks);
    /// False: no text of the block holds all these words and trigrams. `value`, when not 0, is the hash of the whole
    /// text wanted.
    [[nodiscard]] bool mayHold(std::size_t block, std::span<const std::uint64_t> words, std::uint64_t value,
                               std::span<const std::uint16_t> trigrams = {}) const;
    [[nodiscard]] std::size_t bytes() const {
        return sizeof(*this) + m_words.size() * 8 + m_blocks.size() * sizeof(Block);
    }

private:
    struct Block {
        std::size_t from = 0;
        std::uint32_t words = 0;                     ///< of 64 bits; 0: whatever may be there
        bool whole = false;                          ///< the filter is over whole values
        std::size_t trigramsFrom = 0, trigrams = 0;  ///< the map of the trigrams; 0: none
    };
    [[nodiscard]] bool mayHold(const Block& block, std::uint64_t hash) const;
    void appendWords(ByteView words);
    std::vector<Block> m_blocks;
    std::vector<std::uint64_t> m_words;
};

/// Makes the filter of one column, block by block.
class WordFilterBuilder {
public:
    void add(const TextPool& pool, bool hexTexts);
    /// Empty when nothing can be ruled out.
    [[nodiscard]] Bytes finish();

private:
    void putWords(ByteWriter& out, bool hexTexts);

    Bytes m_out;
    std::uint32_t m_blocks = 0;
    bool m_any = false;
    std::vector<std::uint64_t> m_hashes;
};

}  // namespace pilothouse::predictions
