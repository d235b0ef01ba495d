// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/predictions/file_table.h"
#include "models/statistics/profile.h"

/// A file's columns as statistics take them. Inside of the folder only.
namespace pilothouse::monitoring {

/// A column's texts, those of its numbers among them. A dictionary may name a value twice.
struct ColumnTexts {
    std::vector<std::uint32_t> codes;
    std::vector<std::string> dictionary;
};
/// `booleans`: "True" and 1 are told as "true" is.
[[nodiscard]] ColumnTexts textsOf(const predictions::FileColumn& column, std::uint64_t rows, bool booleans);

/// Dense ids of rows with equal values in all the columns; none where no column is named. InvalidInput for a column
/// that the file lacks.
[[nodiscard]] Result<std::vector<std::uint32_t>> clustersOf(const predictions::FileTable& table,
                                                            const std::vector<std::string>& names);

/// The categories are yes and no.
[[nodiscard]] bool isBoolean(const statistics::ColumnProfile& profile);

/// Named among `columns` (or those are none) and not among `except`.
[[nodiscard]] bool isChosen(const std::string& name, const std::vector<std::string>& columns,
                            const std::vector<std::string>& except);

}  // namespace pilothouse::monitoring
