// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/predictions/bytes.h"

/// How the numbers of a block lie on disk. Part of column_codec.h.
namespace pilothouse::predictions {

/// As stored: whatever else stands there is refused by getNumbers().
enum class NumberCoding : std::uint8_t { Decimal = 0, Float = 1, Double = 2 };

NumberCoding putNumbers(ByteWriter& out, const std::vector<double>& values);
/// False where the bytes do not hold so many numbers.
[[nodiscard]] bool getNumbers(ByteReader& in, NumberCoding coding, std::size_t rows, std::vector<double>& values);
/// Appends the numbers of these rows, each less than `rows`.
[[nodiscard]] bool getNumbersAt(ByteReader& in, NumberCoding coding, std::size_t rows,
                                std::span<const std::uint32_t> wanted, std::vector<double>& values);

}  // namespace pilothouse::predictions
