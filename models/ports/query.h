// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/result.h"
#include "models/base/timestamp.h"

/// The query language's tree, apart from its text (predictions/query_parser.h) and from its execution, so that a store
/// on another machine can be asked the same question.
namespace pilothouse::ports {

enum class QueryOp {
    All,       ///< every row
    And,       ///< children
    Or,        ///< children
    Not,       ///< one child
    Equals,    ///< field : text (numbers compare as numbers; text exactly); `*` and `?` in text make it a Wildcard
    Wildcard,  ///< field : text with * and ?
    Regex,     ///< field : /text/, a regular expression (RE2) over the whole value; field empty: any text field
    Less,      ///< field < number or text
    LessEqual,
    Greater,
    GreaterEqual,
    Exists,  ///< the field has a value
    Missing,
    Contains,  ///< a word or "phrase" in any text field (field empty), or in one
    Near,      ///< field ~ number ± tolerance
    // What only a prediction log knows:
    Wrong,      ///< predicted class differs from the outcome (only rows with an outcome)
    Confident,  ///< score at least 0.4 away from the threshold
    Labelled,   ///< has an outcome
    Outside,    ///< field : beyond the training range of the row's version
    Unseen,     ///< field : a category that the training profile does not hold
    Disagree,   ///< version `text` and version `other` scored the same request into different classes
};

struct QueryNode {
    QueryOp op = QueryOp::All;
    std::string field;
    std::string text;      ///< operand as written
    double number = 0;     ///< operand as a number; NaN when it is none
    double tolerance = 0;  ///< Near
    std::string other;     ///< Disagree: the second version
    std::vector<QueryNode> children;
    std::size_t position = 0;  ///< byte offset in the text it was read from

    bool operator==(const QueryNode&) const = default;
};

/// A parsed query and the text it came from. Default: every row.
struct Query {
    QueryNode root;
    std::string text;
    /// What "now" means in "now-2h", so that the pages of one answer agree. Unset: a log that has a clock asks it.
    std::optional<Timestamp> now = {};
};

}  // namespace pilothouse::ports
