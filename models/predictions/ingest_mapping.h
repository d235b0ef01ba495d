// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/base/timestamp.h"
#include "models/ports/rows.h"

namespace pilothouse::predictions {

enum class RowFormat { JsonLines, Csv, CloudEvents };
/// How a time is written. Guess: a text is ISO 8601, a number is seconds, ms, µs or ns by its size.
enum class TimeUnit { Guess, Iso, Seconds, Milliseconds, Microseconds, Nanoseconds };
/// What happens to a field's value before it is kept.
enum class Protection { None, Mask, Hash, Drop };

/// Where a field of a source row goes.
struct FieldTarget {
    std::string column;                       ///< "outcome" and "outcome_time" become ground truth
    std::optional<ports::ColumnType> type{};  ///< the type that the column must have; none: a feature, as it comes
    Protection protection = Protection::None;
};

/// Which field of a source row is what. Names of nested fields are joined with dots.
struct RowMapping {
    RowFormat format = RowFormat::JsonLines;
    std::map<std::string, std::string> fields;  ///< a reserved column ("time", "outcome", …) → the source's field
    TimeUnit timeUnit = TimeUnit::Guess;
    double latencyFactor = 1;          ///< × what the source says = ms
    std::string featurePrefix;         ///< fields that begin with it are features, named without it
    bool keepOthers = true;            ///< fields that nothing names become features
    std::set<std::string> textFields;  ///< never read as numbers (CSV)
    /// What outcomes that are classes mean: the outcome of a row is its text's place in the list, from 0. Empty:
    /// outcomes are numbers, or yes and no.
    std::vector<std::string> outcomeClasses;
    std::map<std::string, std::string> constants;   ///< a column ("model", "version", or a feature) → its value
    std::map<std::string, Protection> protections;  ///< by source field

    [[nodiscard]] FieldTarget target(std::string_view sourceField) const;
    [[nodiscard]] bool protects() const { return !protections.empty(); }
};

/// InvalidInput names file, line and key. Unknown keys are refused.
[[nodiscard]] Result<RowMapping> parseMapping(std::string_view yaml, const std::string& file);
/// The form that parseMapping reads; equal mappings give equal texts.
[[nodiscard]] std::string toYaml(const RowMapping& mapping);

/// A field as the first rows show it.
struct SampledField {
    std::string name;
    std::size_t values = 0, numbers = 0, times = 0;  ///< that are there; that are numbers; that can be read as times
    std::vector<std::string> first{};  ///< of the first rows, one a row, "" where it is missing; shortened
    std::set<std::string> distinct{};  ///< values, at most kMostClasses and one more; shortened
};
inline constexpr std::size_t kMostClasses = 50;
/// Guesses from names and values. What cannot be guessed is left out.
[[nodiscard]] RowMapping guessMapping(RowFormat format, std::span<const SampledField> fields);
/// The classes of the field that is the outcome, by name, where its values are texts and few; otherwise none.
void guessClasses(RowMapping& mapping, std::span<const SampledField> fields);

/// Nothing for what is no time of that form.
[[nodiscard]] std::optional<Timestamp> parseTimeText(std::string_view text, TimeUnit unit);
/// A plain decimal number, as JSON and CSV write it; nothing for other texts.
[[nodiscard]] std::optional<double> parseNumberText(std::string_view text);

}  // namespace pilothouse::predictions
