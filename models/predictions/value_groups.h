// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/predictions/scanner.h"
#include "models/predictions/text_table.h"

namespace pilothouse::predictions {

/// Rows by value of one field, in text form. Bounded by the distinct values.
class ValueTally {
public:
    explicit ValueTally(std::string field) : m_field(std::move(field)) {}
    [[nodiscard]] Status add(BlockView& view, const Mask& mask);
    void add(const ValueTally& other);
    void clear();
    /// Of all matching rows, on several threads.
    [[nodiscard]] static Result<ValueTally> of(Scanner& scanner, const std::string& field);

    struct Entry {
        std::string value;
        std::uint64_t count = 0;
    };
    /// Most first, ties by value.
    [[nodiscard]] std::vector<Entry> sorted() const;
    [[nodiscard]] std::uint64_t total() const { return m_total; }
    [[nodiscard]] std::uint64_t missing() const { return m_missing; }

private:
    std::uint64_t& countOf(std::string_view value);
    std::string m_field;
    TextTable m_table;
    std::vector<Entry> m_entries;
    std::uint64_t m_total = 0, m_missing = 0;
};

/// What answers are split by: nothing, the outcome, or a field's most frequent values and the rest.
class Groups {
public:
    static constexpr std::size_t kMost = 8;
    /// For a field, passes over the matching rows once. InvalidInput for a field that holds no texts.
    [[nodiscard]] static Result<Groups> make(Scanner& scanner, const std::string& splitBy);
    [[nodiscard]] const std::vector<std::string>& names() const { return m_names; }
    /// The group of every row of the block (rows that are not selected included).
    [[nodiscard]] Status groupsOf(BlockView& view, std::vector<std::uint8_t>& groups) const;

private:
    [[nodiscard]] std::uint8_t groupOf(std::string_view value) const;
    enum class Kind { None, Outcome, Field } m_kind = Kind::None;
    std::string m_field;
    std::vector<std::string> m_names;
    std::size_t m_named = 0;  ///< without "other"
};

}  // namespace pilothouse::predictions
