// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/text_coding.h"

#include <algorithm>
#include <array>

#include "models/predictions/packed_numbers.h"

namespace pilothouse::predictions {

namespace {

constexpr std::size_t kMaxTemplate = 160;
constexpr std::size_t kLeastDigits = 8;

constexpr std::uint8_t kNoDigit = 0x80;
/// 0 to 15, or kNoDigit.
constexpr std::array<std::uint8_t, 256> kDigitOf = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (unsigned i = 0; i < 10; ++i)
        values['0' + i] = static_cast<std::uint8_t>(i);
    for (unsigned i = 0; i < 6; ++i)
        values['a' + i] = static_cast<std::uint8_t>(10 + i);
    return values;
}();
std::uint8_t hexDigit(char c) { return kDigitOf[static_cast<unsigned char>(c)]; }

void putCodes(ByteWriter& out, const ColumnBlock& block) {
    // Every row a text of its own, as request ids are: the codes would only count upwards.
    bool sequential = block.pool.size() == block.codes.size();
    for (std::size_t i = 0; sequential && i < block.codes.size(); ++i)
        sequential = block.codes[i] == i;
    out.put(static_cast<std::uint8_t>(sequential));
    if (sequential) return;
    bool missing = false;
    for (const std::uint32_t code : block.codes)
        missing |= code == ports::Column::kMissingCode;
    std::vector<std::uint64_t> numbers(block.codes.size());
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = block.codes[i] == ports::Column::kMissingCode ? 0 : block.codes[i] + (missing ? 1u : 0u);
    out.put(static_cast<std::uint8_t>(missing));
    putPacked(out, numbers);
}

bool getCodes(ByteReader& in, std::size_t rows, std::size_t count, ColumnBlock& block) {
    const unsigned sequential = in.get<std::uint8_t>();
    block.codes.resize(rows);
    if (sequential == 1 && count == rows) {
        for (std::size_t i = 0; i < rows; ++i)
            block.codes[i] = static_cast<std::uint32_t>(i);
        return in.ok();
    }
    const unsigned missing = in.get<std::uint8_t>();
    if (!in.ok() || sequential != 0 || missing > 1) return false;
    // 0 - missing wraps to kMissingCode; any other code must be one of the dictionary's.
    std::uint64_t greatest = 0;
    const bool ok = forPacked(in, rows, [&](std::size_t i, std::uint64_t v) {
        greatest = std::max(greatest, v);
        block.codes[i] = static_cast<std::uint32_t>(v) - missing;
    });
    return ok && (greatest < count + missing || (rows == 0 && greatest == 0));
}

/// The places where `form` has (digits: 0), or has not, a hex digit.
std::vector<std::size_t> placesOf(std::string_view form, bool digits) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < form.size(); ++i)
        if ((form[i] == 0) == digits) places.push_back(i);
    return places;
}

/// The first text with 0 in place of each hex digit; empty when it has too few.
std::string formOf(std::string_view text) {
    if (text.size() > kMaxTemplate) return {};
    std::string form(text);
    std::size_t digits = 0;
    for (char& c : form) {
        if (c == 0) return {};
        if (hexDigit(c) == kNoDigit) continue;
        c = 0;
        ++digits;
    }
    return digits < kLeastDigits ? std::string() : form;
}

unsigned bitOf(unsigned char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a';
    if (c >= '0' && c <= '9') return 26 + (c - '0');
    switch (c) {
        case '_':
            return 36;
        case '-':
            return 37;
        case ' ':
            return 38;
        case '.':
            return 39;
        case ':':
            return 40;
        case '/':
            return 41;
        default:
            return c < 0x80 ? 42 + c % 20 : 62;
    }
}

}  // namespace

void putPacked(ByteWriter& out, const std::vector<std::uint64_t>& values) {
    std::uint64_t all = 0;
    for (const std::uint64_t v : values)
        all |= v;
    const auto narrow = [&]<class T>(T) {
        std::vector<T> cut(values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            cut[i] = static_cast<T>(values[i]);
        out.put(static_cast<std::uint8_t>(sizeof(T)));
        out.put(ByteView(reinterpret_cast<const std::uint8_t*>(cut.data()), cut.size() * sizeof(T)));
    };
    if (all == 0) {
        out.put(std::uint8_t{0});
    } else if (all <= 0xff) {
        narrow(std::uint8_t{});
    } else if (all <= 0xffff) {
        narrow(std::uint16_t{});
    } else if (all <= 0xffffffff) {
        narrow(std::uint32_t{});
    } else {
        narrow(std::uint64_t{});
    }
}

void putTexts(ByteWriter& out, const ColumnBlock& block) {
    std::vector<std::uint64_t> lengths(block.pool.size());
    for (std::size_t i = 0; i < lengths.size(); ++i)
        lengths[i] = block.pool.at(i).size();
    out.put(static_cast<std::uint32_t>(block.pool.size()));
    putPacked(out, lengths);
    out.put(block.pool.all());
    putCodes(out, block);
}

bool getTexts(ByteReader& in, std::size_t rows, ColumnBlock& block) {
    const std::size_t count = in.get<std::uint32_t>();
    if (!in.ok() || count > rows) return false;
    std::vector<std::uint32_t> ends(count);
    std::uint64_t end = 0, longest = 0;
    if (!forPacked(in, count, [&](std::size_t i, std::uint64_t v) {
            longest = std::max(longest, v);
            end += v;
            ends[i] = static_cast<std::uint32_t>(end);
        }))
        return false;
    if (longest > kMaxTextBytes) return false;  // so the sum stays below 2^32, too
    const ByteView bytes = in.take(end);
    if (!in.ok()) return false;
    block.pool.assign(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), std::move(ends));
    return getCodes(in, rows, count, block);
}

bool putHexTexts(ByteWriter& out, const ColumnBlock& block) {
    if (block.pool.size() < 2) return false;
    const std::string form = formOf(block.pool.at(0));
    if (form.empty()) return false;
    const std::vector<std::size_t> places = placesOf(form, true), others = placesOf(form, false);
    Bytes packed(block.pool.size() * ((places.size() + 1) / 2));
    std::uint8_t* at = packed.data();
    for (std::size_t t = 0; t < block.pool.size(); ++t) {
        const std::string_view text = block.pool.at(t);
        if (text.size() != form.size()) return false;
        for (const std::size_t place : others)
            if (text[place] != form[place]) return false;
        std::uint8_t all = 0;  // without a branch a digit: ids are most of the time here
        for (std::size_t d = 0; d + 1 < places.size(); d += 2) {
            const std::uint8_t high = hexDigit(text[places[d]]), low = hexDigit(text[places[d + 1]]);
            all |= high | low;
            *at++ = static_cast<std::uint8_t>(high << 4 | low);
        }
        if (places.size() % 2 != 0) {
            const std::uint8_t high = hexDigit(text[places.back()]);
            all |= high;
            *at++ = static_cast<std::uint8_t>(high << 4);
        }
        if ((all & kNoDigit) != 0) return false;
    }
    out.put(static_cast<std::uint8_t>(form.size()));
    out.put(std::string_view(form));
    out.put(static_cast<std::uint32_t>(block.pool.size()));
    out.put(ByteView(packed));
    putCodes(out, block);
    return true;
}

bool getHexTexts(ByteReader& in, std::size_t rows, ColumnBlock& block) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::size_t size = in.get<std::uint8_t>();
    const ByteView formBytes = in.take(size);
    const std::size_t count = in.get<std::uint32_t>();
    if (!in.ok() || size == 0 || size > kMaxTemplate || count > rows) return false;
    const std::string form(reinterpret_cast<const char*>(formBytes.data()), size);
    const std::vector<std::size_t> places = placesOf(form, true);
    const std::size_t width = (places.size() + 1) / 2;
    const bool odd = places.size() % 2 != 0;
    const ByteView packed = in.take(count * width);
    if (!in.ok()) return false;
    std::string bytes(count * size, '\0');
    std::vector<std::uint32_t> ends(count);
    for (std::size_t t = 0; t < count; ++t) {
        char* const text = bytes.data() + t * size;
        const std::uint8_t* const from = packed.data() + t * width;
        std::memcpy(text, form.data(), size);
        for (std::size_t d = 0; d + 1 < places.size(); d += 2) {
            text[places[d]] = kDigits[from[d / 2] >> 4];
            text[places[d + 1]] = kDigits[from[d / 2] & 15];
        }
        if (odd) text[places.back()] = kDigits[from[width - 1] >> 4];
        ends[t] = static_cast<std::uint32_t>((t + 1) * size);
    }
    block.pool.assign(std::move(bytes), std::move(ends));
    return getCodes(in, rows, count, block);
}

std::uint64_t charactersOf(std::string_view text) {
    static const std::array<std::uint64_t, 256> kBits = [] {
        std::array<std::uint64_t, 256> bits{};
        for (unsigned c = 0; c < 256; ++c)
            bits[c] = std::uint64_t{1} << bitOf(static_cast<unsigned char>(c));
        return bits;
    }();
    std::uint64_t all = 0;
    for (const char c : text)
        all |= kBits[static_cast<unsigned char>(c)];
    return all;
}

std::uint64_t charactersOf(const TextPool& pool) {
    const std::uint64_t all = charactersOf(pool.all());
    // What is not ASCII may fold to any letter: the Kelvin sign to k, the long s to s.
    constexpr std::uint64_t kBeyondAscii = std::uint64_t{1} << 62;
    return (all & kBeyondAscii) != 0 ? ~std::uint64_t{0} : all | std::uint64_t{1} << 63;
}

}  // namespace pilothouse::predictions
