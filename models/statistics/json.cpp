// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace pilothouse::statistics {

namespace {

constexpr std::size_t kLongest = std::size_t{64} << 20;
constexpr int kDeepest = 8;

class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) {}

    Result<Json> document() {
        PH_ASSIGN(Json value, parse(0));
        blanks();
        if (m_at < m_text.size()) return wrong("something follows the end");
        return value;
    }

private:
    [[nodiscard]] tl::unexpected<Error> wrong(const std::string& what) const {
        return fail(ErrorKind::InvalidInput, "not valid JSON: " + what + " at byte " + std::to_string(m_at));
    }
    void blanks() {
        while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos)
            ++m_at;
    }
    bool take(char c) {
        blanks();
        if (m_at >= m_text.size() || m_text[m_at] != c) return false;
        ++m_at;
        return true;
    }
    bool takeWord(std::string_view word) {
        if (m_text.substr(m_at, word.size()) != word) return false;
        m_at += word.size();
        return true;
    }

    Result<Json> parse(int depth) {
        if (depth > kDeepest) return wrong("nested too deep");
        blanks();
        if (m_at >= m_text.size()) return wrong("it ends too early");
        Json out;
        switch (m_text[m_at]) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"': {
                out.type = Json::Type::String;
                PH_ASSIGN(out.text, string());
                return out;
            }
            case 't':
            case 'f':
                out.type = Json::Type::Bool;
                out.boolean = m_text[m_at] == 't';
                if (!takeWord(out.boolean ? "true" : "false")) return wrong("unknown word");
                return out;
            case 'n':
                if (!takeWord("null")) return wrong("unknown word");
                return out;
            default:
                return number();
        }
    }

    Result<Json> object(int depth) {
        Json out;
        out.type = Json::Type::Object;
        ++m_at;
        if (take('}')) return out;
        do {
            blanks();
            if (m_at >= m_text.size() || m_text[m_at] != '"') return wrong("a key is expected");
            PH_ASSIGN(std::string key, string());
            // Objects of a profile have a fixed, small number of keys; a search in line is bounded by that.
            if (out.members.size() >= 64) return wrong("too many keys in an object");
            if (out.find(key)) return wrong("the key \"" + key.substr(0, 40) + "\" comes twice");
            if (!take(':')) return wrong("':' is expected");
            PH_ASSIGN(Json value, parse(depth + 1));
            out.members.emplace_back(std::move(key), std::move(value));
        } while (take(','));
        if (!take('}')) return wrong("'}' is expected");
        return out;
    }

    Result<Json> array(int depth) {
        Json out;
        out.type = Json::Type::Array;
        ++m_at;
        if (take(']')) return out;
        do {
            if (++m_items > kMostItems) return wrong("too many values");
            PH_ASSIGN(Json value, parse(depth + 1));
            out.items.push_back(std::move(value));
        } while (take(','));
        if (!take(']')) return wrong("']' is expected");
        return out;
    }

    Result<unsigned> hex4() {
        unsigned code = 0;
        const auto digits = m_text.substr(m_at, 4);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (digits.size() < 4 || error != std::errc{} || end != digits.data() + 4)
            return wrong("four hex digits are expected");
        m_at += 4;
        return code;
    }

    static void appendUtf8(std::string& out, unsigned code) {
        const auto push = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
        if (code < 0x80) {
            push(code);
        } else if (code < 0x800) {
            push(0xC0 | code >> 6);
            push(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            push(0xE0 | code >> 12);
            push(0x80 | (code >> 6 & 0x3F));
            push(0x80 | (code & 0x3F));
        } else {
            push(0xF0 | code >> 18);
            push(0x80 | (code >> 12 & 0x3F));
            push(0x80 | (code >> 6 & 0x3F));
            push(0x80 | (code & 0x3F));
        }
    }

    Status escape(std::string& out) {
        if (m_at >= m_text.size()) return wrong("it ends in a string");
        const char c = m_text[m_at++];
        static constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
        if (const auto i = kFrom.find(c); i != std::string_view::npos) {
            out.push_back(kTo[i]);
            return {};
        }
        if (c != 'u') return wrong("unknown escape");
        PH_ASSIGN(unsigned code, hex4());
        if (code >= 0xDC00 && code < 0xE000) return wrong("half a surrogate pair");
        if (code >= 0xD800 && code < 0xDC00) {
            if (!takeWord("\\u")) return wrong("half a surrogate pair");
            PH_ASSIGN(const unsigned low, hex4());
            if (low < 0xDC00 || low >= 0xE000) return wrong("half a surrogate pair");
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        appendUtf8(out, code);
        return {};
    }

    Result<std::string> string() {
        std::string out;
        ++m_at;
        while (m_at < m_text.size() && m_text[m_at] != '"') {
            const char c = m_text[m_at++];
            if (c == '\\')
                PH_TRY(escape(out));
            else if (static_cast<unsigned char>(c) < 0x20)
                return wrong("control character in a string");
            else
                out.push_back(c);
        }
        if (m_at >= m_text.size()) return wrong("it ends in a string");
        ++m_at;
        return out;
    }

    bool digits() {
        const std::size_t from = m_at;
        while (m_at < m_text.size() && m_text[m_at] >= '0' && m_text[m_at] <= '9')
            ++m_at;
        return m_at > from;
    }

    Result<Json> number() {
        Json out;
        out.type = Json::Type::Number;
        const std::size_t from = m_at;
        out.negative = takeWord("-");
        const std::size_t first = m_at;
        if (!digits()) return wrong("a value is expected");
        if (m_text[first] == '0' && m_at > first + 1) return wrong("a number begins with 0");
        out.whole = true;
        if (takeWord(".")) {
            out.whole = false;
            if (!digits()) return wrong("digits are expected");
        }
        if (takeWord("e") || takeWord("E")) {
            out.whole = false;
            if (!takeWord("+")) takeWord("-");
            if (!digits()) return wrong("digits are expected");
        }
        const char* end = m_text.data() + m_at;
        if (out.whole) out.whole = std::from_chars(m_text.data() + first, end, out.integer).ec == std::errc{};
        const auto parsed = std::from_chars(m_text.data() + from, end, out.number);
        if (parsed.ec != std::errc{} || !std::isfinite(out.number)) return wrong("a number is out of range");
        return out;
    }

    static constexpr std::size_t kMostItems = 1'000'000;  // a Json takes some 120 bytes
    std::string_view m_text;
    std::size_t m_at = 0, m_items = 0;
};

template <class Number>
void appendNumber(std::string& out, Number number) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    out.append(text.data(), end);
}

}  // namespace

Result<Json> parseJson(std::string_view text) {
    if (text.size() > kLongest) return fail(ErrorKind::ResourceExhausted, "JSON of more than 64 MiB");
    return Parser(text).document();
}

void appendJson(std::string& out, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20) {
            out += "\\u00";
            out.push_back(kHex[byte >> 4]);
            out.push_back(kHex[byte & 15]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

void appendJson(std::string& out, double number) { appendNumber(out, std::isfinite(number) ? number : 0.0); }
void appendJson(std::string& out, std::uint64_t number) { appendNumber(out, number); }

}  // namespace pilothouse::statistics
