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

/// The codes of these rows; kMissingCode where there is no text.
bool getCodesAt(ByteReader& in, std::size_t rows, std::size_t count, std::span<const std::uint32_t> wanted,
                std::vector<std::uint32_t>& codes) {
    const unsigned sequential = in.get<std::uint8_t>();
    if (sequential == 1 && count == rows) {
        codes.assign(wanted.begin(), wanted.end());
        return in.ok();
    }
    const unsigned missing = in.get<std::uint8_t>();
    if (!in.ok() || sequential != 0 || missing > 1) return false;
    bool within = true;
    const bool ok = forPackedAt(in, rows, wanted, [&](std::uint64_t v) {
        within &= v < count + missing;
        codes.push_back(static_cast<std::uint32_t>(v) - missing);
    });
    return ok && within;
}

/// Gives each of the rows its text: textOf(code).
template <class TextOf>
void addRows(const std::vector<std::uint32_t>& codes, ColumnBlock& block, TextOf&& textOf) {
    for (const std::uint32_t code : codes) {
        if (code == ports::Column::kMissingCode) {
            block.codes.push_back(code);
            continue;
        }
        block.codes.push_back(static_cast<std::uint32_t>(block.pool.size()));
        block.pool.add(textOf(code));
    }
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

namespace {

/// A dictionary as it lies in the block.
struct StoredTexts {
    std::vector<std::uint32_t> ends;
    std::string_view bytes;
    [[nodiscard]] std::string_view at(std::size_t i) const {
        const std::size_t from = i == 0 ? 0 : ends[i - 1];
        return bytes.substr(from, ends[i] - from);
    }
};

bool getDictionary(ByteReader& in, std::size_t rows, StoredTexts& texts) {
    const std::size_t count = in.get<std::uint32_t>();
    if (!in.ok() || count > rows) return false;
    texts.ends.resize(count);
    std::uint64_t end = 0, longest = 0;
    if (!forPacked(in, count, [&](std::size_t i, std::uint64_t v) {
            longest = std::max(longest, v);
            end += v;
            texts.ends[i] = static_cast<std::uint32_t>(end);
        }))
        return false;
    if (longest > kMaxTextBytes) return false;  // so the sum stays below 2^32, too
    const ByteView bytes = in.take(end);
    texts.bytes = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    return in.ok();
}

}  // namespace

bool getTexts(ByteReader& in, std::size_t rows, ColumnBlock& block) {
    StoredTexts texts;
    if (!getDictionary(in, rows, texts)) return false;
    const std::size_t count = texts.ends.size();
    block.pool.assign(std::string(texts.bytes), std::move(texts.ends));
    return getCodes(in, rows, count, block);
}

bool getTextsAt(ByteReader& in, std::size_t rows, std::span<const std::uint32_t> wanted, ColumnBlock& block) {
    StoredTexts texts;
    std::vector<std::uint32_t> codes;
    if (!getDictionary(in, rows, texts) || !getCodesAt(in, rows, texts.ends.size(), wanted, codes)) return false;
    addRows(codes, block, [&](std::uint32_t code) { return texts.at(code); });
    return true;
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

namespace {

/// Digits that stand together in the text.
struct DigitRun {
    std::size_t place, digit, count;
};
std::vector<DigitRun> runsOf(const std::vector<std::size_t>& places) {
    std::vector<DigitRun> runs;
    for (std::size_t d = 0; d < places.size(); ++d) {
        if (d > 0 && places[d] == places[d - 1] + 1)
            ++runs.back().count;
        else
            runs.push_back({places[d], d, 1});
    }
    return runs;
}

/// Two digits a byte, without a table, so that it is vectorised.
void putDigits(const std::uint8_t* from, std::size_t bytes, char* digits) {
    const auto digit = [](std::uint8_t v) { return static_cast<char>(v + '0' + (v > 9 ? 'a' - '9' - 1 : 0)); };
    for (std::size_t i = 0; i < bytes; ++i) {
        digits[2 * i] = digit(from[i] >> 4);
        digits[2 * i + 1] = digit(from[i] & 15);
    }
}

/// A dictionary of ids as it lies in the block.
class HexDictionary {
public:
    bool get(ByteReader& in, std::size_t rows) {
        const std::size_t size = in.get<std::uint8_t>();
        const ByteView formBytes = in.take(size);
        m_count = in.get<std::uint32_t>();
        if (!in.ok() || size == 0 || size > kMaxTemplate || m_count > rows) return false;
        m_form.assign(reinterpret_cast<const char*>(formBytes.data()), size);
        const std::vector<std::size_t> places = placesOf(m_form, true);
        m_runs = runsOf(places);
        m_width = (places.size() + 1) / 2;
        m_packed = in.take(m_count * m_width);
        return in.ok();
    }
    [[nodiscard]] std::size_t count() const { return m_count; }
    [[nodiscard]] std::size_t size() const { return m_form.size(); }
    /// Puts size() characters.
    void put(std::size_t i, char* text) const {
        std::array<char, kMaxTemplate + 1> digits;
        putDigits(m_packed.data() + i * m_width, m_width, digits.data());
        std::memcpy(text, m_form.data(), m_form.size());
        for (const DigitRun& run : m_runs)
            std::memcpy(text + run.place, digits.data() + run.digit, run.count);
    }

private:
    std::string m_form;
    std::vector<DigitRun> m_runs;
    std::size_t m_count = 0, m_width = 0;
    ByteView m_packed;
};

}  // namespace

bool getHexTexts(ByteReader& in, std::size_t rows, ColumnBlock& block) {
    HexDictionary texts;
    if (!texts.get(in, rows)) return false;
    std::string bytes(texts.count() * texts.size(), '\0');
    std::vector<std::uint32_t> ends(texts.count());
    for (std::size_t t = 0; t < texts.count(); ++t) {
        texts.put(t, bytes.data() + t * texts.size());
        ends[t] = static_cast<std::uint32_t>((t + 1) * texts.size());
    }
    block.pool.assign(std::move(bytes), std::move(ends));
    return getCodes(in, rows, texts.count(), block);
}

bool getHexTextsAt(ByteReader& in, std::size_t rows, std::span<const std::uint32_t> wanted, ColumnBlock& block) {
    HexDictionary texts;
    std::vector<std::uint32_t> codes;
    if (!texts.get(in, rows) || !getCodesAt(in, rows, texts.count(), wanted, codes)) return false;
    std::string text(texts.size(), '\0');
    addRows(codes, block, [&](std::uint32_t code) {
        texts.put(code, text.data());
        return std::string_view(text);
    });
    return true;
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
