// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/trigram_map.h"

#include <algorithm>
#include <bit>

namespace pilothouse::predictions {

namespace {

constexpr std::size_t kHashes = std::size_t{1} << 16;
constexpr std::size_t kBitsEach = 4;

/// Calls use(hash) for each run of three bytes. The upper bits of a product depend on all bits of the factor
/// (multiplicative hashing, Knuth 6.4).
template <class Use>
void forTrigrams(std::string_view text, Use&& use) {
    if (text.size() < 3) return;
    std::uint32_t run = static_cast<unsigned char>(text[0]) << 8 | static_cast<unsigned char>(text[1]);
    for (std::size_t i = 2; i < text.size(); ++i) {
        run = (run << 8 | static_cast<unsigned char>(text[i])) & 0xffffff;
        use(static_cast<std::uint16_t>(run * 0x9e3779b1u >> 16));
    }
}

}  // namespace

void appendTrigrams(std::string_view text, std::vector<std::uint16_t>& trigrams) {
    forTrigrams(text, [&](std::uint16_t hash) { trigrams.push_back(hash); });
    std::ranges::sort(trigrams);
    const auto repeated = std::ranges::unique(trigrams);
    trigrams.erase(repeated.begin(), repeated.end());
}

std::vector<std::uint64_t> trigramMap(const TextPool& pool) {
    // A byte each first: it takes no reading before the writing, and this is once a byte of all texts.
    thread_local std::vector<std::uint8_t> seen;
    seen.assign(kHashes, 0);
    for (std::size_t i = 0; i < pool.size(); ++i)
        forTrigrams(pool.at(i), [](std::uint16_t hash) { seen[hash] = 1; });
    const auto count = static_cast<std::size_t>(std::ranges::count(seen, std::uint8_t{1}));
    const std::size_t bits = std::bit_ceil(std::max<std::size_t>(64, count * kBitsEach));
    if (bits > kHashes) return {};
    std::vector<std::uint64_t> map(bits / 64);
    for (std::size_t hash = 0; hash < kHashes; ++hash)
        if (seen[hash] != 0) map[hash / 64 % map.size()] |= std::uint64_t{1} << (hash % 64);
    return map;
}

bool mayHoldTrigrams(std::span<const std::uint64_t> map, std::span<const std::uint16_t> trigrams) {
    return map.empty() || std::ranges::all_of(trigrams, [&](std::uint16_t hash) {
               return (map[hash / 64u & (map.size() - 1)] >> (hash % 64u) & 1) != 0;
           });
}

}  // namespace pilothouse::predictions
