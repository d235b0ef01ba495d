// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/column_writer.h"

#include <bit>
#include <cmath>
#include <limits>

namespace pilothouse::predictions {

namespace {
constexpr std::uint32_t kNotMapped = 0xFFFFFFFE;
constexpr std::size_t kCountingBits = 1 << 18;

std::string_view poolText(const ports::Column& column, std::uint32_t code) { return column.dictionary[code]; }
std::string_view poolText(const ColumnBlock& block, std::uint32_t code) { return block.pool.at(code); }
std::size_t poolSize(const ports::Column& column) { return column.dictionary.size(); }
std::size_t poolSize(const ColumnBlock& block) { return block.pool.size(); }

/// splitmix64's finaliser: spreads the bits of a double or a time.
std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}
}  // namespace

ColumnWriter::ColumnWriter(ports::ColumnType type, Effort effort) : m_effort(effort) {
    m_out.header.type = type;
    m_block.type = type;
    if (effort == Effort::Dense) m_seen.resize(kCountingBits / 64);
}

void ColumnWriter::append(const ports::Column& source, std::size_t from, std::size_t to) {
    appendRows(source, from, to);
}

void ColumnWriter::append(const ColumnBlock& source, std::size_t from, std::size_t to) { appendRows(source, from, to); }

void ColumnWriter::append(const ports::Column& source, std::span<const std::uint32_t> rows) {
    appendChosen(source, rows);
}

void ColumnWriter::append(const ColumnBlock& source, std::span<const std::uint32_t> rows) {
    appendChosen(source, rows);
}

template <class Source>
void ColumnWriter::appendChosen(const Source& source, std::span<const std::uint32_t> rows) {
    startTexts(source.type == ports::ColumnType::Text ? poolSize(source) : 0);
    for (const std::uint32_t row : rows)
        appendRow(source, row);
}

template <class Source>
void ColumnWriter::appendRows(const Source& source, std::size_t from, std::size_t to) {
    startTexts(source.type == ports::ColumnType::Text ? poolSize(source) : 0);
    for (std::size_t row = from; row < to; ++row)
        appendRow(source, row);
}

template <class Source>
void ColumnWriter::appendRow(const Source& source, std::size_t row) {
    switch (m_block.type) {
        case ports::ColumnType::Number:
            appendNumber(source.numbers[row]);
            return;
        case ports::ColumnType::Time:
            appendTime(source.times[row]);
            return;
        case ports::ColumnType::Text: {
            const std::uint32_t code = source.codes[row];
            if (code == ports::Column::kMissingCode) {
                m_block.codes.push_back(code);
                break;
            }
            if (m_remap[code] == kNotMapped) m_remap[code] = intern(poolText(source, code));
            m_block.codes.push_back(m_remap[code]);
            m_anyValue = true;
            break;
        }
    }
    if (m_block.rows() == kBlockRows) flush();
}

void ColumnWriter::appendNumber(double value) {
    m_block.numbers.push_back(value);
    m_anyValue |= !std::isnan(value);
    if (m_block.numbers.size() == kBlockRows) flush();
}

void ColumnWriter::appendTime(std::int64_t ns) {
    m_block.times.push_back(ns);
    m_anyValue |= ns != kTimestampMin.ns;
    if (m_block.times.size() == kBlockRows) flush();
}

void ColumnWriter::appendText(std::string_view text) {
    m_block.codes.push_back(intern(text));
    m_anyValue = true;
    if (m_block.codes.size() == kBlockRows) flush();
}

void ColumnWriter::appendMissing(std::size_t rows) {
    for (std::size_t i = 0; i < rows; ++i) {
        switch (m_block.type) {
            case ports::ColumnType::Number:
                m_block.numbers.push_back(std::numeric_limits<double>::quiet_NaN());
                break;
            case ports::ColumnType::Time:
                m_block.times.push_back(kTimestampMin.ns);
                break;
            case ports::ColumnType::Text:
                m_block.codes.push_back(ports::Column::kMissingCode);
                break;
        }
        if (m_block.rows() == kBlockRows) flush();
    }
}

void ColumnWriter::startTexts(std::size_t sourceTexts) { m_remap.assign(sourceTexts, kNotMapped); }

std::uint32_t ColumnWriter::intern(std::string_view text) {
    return m_table.codeOf(
        text, [this](std::uint32_t c) { return m_block.pool.at(c); },
        [this](std::string_view t) { m_block.pool.add(t); });
}

/// A block at a time: the bitmaps of all columns together are larger than the caches, one alone is not.
void ColumnWriter::countBlock() {
    if (m_seen.empty()) return;
    const auto mark = [this](std::uint64_t hash) {
        m_seen[hash / 64 % m_seen.size()] |= std::uint64_t{1} << (hash % 64);
    };
    for (const double value : m_block.numbers)
        if (!std::isnan(value)) mark(mixed(std::bit_cast<std::uint64_t>(value + 0.0)));
    for (const std::int64_t ns : m_block.times)
        if (ns != kTimestampMin.ns) mark(mixed(static_cast<std::uint64_t>(ns)));
    for (std::uint32_t code = 0; code < m_table.size(); ++code)
        mark(m_table.hashOf(code));
}

void ColumnWriter::flush() {
    m_rows += m_block.rows();
    countBlock();
    const BlockInfo info = encodeBlock(m_block, m_effort, m_out.data);
    m_out.header.blocks.push_back(info);
    if (m_effort == Effort::Dense && m_block.type == ports::ColumnType::Text)
        m_words.add(m_block.pool, holdsHexTexts(ByteView(m_out.data).subspan(info.offset, info.bytes)));
    m_block.numbers.clear();
    m_block.times.clear();
    m_block.codes.clear();
    m_block.pool.clear();
    m_table.clear();
    m_remap.assign(m_remap.size(), kNotMapped);
}

EncodedColumn ColumnWriter::finish() {
    if (m_block.rows() > 0) flush();
    m_out.header.rows = m_rows;
    if (const Bytes words = m_words.finish(); !words.empty()) {
        m_out.header.frontBytes = static_cast<std::uint32_t>(words.size());
        m_out.data.insert(m_out.data.begin(), words.begin(), words.end());
        for (BlockInfo& b : m_out.header.blocks)
            b.offset += words.size();
    }
    m_out.header.dataBytes = m_out.data.size();
    m_out.headerBytes = encodeHeader(m_out.header);
    if (!m_seen.empty()) {
        // Linear counting: Whang, Vander-Zanden, Taylor (1990), n = -m ln(empty / m).
        std::size_t set = 0;
        for (const std::uint64_t word : m_seen)
            set += static_cast<std::size_t>(std::popcount(word));
        const auto m = static_cast<double>(kCountingBits);
        const double empty = std::max(1.0, m - static_cast<double>(set));
        m_out.distinct = static_cast<std::uint64_t>(std::llround(-m * std::log(empty / m)));
    }
    return std::move(m_out);
}

}  // namespace pilothouse::predictions
