// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/statistics/profile.h"
#include "models/statistics/value_runs.h"

/// What a column profile is made from, however the rows were gone through. Inside of the folder only.
namespace pilothouse::statistics {

struct NumericSummary {
    std::vector<ValueRun> runs;                       ///< of the finite values
    double min = 0, max = 0;                          ///< of the finite values; runs may stand for values near them
    std::uint64_t missing = 0, below = 0, above = 0;  ///< NaN, minus and plus infinity
};
[[nodiscard]] ColumnProfile profileOfRuns(std::string name, const NumericSummary& summary, std::size_t bins);

struct TextCount {
    std::string_view text;
    std::uint64_t count = 0;
};
/// `complete`: false where there were too many texts to count, which makes the column an identifier.
[[nodiscard]] ColumnProfile profileOfTexts(std::string name, std::vector<TextCount> texts, std::uint64_t missing,
                                           bool complete, std::size_t categories);

}  // namespace pilothouse::statistics
