// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <optional>
#include <string>
#include <vector>

#include "models/ports/prediction_log.h"

/// The text of a query bar: its clauses, what is being typed, what could be typed. Pure functions.
namespace pilothouse::items {

/// "carrier:UA temp_f>80 AND NOT origin:JFK" → {"carrier:UA", "temp_f>80", "NOT origin:JFK"}: what holds together by
/// AND at the top level, in order. A text with OR at the top level is one clause. Quotes, brackets and parentheses are
/// kept whole. The text need not parse.
[[nodiscard]] QStringList splitClauses(const QString& text);
/// The text that splitClauses() reads back; a clause with OR at its top level gets parentheses.
[[nodiscard]] QString joinClauses(const std::vector<std::string>& clauses);

/// What stands at the cursor.
struct TypedToken {
    qsizetype start = 0, end = 0;  ///< of what a completion replaces
    QString field;                 ///< not empty: a value of this field is being typed
    QString prefix;                ///< typed so far
    bool fieldName = false;        ///< after "outside:", "unseen:", "_missing_:" a field's name stands
};
[[nodiscard]] TypedToken tokenAt(const QString& text, qsizetype cursor);

struct Completion {
    QString text;  ///< replaces the token
    QString hint;  ///< "feature, number", "12,304 rows"
};
/// Names and words that begin with what is typed, then those that contain it.
[[nodiscard]] std::vector<Completion> completeNames(const TypedToken& token,
                                                    const std::vector<ports::FieldInfo>& fields);
/// Values, as the query language writes them. Hints are left empty; `values` give the counts in the same order.
[[nodiscard]] std::vector<std::pair<Completion, std::uint64_t>> completeValues(const TypedToken& token,
                                                                               const ports::TopValues& values);

/// Pieces of the text by meaning, for highlighting.
struct TextPiece {
    enum class Kind { Field, Operator, Value, Word } kind = Kind::Word;
    qsizetype start = 0, length = 0;
};
[[nodiscard]] std::vector<TextPiece> pieces(const QString& text);

}  // namespace pilothouse::items
