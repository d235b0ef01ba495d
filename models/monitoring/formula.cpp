// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/formula.h"

#include <algorithm>
#include <cmath>

#include "models/base/vector_state.h"
#include "models/monitoring/jackknife.h"
#include "models/statistics/verdict.h"

namespace pilothouse::monitoring {

using statistics::kNaN;
using Values = std::vector<double>;

namespace {

constexpr std::size_t kGroups = 200, kBlock = 8'192;

double truth(bool value) { return value ? 1 : 0; }

double apply(FormulaOp op, double a) {
    switch (op) {
        case FormulaOp::Negate:
            return -a;
        case FormulaOp::Not:
            return std::isnan(a) ? kNaN : truth(a == 0);
        case FormulaOp::Absolute:
            return std::abs(a);
        case FormulaOp::Logarithm:
            return a > 0 ? std::log(a) : kNaN;
        case FormulaOp::Exponential:
            return std::exp(a);
        default:
            return kNaN;
    }
}

double apply(FormulaOp op, double a, double b) {
    // Known from one side alone.
    if (op == FormulaOp::And && (a == 0 || b == 0)) return 0;
    if (op == FormulaOp::Or && ((!std::isnan(a) && a != 0) || (!std::isnan(b) && b != 0))) return 1;
    if (std::isnan(a) || std::isnan(b)) return kNaN;
    switch (op) {
        case FormulaOp::Add:
            return a + b;
        case FormulaOp::Subtract:
            return a - b;
        case FormulaOp::Multiply:
            return a * b;
        case FormulaOp::Divide:
            return b == 0 ? kNaN : a / b;
        case FormulaOp::Less:
            return truth(a < b);
        case FormulaOp::LessEqual:
            return truth(a <= b);
        case FormulaOp::Greater:
            return truth(a > b);
        case FormulaOp::GreaterEqual:
            return truth(a >= b);
        case FormulaOp::Equal:
            return truth(a == b);
        case FormulaOp::NotEqual:
            return truth(a != b);
        case FormulaOp::And:
            return 1;
        case FormulaOp::Or:
            return 0;
        case FormulaOp::Minimum:
            return std::min(a, b);
        case FormulaOp::Maximum:
            return std::max(a, b);
        default:
            return kNaN;
    }
}

/// The values of one expression, a row each, of the rows [from, from + count): a block at a time, so that deep
/// expressions over many rows stay small.
class RowEvaluation {
public:
    RowEvaluation(const ports::RowSet& rows, std::size_t from, std::size_t count)
        : m_rows(rows), m_from(from), m_count(count) {}

    [[nodiscard]] Values of(const FormulaNode& node) const {
        switch (node.op) {
            case FormulaOp::Number:
                return Values(m_count, node.number);
            case FormulaOp::Text:
                return Values(m_count, kNaN);
            case FormulaOp::Column:
                return column(node.text);
            case FormulaOp::If:
                return choice(node);
            default:
                break;
        }
        if (node.children.size() == 2 && node.children[1].op == FormulaOp::Text) return comparedText(node);
        Values a = of(node.children.front());
        if (node.children.size() == 1) {
            for (double& x : a)
                x = apply(node.op, x);
            return a;
        }
        const Values b = of(node.children[1]);
        for (std::size_t i = 0; i < a.size(); ++i)
            a[i] = apply(node.op, a[i], b[i]);
        return a;
    }

private:
    [[nodiscard]] Values column(const std::string& name) const {
        const ports::Column* found = m_rows.find(name);
        if (!found || found->type != ports::ColumnType::Number) return Values(m_count, kNaN);
        const auto first = found->numbers.begin() + static_cast<std::ptrdiff_t>(m_from);
        return {first, first + static_cast<std::ptrdiff_t>(m_count)};
    }

    [[nodiscard]] Values choice(const FormulaNode& node) const {
        Values condition = of(node.children[0]);
        const Values yes = of(node.children[1]), no = of(node.children[2]);
        for (std::size_t i = 0; i < condition.size(); ++i)
            condition[i] = std::isnan(condition[i]) ? kNaN : condition[i] != 0 ? yes[i] : no[i];
        return condition;
    }

    [[nodiscard]] Values comparedText(const FormulaNode& node) const {
        Values out(m_count, kNaN);
        const ports::Column* found = m_rows.find(node.children[0].text);
        if (!found || found->type != ports::ColumnType::Text) return out;
        const auto place = std::ranges::find(found->dictionary, node.children[1].text);
        const auto code = static_cast<std::uint32_t>(place - found->dictionary.begin());
        for (std::size_t i = 0; i < out.size(); ++i)
            if (!found->missing(m_from + i))
                out[i] = truth((found->codes[m_from + i] == code) == (node.op == FormulaOp::Equal));
        return out;
    }

    const ports::RowSet& m_rows;
    std::size_t m_from, m_count;
};

/// Sums by group of one mean, sum or count.
struct Aggregate {
    FormulaOp op = FormulaOp::Sum;
    Values sums, rows;  ///< a group each
    double sum = 0, n = 0;

    /// Without the group; none: of all. Totals are of as many rows as there were.
    [[nodiscard]] double value(std::size_t without) const {
        const bool all = without >= sums.size();
        const auto groups = static_cast<double>(sums.size());
        const double total = all ? sum : sum - sums[without], count = all ? n : n - rows[without];
        if (op == FormulaOp::Mean) return count > 0 ? total / count : kNaN;
        return all || groups < 2 ? total : total * groups / (groups - 1);
    }
};

void collect(const FormulaNode& node, std::vector<const FormulaNode*>& out) {
    if (node.op == FormulaOp::Mean || node.op == FormulaOp::Sum || node.op == FormulaOp::Count) {
        out.push_back(&node);
        return;
    }
    for (const FormulaNode& child : node.children)
        collect(child, out);
}

Aggregate aggregateOf(const FormulaNode& node, const ports::RowSet& rows, const JackknifeGroups& groups,
                      std::uint64_t& missing) {
    Aggregate out;
    out.op = node.op;
    out.sums.assign(groups.groups, 0);
    out.rows.assign(groups.groups, 0);
    std::uint64_t left = 0;
    for (std::size_t from = 0; from < rows.rows; from += kBlock) {
        const std::size_t count = std::min(kBlock, rows.rows - from);
        const Values values =
            node.children.empty() ? Values(count, 1) : RowEvaluation(rows, from, count).of(node.children.front());
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t group = groups.ofRow[from + i];
            left += std::isnan(values[i]);
            if (std::isnan(values[i])) continue;
            out.sums[group] += node.op == FormulaOp::Count ? truth(values[i] != 0) : values[i];
            out.rows[group] += 1;
        }
    }
    for (std::size_t g = 0; g < groups.groups; ++g) {
        out.sum += out.sums[g];
        out.n += out.rows[g];
    }
    missing = std::max(missing, left);
    return out;
}

double total(const FormulaNode& node, std::span<const Aggregate> aggregates, std::size_t without) {
    switch (node.op) {
        case FormulaOp::Number:
            return node.number;
        case FormulaOp::Mean:
        case FormulaOp::Sum:
        case FormulaOp::Count:
            return aggregates[node.aggregate].value(without);
        case FormulaOp::If: {
            const double condition = total(node.children[0], aggregates, without);
            if (std::isnan(condition)) return kNaN;
            return total(node.children[condition != 0 ? 1 : 2], aggregates, without);
        }
        default:
            break;
    }
    const double a = total(node.children.front(), aggregates, without);
    return node.children.size() == 1 ? apply(node.op, a)
                                     : apply(node.op, a, total(node.children[1], aggregates, without));
}

}  // namespace

FormulaValue evaluateFormula(const Formula& formula, const ports::RowSet& rows, std::span<const std::uint32_t> clusters,
                             std::uint64_t seed) {
    clearVectorState();
    FormulaValue out;
    out.rows = rows.rows;
    const JackknifeGroups groups = jackknifeGroups(rows.rows, clusters, kGroups, seed);
    std::vector<const FormulaNode*> nodes;
    collect(formula.root, nodes);
    std::vector<Aggregate> aggregates(formula.aggregates);
    for (const FormulaNode* node : nodes)
        aggregates[node->aggregate] = aggregateOf(*node, rows, groups, out.missing);
    std::vector<double> without;
    for (std::size_t g = 0; g < groups.groups; ++g)
        without.push_back(total(formula.root, aggregates, g));
    out.value = jackknifeInterval(total(formula.root, aggregates, groups.groups), without);
    if (!std::isfinite(out.value.value)) out.value.value = kNaN;
    return out;
}

}  // namespace pilothouse::monitoring
