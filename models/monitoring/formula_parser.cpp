// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "models/monitoring/formula.h"

namespace pilothouse::monitoring {

namespace {

struct Function {
    std::string_view name;
    FormulaOp op;
    std::size_t least, most;  ///< arguments
};
constexpr Function kFunctions[] = {
    {"if", FormulaOp::If, 3, 3},        {"min", FormulaOp::Minimum, 2, 2},   {"max", FormulaOp::Maximum, 2, 2},
    {"abs", FormulaOp::Absolute, 1, 1}, {"log", FormulaOp::Logarithm, 1, 1}, {"exp", FormulaOp::Exponential, 1, 1},
    {"mean", FormulaOp::Mean, 1, 1},    {"sum", FormulaOp::Sum, 1, 1},       {"count", FormulaOp::Count, 0, 1},
};

bool isAggregate(FormulaOp op) { return op == FormulaOp::Mean || op == FormulaOp::Sum || op == FormulaOp::Count; }
bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool startsName(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }
bool isOfName(char c) { return startsName(c) || isDigit(c) || c == '.'; }

class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) {}

    Result<Formula> all() {
        if (m_text.size() > Formula::kMostBytes) return fail(error(0, "the formula is longer than 4,096 bytes"));
        PH_ASSIGN(m_out.root, expression());
        skipSpace();
        if (m_at < m_text.size()) return fail(error(m_at, "an operator or the end is expected"));
        if (m_out.aggregates == 0) return fail(error(0, "a formula is made of mean(…), sum(…) or count(…)"));
        return std::move(m_out);
    }

private:
    using Node = FormulaNode;

    [[nodiscard]] static Error error(std::size_t at, const std::string& what) {
        return Error::invalid(what + " (at character " + std::to_string(at + 1) + ")");
    }
    void skipSpace() {
        while (m_at < m_text.size() && isSpace(m_text[m_at]))
            ++m_at;
    }
    bool takes(std::string_view symbol) {
        skipSpace();
        if (!m_text.substr(m_at).starts_with(symbol)) return false;
        m_at += symbol.size();
        return true;
    }
    bool takesWord(std::string_view word) {
        skipSpace();
        const std::string_view rest = m_text.substr(m_at);
        if (!rest.starts_with(word) || (rest.size() > word.size() && isOfName(rest[word.size()]))) return false;
        m_at += word.size();
        return true;
    }
    static Node joined(FormulaOp op, std::size_t position, std::vector<Node> children) {
        Node out;
        out.op = op;
        out.position = position;
        out.children = std::move(children);
        return out;
    }

    Result<Node> expression() {
        PH_ASSIGN(Node left, conjunction());
        for (;;) {
            skipSpace();
            const std::size_t at = m_at;
            if (!takesWord("or")) return left;
            PH_ASSIGN(Node right, conjunction());
            PH_ASSIGN(left, both(FormulaOp::Or, at, std::move(left), std::move(right)));
        }
    }

    Result<Node> conjunction() {
        PH_ASSIGN(Node left, negation());
        for (;;) {
            skipSpace();
            const std::size_t at = m_at;
            if (!takesWord("and")) return left;
            PH_ASSIGN(Node right, negation());
            PH_ASSIGN(left, both(FormulaOp::And, at, std::move(left), std::move(right)));
        }
    }

    Result<Node> negation() {
        skipSpace();
        const std::size_t at = m_at;
        if (!takesWord("not")) return comparison();
        PH_TRY(deeper());
        PH_ASSIGN(Node of, negation());
        --m_depth;
        PH_TRY(noText(of));
        return joined(FormulaOp::Not, at, {std::move(of)});
    }

    std::optional<FormulaOp> comparisonSign() {
        // The longer one first.
        for (const auto& [sign, op] : {std::pair{"<=", FormulaOp::LessEqual},
                                       {">=", FormulaOp::GreaterEqual},
                                       {"!=", FormulaOp::NotEqual},
                                       {"==", FormulaOp::Equal},
                                       {"=", FormulaOp::Equal},
                                       {"<", FormulaOp::Less},
                                       {">", FormulaOp::Greater}})
            if (takes(sign)) return op;
        return {};
    }

    Result<Node> comparison() {
        PH_ASSIGN(Node left, sum());
        skipSpace();
        const std::size_t at = m_at;
        const auto op = comparisonSign();
        if (!op) return left;
        PH_ASSIGN(Node right, sum());
        if (left.op != FormulaOp::Text && right.op != FormulaOp::Text)
            return joined(*op, at, {std::move(left), std::move(right)});
        const bool equality = *op == FormulaOp::Equal || *op == FormulaOp::NotEqual;
        if (left.op == FormulaOp::Text) std::swap(left, right);
        if (!equality || left.op != FormulaOp::Column)
            return fail(error(right.position, "a text is only compared with a column, by = or !="));
        return joined(*op, at, {std::move(left), std::move(right)});
    }

    Result<Node> sum() {
        PH_ASSIGN(Node left, product());
        for (;;) {
            skipSpace();
            const std::size_t at = m_at;
            const bool plus = takes("+");
            if (!plus && !takes("-")) return left;
            PH_ASSIGN(Node right, product());
            PH_ASSIGN(left, both(plus ? FormulaOp::Add : FormulaOp::Subtract, at, std::move(left), std::move(right)));
        }
    }

    Result<Node> product() {
        PH_ASSIGN(Node left, unary());
        for (;;) {
            skipSpace();
            const std::size_t at = m_at;
            const bool times = takes("*");
            if (!times && !takes("/")) return left;
            PH_ASSIGN(Node right, unary());
            PH_ASSIGN(left,
                      both(times ? FormulaOp::Multiply : FormulaOp::Divide, at, std::move(left), std::move(right)));
        }
    }

    Result<Node> unary() {
        skipSpace();
        const std::size_t at = m_at;
        if (!takes("-")) return primary();
        PH_TRY(deeper());
        PH_ASSIGN(Node of, unary());
        --m_depth;
        PH_TRY(noText(of));
        return joined(FormulaOp::Negate, at, {std::move(of)});
    }

    Result<Node> primary() {
        skipSpace();
        if (m_at >= m_text.size()) return fail(error(m_at, "a number, a column or a function is expected"));
        const char c = m_text[m_at];
        if (isDigit(c) || c == '.') return number();
        if (c == '"') return text();
        if (c == '`') return quotedColumn();
        if (startsName(c)) return name();
        if (c != '(') return fail(error(m_at, "a number, a column or a function is expected"));
        ++m_at;
        PH_TRY(deeper());
        PH_ASSIGN(Node inner, expression());
        --m_depth;
        if (!takes(")")) return fail(error(m_at, "\")\" is expected"));
        return inner;
    }

    Result<Node> number() {
        Node out;
        out.position = m_at;
        const auto [end, code] = std::from_chars(m_text.data() + m_at, m_text.data() + m_text.size(), out.number);
        if (code != std::errc() || !std::isfinite(out.number)) return fail(error(m_at, "this is no number"));
        m_at = static_cast<std::size_t>(end - m_text.data());
        return out;
    }

    Result<std::string> quoted(char quote) {
        const std::size_t end = m_text.find(quote, m_at + 1);
        if (end == std::string_view::npos) return fail(error(m_at, "the closing quote is missing"));
        std::string out(m_text.substr(m_at + 1, end - m_at - 1));
        m_at = end + 1;
        return out;
    }

    Result<Node> text() {
        Node out;
        out.op = FormulaOp::Text;
        out.position = m_at;
        PH_ASSIGN(out.text, quoted('"'));
        return out;
    }

    Result<Node> quotedColumn() {
        const std::size_t at = m_at;
        PH_ASSIGN(const std::string column, quoted('`'));
        return columnNode(column, at);
    }

    Result<Node> columnNode(const std::string& column, std::size_t at) {
        if (column.empty()) return fail(error(at, "the column has no name"));
        if (!m_within)
            return fail(error(at, "the column " + column + " must stand within mean(…), sum(…) or count(…)"));
        if (std::ranges::find(m_out.columns, column) == m_out.columns.end()) m_out.columns.push_back(column);
        Node out;
        out.op = FormulaOp::Column;
        out.position = at;
        out.text = column;
        return out;
    }

    Result<Node> name() {
        const std::size_t at = m_at;
        while (m_at < m_text.size() && isOfName(m_text[m_at]))
            ++m_at;
        const std::string word(m_text.substr(at, m_at - at));
        if (takes("(")) return call(word, at);
        if (word == "and" || word == "or" || word == "not")
            return fail(error(at, "a number, a column or a function is expected"));
        if (word == "true" || word == "false") {
            Node out;
            out.position = at;
            out.number = word == "true" ? 1 : 0;
            return out;
        }
        return columnNode(word, at);
    }

    Result<Node> call(const std::string& word, std::size_t at) {
        const auto* function = std::ranges::find(kFunctions, word, &Function::name);
        if (function == std::end(kFunctions)) return fail(error(at, "there is no function " + word));
        const bool aggregate = isAggregate(function->op);
        if (aggregate && m_within) return fail(error(at, word + " stands within another mean, sum or count"));
        if (aggregate && m_out.aggregates == Formula::kMostAggregates)
            return fail(error(at, "there are more than 32 of mean, sum and count"));
        PH_TRY(deeper());
        Node out = joined(function->op, at, {});
        if (aggregate) {
            m_within = true;
            out.aggregate = m_out.aggregates++;
        }
        if (!takes(")")) {
            do {
                PH_ASSIGN(Node argument, expression());
                PH_TRY(noText(argument));
                out.children.push_back(std::move(argument));
            } while (takes(","));
            if (!takes(")")) return fail(error(m_at, "\",\" or \")\" is expected"));
        }
        if (out.children.size() < function->least || out.children.size() > function->most)
            return fail(error(at, word + " takes " + std::to_string(function->most) + " arguments"));
        if (aggregate) m_within = false;
        --m_depth;
        return out;
    }

    Result<Node> both(FormulaOp op, std::size_t at, Node left, Node right) {
        PH_TRY(noText(left));
        PH_TRY(noText(right));
        std::vector<Node> children;
        children.push_back(std::move(left));
        children.push_back(std::move(right));
        return joined(op, at, std::move(children));
    }

    [[nodiscard]] static Status noText(const Node& node) {
        if (node.op != FormulaOp::Text) return {};
        return fail(error(node.position, "a text is only compared with a column, by = or !="));
    }
    Status deeper() {
        if (++m_depth > Formula::kMostDepth) return fail(error(m_at, "the formula is nested more than 64 deep"));
        return {};
    }

    std::string_view m_text;
    std::size_t m_at = 0, m_depth = 0;
    bool m_within = false;  ///< of mean, sum or count
    Formula m_out;
};

}  // namespace

Result<Formula> parseFormula(std::string_view text) { return Parser(text).all(); }

}  // namespace pilothouse::monitoring
