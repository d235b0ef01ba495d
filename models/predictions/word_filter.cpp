// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/word_filter.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>

#include "models/predictions/query_plan.h"

namespace pilothouse::predictions {

namespace {

constexpr std::uint32_t kMagic = 0x31574850;          // "PHW1"
constexpr std::uint32_t kTrigramsMagic = 0x32574850;  // "PHW2": with the trigrams of each block
constexpr std::uint32_t kWhole = 1u << 31;
constexpr std::size_t kBitsEach = 12;
constexpr int kProbes = 6;
constexpr std::size_t kMostWords = 50'000;  ///< distinct ones of a block; beyond that, no filter

__extension__ using Wide = unsigned __int128;

/// The probes of one hash (Kirsch, Mitzenmacher: Less Hashing, Same Performance, 2006).
template <class Use>
bool probes(std::uint64_t hash, std::size_t bits, Use&& use) {
    const std::uint64_t step = (hash >> 32 | hash << 32) | 1;
    for (int i = 0; i < kProbes; ++i, hash += step)
        if (!use(static_cast<std::size_t>((static_cast<Wide>(hash) * bits) >> 64))) return false;
    return true;
}

/// 0: between words. Else the byte, lower case.
constexpr std::array<char, 256> kFolded = [] {
    std::array<char, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool word = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
        table[c] = word ? static_cast<char>(upper ? c - 'A' + 'a' : c) : '\0';
    }
    return table;
}();

template <class Use>
void forWords(std::string_view text, std::string& buffer, Use&& use) {
    buffer.clear();
    for (const char c : text) {
        const char folded = kFolded[static_cast<unsigned char>(c)];
        if (folded != 0) {
            buffer += folded;
        } else if (!buffer.empty()) {
            use(buffer);
            buffer.clear();
        }
    }
    if (!buffer.empty()) use(buffer);
}

bool ascii(std::string_view text) {
    unsigned char all = 0;
    for (const char c : text)
        all |= static_cast<unsigned char>(c);
    return all < 0x80;
}

/// Distinct hashes, in any order: sorting would cost more than all the rest.
void makeDistinct(std::vector<std::uint64_t>& hashes) {
    std::vector<std::uint64_t> slots(std::bit_ceil(hashes.size() * 2 + 2), 0);
    const std::size_t mask = slots.size() - 1;
    std::size_t kept = 0;
    for (const std::uint64_t hash : hashes) {
        const std::uint64_t key = hash == 0 ? 1 : hash;
        std::size_t slot = key & mask;
        while (slots[slot] != 0 && slots[slot] != key)
            slot = (slot + 1) & mask;
        if (slots[slot] == key) continue;
        slots[slot] = key;
        hashes[kept++] = key;
    }
    hashes.resize(kept);
}

Error corrupt(const char* what) { return {ErrorKind::Corrupt, what, {}, {}, false}; }

}  // namespace

void appendWordHashes(std::string_view text, std::vector<std::uint64_t>& hashes) {
    thread_local std::string buffer;
    const auto add = [&](const std::string& word) {
        const std::uint64_t hash = XXH3_64bits(word.data(), word.size());
        hashes.push_back(hash == 0 ? 1 : hash);
    };
    if (ascii(text)) {
        forWords(text, buffer, add);
    } else {
        forWords(foldCase(text), buffer, add);
    }
}

std::uint64_t valueHash(std::string_view text) {
    const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
    return hash == 0 ? 1 : hash;
}

void WordFilterBuilder::add(const TextPool& pool, bool hexTexts) {
    m_hashes.clear();
    ++m_blocks;
    ByteWriter out(m_out);
    bool all = pool.size() > 0;
    for (std::size_t i = 0; i < pool.size() && all; ++i) {
        if (hexTexts)
            m_hashes.push_back(valueHash(pool.at(i)));
        else
            appendWordHashes(pool.at(i), m_hashes);
        if (m_hashes.size() < 4 * kMostWords) continue;
        makeDistinct(m_hashes);
        all = m_hashes.size() <= kMostWords;
    }
    makeDistinct(m_hashes);
    if (!all || m_hashes.size() > kMostWords) {
        out.put(std::uint32_t{0});
    } else {
        putWords(out, hexTexts);
    }
    // Of hexadecimal digits, every run of three soon occurs.
    const std::vector<std::uint64_t> map = hexTexts ? std::vector<std::uint64_t>() : trigramMap(pool);
    m_any |= !map.empty();
    out.put(static_cast<std::uint16_t>(map.size()));
    out.put(ByteView(reinterpret_cast<const std::uint8_t*>(map.data()), map.size() * 8));
}

void WordFilterBuilder::putWords(ByteWriter& out, bool hexTexts) {
    std::vector<std::uint64_t> words((m_hashes.size() * kBitsEach + 63) / 64 + 1);
    for (const std::uint64_t hash : m_hashes)
        (void)probes(hash, words.size() * 64, [&](std::size_t bit) {
            words[bit / 64] |= std::uint64_t{1} << (bit % 64);
            return true;
        });
    m_any = true;
    out.put(static_cast<std::uint32_t>(words.size()) | (hexTexts ? kWhole : 0));
    out.put(ByteView(reinterpret_cast<const std::uint8_t*>(words.data()), words.size() * 8));
}

Bytes WordFilterBuilder::finish() {
    if (!m_any) return {};
    Bytes bytes;
    ByteWriter out(bytes);
    out.put(kTrigramsMagic);
    out.put(m_blocks);
    out.put(ByteView(m_out));
    out.put(static_cast<std::uint64_t>(XXH3_64bits(bytes.data(), bytes.size())));
    return bytes;
}

Result<WordFilter> WordFilter::decode(ByteView bytes, std::size_t blocks) {
    if (bytes.size() < 16) return fail(corrupt("the filter over its words is cut short"));
    ByteReader tail(bytes.last(8));
    if (tail.get<std::uint64_t>() != XXH3_64bits(bytes.data(), bytes.size() - 8))
        return fail(corrupt("the filter over its words fails its checksum"));
    ByteReader in(bytes.first(bytes.size() - 8));
    const auto magic = in.get<std::uint32_t>();
    if ((magic != kMagic && magic != kTrigramsMagic) || in.get<std::uint32_t>() != blocks)
        return fail(corrupt("the filter over its words contradicts the column"));
    WordFilter filter;
    filter.m_words.reserve(in.left() / 8);
    for (std::size_t b = 0; b < blocks; ++b) {
        const auto size = in.get<std::uint32_t>();
        Block block{filter.m_words.size(), size & ~kWhole, (size & kWhole) != 0};
        filter.appendWords(in.take(std::size_t{block.words} * 8));
        block.trigramsFrom = filter.m_words.size();
        if (magic == kTrigramsMagic) block.trigrams = in.get<std::uint16_t>();
        filter.appendWords(in.take(block.trigrams * 8));
        if (!in.ok()) return fail(corrupt("the filter over its words is cut short"));
        if (block.trigrams > 0 && !std::has_single_bit(block.trigrams))
            return fail(corrupt("the filter over its words contradicts itself"));
        filter.m_blocks.push_back(block);
    }
    if (in.left() != 0) return fail(corrupt("the filter over its words contradicts the column"));
    return filter;
}

void WordFilter::appendWords(ByteView words) {
    const std::size_t from = m_words.size();
    m_words.resize(from + words.size() / 8);
    if (!words.empty()) std::memcpy(m_words.data() + from, words.data(), words.size());
}

bool WordFilter::mayHold(const Block& block, std::uint64_t hash) const {
    return probes(hash, std::size_t{block.words} * 64,
                  [&](std::size_t bit) { return (m_words[block.from + bit / 64] >> (bit % 64) & 1) != 0; });
}

bool WordFilter::mayHold(std::size_t block, std::span<const std::uint64_t> words, std::uint64_t value,
                         std::span<const std::uint16_t> trigrams) const {
    const Block& b = m_blocks[block];
    if (!mayHoldTrigrams(std::span(m_words).subspan(b.trigramsFrom, b.trigrams), trigrams)) return false;
    if (b.words == 0) return true;
    if (b.whole) return value == 0 || mayHold(b, value);
    return std::ranges::all_of(words, [&](std::uint64_t hash) { return mayHold(b, hash); });
}

}  // namespace pilothouse::predictions
