// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRegularExpression>
#include <QString>
#include <cmath>

#include "tests/predictions/support.h"

/// The query language's meaning, one row at a time and written down a second time, to compare the store with.
namespace pilothouse::test {

struct NaiveVersion {
    double threshold = 0.5;
    std::map<std::string, std::pair<double, double>> ranges;
    std::map<std::string, std::vector<std::string>> categories;
};
using NaiveVersions = std::map<std::string, NaiveVersion>;

inline std::string naiveText(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* time = std::get_if<Timestamp>(&value)) return time->toIso();
    const double number = std::get<double>(value);
    if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
    for (int digits = 1; digits <= 17; ++digits) {  // the shortest that reads back
        char buffer[64];
        std::snprintf(buffer, sizeof buffer, "%.*g", digits, number);
        if (std::strtod(buffer, nullptr) == number) {
            char fixed[400];
            std::snprintf(fixed, sizeof fixed, "%.10g", number);
            return std::strtod(fixed, nullptr) == number ? fixed : buffer;
        }
    }
    return {};
}

/// Recursive, over characters.
inline bool naiveWildcard(const QString& pattern, const QString& text) {
    if (pattern.isEmpty()) return text.isEmpty();
    if (pattern[0] == u'*')
        return naiveWildcard(pattern.mid(1), text) || (!text.isEmpty() && naiveWildcard(pattern, text.mid(1)));
    if (text.isEmpty()) return false;
    if (pattern[0] == u'?') return naiveWildcard(pattern.mid(1), text.mid(text[0].isHighSurrogate() ? 2 : 1));
    const int skip = pattern[0] == u'\\' && pattern.size() > 1 ? 1 : 0;
    return pattern[skip] == text[0] && naiveWildcard(pattern.mid(skip + 1), text.mid(1));
}

inline bool naiveWords(const std::string& text, const std::string& words) {
    const QString t = QString::fromStdString(text).toCaseFolded(), w = QString::fromStdString(words).toCaseFolded();
    const auto letter = [](QChar c) { return c.unicode() >= 0x80 || c.isLetterOrNumber() || c == u'_'; };
    for (qsizetype i = 0; !w.isEmpty() && i + w.size() <= t.size(); ++i) {
        if (t.mid(i, w.size()) != w) continue;
        if (i > 0 && letter(t[i - 1]) && letter(w[0])) continue;
        if (i + w.size() < t.size() && letter(t[i + w.size()]) && letter(w.back())) continue;
        return true;
    }
    return false;
}

template <class T>
bool naiveOrder(ports::QueryOp op, const T& a, const T& b) {
    switch (op) {
        case ports::QueryOp::Less:
            return a < b;
        case ports::QueryOp::LessEqual:
            return !(b < a) && a == a && b == b;
        case ports::QueryOp::Greater:
            return b < a;
        case ports::QueryOp::GreaterEqual:
            return !(a < b) && a == a && b == b;
        default:
            return a == b;
    }
}

inline bool naiveMatches(const ports::QueryNode& q, const Row& row, const NaiveVersions& versions) {
    using ports::QueryOp;
    const auto value = [&](const std::string& name) -> const Value* {
        const auto place = row.find(name);
        return place == row.end() ? nullptr : &place->second;
    };
    const auto number = [&](const std::string& name) {
        const Value* v = value(name);
        return v && v->index() == 0 ? std::get<double>(*v) : std::nan("");
    };
    const auto version = [&]() -> const NaiveVersion* {
        const Value* v = value("version");
        const bool known = v && row.at("model") == Value(std::string("delay"));
        const auto place = known ? versions.find(std::get<std::string>(*v)) : versions.end();
        return place == versions.end() ? nullptr : &place->second;
    };
    const double threshold = version() ? version()->threshold : 0.5;
    switch (q.op) {
        case QueryOp::All:
            return true;
        case QueryOp::And:
            return std::ranges::all_of(q.children, [&](const auto& c) { return naiveMatches(c, row, versions); });
        case QueryOp::Or:
            return std::ranges::any_of(q.children, [&](const auto& c) { return naiveMatches(c, row, versions); });
        case QueryOp::Not:
            return !naiveMatches(q.children[0], row, versions);
        case QueryOp::Exists:
            return value(q.field) != nullptr;
        case QueryOp::Missing:
            return value(q.field) == nullptr;
        case QueryOp::Labelled:
            return value("outcome") != nullptr;
        case QueryOp::Confident:
            return std::abs(number("score") - threshold) >= 0.4;
        case QueryOp::Wrong:
            return value("score") && value("outcome") && (number("score") >= threshold) != (number("outcome") > 0.5);
        case QueryOp::Outside: {
            if (!version() || !version()->ranges.contains(q.field) || std::isnan(number(q.field))) return false;
            const auto [low, high] = version()->ranges.at(q.field);
            return number(q.field) < low || number(q.field) > high;
        }
        case QueryOp::Unseen: {
            const Value* v = value(q.field);
            if (!v || v->index() != 1 || !version() || !version()->categories.contains(q.field)) return false;
            const auto& known = version()->categories.at(q.field);
            return std::ranges::find(known, std::get<std::string>(*v)) == known.end();
        }
        case QueryOp::Contains:
        case QueryOp::Regex:
        case QueryOp::Wildcard: {
            const auto one = [&](const Value& v) {
                if (q.op == QueryOp::Contains) return v.index() == 1 && naiveWords(std::get<std::string>(v), q.text);
                if (q.op == QueryOp::Regex) {
                    const QRegularExpression whole(QRegularExpression::anchoredPattern(QString::fromStdString(q.text)),
                                                   QRegularExpression::DotMatchesEverythingOption);
                    return whole.match(QString::fromStdString(naiveText(v))).hasMatch();
                }
                return naiveWildcard(QString::fromStdString(q.text), QString::fromStdString(naiveText(v)));
            };
            if (!q.field.empty()) return value(q.field) && one(*value(q.field));
            return std::ranges::any_of(
                row, [&](const auto& entry) { return entry.second.index() == 1 && one(entry.second); });
        }
        default:
            break;
    }
    const Value* v = value(q.field);
    if (!v) return false;
    if (v->index() == 0) {
        const double x = std::get<double>(*v);
        if (q.op == QueryOp::Near) return x >= q.number - q.tolerance && x <= q.number + q.tolerance;
        return naiveOrder(q.op, x, q.number);
    }
    if (q.op == QueryOp::Near) return false;
    if (v->index() == 1) return naiveOrder(q.op, std::get<std::string>(*v), q.text);
    const auto operand = q.text.starts_with("now-")
                             ? std::optional(kNow - std::chrono::hours(std::stoi(q.text.substr(4))))
                             : Timestamp::parseIso(q.text);
    if (!operand) return false;
    const auto time = std::get<Timestamp>(*v);
    if (q.op == QueryOp::Equals && q.text.size() == 10)
        return time >= *operand && time < *operand + std::chrono::hours(24);
    return naiveOrder(q.op, time, *operand);
}

}  // namespace pilothouse::test
