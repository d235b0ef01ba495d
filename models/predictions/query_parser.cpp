// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/query_parser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "models/ports/rows.h"
#include "models/predictions/query_plan.h"

namespace pilothouse::predictions {

using ports::Query;
using ports::QueryNode;
using ports::QueryOp;

namespace {

constexpr std::size_t kMaxTextBytesOfQuery = 65'536;
constexpr int kMaxLevels = 64;
constexpr std::string_view kPlusMinus = "±";

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// A run of characters or a quoted text.
struct Word {
    std::string text;     ///< without quotes and backslashes
    std::string pattern;  ///< the same as a wildcard: backslashes kept before what would be special
    std::size_t position = 0;
    bool quoted = false;
    bool wildcard = false;  ///< holds * or ? outside quotes
    bool escaped = false;   ///< holds a backslash, so it is no keyword
};

QueryNode makeNode(QueryOp op, std::string field, std::string text, std::size_t position) {
    QueryNode node;
    node.op = op;
    node.field = std::move(field);
    node.number = parseNumber(text).value_or(std::numeric_limits<double>::quiet_NaN());
    node.text = std::move(text);
    node.position = position;
    return node;
}

QueryNode joinNodes(QueryOp op, std::vector<QueryNode> children) {
    if (children.size() == 1) return std::move(children.front());
    QueryNode node;
    node.op = op;
    node.position = children.front().position;
    node.children = std::move(children);
    return node;
}

class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) {}

    Result<QueryNode> run() {
        skipBlanks();
        if (atEnd()) return QueryNode{};
        PH_ASSIGN(QueryNode root, parseOr());
        skipBlanks();
        if (!atEnd()) return fail(expected("the end of the query or another clause"));
        return root;
    }

private:
    [[nodiscard]] bool atEnd() const { return m_at >= m_text.size(); }
    [[nodiscard]] char peek() const { return atEnd() ? '\0' : m_text[m_at]; }
    [[nodiscard]] bool looksAt(std::string_view what) const { return m_text.substr(m_at).starts_with(what); }
    void skipBlanks() {
        while (!atEnd() && blank(m_text[m_at]))
            ++m_at;
    }
    bool take(std::string_view what) {
        if (!looksAt(what)) return false;
        m_at += what.size();
        return true;
    }
    /// An upper-case keyword that stands alone.
    [[nodiscard]] bool atKeyword(std::string_view word) const {
        if (!looksAt(word)) return false;
        const std::size_t end = m_at + word.size();
        return end == m_text.size() || blank(m_text[end]) || m_text[end] == '(' || m_text[end] == ')' ||
               m_text[end] == '"';
    }
    [[nodiscard]] Error expectedAt(std::size_t position, const std::string& what) const {
        std::string found = "the end";
        if (position < m_text.size()) {
            std::size_t end = position + 1;
            while (end < m_text.size() && (static_cast<unsigned char>(m_text[end]) & 0xC0) == 0x80)
                ++end;
            found = "'" + std::string(m_text.substr(position, end - position)) + "'";
        }
        return Error::invalid("byte " + std::to_string(position) + ": expected " + what + ", found " + found, "query");
    }
    [[nodiscard]] Error expected(const std::string& what) const { return expectedAt(m_at, what); }
    [[nodiscard]] Status deeper() {
        if (++m_level <= kMaxLevels) return {};
        return fail(
            Error::invalid("byte " + std::to_string(m_at) + ": more than 64 levels of parentheses and NOT", "query"));
    }

    Result<QueryNode> parseOr() {
        std::vector<QueryNode> children;
        do {
            skipBlanks();
            PH_ASSIGN(QueryNode child, parseAnd());
            children.push_back(std::move(child));
            skipBlanks();
        } while (atKeyword("OR") && take("OR"));
        return joinNodes(QueryOp::Or, std::move(children));
    }

    Result<QueryNode> parseAnd() {
        std::vector<QueryNode> children;
        for (;;) {
            PH_ASSIGN(QueryNode child, parseUnary());
            children.push_back(std::move(child));
            skipBlanks();
            if (atKeyword("AND")) {
                take("AND");
                skipBlanks();
            } else if (atEnd() || peek() == ')' || atKeyword("OR")) {
                return joinNodes(QueryOp::And, std::move(children));
            }
        }
    }

    Result<QueryNode> parseUnary() {
        const std::size_t position = m_at;
        const bool keyword = atKeyword("NOT");
        if (keyword || (peek() == '-' && m_at + 1 < m_text.size() && !blank(m_text[m_at + 1]))) {
            m_at += keyword ? 3 : 1;
            PH_TRY(deeper());
            skipBlanks();
            PH_ASSIGN(QueryNode child, parseUnary());
            --m_level;
            QueryNode node;
            node.op = QueryOp::Not;
            node.position = position;
            node.children.push_back(std::move(child));
            return node;
        }
        if (take("(")) {
            PH_TRY(deeper());
            PH_ASSIGN(QueryNode inner, parseOr());
            --m_level;
            skipBlanks();
            if (!take(")")) return fail(expected("')' for the '(' at byte " + std::to_string(position)));
            return inner;
        }
        return m_listField ? parseOperand(*m_listField, position) : parseClause();
    }

    /// What ends a field's name, and what ends a value.
    enum class Ends { Field, Value, RangeValue };
    [[nodiscard]] bool ends(char c, Ends kind) const {
        if (blank(c) || c == '(' || c == ')' || c == '"') return true;
        if (kind == Ends::RangeValue) return c == ']' || c == '}';
        if (kind == Ends::Value) return false;
        if (c == '!') return m_text.substr(m_at).starts_with("!=");
        return c == ':' || c == '<' || c == '>' || c == '=' || c == '~' || c == '[' || c == ']' || c == '{' || c == '}';
    }

    Result<Word> parseWord(Ends kind, const std::string& what) {
        Word word;
        word.position = m_at;
        if (take("\"")) {
            word.quoted = true;
            while (!atEnd() && peek() != '"') {
                if (peek() == '\\') ++m_at;
                if (atEnd()) break;
                word.text += m_text[m_at++];
            }
            if (!take("\"")) return fail(expected("'\"' for the '\"' at byte " + std::to_string(word.position)));
            return word;
        }
        while (!atEnd() && !ends(peek(), kind)) {
            char c = m_text[m_at++];
            if (c == '\\') {
                if (atEnd()) return fail(expected("a character after the backslash"));
                c = m_text[m_at++];
                word.escaped = true;
                if (c == '*' || c == '?' || c == '\\') word.pattern += '\\';
            } else if (c == '*' || c == '?') {
                word.wildcard = true;
            }
            word.text += c;
            word.pattern += c;
        }
        if (word.text.empty()) return fail(expected(what));
        return word;
    }

    [[nodiscard]] static bool plain(const Word& word) { return !word.quoted && !word.escaped; }

    Result<QueryNode> parseClause() {
        if (atKeyword("AND") || atKeyword("OR")) return fail(expected("a clause"));
        const std::size_t position = m_at;
        if (peek() == '/') return parseRegex({}, position);
        PH_ASSIGN(const Word word, parseWord(Ends::Field, "a clause"));
        const std::size_t after = m_at;
        skipBlanks();
        if (take(":")) {
            skipBlanks();
            return plain(word) ? parseAfterColon(word) : parseOperand(word.text, position);
        }
        if (peek() == '<' || peek() == '>' || peek() == '=' || looksAt("!="))
            return parseComparison(word.text, position);
        if (take("~")) return parseTilde(word.text, position);
        m_at = after;
        return bareClause(word);
    }

    QueryNode bareClause(const Word& word) const {
        if (plain(word)) {
            static constexpr std::array<std::pair<std::string_view, QueryOp>, 4> kFlags{
                {{"wrong", QueryOp::Wrong},
                 {"confident", QueryOp::Confident},
                 {"labelled", QueryOp::Labelled},
                 {"*", QueryOp::All}}};
            for (const auto& [name, op] : kFlags)
                if (word.text == name) return makeNode(op, {}, {}, word.position);
        }
        if (word.wildcard) return makeNode(QueryOp::Wildcard, {}, word.pattern, word.position);
        return makeNode(QueryOp::Contains, {}, word.text, word.position);
    }

    /// field:… and keyword:field.
    Result<QueryNode> parseAfterColon(const Word& word) {
        static constexpr std::array<std::pair<std::string_view, QueryOp>, 6> kKeywords{{{"missing", QueryOp::Missing},
                                                                                        {"_missing_", QueryOp::Missing},
                                                                                        {"exists", QueryOp::Exists},
                                                                                        {"_exists_", QueryOp::Exists},
                                                                                        {"outside", QueryOp::Outside},
                                                                                        {"unseen", QueryOp::Unseen}}};
        for (const auto& [name, op] : kKeywords) {
            if (word.text != name) continue;
            PH_ASSIGN(const Word field, parseWord(Ends::Field, "the name of a field"));
            return makeNode(op, field.text, {}, word.position);
        }
        if (word.text == "*") {
            if (!take("*")) return fail(expected("'*' (every row), or the name of a field before the colon"));
            return makeNode(QueryOp::All, {}, {}, word.position);
        }
        return parseOperand(word.text, word.position);
    }

    Result<QueryNode> parseOperand(const std::string& field, std::size_t position) {
        if (peek() == '(') return parseList(field);
        if (peek() == '[' || peek() == '{') return parseRange(field, position);
        if (peek() == '<' || peek() == '>') return parseComparison(field, position);
        if (peek() == '/') return parseRegex(field, position);
        PH_ASSIGN(const Word value, parseWord(Ends::Value, "a value for \"" + field + "\""));
        if (field == ports::field::version && !m_listField) {
            const std::size_t after = m_at;
            skipBlanks();
            if (atKeyword("vs")) return parseVersus(value, position);
            m_at = after;
        }
        if (!value.quoted && value.pattern == "*") return makeNode(QueryOp::Exists, field, {}, position);
        if (value.wildcard) return makeNode(QueryOp::Wildcard, field, value.pattern, position);
        return makeNode(QueryOp::Equals, field, value.text, position);
    }

    /// /…/ with "\\/" for a slash; whatever else is escaped is the expression's own affair.
    Result<QueryNode> parseRegex(const std::string& field, std::size_t position) {
        const std::size_t start = m_at++;
        std::string pattern;
        while (!atEnd() && peek() != '/') {
            if (looksAt("\\/")) {
                ++m_at;
            } else if (peek() == '\\' && m_at + 1 < m_text.size()) {
                pattern += m_text[m_at++];
            }
            pattern += m_text[m_at++];
        }
        if (!take("/"))
            return fail(expected("'/' for the regular expression that begins at byte " + std::to_string(start) +
                                 " (in quotes a slash is a plain character)"));
        if (pattern.empty()) return fail(expectedAt(start + 1, "a regular expression between the slashes"));
        if (!atEnd() && !blank(peek()) && peek() != ')')
            return fail(expected("a blank after the regular expression (a slash within it is written \\/)"));
        return makeNode(QueryOp::Regex, field, std::move(pattern), position);
    }

    /// version:A vs B, at the "vs".
    Result<QueryNode> parseVersus(const Word& first, std::size_t position) {
        take("vs");
        skipBlanks();
        PH_ASSIGN(const Word second, parseWord(Ends::Value, "the version to compare \"" + first.text + "\" with"));
        for (const Word* w : {&first, &second})
            if (w->wildcard) return fail(expectedAt(w->position, "a version without wildcards"));
        if (first.text == second.text) return fail(expectedAt(second.position, "another version"));
        QueryNode node = makeNode(QueryOp::Disagree, std::string(ports::field::version), first.text, position);
        node.other = second.text;
        return node;
    }

    Result<QueryNode> parseList(const std::string& field) {
        const std::optional<std::string> outer = std::exchange(m_listField, field);
        auto node = parseUnary();  // at the parenthesis
        m_listField = outer;
        return node;
    }

    Result<QueryNode> parseComparison(const std::string& field, std::size_t position) {
        QueryOp op = QueryOp::Equals;
        bool negated = false;
        if (take("!=")) {
            negated = true;
        } else if (take("<=")) {
            op = QueryOp::LessEqual;
        } else if (take(">=")) {
            op = QueryOp::GreaterEqual;
        } else if (take("<")) {
            op = QueryOp::Less;
        } else if (take(">")) {
            op = QueryOp::Greater;
        } else {
            take("=");
        }
        skipBlanks();
        PH_ASSIGN(const Word value, parseWord(Ends::Value, "a value to compare \"" + field + "\" with"));
        if (value.wildcard && op != QueryOp::Equals)
            return fail(expectedAt(value.position, "a value without wildcards (in quotes they are plain characters)"));
        QueryNode node = makeNode(value.wildcard ? QueryOp::Wildcard : op, field,
                                  value.wildcard ? value.pattern : value.text, position);
        if (!negated) return node;
        QueryNode outer;
        outer.op = QueryOp::Not;
        outer.position = position;
        outer.children.push_back(std::move(node));
        return outer;
    }

    Result<QueryNode> parseRange(const std::string& field, std::size_t position) {
        const std::size_t bracket = m_at;
        const bool fromIncluded = m_text[m_at++] == '[';
        skipBlanks();
        PH_ASSIGN(const Word from, parseWord(Ends::RangeValue, "the lower end of the range"));
        skipBlanks();
        if (!atKeyword("TO")) return fail(expected("TO"));
        take("TO");
        skipBlanks();
        PH_ASSIGN(const Word to, parseWord(Ends::RangeValue, "the upper end of the range"));
        skipBlanks();
        if (peek() != ']' && peek() != '}')
            return fail(expected("']' or '}' for the bracket at byte " + std::to_string(bracket)));
        const bool toIncluded = m_text[m_at++] == ']';
        std::vector<QueryNode> children;
        const auto open = [](const Word& w) { return !w.quoted && w.pattern == "*"; };
        for (const Word* w : {&from, &to})
            if (w->wildcard && !open(*w)) return fail(expectedAt(w->position, "an end without wildcards, or * alone"));
        if (!open(from))
            children.push_back(
                makeNode(fromIncluded ? QueryOp::GreaterEqual : QueryOp::Greater, field, from.text, position));
        if (!open(to))
            children.push_back(makeNode(toIncluded ? QueryOp::LessEqual : QueryOp::Less, field, to.text, position));
        if (children.empty()) return makeNode(QueryOp::Exists, field, {}, position);
        return joinNodes(QueryOp::And, std::move(children));
    }

    /// field~number±tolerance, or field~words.
    Result<QueryNode> parseTilde(const std::string& field, std::size_t position) {
        skipBlanks();
        const std::size_t start = m_at;
        PH_ASSIGN(Word value, parseWord(Ends::Value, "a number with its tolerance, or words"));
        if (value.quoted) return makeNode(QueryOp::Contains, field, value.text, position);
        // The tolerance may hang on to the number or stand apart.
        const auto signAt = [](const std::string& text) { return std::min(text.find(kPlusMinus), text.find("+-")); };
        const std::size_t after = m_at;
        skipBlanks();
        if (signAt(value.text) == std::string::npos && (looksAt(kPlusMinus) || looksAt("+-"))) {
            PH_ASSIGN(const Word rest, parseWord(Ends::Value, "a tolerance"));
            value.text += rest.text;
        } else {
            m_at = after;
        }
        const std::size_t sign = signAt(value.text);
        if (sign == std::string::npos) {
            if (value.wildcard) return fail(expectedAt(start, "words without wildcards"));
            return makeNode(QueryOp::Contains, field, value.text, position);
        }
        const std::size_t signBytes = 2;  // "+-", and "±" in UTF-8
        std::string tolerance = value.text.substr(sign + signBytes);
        if (tolerance.empty()) {
            skipBlanks();
            if (atEnd()) return fail(expected("a tolerance after ±"));
            PH_ASSIGN(const Word rest, parseWord(Ends::Value, "a tolerance after ±"));
            tolerance = rest.text;
        }
        const auto number = parseNumber(std::string_view(value.text).substr(0, sign));
        const auto width = parseNumber(tolerance);
        if (!number || !std::isfinite(*number)) return fail(expectedAt(start, "a number before ±"));
        if (!width || !std::isfinite(*width) || *width < 0)
            return fail(expectedAt(start, "a number and, after ±, a tolerance of zero or more"));
        QueryNode node = makeNode(QueryOp::Near, field, value.text.substr(0, sign), position);
        node.tolerance = *width;
        return node;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_level = 0;
    std::optional<std::string> m_listField;  ///< within field:( … )
};

void shift(QueryNode& node, std::size_t by) {
    node.position += by;
    for (QueryNode& child : node.children)
        shift(child, by);
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

bool needsNoQuotes(std::string_view text) {
    const auto safe = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
               c == '-' || c == '/' || static_cast<unsigned char>(c) >= 0x80;
    };
    return !text.empty() && text.front() != '-' && text.front() != '/' && std::ranges::all_of(text, safe);
}

}  // namespace

Result<Query> parseQuery(std::string_view text) {
    if (text.size() > kMaxTextBytesOfQuery)
        return fail(
            Error::invalid("a query of " + std::to_string(text.size()) + " bytes; the limit is 65,536", "query"));
    PH_ASSIGN(QueryNode root, Parser(text).run());
    return Query{std::move(root), std::string(text)};
}

Query conjunction(const Query& a, const Query& b) {
    if (a.root.op == QueryOp::All) return b;
    if (b.root.op == QueryOp::All) return a;
    Query result;
    result.now = a.now ? a.now : b.now;
    result.root.op = QueryOp::And;
    for (const Query* part : {&a, &b}) {
        if (!result.text.empty()) result.text += ' ';
        // "vs" behind a version would become that clause's own.
        const std::size_t begin = part->text.find_first_not_of(" \t\r\n");
        const bool versus = begin != std::string::npos && part->text.compare(begin, 2, "vs") == 0;
        const bool parentheses = part->root.op == QueryOp::Or || versus;
        if (parentheses) result.text += '(';
        QueryNode root = part->root;
        shift(root, result.text.size());
        result.text += part->text;
        if (parentheses) result.text += ')';
        if (root.op == QueryOp::And) {
            std::ranges::move(root.children, std::back_inserter(result.root.children));
        } else {
            result.root.children.push_back(std::move(root));
        }
    }
    return result;
}

std::string equalsClause(std::string_view field, std::string_view value) {
    static constexpr std::array<std::string_view, 9> kNotFields{"missing", "_missing_", "exists", "_exists_", "outside",
                                                                "unseen",  "AND",       "OR",     "NOT"};
    const bool plainField = needsNoQuotes(field) && std::ranges::find(kNotFields, field) == kNotFields.end();
    return (plainField ? std::string(field) : quoted(field)) + ":" +
           (needsNoQuotes(value) ? std::string(value) : quoted(value));
}

}  // namespace pilothouse::predictions
