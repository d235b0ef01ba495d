// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/timestamp.h"
#include "models/ports/rows.h"

namespace pilothouse::predictions {

/// Rows that are coded, read and evaluated together. A column of a segment is a row of such blocks, each decodable
/// alone.
inline constexpr std::size_t kBlockRows = 8'192;
/// The longest text that the log takes.
inline constexpr std::size_t kMaxTextBytes = 65'536;

/// Distinct texts, end to end: one allocation instead of one a text.
class TextPool {
public:
    [[nodiscard]] std::size_t size() const { return m_ends.size(); }
    [[nodiscard]] std::string_view at(std::size_t i) const {
        const std::size_t from = i == 0 ? 0 : m_ends[i - 1];
        return std::string_view(m_bytes).substr(from, m_ends[i] - from);
    }
    void add(std::string_view text) {
        m_bytes.append(text);
        m_ends.push_back(static_cast<std::uint32_t>(m_bytes.size()));
    }
    /// All texts, end to end.
    [[nodiscard]] std::string_view all() const { return m_bytes; }
    /// `ends` ascend to the length of `bytes`.
    void assign(std::string bytes, std::vector<std::uint32_t> ends) {
        m_bytes = std::move(bytes);
        m_ends = std::move(ends);
    }
    /// Where text i ends in all().
    [[nodiscard]] std::uint32_t end(std::size_t i) const { return m_ends[i]; }
    [[nodiscard]] std::size_t bytes() const { return m_bytes.size() + m_ends.size() * sizeof(std::uint32_t); }
    void clear() {
        m_ends.clear();
        m_bytes.clear();
    }

private:
    std::vector<std::uint32_t> m_ends;
    std::string m_bytes;
};

/// At most kBlockRows decoded rows of one column; the same meaning of missing as in ports::Column.
struct ColumnBlock {
    ports::ColumnType type = ports::ColumnType::Number;
    std::vector<double> numbers;
    std::vector<std::int64_t> times;
    std::vector<std::uint32_t> codes;
    TextPool pool;  ///< distinct, in order of first use

    [[nodiscard]] std::size_t rows() const {
        return type == ports::ColumnType::Number ? numbers.size()
               : type == ports::ColumnType::Text ? codes.size()
                                                 : times.size();
    }
    [[nodiscard]] bool missing(std::size_t row) const {
        switch (type) {
            case ports::ColumnType::Number:
                return std::isnan(numbers[row]);
            case ports::ColumnType::Text:
                return codes[row] == ports::Column::kMissingCode;
            case ports::ColumnType::Time:
                return times[row] == kTimestampMin.ns;
        }
        return true;
    }
    [[nodiscard]] std::string_view text(std::size_t row) const {
        return codes[row] == ports::Column::kMissingCode ? std::string_view{} : pool.at(codes[row]);
    }
    [[nodiscard]] std::size_t bytes() const {
        return sizeof(*this) + numbers.size() * 8 + times.size() * 8 + codes.size() * 4 + pool.bytes();
    }
};

}  // namespace pilothouse::predictions
