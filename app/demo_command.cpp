// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/demo_command.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QSaveFile>
#include <QTimer>

#include "app/output.h"
#include "models/engine/report.h"

namespace pilothouse::app {

namespace {

constexpr int kPictureTimeoutMs = 120'000;

std::string progressLine(const engine::EngineStatus& status) {
    std::string line = status.simNow.toIso().substr(0, 10) + "  " + std::to_string(status.rows) + " rows";
    if (!status.runId.empty()) line += "  run " + status.runId + (status.runTask.empty() ? "" : " " + status.runTask);
    return line;
}

/// Replays to the end. Cancelled when Ctrl-C ended it: the same command goes on later.
Status replay(const std::shared_ptr<workspace::Workspace>& workspace, double speed, const CancellationToken& token) {
    engine::Engine engine(workspace);
    bool ended = false, ok = false;
    QObject::connect(&engine, &engine::Engine::finished, &engine, [&](bool success) {
        ended = true;
        ok = success;
        QCoreApplication::quit();
    });
    QTimer watch;
    std::string last;
    QObject::connect(&watch, &QTimer::timeout, &engine, [&] {
        if (token.cancelled()) {
            engine.stop();
            QCoreApplication::quit();
            return;
        }
        const engine::EngineStatus status = engine.status();
        if (status.simNow <= Timestamp{0}) return;  // it has not looked at the workspace yet
        const std::string line = progressLine(status);
        // A line a simulated month, so that a log stays readable.
        if (line.substr(0, 7) != last.substr(0, 7)) printNote(line);
        last = line;
    });
    watch.start(100);
    engine.start(speed);
    if (!ended) QCoreApplication::exec();
    if (token.cancelled()) return fail(Error::cancelled());
    if (!ok) {
        const engine::EngineStatus status = engine.status();
        return fail(ErrorKind::Unavailable, status.error.empty() ? "the replay stopped" : status.error);
    }
    return {};
}

Status writeFile(const QString& path, const QByteArray& bytes) {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return fail(ErrorKind::Unavailable, "cannot write the file: " + file.errorString().toStdString(),
                    path.toStdString());
    return {};
}

/// The pictures come from a child process: this one has no GUI application.
Status drawPictures(const CommandContext& context, const std::string& workspace, const std::string& out) {
    QProcess child;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    child.setProcessEnvironment(environment);
    child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    child.start(text(context.program), {QStringLiteral("snapshot"), QStringLiteral("--workspace"), text(workspace),
                                        QStringLiteral("--out"), text(out)});
    if (!child.waitForFinished(kPictureTimeoutMs)) {
        child.kill();
        child.waitForFinished();
        return fail(ErrorKind::Timeout, "drawing the pictures took too long");
    }
    if (child.exitStatus() != QProcess::NormalExit || child.exitCode() != 0)
        return fail(ErrorKind::Internal,
                    "drawing the pictures failed with exit code " + std::to_string(child.exitCode()));
    return {};
}

std::vector<std::pair<QString, QByteArray>> readPictures(const QString& folder) {
    std::vector<std::pair<QString, QByteArray>> pictures;
    for (const char* name : {"overview", "dashboard", "drift", "runs", "predictions", "registry", "performance"}) {
        QFile file(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
        if (file.open(QIODevice::ReadOnly)) pictures.emplace_back(QString::fromLatin1(name), file.readAll());
    }
    return pictures;
}

Status headless(const CommandContext& context, const DemoArguments& arguments) {
    QElapsedTimer timer;
    timer.start();
    const QString out = text(arguments.out.empty() ? dataFolder() : arguments.out);
    if (!QDir().mkpath(out)) return fail(ErrorKind::Unavailable, "cannot make the folder", out.toStdString());
    PH_ASSIGN(const engine::DemoOptions options, demoOptions(arguments));
    PH_ASSIGN(const double speed, parseSpeed(arguments.speed.empty() ? "max" : arguments.speed));
    const std::string path = (out + QStringLiteral("/demo.pilothouse")).toStdString();
    PH_ASSIGN(auto workspace, openOrCreateDemo(path, options));
    PH_TRY(replay(workspace, speed, context.token));

    PH_ASSIGN(auto database, workspace->connect(true));
    const double replaySeconds = static_cast<double>(timer.elapsed()) / 1000;
    PH_ASSIGN(const QJsonObject report, engine::makeReport(*database, *workspace, replaySeconds));
    PH_TRY(writeFile(out + QStringLiteral("/report.json"), QJsonDocument(report).toJson()));
    if (arguments.pictures) PH_TRY(drawPictures(context, path, out.toStdString()));
    PH_TRY(writeFile(out + QStringLiteral("/report.html"), reportHtml(report, readPictures(out))));
    if (context.json) {
        printJson(report);
    } else {
        const QJsonObject rows = report.value(QStringLiteral("rows")).toObject();
        printLine("flights " + std::to_string(rows.value(QStringLiteral("flights")).toInteger()) + ", predicted " +
                  std::to_string(rows.value(QStringLiteral("predicted")).toInteger()) + ", with outcome " +
                  std::to_string(rows.value(QStringLiteral("with_outcome")).toInteger()));
        printLine("digest " + report.value(QStringLiteral("digest")).toString().toStdString());
        printLine("replayed in " + QString::number(replaySeconds, 'f', 1).toStdString() +
                  " s; report and pictures in " + out.toStdString());
    }
    return {};
}

}  // namespace

Result<engine::DemoOptions> demoOptions(const DemoArguments& arguments) {
    engine::DemoOptions options;
    if (!arguments.data.empty()) options.data = arguments.data;
    options.seed = arguments.seed;
    options.days = arguments.days;
    options.shuffleOutcomes = arguments.shuffleOutcomes;
    options.addTemperature = arguments.addTemperature;
    if (!arguments.addTemperatureFrom.empty()) {
        PH_ASSIGN(const Zone zone, Zone::fromName("America/New_York"));
        PH_ASSIGN(options.addTemperatureFrom, parseMoment(arguments.addTemperatureFrom, {}, zone));
    }
    return options;
}

Result<double> parseSpeed(const std::string& text) {
    if (text == "max") return engine::kFullSpeed;
    bool ok = false;
    const double speed = QString::fromStdString(text).toDouble(&ok);
    if (!ok || !(speed > 0) || speed > 1e6)
        return fail(Error::invalid("\"" + text + "\" is no speed: simulated days a second (0.25, 1, 20) or max"));
    return speed;
}

Result<std::shared_ptr<workspace::Workspace>> openOrCreateDemo(const std::string& path,
                                                               const engine::DemoOptions& options) {
    if (!QFile::exists(QString::fromStdString(path))) return engine::createDemo(path, options);
    PH_ASSIGN(auto workspace, workspace::Workspace::open(path));
    if (!engine::isDemo(*workspace))
        return fail(ErrorKind::Conflict, "this workspace is not the demo's; give another folder with --out", path);
    return workspace;
}

int runDemo(const CommandContext& context, const DemoArguments& arguments) {
    const Status done = headless(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
