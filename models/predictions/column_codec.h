// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

#include "models/base/result.h"
#include "models/predictions/bytes.h"
#include "models/predictions/column_block.h"

/// How a column lies on disk: a header, and blocks of kBlockRows rows that decode alone.
///
/// Numbers that are decimals of up to nine places become scaled integers above the block's least one; numbers that are
/// exact as float become four byte planes, all others eight. Times become differences in the largest unit that divides
/// them all. Texts become codes into the block's own dictionary, ids of hexadecimal digits bytes. What zstd makes
/// smaller is stored that way. The coding depends on the rows alone, so that equal rows give equal bytes. NaN has one
/// form; everything else comes back bit by bit.
namespace pilothouse::predictions {

enum class Effort {
    Fast,   ///< a batch: written while somebody waits
    Dense,  ///< a segment: read for years
};

struct BlockInfo {
    std::uint32_t bytes = 0;
    std::uint32_t missing = 0;
    std::uint64_t checksum = 0;       ///< XXH3 of the block's bytes
    std::uint64_t low = 0, high = 0;  ///< bits of the least and greatest value: double or int64;
                                      ///< text: charactersOf() and 0 (older: 0 and 0)
    std::uint64_t offset = 0;         ///< within the column's data; not stored

    [[nodiscard]] double lowNumber() const { return std::bit_cast<double>(low); }
    [[nodiscard]] double highNumber() const { return std::bit_cast<double>(high); }
    [[nodiscard]] std::int64_t lowTime() const { return static_cast<std::int64_t>(low); }
    [[nodiscard]] std::int64_t highTime() const { return static_cast<std::int64_t>(high); }
};

struct ColumnHeader {
    ports::ColumnType type = ports::ColumnType::Number;
    std::size_t rows = 0;
    std::uint64_t checksum = 0;  ///< over the header, and so over every block: names the column's content
    std::vector<BlockInfo> blocks;
    std::uint64_t dataBytes = 0;
    std::uint32_t frontBytes = 0;  ///< of the data, before the first block: a filter over the column's words

    [[nodiscard]] std::size_t rowsOf(std::size_t block) const {
        return std::min(kBlockRows, rows - block * kBlockRows);
    }
    [[nodiscard]] std::uint64_t missing() const {
        std::uint64_t sum = 0;
        for (const BlockInfo& b : blocks)
            sum += b.missing;
        return sum;
    }
};

/// XXH3, 64 bits.
[[nodiscard]] std::uint64_t checksumOf(ByteView bytes);
/// Appends the block's bytes to `data` and describes them.
[[nodiscard]] BlockInfo encodeBlock(const ColumnBlock& block, Effort effort, Bytes& data);
/// Corrupt when the checksum fails or the bytes are not such a block. Memory is bounded by the rows and kMaxTextBytes.
[[nodiscard]] Result<ColumnBlock> decodeBlock(ByteView bytes, ports::ColumnType type, std::size_t rows,
                                              const BlockInfo& info);

/// Only these rows of it, each less than `rows`, in the order in which they are asked for; every text in the pool once
/// for each of them. The same errors, but where codes that were not asked for are beyond the dictionary.
[[nodiscard]] Result<ColumnBlock> decodeRows(ByteView bytes, ports::ColumnType type, std::size_t rows,
                                             const BlockInfo& info, std::span<const std::uint32_t> wanted);

/// Whether an encoded block holds texts as bytes of hexadecimal digits.
[[nodiscard]] bool holdsHexTexts(ByteView bytes);

/// Sets the header's checksum as well.
[[nodiscard]] Bytes encodeHeader(ColumnHeader& header);
/// Reads one header from the front of `reader`.
[[nodiscard]] Result<ColumnHeader> decodeHeader(ByteReader& reader);

}  // namespace pilothouse::predictions
