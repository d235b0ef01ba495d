// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_clauses.h"

#include <algorithm>
#include <array>

#include "models/predictions/query_parser.h"

namespace pilothouse::items {
namespace {

struct Word {
    qsizetype start = 0, end = 0;
};

/// A slash where a value or a clause begins opens a regular expression, which ends with the next one.
bool opensRegex(const QString& text, qsizetype at) {
    if (text[at] != u'/') return false;
    const QChar before = at == 0 ? QChar(u' ') : text[at - 1];
    return before.isSpace() || before == u':' || before == u'(' || before == u'-';
}

/// Words at the top level: split at blanks outside quotes, regular expressions, parentheses and brackets.
std::vector<Word> topLevelWords(const QString& text) {
    std::vector<Word> words;
    int depth = 0;
    QChar quote;  // what closes the text that is open
    qsizetype start = -1;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (!quote.isNull()) {
            if (c == u'\\') {
                ++i;
            } else if (c == quote) {
                quote = QChar();
            }
            continue;
        }
        if (c.isSpace() && depth == 0) {
            if (start >= 0) words.push_back({start, i});
            start = -1;
            continue;
        }
        if (start < 0) start = i;
        if (c == u'"' || opensRegex(text, i)) {
            quote = c;
            continue;
        }
        if (c == u'(' || c == u'[' || c == u'{') ++depth;
        if ((c == u')' || c == u']' || c == u'}') && depth > 0) --depth;
    }
    if (start >= 0) words.push_back({start, text.size()});
    return words;
}

QStringView view(const QString& text, const Word& word) {
    return QStringView(text).mid(word.start, word.end - word.start);
}

bool isOperatorChar(QChar c) { return c == u':' || c == u'<' || c == u'>' || c == u'~' || c == u'='; }
bool isNameChar(QChar c) { return c.isLetterOrNumber() || c == u'_' || c == u'.' || c == u'-'; }

struct Keyword {
    const char16_t *text, *hint;
};
constexpr std::array<Keyword, 10> kKeywords{{{u"wrong", u"the predicted class was not the outcome"},
                                             {u"confident", u"score 0.4 or more from the threshold"},
                                             {u"labelled", u"has an outcome"},
                                             {u"outside:", u"beyond the training range of a feature"},
                                             {u"unseen:", u"a category that training never held"},
                                             {u"_missing_:", u"a field without a value"},
                                             {u"NOT", u"the next clause must not hold"},
                                             {u"OR", u"one of the two must hold"},
                                             {u"AND", u"both must hold"},
                                             {u"*", u"every row"}}};

bool takesField(const QString& name) {
    return name == u"outside" || name == u"unseen" || name == u"_missing_" || name == u"_exists_";
}

QString typeHint(const ports::FieldInfo& field) {
    const QString type = field.type == ports::ColumnType::Number ? QStringLiteral("number")
                         : field.type == ports::ColumnType::Time ? QStringLiteral("time")
                                                                 : QStringLiteral("text");
    return field.feature ? QStringLiteral("feature, ") + type : type;
}

/// What may stand behind the name of a field of numbers or times.
void offerOperators(const ports::FieldInfo& field, std::vector<Completion>& out) {
    const QString name = QString::fromStdString(field.name);
    if (field.type == ports::ColumnType::Time) {
        out.push_back({name + QStringLiteral(">now-1h"), QStringLiteral("in the last hour")});
        out.push_back({name + QStringLiteral(">now-1d"), QStringLiteral("in the last 24 hours")});
        out.push_back({name + QStringLiteral(":[now-2d TO now-1d]"), QStringLiteral("in the 24 hours before those")});
    } else if (field.type == ports::ColumnType::Number) {
        out.push_back({name + u'>', QStringLiteral("greater than")});
        out.push_back({name + u'<', QStringLiteral("less than")});
        out.push_back({name + QStringLiteral(":["), QStringLiteral("a range: [20 TO 30]")});
        out.push_back({name + u'~', QStringLiteral("about: 0.5±0.05")});
    }
}

}  // namespace

QStringList splitClauses(const QString& text) {
    QStringList result;
    const auto words = topLevelWords(text);
    if (std::any_of(words.begin(), words.end(), [&](const Word& w) { return view(text, w) == u"OR"; }))
        return {text.trimmed()};
    QString prefix;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const Word& w = words[i];
        const QStringView word = view(text, w);
        if (word == u"AND") continue;
        if (word == u"vs" && !result.isEmpty() && result.back().contains(u"version:") && i + 1 < words.size()) {
            result.back() += QStringLiteral(" vs ") + view(text, words[++i]).toString();
            continue;
        }
        if (word == u"NOT") {
            prefix += QStringLiteral("NOT ");
            continue;
        }
        result += prefix + word.toString();
        prefix.clear();
    }
    if (!prefix.isEmpty()) result += prefix.trimmed();
    return result;
}

QString joinClauses(const std::vector<std::string>& clauses) {
    QStringList parts;
    for (const std::string& c : clauses) {
        const QString text = QString::fromStdString(c);
        const auto words = topLevelWords(text);
        const bool either =
            std::any_of(words.begin(), words.end(), [&](const Word& w) { return view(text, w) == u"OR"; });
        parts += either && clauses.size() > 1 ? u'(' + text + u')' : text;
    }
    return parts.join(u' ');
}

TypedToken tokenAt(const QString& text, qsizetype cursor) {
    cursor = std::clamp<qsizetype>(cursor, 0, text.size());
    TypedToken token;
    token.end = cursor;
    // An open quote: what is typed is a value up to it.
    qsizetype quote = -1;
    for (qsizetype i = 0; i < cursor; ++i) {
        if (text[i] == u'\\' && quote >= 0) {
            ++i;
        } else if (text[i] == u'"') {
            quote = quote < 0 ? i : -1;
        }
    }
    qsizetype start = quote >= 0 ? quote : cursor;
    if (quote < 0)
        while (start > 0 && !text[start - 1].isSpace() && !isOperatorChar(text[start - 1]) && text[start - 1] != u'(' &&
               text[start - 1] != u'[')
            --start;
    token.start = start;
    token.prefix = text.mid(quote >= 0 ? quote + 1 : start, cursor - (quote >= 0 ? quote + 1 : start));
    if (start > 0 && isOperatorChar(text[start - 1])) {
        qsizetype end = start - 1;
        while (end > 0 && isOperatorChar(text[end - 1]))
            --end;
        qsizetype begin = end;
        while (begin > 0 && isNameChar(text[begin - 1]))
            --begin;
        while (begin < end && text[begin] == u'-')
            ++begin;
        token.field = text.mid(begin, end - begin);
        token.fieldName = takesField(token.field);
    } else if (token.prefix.startsWith(u'-')) {
        token.prefix.remove(0, 1);
        ++token.start;
    }
    return token;
}

std::vector<Completion> completeNames(const TypedToken& token, const std::vector<ports::FieldInfo>& fields) {
    std::vector<Completion> first, second;
    const auto offer = [&](const QString& match, Completion completion) {
        if (match.startsWith(token.prefix, Qt::CaseInsensitive)) {
            first.push_back(std::move(completion));
        } else if (token.prefix.size() > 1 && match.contains(token.prefix, Qt::CaseInsensitive)) {
            second.push_back(std::move(completion));
        }
    };
    for (const ports::FieldInfo& f : fields) {
        const QString name = QString::fromStdString(f.name);
        const QString tail = token.fieldName                     ? QString()
                             : f.type == ports::ColumnType::Text ? QStringLiteral(":")
                                                                 : QString();
        offer(name, {name + tail, typeHint(f)});
        if (!token.fieldName && name == token.prefix) offerOperators(f, first);
    }
    if (!token.fieldName)
        for (const Keyword& k : kKeywords)
            offer(QString::fromUtf16(k.text), {QString::fromUtf16(k.text), QString::fromUtf16(k.hint)});
    for (Completion& c : second)
        first.push_back(std::move(c));
    return first;
}

std::vector<std::pair<Completion, std::uint64_t>> completeValues(const TypedToken& token,
                                                                 const ports::TopValues& values) {
    std::vector<std::pair<Completion, std::uint64_t>> result;
    const std::string field = token.field.toStdString();
    for (const ports::ValueCount& v : values.values) {
        const QString value = QString::fromStdString(v.value);
        if (!value.startsWith(token.prefix, Qt::CaseInsensitive)) continue;
        QString clause = QString::fromStdString(predictions::equalsClause(field, v.value));
        clause.remove(0, token.field.size() + 1);
        result.push_back({{clause, {}}, v.count});
    }
    return result;
}

std::vector<TextPiece> pieces(const QString& text) {
    using Kind = TextPiece::Kind;
    std::vector<TextPiece> result;
    qsizetype i = 0;
    const auto add = [&](Kind kind, qsizetype start, qsizetype end) {
        if (end > start) result.push_back({kind, start, end - start});
    };
    bool value = false;  // what follows an operator is a value, up to a blank at its level
    int depth = 0;
    while (i < text.size()) {
        const QChar c = text[i];
        if (c.isSpace()) {
            if (depth == 0) value = false;
            ++i;
        } else if (c == u'"' || opensRegex(text, i)) {
            const qsizetype start = i++;
            while (i < text.size() && text[i] != c)
                i += text[i] == u'\\' ? 2 : 1;
            i = std::min(i + 1, text.size());
            add(Kind::Value, start, i);
        } else if (isOperatorChar(c) || c == u'(' || c == u')' || c == u'[' || c == u']') {
            if (isOperatorChar(c)) value = true;
            if (c == u'(' || c == u'[') depth += value ? 1 : 0;
            if ((c == u')' || c == u']') && depth > 0 && --depth == 0) value = false;
            add(Kind::Operator, i, i + 1);
            ++i;
        } else {
            const qsizetype start = i;
            while (i < text.size() && !text[i].isSpace() && !isOperatorChar(text[i]) && text[i] != u'(' &&
                   text[i] != u')' && text[i] != u'[' && text[i] != u']' && text[i] != u'"')
                ++i;
            const QStringView word = QStringView(text).mid(start, i - start);
            const bool connective =
                word == u"AND" || word == u"OR" || word == u"NOT" || word == u"TO" || (word == u"vs" && !value);
            const bool named = i < text.size() && isOperatorChar(text[i]);
            add(connective ? Kind::Operator : named ? Kind::Field : value ? Kind::Value : Kind::Word, start, i);
        }
    }
    return result;
}

}  // namespace pilothouse::items
