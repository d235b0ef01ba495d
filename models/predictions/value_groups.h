// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/predictions/value_tally.h"

namespace pilothouse::predictions {

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
