// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstring>
#include <span>
#include <vector>

#include "models/predictions/bytes.h"

/// Whole numbers in as few bytes as the greatest needs.
namespace pilothouse::predictions {

void putPacked(ByteWriter& out, const std::vector<std::uint64_t>& values);

namespace detail {
template <class T, class Use>
void forNarrow(ByteView bytes, std::size_t count, Use&& use) {
    for (std::size_t i = 0; i < count; ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        use(i, static_cast<std::uint64_t>(value));
    }
}
}  // namespace detail

/// Calls use(i, value) for each of the packed numbers; false when the bytes do not hold them.
template <class Use>
bool forPacked(ByteReader& in, std::size_t count, Use&& use) {
    const unsigned width = in.get<std::uint8_t>();
    if (!in.ok() || (width != 0 && width != 1 && width != 2 && width != 4 && width != 8)) return false;
    const ByteView bytes = in.take(count * width);
    if (!in.ok()) return false;
    switch (width) {
        case 0:
            for (std::size_t i = 0; i < count; ++i)
                use(i, std::uint64_t{0});
            break;
        case 1:
            detail::forNarrow<std::uint8_t>(bytes, count, use);
            break;
        case 2:
            detail::forNarrow<std::uint16_t>(bytes, count, use);
            break;
        case 4:
            detail::forNarrow<std::uint32_t>(bytes, count, use);
            break;
        default:
            detail::forNarrow<std::uint64_t>(bytes, count, use);
            break;
    }
    return true;
}

/// Calls use(value) for the packed numbers at these places, each less than `count`.
template <class Use>
bool forPackedAt(ByteReader& in, std::size_t count, std::span<const std::uint32_t> wanted, Use&& use) {
    const unsigned width = in.get<std::uint8_t>();
    if (!in.ok() || (width != 0 && width != 1 && width != 2 && width != 4 && width != 8)) return false;
    const ByteView bytes = in.take(count * width);
    if (!in.ok()) return false;
    for (const std::uint32_t i : wanted) {
        std::uint64_t value = 0;  // little endian, as all that is stored
        std::memcpy(&value, bytes.data() + i * std::size_t{width}, width);
        use(value);
    }
    return true;
}

}  // namespace pilothouse::predictions
