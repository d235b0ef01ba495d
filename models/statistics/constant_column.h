// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "models/statistics/drift.h"

namespace pilothouse::statistics {

/// A numeric column and its current counts, told as a categorical one.
struct ConstantForm {
    ColumnProfile reference;
    CurrentCounts current;
};
/// A numeric column that is constant in the reference has no scale to measure a shift by. What can be asked is how many
/// rows differ: the constant becomes the one category, and every other value counts as unseen. Nothing for a column
/// that is not constant, of which the reference holds fewer than two values or infinite ones, or counts that do not fit
/// it.
[[nodiscard]] std::optional<ConstantForm> constantForm(const ColumnProfile& reference, const CurrentCounts& current);

}  // namespace pilothouse::statistics
