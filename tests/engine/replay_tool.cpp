// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <cstdio>

#include "models/engine/engine.h"
#include "models/engine/report.h"

/// The demo without its window, as `pilothouse demo --headless` does it: makes DIR/demo.pilothouse or goes on with it,
/// and leaves DIR/report.json. For tests that end a process at any moment, and for measuring.
using namespace pilothouse;

namespace {

int failed(const Error& error) {
    std::fprintf(stderr, "%s\n", error.text().c_str());
    return 1;
}

QCommandLineOption option(const char* name, const char* value, const char* fallback) {
    return {QString::fromLatin1(name), QString::fromLatin1(value), QString::fromLatin1(value),
            QString::fromLatin1(fallback)};
}

Status writeReport(workspace::Workspace& workspace, const QString& path, double seconds) {
    PH_ASSIGN(const auto database, workspace.connect(true));
    PH_ASSIGN(const auto report, engine::makeReport(*database, workspace, seconds));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(QJsonDocument(report).toJson()) < 0)
        return fail(ErrorKind::Unavailable, "cannot be written", path.toStdString());
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    const auto out = option("out", "DIR", "."), days = option("days", "N", "0"), seed = option("seed", "N", "1"),
               speed = option("speed", "N|max", "max"), until = option("until", "TIME", ""),
               heat = option("add-temperature", "F", "0"), from = option("from", "TIME", "");
    const QCommandLineOption shuffle(QStringLiteral("shuffle-outcomes"));
    parser.addOptions({out, days, seed, speed, until, heat, from, shuffle});
    parser.process(app);

    QDir().mkpath(parser.value(out));
    const std::string path = QDir(parser.value(out)).filePath(QStringLiteral("demo.pilothouse")).toStdString();
    engine::DemoOptions options;
    options.seed = parser.value(seed).toULongLong();
    options.days = parser.value(days).toInt();
    options.shuffleOutcomes = parser.isSet(shuffle);
    options.addTemperature = parser.value(heat).toDouble();
    options.addTemperatureFrom = Timestamp::parseIso(parser.value(from).toStdString()).value_or(Timestamp{});
    const bool there = QFile::exists(QString::fromStdString(path));
    auto workspace = there ? workspace::Workspace::open(path) : engine::createDemo(path, options);
    if (!workspace) return failed(workspace.error());

    QElapsedTimer wall;
    wall.start();
    int code = 0;
    {
        engine::Engine engine(*workspace);
        const auto stopAt = Timestamp::parseIso(parser.value(until).toStdString());
        QObject::connect(&engine, &engine::Engine::finished, &app, [&](bool ok) {
            if (!ok) std::fprintf(stderr, "%s\n", engine.status().error.c_str());
            QCoreApplication::exit(ok ? 0 : 1);
        });
        QObject::connect(&engine, &engine::Engine::statusChanged, &app, [&] {
            if (stopAt && engine.status().simNow >= *stopAt) engine.stop();
        });
        const QString pace = parser.value(speed);
        engine.start(pace == QLatin1String("max") ? engine::kFullSpeed : pace.toDouble());
        code = QCoreApplication::exec();
    }
    if (code == 0) {
        const double seconds = static_cast<double>(wall.elapsed()) / 1000;
        if (auto ok =
                writeReport(**workspace, QDir(parser.value(out)).filePath(QStringLiteral("report.json")), seconds);
            !ok)
            return failed(ok.error());
        std::printf("%.2f s\n", seconds);
    }
    return code;
}
