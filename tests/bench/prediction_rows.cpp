// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/prediction_rows.h"

#include <QtGlobal>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "models/base/vector_state.h"

namespace pilothouse::bench {

using ports::Column;
using ports::ColumnType;
using ports::RowSet;

namespace {

constexpr std::size_t kVocabulary = 2'000;
constexpr std::array<const char*, 16> kSyllables{"ba",  "cor", "del", "fen", "gi", "hol", "ju",  "kam",
                                                 "lor", "mi",  "nez", "pol", "ru", "sta", "tev", "wi"};

std::uint64_t mixed(std::uint64_t x) {  // splitmix64
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}
std::uint64_t draw(std::size_t row, unsigned salt) { return mixed(mixed(row) + salt * 0x632be59bd9b4e019ULL); }
double unit(std::size_t row, unsigned salt) { return static_cast<double>(draw(row, salt) >> 11) * 0x1.0p-53; }
/// About normal: the sum of four uniform numbers, mean 0, standard deviation 1.
double bell(std::size_t row, unsigned salt) {
    double sum = 0;
    for (unsigned i = 0; i < 4; ++i)
        sum += unit(row, salt + 1000 * i);
    return (sum - 2) * 1.7320508;
}
double rounded(double value, double scale) { return std::round(value * scale) / scale; }

std::string wordOf(std::size_t i) {
    std::string word = kSyllables[i % 16];
    word += kSyllables[i / 16 % 16];
    return word + kSyllables[i / 256 % 16];
}

void appendHex(std::string& out, std::uint64_t value, int digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (int d = digits - 1; d >= 0; --d)
        out += kDigits[(value >> (4 * d)) & 15];
}

Column texts(const char* name) { return {name, ColumnType::Text, {}, {}, {}, {}}; }
Column numbers(std::string name) { return {std::move(name), ColumnType::Number, {}, {}, {}, {}}; }

void pushOwn(Column& column, std::string text) {
    column.codes.push_back(static_cast<std::uint32_t>(column.dictionary.size()));
    column.dictionary.push_back(std::move(text));
}

std::string twoDigits(const char* prefix, std::size_t i) {
    return prefix + std::string(i < 10 ? "0" : "") + std::to_string(i);
}

}  // namespace

Timestamp PredictionRows::start() const { return *Timestamp::parseIso("2026-01-01T00:00:00Z"); }

Timestamp PredictionRows::at(double share) const {
    return start() + std::chrono::seconds(static_cast<std::int64_t>(static_cast<double>(m_total) * share));
}

Timestamp PredictionRows::timeOf(std::size_t row) const {
    // A hostile log arrives in any order: a full cycle through all seconds.
    const std::size_t second = m_shape == Shape::Usual ? row : row * 7'368'787 % m_total;
    return start() + std::chrono::milliseconds(static_cast<std::int64_t>(second * 1000 + draw(row, 1) % 1000));
}

std::string PredictionRows::requestId(std::size_t row) const {
    const std::uint64_t high = draw(row, 2), low = draw(row, 3);
    std::string id;
    appendHex(id, high >> 32, 8);
    id += '-';
    appendHex(id, high >> 16, 4);
    id += "-4";
    appendHex(id, high, 3);
    id += "-a";
    appendHex(id, low >> 48, 3);
    id += '-';
    appendHex(id, low, 12);
    return id;
}

std::string PredictionRows::message(std::size_t row) const {
    std::string text = "worker-" + std::to_string(draw(row, 4) % 64) + " scored batch " +
                       std::to_string(draw(row, 5) % 1'000'000) + ":";
    const unsigned words = m_shape == Shape::Usual ? 7 : 30;
    for (unsigned w = 0; w < words; ++w) {
        const double u = unit(row, 10 + w);
        text += ' ' + wordOf(static_cast<std::size_t>(u * u * u * kVocabulary));
    }
    if (draw(row, 6) % 100 == 0) text += std::string(" gate ") + kFrequentWord;
    if (row % kRareEvery == kRareEvery / 2) text += std::string(" ") + kRareWord;
    return text;
}

void PredictionRows::addNumbers(RowSet& set, std::size_t from) const {
    clearVectorState();
    const std::size_t features = m_shape == Shape::Usual ? 20 : 40;
    for (std::size_t f = 0; f < features; ++f) {
        Column column = numbers(twoDigits("feature_", f));
        column.numbers.reserve(set.rows);
        const auto salt = static_cast<unsigned>(100 + f);
        for (std::size_t row = from; row < from + set.rows; ++row) {
            double v = 50 + 15 * bell(row, salt);
            if (m_shape == Shape::Usual) {
                v = f < 8    ? rounded(v, 100)
                    : f < 12 ? std::floor(v * static_cast<double>(f))
                    : f < 16 ? rounded(unit(row, salt), 1e6)
                             : static_cast<double>(static_cast<float>(rounded(v / 10, 1e4)));
            }
            const bool missing = f % 4 == 1 && draw(row, salt + 500) % 50 == 0;
            column.numbers.push_back(missing ? std::nan("") : v);
        }
        set.columns.push_back(std::move(column));
    }
}

void PredictionRows::addCategories(RowSet& set, std::size_t from) const {
    constexpr std::array<std::size_t, 5> kDistinct{5, 16, 105, 3'800, 40'000};
    constexpr std::array<const char*, 5> kNames{"channel", "carrier", "region", "merchant", "device"};
    for (unsigned c = 0; c < kDistinct.size(); ++c) {
        Column column = texts(kNames[c]);
        const bool own = m_shape == Shape::Hostile && c >= 3;
        std::vector<std::uint32_t> codes(kDistinct[c], Column::kMissingCode);
        for (std::size_t row = from; row < from + set.rows; ++row) {
            const double u = unit(row, 60 + c);
            if (own) {
                std::string text = "https://example.test/item?";
                for (unsigned k = 0; k < 8; ++k)
                    appendHex(text, draw(row, 700 + c * 10 + k), 16);
                pushOwn(column, std::move(text));
            } else {
                const auto i = static_cast<std::size_t>(u * u * static_cast<double>(kDistinct[c]));
                if (codes[i] == Column::kMissingCode) {
                    codes[i] = static_cast<std::uint32_t>(column.dictionary.size());
                    column.dictionary.push_back(static_cast<char>('A' + c) + std::to_string(i * 7 + 100));
                }
                column.codes.push_back(codes[i]);
            }
        }
        set.columns.push_back(std::move(column));
    }
}

RowSet PredictionRows::rows(std::size_t from, std::size_t count) const {
    RowSet set;
    set.rows = count;
    Column time{"time", ColumnType::Time, {}, {}, {}, {}};
    Column request = texts("request_id"), trace = texts("trace_id"), model = texts("model"), version = texts("version"),
           status = texts("status"), words = texts("message"), score = numbers("score"),
           latency = numbers("latency_ms");
    model.dictionary = {"delay", "fraud", "ranking"};
    version.dictionary = {"v1", "v2", "v3", "v4"};
    status.dictionary = {"ok", "timeout", "error"};
    clearVectorState();
    for (std::size_t row = from; row < from + count; ++row) {
        time.times.push_back(timeOf(row).ns);
        pushOwn(request, requestId(row));
        std::string hex;
        appendHex(hex, draw(row, 7), 16);
        appendHex(hex, draw(row, 8), 16);
        pushOwn(trace, std::move(hex));
        const std::uint64_t m = draw(row, 9) % 10;
        model.codes.push_back(m < 6 ? 0 : m < 9 ? 1 : 2);
        version.codes.push_back(static_cast<std::uint32_t>(row * 4 / std::max(m_total, row + 1)));
        const std::uint64_t s = draw(row, 50) % 200;
        status.codes.push_back(s == 0 ? 1 : s == 1 ? 2 : 0);
        pushOwn(words, message(row));
        score.numbers.push_back(rounded(unit(row, 51), 1e6));
        latency.numbers.push_back(rounded(8 * std::exp(0.6 * bell(row, 52)), 1e3));
    }
    for (Column* c : {&time, &model, &version, &request, &trace, &score, &latency, &status, &words})
        set.columns.push_back(std::move(*c));
    addNumbers(set, from);
    addCategories(set, from);
    return set;
}

namespace {

void appendValue(std::string& out, const Column& column, std::size_t row) {
    std::array<char, 40> buffer;
    switch (column.type) {
        case ColumnType::Number: {
            const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), column.numbers[row]).ptr;
            out.append(buffer.data(), end);
            break;
        }
        case ColumnType::Time:
            out += '"' + Timestamp{column.times[row]}.toIso() + '"';
            break;
        case ColumnType::Text:  // the texts above need no escapes
            out += '"';
            out += column.text(row);
            out += '"';
    }
}

}  // namespace

std::size_t writeJsonLines(const PredictionRows& rows, std::size_t count, const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (!file) qFatal("cannot write %s", path.c_str());
    std::size_t bytes = 0;
    std::string out;
    constexpr std::size_t kPart = 8'192;
    for (std::size_t from = 0; from < count; from += kPart) {
        const RowSet set = rows.rows(from, std::min(kPart, count - from));
        out.clear();
        for (std::size_t row = 0; row < set.rows; ++row) {
            char separator = '{';
            for (const Column& column : set.columns) {
                if (column.missing(row)) continue;
                out += separator;
                out += '"' + column.name + "\":";
                appendValue(out, column, row);
                separator = ',';
            }
            out += "}\n";
        }
        if (std::fwrite(out.data(), 1, out.size(), file) != out.size()) qFatal("cannot write %s", path.c_str());
        bytes += out.size();
    }
    if (std::fclose(file) != 0) qFatal("cannot write %s", path.c_str());
    return bytes;
}

}  // namespace pilothouse::bench
