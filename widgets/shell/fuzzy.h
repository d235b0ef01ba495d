// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>
#include <vector>

namespace pilothouse::shell {

struct FuzzyMatch {
    int score = 0;                     ///< higher is better
    std::vector<qsizetype> positions;  ///< of the letters that matched
};

/// Whether all letters of `pattern` (blanks aside, case aside) stand in `text` in that order. Letters at the start of
/// words, in a row and early count more; short texts win ties. An empty pattern matches everything with score 0.
[[nodiscard]] std::optional<FuzzyMatch> fuzzyMatch(const QString& pattern, const QString& text);

}  // namespace pilothouse::shell
