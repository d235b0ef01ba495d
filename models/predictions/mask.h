// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

/// What rows of a block are selected. All masks and columns of a call are equally long; every comparison with NaN is
/// false.
namespace pilothouse::predictions {

/// One byte a row: 1 is selected, 0 is not.
using Mask = std::vector<std::uint8_t>;

/// mask &= other
void intersect(Mask& mask, const Mask& other);
/// mask |= other
void unite(Mask& mask, const Mask& other);
void invert(Mask& mask);
[[nodiscard]] inline bool anySelected(const Mask& mask) {
    return !mask.empty() && std::memchr(mask.data(), 1, mask.size()) != nullptr;
}
[[nodiscard]] std::uint64_t countSelected(const Mask& mask);
/// The rows whose mask is set, ascending.
void selectedRows(const Mask& mask, std::vector<std::uint32_t>& rows);

enum class Comparison { Equal, Less, LessEqual, Greater, GreaterEqual };
/// mask |= values ? x
void unite(Mask& mask, const std::vector<double>& values, Comparison comparison, double x);
/// mask |= low <= values <= high
void uniteWithin(Mask& mask, const std::vector<double>& values, double low, double high);
/// mask &= from <= values < to
void intersectWithin(Mask& mask, const std::vector<std::int64_t>& values, std::int64_t from, std::int64_t to);
/// mask |= hit[codes], with a byte a code of 0 or 1; ports::Column::kMissingCode has no byte and is not hit.
void uniteHits(Mask& mask, const std::vector<std::uint32_t>& codes, const std::vector<std::uint8_t>& hit);

}  // namespace pilothouse::predictions
