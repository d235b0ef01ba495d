// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/predictions/column_block.h"

/// Which runs of three bytes stand anywhere in a set of texts: a bit for each, by a hash of 16 bits. What a substring
/// consists of must all be there, so that a block of texts that lacks one of its trigrams is not read for it.
namespace pilothouse::predictions {

/// The hashes of the trigrams of a text, each once; none for a text of less than three bytes.
void appendTrigrams(std::string_view text, std::vector<std::uint16_t>& trigrams);

/// Words of 64 bits, a power of two of them, at most 1,024 (8 KiB): as few as leave three bits of four free. Empty when
/// the texts hold so many trigrams that hardly any could be ruled out.
[[nodiscard]] std::vector<std::uint64_t> trigramMap(const TextPool& pool);

/// False: no text that the map was made of holds all these trigrams. An empty map rules out nothing. Its size is a
/// power of two.
[[nodiscard]] bool mayHoldTrigrams(std::span<const std::uint64_t> map, std::span<const std::uint16_t> trigrams);

}  // namespace pilothouse::predictions
