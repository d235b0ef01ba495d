// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/ports/rows.h"
#include "models/statistics/performance.h"

/// A business metric as a formula over the rows of a window: "mean(if(score >= 0.5, outcome * 120 - 40, 0))".
///
///   expression  = and { "or" and }            and  = not { "and" not }         not = [ "not" ] comparison
///   comparison  = sum [ ("<" | "<=" | ">" | ">=" | "=" | "==" | "!=") sum ]
///   sum         = product { ("+" | "-") product }   product = unary { ("*" | "/") unary }   unary = { "-" } primary
///   primary     = number | "text" | column | `any column` | function "(" … ")" | "(" expression ")"
///   of a row    if(condition, then, else)  min(a, b)  max(a, b)  abs(a)  log(a)  exp(a)
///   of all rows mean(a)  sum(a)  count(condition)  count()
///
/// Every column stands within mean, sum or count, and these not within each other. A text is only compared (= or !=)
/// with a column. What a missing value enters is missing, and a row without a value is left out of that mean, sum or
/// count. Pure, for any thread.
namespace pilothouse::monitoring {

enum class FormulaOp {
    Number,
    Text,
    Column,
    Negate,
    Not,
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
    If,
    Minimum,
    Maximum,
    Absolute,
    Logarithm,
    Exponential,
    Mean,
    Sum,
    Count
};

struct FormulaNode {
    FormulaOp op = FormulaOp::Number;
    double number = 0;
    std::string text;  ///< of a text, or a column's name
    std::vector<FormulaNode> children;
    std::size_t position = 0;   ///< byte in the text
    std::size_t aggregate = 0;  ///< mean, sum, count: its place among them
};

struct Formula {
    FormulaNode root;
    std::vector<std::string> columns;  ///< each once
    std::size_t aggregates = 0;

    static constexpr std::size_t kMostBytes = 4'096, kMostDepth = 64, kMostAggregates = 32;
};

/// InvalidInput names what is wrong and the column (from 1) in the text.
[[nodiscard]] Result<Formula> parseFormula(std::string_view text);

struct FormulaValue {
    statistics::Interval value;  ///< NaN: not defined; low and high also with fewer than two clusters (rows)
    std::uint64_t rows = 0;
    std::uint64_t missing = 0;  ///< rows that were left out of a mean, sum or count, of the one that lacks most
};
/// The formula over the rows with its 95 % interval by a delete-a-group jackknife over clusters (jackknife.h).
/// `clusters`: dense ids a row, or empty. A column that is absent, or of another type than its use, is missing.
[[nodiscard]] FormulaValue evaluateFormula(const Formula& formula, const ports::RowSet& rows,
                                           std::span<const std::uint32_t> clusters, std::uint64_t seed);

}  // namespace pilothouse::monitoring
