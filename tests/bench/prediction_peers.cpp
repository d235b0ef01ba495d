// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/prediction_peers.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <cstdio>

#include "tests/bench/prediction_rows.h"

namespace pilothouse::bench {

namespace {

QJsonArray arrayOf(const std::vector<std::string>& texts) {
    QJsonArray array;
    for (const std::string& text : texts)
        array.append(QString::fromStdString(text));
    return array;
}

QJsonObject specOf(const PeerQuestions& q) {
    QJsonObject spec{{QStringLiteral("jsonl"), q.folder + QStringLiteral("/rows.jsonl")},
                     {QStringLiteral("folder"), q.folder},
                     {QStringLiteral("rows"), static_cast<qint64>(q.rows)},
                     {QStringLiteral("runs"), q.runs},
                     {QStringLiteral("numeric"), arrayOf(q.numeric)},
                     {QStringLiteral("text"), arrayOf(q.text)},
                     {QStringLiteral("present"), QString::fromStdString(q.present)},
                     {QStringLiteral("absent"), QString::fromStdString(q.absent)},
                     {QStringLiteral("from"), QString::fromStdString(q.from).remove(QLatin1Char('Z'))},
                     {QStringLiteral("to"), QString::fromStdString(q.to).remove(QLatin1Char('Z'))},
                     {QStringLiteral("substring"), QString::fromStdString(q.substring)},
                     {QStringLiteral("latency"), q.latency},
                     {QStringLiteral("region"), QStringLiteral("C135")},
                     {QStringLiteral("frequent"), QString::fromLatin1(PredictionRows::kFrequentWord)},
                     {QStringLiteral("rare"), QString::fromLatin1(PredictionRows::kRareWord)}};
    if (q.hostile) spec[QLatin1String("memory")] = QStringLiteral("600MB");
    return spec;
}

}  // namespace

std::vector<PeerFigure> askPeers(const PeerQuestions& questions) {
    const QString kept = questions.folder + QStringLiteral("/peers.jsonl");
    if (!QFileInfo::exists(kept)) {
        QFile spec(questions.folder + QStringLiteral("/spec.json"));
        if (!spec.open(QIODevice::WriteOnly)) return {};
        spec.write(QJsonDocument(specOf(questions)).toJson());
        spec.close();
        QProcess script;
        script.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        script.setStandardOutputFile(kept + QStringLiteral(".part"));
        const QString python = qEnvironmentVariable("PILOTHOUSE_PEERS_PYTHON", QStringLiteral("python3"));
        script.start(python, {QStringLiteral(PILOTHOUSE_BENCH_SOURCE "/peers_predictions.py"), spec.fileName()});
        if (!script.waitForStarted() || !script.waitForFinished(-1) || script.exitCode() != 0) {
            std::fprintf(stderr, "the peers could not be asked\n");
            return {};
        }
        QFile::rename(kept + QStringLiteral(".part"), kept);
    }
    QFile file(kept);
    if (!file.open(QIODevice::ReadOnly)) return {};
    std::vector<PeerFigure> figures;
    for (const QByteArray& line : file.readAll().split('\n')) {
        const QJsonObject o = QJsonDocument::fromJson(line).object();
        if (o.isEmpty()) continue;
        const std::string peer = o[QLatin1String("peer")].toString().toStdString();
        if (o.contains(QLatin1String("skipped"))) {
            std::fprintf(stderr, "%s is skipped: %s\n", peer.c_str(),
                         qPrintable(o[QLatin1String("skipped")].toString()));
            continue;
        }
        figures.push_back({peer, o[QLatin1String("figure")].toString().toStdString(),
                           o[QLatin1String("answer")].toString().toStdString(), o[QLatin1String("ms")].toDouble(),
                           o[QLatin1String("cold")].toDouble()});
    }
    return figures;
}

const PeerFigure* find(const std::vector<PeerFigure>& figures, const std::string& peer, const std::string& figure) {
    for (const PeerFigure& f : figures)
        if (!figure.empty() && f.peer == peer && f.figure == figure) return &f;
    return nullptr;
}

}  // namespace pilothouse::bench
