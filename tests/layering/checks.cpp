// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/layering/checks.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>

namespace pilothouse::layering {

namespace {

/// Without comments; without the texts, too, unless they are wanted (an include is one).
QString codeOf(const QString& text, bool withTexts) {
    static const QRegularExpression noise(QStringLiteral(R"re(//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*")re"),
                                          QRegularExpression::DotMatchesEverythingOption);
    QString code;
    qsizetype end = 0;
    auto it = noise.globalMatch(text);
    while (it.hasNext()) {
        const auto match = it.next();
        code += QStringView(text).sliced(end, match.capturedStart() - end);
        code += withTexts && match.captured().startsWith(u'"') ? match.captured() : QStringLiteral(" ");
        end = match.capturedEnd();
    }
    return code + text.sliced(end);
}

QStringList matches(const QString& text, const char* pattern) {
    QStringList out;
    auto it = QRegularExpression(QString::fromLatin1(pattern), QRegularExpression::MultilineOption).globalMatch(text);
    while (it.hasNext())
        out << it.next().captured(1);
    return out;
}

}  // namespace

const QSet<QString>& layersWithoutQt() {
    static const QSet<QString> layers{QStringLiteral("base"), QStringLiteral("statistics")};
    return layers;
}

QString readText(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

Facts readFacts(const QString& file) {
    Facts facts;
    QMap<QString, QStringList> qtHeaders;
    const auto lines = readText(file).split(u'\n', Qt::SkipEmptyParts);
    for (const QString& line : lines) {
        const QStringList words = line.split(u' ', Qt::SkipEmptyParts);
        if (words[0] == u"layer")
            facts.allowed[words[1]] = QSet<QString>(words.begin() + 2, words.end());
        else if (words[0] == u"file")
            facts.layerOf[words[2]] = words[1];
        else
            qtHeaders[words[1]] += QDir(words[2]).entryList({QStringLiteral("Q*")}, QDir::Files);
    }
    for (auto it = qtHeaders.begin(); it != qtHeaders.end(); ++it)
        if (it.key() != u"Core") facts.guiClasses += QSet<QString>(it->begin(), it->end());
    facts.guiClasses -=
        QSet<QString>(qtHeaders[QStringLiteral("Core")].begin(), qtHeaders[QStringLiteral("Core")].end());
    return facts;
}

QStringList violations(const Facts& facts, const QString& path, const QString& text) {
    const QString layer = facts.layerOf.value(path);
    if (layer.isEmpty()) return {QStringLiteral("is in no library")};
    QStringList out;
    const QString code = codeOf(text, true);
    for (const QString& included : matches(code, R"re(^\s*#\s*include\s+"([^"]+)")re")) {
        if (included.endsWith(u".moc")) continue;
        const QString other = facts.layerOf.value(included);
        if (other.isEmpty())
            out << QStringLiteral("includes \"%1\", which is no file of a library, named from the source root")
                       .arg(included);
        else if (other != layer && !facts.allowed[layer].contains(other))
            out << QStringLiteral("includes \"%1\": %2 may not use %3").arg(included, layer, other);
    }
    if (layersWithoutQt().contains(layer)) {
        for (const QString& included : matches(code, R"re(^\s*#\s*include\s+<(Q[A-Za-z/]+|q[a-z0-9]+\.h)>)re"))
            out << QStringLiteral("includes <%1>: %2 does without Qt").arg(included, layer);
    }
    if (path.startsWith(u"models/")) {
        for (const QString& included :
             matches(code, R"re(^\s*#\s*include\s+<(Qt(?:Gui|Widgets|Charts|Svg)[/\w.]*)>)re"))
            out << QStringLiteral("includes <%1>: models show nothing").arg(included);
        QSet<QString> seen;
        for (const QString& word : matches(codeOf(text, false), R"re(\b(Q[A-Z]\w+)\b)re")) {
            if (facts.guiClasses.contains(word) && !seen.contains(word))
                out << QStringLiteral("names %1, a class of the GUI: models show nothing").arg(word);
            seen += word;
        }
    }
    return out;
}

QStringList formViolations(const QString& path, const QString& text) {
    static const QRegularExpression spdx(QStringLiteral(
        R"re(\A(#!.*\n)?(//|#|--|<!--|/\*) SPDX-License-Identifier: GPL-3\.0-or-later( -->| \*/)?\n)re"));
    QStringList out;
    if (!spdx.match(text).hasMatch()) out << QStringLiteral("does not begin with the SPDX line");
    if (path.endsWith(u".h") && matches(text, R"re(^(#pragma once)$)re").size() != 1)
        out << QStringLiteral("is a header without #pragma once");
    return out;
}

}  // namespace pilothouse::layering
