// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <cmath>
#include <cstdio>
#include <map>

#include "tests/bench/statistics_bench.h"
#include "tests/bench/statistics_peer_rules.h"
#include "tests/bench/statistics_sources.h"

namespace pilothouse::bench {

using namespace statistics;

namespace {

constexpr std::size_t kReference = 10'000;
constexpr double kShift = 0.5;

QString write(const QString& folder, const QString& name, const SourceRows& rows) {
    std::vector<double> values = rows.values;
    for (const std::uint32_t code : rows.codes)
        values.push_back(code == 0xFFFFFFFFu ? kNaN : static_cast<double>(code));
    QFile file(folder + QLatin1Char('/') + name);
    if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write %s", qPrintable(file.fileName()));
    file.write(reinterpret_cast<const char*>(values.data()), static_cast<qint64>(values.size() * sizeof(double)));
    return name;
}

void addWindows(const QString& folder, QFile& list, const ColumnKindSource& kind, std::size_t n, Change change,
                int rounds, Random& random) {
    for (int r = 0; r < rounds; ++r) {
        const SourceRows reference = drawRows(kind, Dependence::Independent, random, kReference);
        const SourceRows now = drawRows(kind, Dependence::Independent, random, n, change, kShift);
        const ColumnProfile profile = profileOf(kind, reference);
        const CurrentCounts counts = countsOf(kind, profile, now);
        const Verdict v = judgeDrift(std::span(&profile, 1), std::span(&counts, 1), {}).front().distribution;
        const QString name = QStringLiteral("%1").arg(random.next(), 0, 16);
        const QJsonObject line{{QStringLiteral("kind"), QString::fromStdString(kind.name)},
                               {QStringLiteral("change"), QString::fromLatin1(nameOf(change))},
                               {QStringLiteral("n"), static_cast<qint64>(n)},
                               {QStringLiteral("categorical"), !kind.numeric()},
                               {QStringLiteral("reference"), write(folder, name + QStringLiteral(".r"), reference)},
                               {QStringLiteral("current"), write(folder, name + QStringLiteral(".c"), now)},
                               {QStringLiteral("ours"), v.state == State::Drift},
                               {QStringLiteral("evidently_rule"), EvidentlyDefault(kind, reference).statistic(now)}};
        list.write(QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n');
    }
}

/// Each line of the script's answer; a peer that cannot be had is named on stderr.
std::vector<QJsonObject> ask(const QStringList& arguments) {
    QProcess script;
    script.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    const QString python = qEnvironmentVariable("PILOTHOUSE_PEERS_PYTHON", QStringLiteral("python3"));
    script.start(python, QStringList{QStringLiteral(PILOTHOUSE_BENCH_SOURCE "/peers_statistics.py")} + arguments);
    std::vector<QJsonObject> out;
    if (!script.waitForStarted() || !script.waitForFinished(-1) || script.exitCode() != 0)
        std::fprintf(stderr, "the peers could not be asked\n");
    for (const QByteArray& line : script.readAllStandardOutput().split('\n')) {
        const QJsonObject o = QJsonDocument::fromJson(line).object();
        const QString peer = o[QLatin1String("peer")].toString();
        for (const char* why : {"skipped", "failed"})
            if (o.contains(QLatin1String(why)))
                std::fprintf(stderr, "%s %s: %s\n", qPrintable(peer), why,
                             qPrintable(o[QLatin1String(why)].toString()));
        if (o.contains(QLatin1String("alarm")) || o.contains(QLatin1String("preset"))) out.push_back(o);
    }
    return out;
}

struct Answers {
    Rate ours;
    std::map<QString, Rate> peers;
};

}  // namespace

void askStatisticsPeers(const StatisticsBenchOptions& options) {
    const QTemporaryDir folder;
    QFile list(folder.filePath(QStringLiteral("windows.jsonl")));
    if (!folder.isValid() || !list.open(QIODevice::WriteOnly)) qFatal("no temporary folder");
    Random random(options.seed + 99);
    const int rounds = std::clamp(options.rounds / 15, 5, 100);
    for (const ColumnKindSource& kind : columnKinds(options.kind))
        for (const std::size_t n : {100u, 1000u})
            for (const Change change : {Change::None, Change::Shift})
                if (!kind.judgedByMissing) addWindows(folder.path(), list, kind, n, change, rounds, random);
    list.close();
    std::map<std::tuple<QString, QString, int>, Answers> cells;
    double difference = 0;
    for (const QJsonObject& o : ask({folder.path()})) {
        const QString peer = o[QLatin1String("peer")].toString();
        Answers& cell = cells[{o[QLatin1String("change")].toString(), o[QLatin1String("kind")].toString(),
                               o[QLatin1String("n")].toInt()}];
        cell.peers[peer].add(o[QLatin1String("alarm")].toBool() ? 1 : 0, 1);
        if (peer != QLatin1String("Evidently")) continue;
        cell.ours.add(o[QLatin1String("ours")].toBool() ? 1 : 0, 1);
        difference = std::max(difference,
                              std::abs(o[QLatin1String("value")].toDouble() - o[QLatin1String("expected")].toDouble()));
    }
    std::printf(
        "\nThe packages themselves, their defaults, on the same windows (%zu reference rows, %d windows a line): "
        "share of alarms\n",
        kReference, rounds);
    for (const auto& [key, cell] : cells) {
        const auto& [change, kind, n] = key;
        std::printf("  %-7s %-22s n = %-5d  Pilothouse %5.3f ± %5.3f", qPrintable(change), qPrintable(kind), n,
                    cell.ours.value(), cell.ours.error());
        for (const auto& [peer, rate] : cell.peers)
            std::printf("   %s %5.3f ± %5.3f", qPrintable(peer), rate.value(), rate.error());
        std::printf("\n");
    }
    std::printf("  largest difference of Evidently's statistic from ours of the same name: %.2g\n", difference);
    std::fflush(stdout);
}

void askSlowPeers(const std::string& folder, const OurMilliseconds& ours) {
    for (const QJsonObject& o : ask({QString::fromStdString(folder), QStringLiteral("--preset")})) {
        const double seconds = o[QLatin1String("seconds")].toDouble();
        std::printf(
            "  Evidently's default drift preset, the same rows in memory: %.1f s, %.1f s of processor time, %.0f MB; "
            "%.0f times counts and verdicts here, %.0f times with counts on one thread, %.0f times with the profile "
            "made as well; goal 300\n",
            seconds, o[QLatin1String("processor")].toDouble(), o[QLatin1String("megabytes")].toDouble(),
            seconds * 1000 / ours.all, seconds * 1000 / ours.oneThread, seconds * 1000 / ours.withProfile);
        std::fflush(stdout);
    }
}

}  // namespace pilothouse::bench
