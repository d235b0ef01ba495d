// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <filesystem>

#include "models/engine/settings.h"
#include "models/monitoring/monitor_store.h"
#include "models/pipelines/executor.h"
#include "resources/resources.h"

namespace pilothouse::engine {

using workspace::Database;
using workspace::Workspace;

namespace {

constexpr const char* kSetting = "demo";
constexpr const char* kZone = "America/New_York";
constexpr CivilDate kStart{2013, 1, 1};
constexpr CivilDate kHistoryEnd{2013, 4, 1};
constexpr CivilDate kYearEnd{2014, 1, 1};
constexpr Duration kLastLabels = std::chrono::hours(36);

QString number(std::int64_t value) { return QString::number(value); }

Result<std::string> readResource(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorKind::NotFound, "cannot be read", path.toStdString(), file.errorString().toStdString());
    return file.readAll().toStdString();
}

QStringList resourceFiles(const QString& folder) {
    return QDir(folder).entryList({QStringLiteral("*.yaml")}, QDir::Files, QDir::Name);
}

Status addPipelines(Database& database, Timestamp now) {
    for (const QString& name : resourceFiles(QStringLiteral(":/pipelines"))) {
        PH_ASSIGN(const std::string yaml, readResource(QStringLiteral(":/pipelines/") + name));
        PH_ASSIGN(const auto definition, pipelines::parsePipeline(yaml, name.toStdString()));
        PH_TRY(pipelines::savePipeline(database, definition, now));
    }
    return {};
}

Status addMonitors(Database& database, Timestamp now) {
    for (const QString& name : resourceFiles(QStringLiteral(":/monitors"))) {
        PH_ASSIGN(const std::string yaml, readResource(QStringLiteral(":/monitors/") + name));
        PH_ASSIGN(const auto monitors, monitoring::parseMonitors(yaml, name.toStdString()));
        for (const auto& monitor : monitors)
            PH_TRY(monitoring::declareMonitor(database, monitor, now, "demo"));
    }
    return {};
}

Status addDashboards(Database& database) {
    std::int64_t position = 0;
    for (const QString& name : resourceFiles(QStringLiteral(":/dashboards"))) {
        PH_ASSIGN(const std::string yaml, readResource(QStringLiteral(":/dashboards/") + name));
        PH_TRY(database.run("INSERT INTO dashboard (name, definition, position) VALUES (?, ?, ?)",
                            QFileInfo(name).completeBaseName().toStdString(), yaml, position++));
    }
    return {};
}

Status fill(Workspace& workspace, const ReplaySettings& settings) {
    PH_ASSIGN(auto database, workspace.connect());
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
    const Timestamp start = settings.span.start;
    PH_TRY(writeSettings(*database, settings));
    PH_TRY(addPipelines(*database, start));
    PH_TRY(addMonitors(*database, start));
    PH_TRY(addDashboards(*database));
    PH_TRY(workspace.storeSimulatedNow(*database, start));
    return transaction.commit();
}

Result<ReplaySettings> settingsFor(const DemoOptions& options) {
    PH_ASSIGN(const Zone zone, Zone::fromName(kZone));
    ReplaySettings settings;
    settings.options = options;
    settings.span = {zone.midnight(kStart), zone.midnight(kYearEnd)};
    if (options.days < 0) return fail(Error::invalid("a demo cannot last " + std::to_string(options.days) + " days"));
    if (options.days > 0)
        settings.span.end = std::min(settings.span.end, zone.addDays(settings.span.start, options.days));
    settings.historyEnd = zone.midnight(kHistoryEnd);
    settings.end = settings.span.end + kLastLabels;
    return settings;
}

}  // namespace

Status writeSettings(Database& database, const ReplaySettings& s) {
    const DemoOptions& o = s.options;
    const QJsonObject json{{QStringLiteral("data"), QString::fromStdString(o.data)},
                           {QStringLiteral("seed"), QString::number(o.seed)},
                           {QStringLiteral("shuffle_outcomes"), o.shuffleOutcomes},
                           {QStringLiteral("add_temperature"), o.addTemperature},
                           {QStringLiteral("add_temperature_from"), number(o.addTemperatureFrom.ns)},
                           {QStringLiteral("days"), o.days},
                           {QStringLiteral("model"), QString::fromStdString(s.model)},
                           {QStringLiteral("pipeline"), QString::fromStdString(s.pipeline)},
                           {QStringLiteral("start"), number(s.span.start.ns)},
                           {QStringLiteral("span_end"), number(s.span.end.ns)},
                           {QStringLiteral("history_end"), number(s.historyEnd.ns)},
                           {QStringLiteral("end"), number(s.end.ns)},
                           {QStringLiteral("run_duration"), number(s.runDuration.count())},
                           {QStringLiteral("cool_down"), number(s.coolDown.count())}};
    return Workspace::setSetting(database, kSetting, QJsonDocument(json).toJson(QJsonDocument::Compact).toStdString());
}

Result<ReplaySettings> readSettings(Database& database) {
    PH_ASSIGN(const auto text, Workspace::setting(database, kSetting));
    if (!text)
        return fail(ErrorKind::NotFound, "the workspace is no demo: there is nothing to replay", database.path());
    const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(*text)).object();
    const auto integer = [&](const char* key) { return json[QLatin1String(key)].toString().toLongLong(); };
    ReplaySettings s;
    s.options.data = json[QLatin1String("data")].toString().toStdString();
    s.options.seed = json[QLatin1String("seed")].toString().toULongLong();
    s.options.shuffleOutcomes = json[QLatin1String("shuffle_outcomes")].toBool();
    s.options.addTemperature = json[QLatin1String("add_temperature")].toDouble();
    s.options.addTemperatureFrom = {integer("add_temperature_from")};
    s.options.days = json[QLatin1String("days")].toInt();
    s.model = json[QLatin1String("model")].toString().toStdString();
    s.pipeline = json[QLatin1String("pipeline")].toString().toStdString();
    s.span = {{integer("start")}, {integer("span_end")}};
    s.historyEnd = {integer("history_end")};
    s.end = {integer("end")};
    s.runDuration = Duration(integer("run_duration"));
    s.coolDown = Duration(integer("cool_down"));
    if (s.span.empty() || s.options.data.empty() || s.runDuration.count() <= 0)
        return fail(ErrorKind::Corrupt, "the demo's settings are damaged", database.path());
    return s;
}

Result<std::shared_ptr<Workspace>> createDemo(const std::string& path, const DemoOptions& options) {
    resources::init();
    PH_ASSIGN(const ReplaySettings settings, settingsFor(options));
    std::error_code code;
    if (std::filesystem::exists(path, code)) return fail(ErrorKind::AlreadyExists, "the file is there already", path);
    // Made under another name and renamed when it is whole: whoever ends this process never leaves half a demo.
    const std::string making = path + ".making";
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
        std::filesystem::remove(making + suffix, code);
    {
        PH_ASSIGN(const auto workspace, Workspace::create(making, ClockKind::Simulated, kZone));
        PH_TRY(fill(*workspace, settings));
    }
    std::filesystem::rename(making, path, code);
    if (code) return fail(ErrorKind::Unavailable, "the workspace cannot be put in its place", path, code.message());
    return Workspace::open(path);
}

bool isDemo(Workspace& workspace) {
    const auto answer = [&]() -> Result<bool> {
        PH_ASSIGN(const auto database, workspace.connect(true));
        PH_ASSIGN(const auto text, Workspace::setting(*database, kSetting));
        return text.has_value();
    }();
    return answer.value_or(false);
}

}  // namespace pilothouse::engine
