// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/verdict_output.h"

#include <QSaveFile>
#include <QXmlStreamWriter>
#include <algorithm>

#include "app/output.h"

namespace pilothouse::app {

using statistics::State;

namespace {

std::string fixed(double value, int decimals) {
    return value == value ? QString::number(value, 'f', decimals).toStdString() : "–";
}

/// XML has no form for most control characters.
QString xmlText(const std::string& utf8) {
    QString out = text(utf8);
    for (QChar& c : out)
        if ((c < QLatin1Char(' ') && c != QLatin1Char('\n') && c != QLatin1Char('\t')) || c.unicode() >= 0xFFFE)
            c = QChar::ReplacementCharacter;
    return out;
}

std::string numbersOf(const statistics::Verdict& v) {
    return v.method + ": effect " + fixed(v.effect, 4) + " (" + fixed(v.effectLow, 4) + " to " +
           fixed(v.effectHigh, 4) + "), minimum " + fixed(v.minimumEffect, 4) + ", statistic " + fixed(v.statistic, 4) +
           " over threshold " + fixed(v.threshold, 4) + ", q " + fixed(v.qValue, 6) + ", " +
           std::to_string(v.nCurrent) + " rows against " + std::to_string(v.nReference);
}

void writeCase(QXmlStreamWriter& xml, const std::string& suite, const TellableVerdict& v) {
    xml.writeStartElement(QStringLiteral("testcase"));
    xml.writeAttribute(QStringLiteral("classname"), xmlText(suite));
    xml.writeAttribute(QStringLiteral("name"), xmlText(v.name + (v.check == "drift" ? "" : " " + v.check)));
    xml.writeAttribute(QStringLiteral("time"), QStringLiteral("0"));
    if (v.verdict.state == State::Drift) {
        xml.writeStartElement(QStringLiteral("failure"));
        xml.writeAttribute(QStringLiteral("type"), QStringLiteral("drift"));
        xml.writeAttribute(QStringLiteral("message"), xmlText(numbersOf(v.verdict)));
        xml.writeEndElement();
    } else if (v.verdict.state != State::Ok) {
        xml.writeStartElement(QStringLiteral("skipped"));
        xml.writeAttribute(QStringLiteral("message"),
                           xmlText(statistics::toString(v.verdict.state) +
                                   (v.verdict.reason.empty() ? std::string() : ": " + v.verdict.reason)));
        xml.writeEndElement();
    }
    xml.writeEndElement();
}

}  // namespace

QJsonObject toJson(const statistics::Verdict& v) {
    QJsonObject object{{QStringLiteral("state"), QLatin1String(statistics::toString(v.state))},
                       {QStringLiteral("method"), text(v.method)},
                       {QStringLiteral("statistic"), jsonNumber(v.statistic)},
                       {QStringLiteral("threshold"), jsonNumber(v.threshold)},
                       {QStringLiteral("p_value"), jsonNumber(v.pValue)},
                       {QStringLiteral("q_value"), jsonNumber(v.qValue)},
                       {QStringLiteral("effect"), jsonNumber(v.effect)},
                       {QStringLiteral("interval"), QJsonArray{jsonNumber(v.effectLow), jsonNumber(v.effectHigh)}},
                       {QStringLiteral("minimum_effect"), jsonNumber(v.minimumEffect)},
                       {QStringLiteral("n_reference"), static_cast<qint64>(v.nReference)},
                       {QStringLiteral("n_current"), static_cast<qint64>(v.nCurrent)},
                       {QStringLiteral("n_effective"), jsonNumber(v.nEffective)}};
    if (!v.reason.empty()) object.insert(QStringLiteral("reason"), text(v.reason));
    return object;
}

QJsonObject toJson(const TellableVerdict& v) {
    QJsonObject object = toJson(v.verdict);
    object.insert(QStringLiteral("name"), text(v.name));
    object.insert(QStringLiteral("check"), text(v.check));
    object.insert(QStringLiteral("type"), text(v.type));
    return object;
}

void printVerdicts(const std::vector<TellableVerdict>& verdicts) {
    std::vector<std::vector<std::string>> table{
        {"feature", "check", "state", "effect", "interval", "q", "n", "method"}};
    for (const TellableVerdict& v : verdicts) {
        const statistics::Verdict& x = v.verdict;
        const bool judged = x.effectLow == x.effectLow;
        table.push_back({v.name, v.check, statistics::toString(x.state), fixed(x.effect, 3),
                         judged ? fixed(x.effectLow, 3) + " – " + fixed(x.effectHigh, 3) : "–", fixed(x.qValue, 4),
                         std::to_string(x.nCurrent), x.state == State::Unavailable ? x.reason : x.method});
    }
    printTable(table);
}

Status writeJUnit(const std::string& path, const std::string& suite, const std::vector<TellableVerdict>& verdicts) {
    const auto count = [&](bool failures) {
        return QString::number(std::ranges::count_if(verdicts, [failures](const TellableVerdict& v) {
            const State state = v.verdict.state;
            return failures ? state == State::Drift : state != State::Drift && state != State::Ok;
        }));
    };
    QSaveFile file(text(path));
    if (!file.open(QIODevice::WriteOnly))
        return fail(ErrorKind::PermissionDenied, "cannot be written", path, file.errorString().toStdString());
    QXmlStreamWriter xml(&file);
    xml.setAutoFormatting(true);
    xml.writeStartDocument();
    xml.writeStartElement(QStringLiteral("testsuites"));
    xml.writeStartElement(QStringLiteral("testsuite"));
    xml.writeAttribute(QStringLiteral("name"), xmlText(suite));
    xml.writeAttribute(QStringLiteral("tests"), QString::number(verdicts.size()));
    xml.writeAttribute(QStringLiteral("failures"), count(true));
    xml.writeAttribute(QStringLiteral("errors"), QStringLiteral("0"));
    xml.writeAttribute(QStringLiteral("skipped"), count(false));
    for (const TellableVerdict& v : verdicts)
        writeCase(xml, suite, v);
    xml.writeEndDocument();
    if (xml.hasError() || !file.commit())
        return fail(ErrorKind::ResourceExhausted, "cannot be written", path, file.errorString().toStdString());
    return {};
}

}  // namespace pilothouse::app
