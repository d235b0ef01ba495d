// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/label_matchers.h"

#include <re2/re2.h>

#include <algorithm>

namespace pilothouse::monitoring {

using ports::Matcher;
using ports::MatchOperator;

namespace {

constexpr std::int64_t kExpressionMemory = 1 << 20;

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Result<std::string> unquoted(std::string_view text, std::string_view whole) {
    const auto bad = [&](const char* what) {
        return fail(Error::invalid(std::string(what) + " in the matcher " + std::string(whole)));
    };
    if (text.empty() || text.front() != '"') {
        if (text.find('"') != std::string_view::npos) return bad("a quote that opens nothing");
        return std::string(text);
    }
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') return i + 1 == text.size() ? Result<std::string>(out) : bad("text behind the value");
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i == text.size()) break;
        // As Alertmanager does: what is no escape stays as written, so that "\d" is an expression.
        if (text[i] == 'n')
            out += '\n';
        else if (text[i] == '"' || text[i] == '\\')
            out += text[i];
        else
            (out += '\\') += text[i];
    }
    return bad("no closing quote");
}

}  // namespace

bool isLabelName(std::string_view text) {
    return !text.empty() && isLetter(text.front()) &&
           std::ranges::all_of(text, [](char c) { return isLetter(c) || (c >= '0' && c <= '9'); });
}

std::string fingerprintOf(const Labels& labels) {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto add = [&hash](unsigned char byte) { hash = (hash ^ byte) * 1099511628211ULL; };
    for (const auto& [name, value] : labels) {
        if (value.empty()) continue;
        for (const std::string* text : {&name, &value}) {
            for (const char c : *text)
                add(static_cast<unsigned char>(c));
            add(0xff);
        }
    }
    std::string out(16, '0');
    for (int i = 15; i >= 0; --i, hash >>= 4)
        out[static_cast<std::size_t>(i)] = "0123456789abcdef"[hash & 15];
    return out;
}

Result<Matcher> parseMatcher(std::string_view text) {
    const std::string_view whole = trimmed(text).substr(0, 200);
    text = trimmed(text);
    const auto at = text.find_first_of("=!");
    const std::string_view name = trimmed(text.substr(0, at));
    Matcher out;
    std::size_t length = 0;
    if (at != std::string_view::npos)
        for (const MatchOperator op :
             {MatchOperator::NotEqual, MatchOperator::Matches, MatchOperator::NotMatches, MatchOperator::Equal})
            if (length == 0 && text.substr(at).starts_with(ports::toString(op))) {
                out.op = op;
                length = std::string_view(ports::toString(op)).size();
            }
    if (length == 0)
        return fail(Error::invalid("\"" + std::string(whole) +
                                   "\" is no matcher; written are label=value, label!=value, label=~expression and "
                                   "label!~expression"));
    if (!isLabelName(name)) return fail(Error::invalid("\"" + std::string(name.substr(0, 200)) + "\" is no label"));
    out.label = std::string(name);
    PH_ASSIGN(out.value, unquoted(trimmed(text.substr(at + length)), whole));
    return out;
}

Result<LabelMatchers> LabelMatchers::compile(const std::vector<Matcher>& matchers) {
    if (matchers.size() > kMaxMatchers)
        return fail(Error::invalid("more than " + std::to_string(kMaxMatchers) + " matchers"));
    LabelMatchers out;
    for (const Matcher& m : matchers) {
        if (!isLabelName(m.label)) return fail(Error::invalid("\"" + m.label.substr(0, 200) + "\" is no label"));
        if (m.value.size() > kMaxValue)
            return fail(Error::invalid("the value to match is too long", m.label.substr(0, 200)));
        One one{m, nullptr};
        if (m.op == MatchOperator::Matches || m.op == MatchOperator::NotMatches) {
            RE2::Options options;
            options.set_log_errors(false);
            options.set_max_mem(kExpressionMemory);
            auto expression = std::make_shared<const RE2>(m.value, options);
            if (!expression->ok())
                return fail(ErrorKind::InvalidInput, "is no regular expression: " + expression->error(),
                            ports::toString(m));
            one.expression = std::move(expression);
        }
        out.m_all.push_back(std::move(one));
    }
    return out;
}

bool LabelMatchers::match(const Labels& labels) const {
    return std::ranges::all_of(m_all, [&labels](const One& one) {
        const auto found = labels.find(one.matcher.label);
        const std::string_view value = found == labels.end() ? std::string_view() : std::string_view(found->second);
        const bool holds = one.expression
                               ? RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *one.expression)
                               : value == one.matcher.value;
        const bool positive = one.matcher.op == MatchOperator::Equal || one.matcher.op == MatchOperator::Matches;
        return holds == positive;
    });
}

}  // namespace pilothouse::monitoring
