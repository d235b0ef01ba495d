// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "models/base/result.h"
#include "models/ports/query.h"

/// The query language.
///
///     query   = [or]                                     nothing: every row
///     or      = and { "OR" and }
///     and     = unary { ["AND"] unary }                  clauses side by side mean AND, which binds closer than OR
///     unary   = ("NOT" | "-") unary | "(" or ")" | clause
///     clause  = FIELD ":" operand                        see below
///             | FIELD ("=" | "!=") VALUE
///             | FIELD ("<" | "<=" | ">" | ">=") VALUE
///             | FIELD "~" NUMBER ("±" | "+-") NUMBER     within the tolerance, both ends included
///             | FIELD "~" VALUE                          words anywhere in that text
///             | ("missing" | "_missing_" | "exists" | "_exists_" | "outside" | "unseen") ":" FIELD
///             | "wrong" | "confident" | "labelled"
///             | WORD | "words in quotes"                 words anywhere in any text
///             | "*"                                      every row
///             | REGEX                                    over the whole of any text
///             | "version" ":" VALUE "vs" VALUE           the two versions disagree on the class of one request
///     operand = VALUE | "*" | "(" list ")" | range | REGEX | ("<" | "<=" | ">" | ">=") VALUE
///     list    = as "or", of operands without their field:  carrier:(UA OR AA)   temp_f:(<20 OR >90)
///     range   = ("[" | "{") (VALUE | "*") "TO" (VALUE | "*") ("]" | "}")    square: included, curly: excluded
///
/// A FIELD is a name as the log has it, dots included; in quotes it may hold anything and is never a keyword. A VALUE
/// is a run of characters without blanks and parentheses, or a text in quotes; a backslash takes the next character as
/// it is. `*` (any run) and `?` (one character) outside quotes make a value a wildcard over the whole text. A REGEX
/// stands between slashes, `\/` is a slash within; its syntax is RE2's, it takes time linear in the text, and it must
/// match the whole value (`/.*gate.*/` for a part). A value that begins with a slash needs quotes. Keywords are upper
/// case as shown.
///
/// What matches: numbers compare as numbers ("inf" and "-inf" too); texts exactly, orders by bytes; times with ISO 8601
/// times, where `time:2013-04-01` is that day in UTC, and an order compares with its first instant, or with a time
/// relative to the workspace's clock: `now`, `now-2h`, `now-1d+30m` (units s m h d w; a day has 24 hours). A field that
/// held values of several types compares each value by its own type. Words ignore case, begin and end at the edge of a
/// word and stand as written, one after the other. Wildcard and REGEX see numbers and times in their text form. A
/// missing value matches no clause but `missing:`, so NOT selects it. `outcome` and `outcome_time` are fields too.
///   wrong      the predicted class (score ≥ threshold of the row's version) is not the outcome (> 0.5); needs both
///   confident  the score lies at least 0.4 from the threshold
///   labelled   an outcome is known
///   outside:F  the number lies beyond the least or greatest of the training profile of the row's version
///   unseen:F   the text is not among the categories of that profile
///   version:A vs B  rows of A and of B whose request both have scored, and into different classes (score ≥ threshold
///              of each), within one model and anywhere in the log
namespace pilothouse::predictions {

/// Reads the query language. Errors name the byte position and what was expected. Bounded: 64 KiB of text, 64 levels.
[[nodiscard]] Result<ports::Query> parseQuery(std::string_view text);

/// The query that matches where both do. Positions count in the new text.
[[nodiscard]] ports::Query conjunction(const ports::Query& a, const ports::Query& b);
/// "field:value" with whatever quoting the value needs.
[[nodiscard]] std::string equalsClause(std::string_view field, std::string_view value);

}  // namespace pilothouse::predictions
