// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "models/predictions/bytes.h"
#include "models/predictions/column_block.h"

/// How the texts of a block lie on disk. Part of column_codec.h.
namespace pilothouse::predictions {

/// Codes into the block's dictionary of texts.
void putTexts(ByteWriter& out, const ColumnBlock& block);
[[nodiscard]] bool getTexts(ByteReader& in, std::size_t rows, ColumnBlock& block);
/// Appends these rows alone, each less than `rows`, every one with a text of its own in the pool.
[[nodiscard]] bool getTextsAt(ByteReader& in, std::size_t rows, std::span<const std::uint32_t> wanted,
                              ColumnBlock& block);

/// UUIDs, trace ids, digests: every text of the block has hexadecimal digits (lower case) at the same places and the
/// same characters between them. Two digits become a byte. False, and nothing put, where the block is not like that.
[[nodiscard]] bool putHexTexts(ByteWriter& out, const ColumnBlock& block);
[[nodiscard]] bool getHexTexts(ByteReader& in, std::size_t rows, ColumnBlock& block);
[[nodiscard]] bool getHexTextsAt(ByteReader& in, std::size_t rows, std::span<const std::uint32_t> wanted,
                                 ColumnBlock& block);

/// Which characters occur in a set of texts, case folded: bit 63 says that the rest is known. A text can only hold what
/// has all its bits.
[[nodiscard]] std::uint64_t charactersOf(std::string_view text);
[[nodiscard]] std::uint64_t charactersOf(const TextPool& pool);
/// False when texts with these characters cannot hold one that needs `wanted`.
[[nodiscard]] inline bool mayHoldCharacters(std::uint64_t there, std::uint64_t wanted) {
    return (there >> 63) == 0 || (there & wanted) == wanted;
}

}  // namespace pilothouse::predictions
