// SPDX-License-Identifier: GPL-3.0-or-later
// What a query compares texts by: wildcards, words, numbers in text form, names that are nearly right.
#include <re2/re2.h>

#include <QString>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "models/predictions/query_plan.h"

namespace pilothouse::predictions {

namespace {

bool continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t characterEnd(std::string_view text, std::size_t at) {
    ++at;
    while (at < text.size() && continuation(text[at]))
        ++at;
    return at;
}

/// Letters, digits and the underscore; whatever is not ASCII counts as a letter.
bool wordByte(char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == '_';
}

/// Levenshtein's distance, over bytes.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

bool matchesWildcard(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            resume = t;
            continue;
        }
        if (p < pattern.size() && pattern[p] == '?') {
            ++p;
            t = characterEnd(text, t);
            continue;
        }
        const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
        if (p < pattern.size() && pattern[p + (escaped ? 1 : 0)] == text[t]) {
            p += escaped ? 2 : 1;
            ++t;
            continue;
        }
        if (star == std::string_view::npos) return false;
        p = star;
        t = resume = characterEnd(text, resume);
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

std::string soughtSubstring(std::string_view pattern) {
    if (pattern.size() < 3 || pattern.front() != '*' || pattern.back() != '*') return {};
    std::string out;
    const std::string_view inner = pattern.substr(1, pattern.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (inner[i] == '*' || inner[i] == '?') return {};
        if (inner[i] == '\\' && ++i == inner.size()) return {};  // the last star is meant as it stands
        out += inner[i];
    }
    // A wildcard goes from character to character: it does not begin within one.
    return continuation(out.front()) ? std::string() : out;
}

void markSubstring(const TextPool& pool, std::string_view substring, std::vector<std::uint8_t>& hit) {
    const std::string_view all = pool.all();
    std::size_t text = 0;
    for (std::size_t at = 0; at + substring.size() <= all.size();) {
        const void* const found = memmem(all.data() + at, all.size() - at, substring.data(), substring.size());
        if (!found) return;
        at = static_cast<std::size_t>(static_cast<const char*>(found) - all.data());
        while (pool.end(text) <= at)
            ++text;
        const bool within = at + substring.size() <= pool.end(text);
        if (within) hit[text] = 1;
        at = within ? pool.end(text) : at + 1;
    }
}

Result<std::shared_ptr<const re2::RE2>> makeRegex(const std::string& pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);  // a value is one text, whatever stands in it
    auto regex = std::make_shared<const re2::RE2>(pattern, options);
    if (!regex->ok()) return fail(Error::invalid("the regular expression cannot be read: " + regex->error()));
    return regex;
}

bool matchesRegex(const re2::RE2& regex, std::string_view text) {
    return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), regex);
}

std::optional<Duration> relativeTime(std::string_view text) {
    if (!text.starts_with("now")) return {};
    Duration sum{0};
    for (std::size_t at = 3; at < text.size();) {
        const bool back = text[at] == '-';
        if (!back && text[at] != '+') return {};
        const std::size_t end = std::min(text.find_first_of("+-", at + 1), text.size());
        const auto step = parseDuration(text.substr(at + 1, end - at - 1));
        std::int64_t ns = 0;
        if (!step || __builtin_add_overflow(sum.count(), back ? -step->count() : step->count(), &ns)) return {};
        sum = Duration(ns);
        at = end;
    }
    return sum;
}

std::string foldCase(std::string_view text) {
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toCaseFolded().toStdString();
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

namespace {

/// The words at that place of the text, beginning and ending at the edge of a word.
bool wholeWords(std::string_view text, std::size_t at, std::string_view words) {
    const std::size_t end = at + words.size();
    const bool begins = at == 0 || !wordByte(text[at - 1]) || !wordByte(words.front());
    return begins && (end == text.size() || !wordByte(text[end]) || !wordByte(words.back()));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool ascii(std::string_view text) {
    unsigned char all = 0;
    for (const char c : text)
        all |= static_cast<unsigned char>(c);
    return all < 0x80;
}

bool anyCapital(std::string_view text) {
    unsigned char any = 0;
    for (const char c : text)
        any |= static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? 1 : 0);
    return any != 0;
}

}  // namespace

bool containsWords(std::string_view text, std::string_view words) {
    if (words.empty()) return false;
    if (!ascii(text)) {
        const std::string folded = foldCase(text);
        for (std::size_t at = folded.find(words); at != std::string_view::npos; at = folded.find(words, at + 1))
            if (wholeWords(folded, at, words)) return true;
        return false;
    }
    if (text.size() < words.size()) return false;
    for (std::size_t at = 0; at <= text.size() - words.size(); ++at) {
        if (lower(text[at]) != words.front()) continue;
        std::size_t same = 1;
        while (same < words.size() && lower(text[at + same]) == words[same])
            ++same;
        if (same == words.size() && wholeWords(text, at, words)) return true;
    }
    return false;
}

void markWords(const TextPool& pool, std::string_view words, std::vector<std::uint8_t>& hit) {
    if (words.empty()) return;
    if (!ascii(pool.all())) {
        for (std::size_t text = 0; text < pool.size(); ++text)
            hit[text] = containsWords(pool.at(text), words) ? 1 : 0;
        return;
    }
    // All texts at once: folding them and seeking the words are loops that the processor runs many bytes at a time.
    constexpr std::size_t kKept = std::size_t{2} << 20;
    thread_local std::string folded;
    if (folded.capacity() > kKept) folded = std::string();
    std::string_view all = pool.all();
    if (anyCapital(all)) {
        folded.assign(all);
        for (char& c : folded)
            c = lower(c);
        all = folded;
    }
    std::size_t text = 0;
    for (std::size_t at = 0; at + words.size() <= all.size();) {
        const void* const found = memmem(all.data() + at, all.size() - at, words.data(), words.size());
        if (!found) return;
        at = static_cast<std::size_t>(static_cast<const char*>(found) - all.data());
        while (pool.end(text) <= at)
            ++text;
        const std::size_t end = pool.end(text), begin = end - pool.at(text).size();
        const bool match = at + words.size() <= end && wholeWords(all.substr(begin, end - begin), at - begin, words);
        if (match) hit[text] = 1;
        at = match ? end : at + 1;
    }
}

std::optional<double> parseNumber(std::string_view text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const char* begin = text.starts_with('+') && !text.starts_with("+-") ? text.data() + 1 : text.data();
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (begin == end || stop != end || error != std::errc{} || std::isnan(value)) return {};
    return value;
}

std::string numberText(double value) {
    std::array<char, 40> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return error == std::errc{} ? std::string(buffer.data(), end) : std::string();
}

std::string nearestNames(const std::string& name, const std::vector<std::string>& names) {
    const std::string folded = foldCase(name);
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& candidate : names) {
        const std::string other = foldCase(candidate);
        std::size_t d = distance(folded, other);
        if (folded.size() >= 3 && (other.starts_with(folded) || folded.starts_with(other)))
            d = std::min<std::size_t>(d, 2);
        if (d <= std::max<std::size_t>(1, name.size() / 3)) near.emplace_back(d, candidate);
    }
    std::ranges::sort(near);
    if (near.size() > 3) near.resize(3);
    std::string out;
    for (std::size_t i = 0; i < near.size(); ++i) {
        if (i > 0) out += i + 1 == near.size() ? " or " : ", ";
        out += "\"" + near[i].second + "\"";
    }
    return out;
}

}  // namespace pilothouse::predictions
