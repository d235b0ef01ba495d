// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/run_store.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "models/pipelines/executor.h"

namespace pilothouse::pipelines {

namespace store {

namespace {

QString q(const std::string& text) { return QString::fromStdString(text); }
std::string compact(const QJsonDocument& document) { return document.toJson(QJsonDocument::Compact).toStdString(); }
QJsonDocument parsed(std::string_view json) {
    return QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size())));
}

}  // namespace

std::string toJson(const std::vector<std::string>& texts) {
    QJsonArray array;
    for (const std::string& text : texts)
        array.append(q(text));
    return compact(QJsonDocument(array));
}

std::string toJson(const std::vector<ports::TaskValue>& values) {
    QJsonArray array;
    for (const ports::TaskValue& v : values)
        array.append(QJsonObject{{QStringLiteral("name"), q(v.name)},
                                 {QStringLiteral("value"), q(v.value)},
                                 {QStringLiteral("unit"), q(v.unit)}});
    return compact(QJsonDocument(array));
}

std::string toJson(const std::map<std::string, std::string>& map) {
    QJsonObject object;
    for (const auto& [name, value] : map)
        object.insert(q(name), q(value));
    return compact(QJsonDocument(object));
}

std::vector<std::string> textsFromJson(std::string_view json) {
    std::vector<std::string> out;
    for (const QJsonValue& value : parsed(json).array())
        out.push_back(value.toString().toStdString());
    return out;
}

std::vector<ports::TaskValue> valuesFromJson(std::string_view json) {
    std::vector<ports::TaskValue> out;
    for (const QJsonValue& value : parsed(json).array()) {
        const QJsonObject o = value.toObject();
        out.push_back({o.value(QStringLiteral("name")).toString().toStdString(),
                       o.value(QStringLiteral("value")).toString().toStdString(),
                       o.value(QStringLiteral("unit")).toString().toStdString()});
    }
    return out;
}

std::map<std::string, std::string> mapFromJson(std::string_view json) {
    std::map<std::string, std::string> out;
    const QJsonObject object = parsed(json).object();
    for (auto it = object.begin(); it != object.end(); ++it)
        out[it.key().toStdString()] = it.value().toString().toStdString();
    return out;
}

Status updateRun(workspace::Database& database, std::int64_t runId, const ports::Run& run) {
    return database.run(
        "UPDATE run SET state = ?2, started = ?3, finished = ?4, wall_ms = ?5, result = ?6, produced = ?7 "
        "WHERE id = ?1",
        runId, ports::toString(run.state), run.started, run.finished, run.wallMs, run.result, run.producedVersion);
}

Status updateTask(workspace::Database& database, std::int64_t runId, const ports::Task& task) {
    return database.run(
        "UPDATE task SET state = ?3, attempt = ?4, started = ?5, finished = ?6, wall_ms = ?7, progress = ?8, "
        "inputs = ?9, outputs = ?10, error = ?11 WHERE run = ?1 AND name = ?2",
        runId, task.name, ports::toString(task.state), task.attempt, task.started, task.finished, task.wallMs,
        task.progress, toJson(task.inputs), toJson(task.outputs), task.error);
}

Status updateProgress(workspace::Database& database, std::int64_t runId, const ports::Task& task) {
    return database.run("UPDATE task SET progress = ?3 WHERE run = ?1 AND name = ?2", runId, task.name, task.progress);
}

Status appendLog(workspace::Database& database, std::int64_t runId, const std::string& task,
                 const ports::LogLine& line) {
    return database.run("INSERT INTO task_log (run, task, at, level, text) VALUES (?1, ?2, ?3, ?4, ?5)", runId, task,
                        line.time, line.level, line.text);
}

Result<std::string> definitionOf(workspace::Database& database, std::int64_t runId) {
    PH_ASSIGN(auto text, database.text("SELECT definition FROM run WHERE id = ?1", runId));
    if (!text) return fail(ErrorKind::NotFound, "there is no run " + std::to_string(runId));
    return *text;
}

}  // namespace store

namespace {

constexpr const char* kRunColumns =
    "SELECT id, pipeline, model, state, trigger_kind, trigger_ref, cause, created, started, finished, wall_ms, "
    "parameters, "
    "result, produced FROM run ";

ports::Run runFrom(const workspace::Statement& row) {
    ports::Run run;
    run.id = std::to_string(row.integer(0));
    run.pipeline = row.text(1);
    run.model = row.text(2);
    run.state = ports::runStateFrom(row.view(3)).value_or(ports::RunState::Failed);
    run.trigger = row.text(4);
    run.triggerRef = row.text(5);
    run.cause = row.text(6);
    run.created = row.timestamp(7);
    run.started = row.optionalTimestamp(8);
    run.finished = row.optionalTimestamp(9);
    run.wallMs = row.real(10);
    run.parameters = store::mapFromJson(row.view(11));
    run.result = row.text(12);
    run.producedVersion = row.text(13);
    return run;
}

}  // namespace

Result<std::int64_t> Executor::create(workspace::Database& database, const PipelineDefinition& definition,
                                      const Trigger& trigger, Timestamp now) {
    PH_ASSIGN(const auto parameters, mergeParameters(definition, trigger.parameters));
    PH_TRY(
        database.run("INSERT INTO run (pipeline, model, state, trigger_kind, trigger_ref, cause, created, parameters, "
                     "definition) VALUES (?1, ?2, 'queued', ?3, ?4, ?5, ?6, ?7, ?8)",
                     definition.name, definition.model, trigger.kind, trigger.ref, trigger.cause, now,
                     store::toJson(parameters), definition.source));
    const std::int64_t id = database.lastInsertId();
    int position = 0;
    for (const std::size_t i : planOrder(definition)) {
        const TaskDefinition& task = definition.tasks[i];
        PH_TRY(
            database.run("INSERT INTO task (run, position, name, step, after, state) VALUES (?1, ?2, ?3, ?4, ?5, "
                         "'waiting')",
                         id, position++, task.name, task.step, store::toJson(task.after)));
    }
    return id;
}

Result<std::vector<ports::Run>> listRuns(workspace::Database& database, std::size_t limit) {
    PH_ASSIGN(auto rows, database.prepare(std::string(kRunColumns) + "ORDER BY id DESC LIMIT ?1"));
    rows.bind(1, static_cast<std::int64_t>(std::min<std::size_t>(limit, 1'000'000)));
    std::vector<ports::Run> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out.push_back(runFrom(rows));
    }
}

Result<ports::Run> readRun(workspace::Database& database, std::int64_t runId) {
    ports::Run run;
    {
        PH_ASSIGN(auto row, database.prepare(std::string(kRunColumns) + "WHERE id = ?1"));
        row.bind(1, runId);
        PH_ASSIGN(const bool found, row.step());
        if (!found) return fail(ErrorKind::NotFound, "there is no run " + std::to_string(runId));
        run = runFrom(row);
    }
    PH_ASSIGN(auto rows,
              database.prepare("SELECT name, step, after, state, attempt, started, finished, wall_ms, progress, "
                               "inputs, outputs, error FROM task WHERE run = ?1 ORDER BY position"));
    rows.bind(1, runId);
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return run;
        ports::Task task;
        task.name = rows.text(0);
        task.step = rows.text(1);
        task.after = store::textsFromJson(rows.view(2));
        task.state = ports::taskStateFrom(rows.view(3)).value_or(ports::TaskState::Failed);
        task.attempt = static_cast<int>(rows.integer(4));
        task.started = rows.optionalTimestamp(5);
        task.finished = rows.optionalTimestamp(6);
        task.wallMs = rows.real(7);
        task.progress = rows.real(8);
        task.inputs = store::valuesFromJson(rows.view(9));
        task.outputs = store::valuesFromJson(rows.view(10));
        task.error = rows.text(11);
        run.tasks.push_back(std::move(task));
    }
}

Result<std::vector<std::int64_t>> unfinishedRuns(workspace::Database& database) {
    PH_ASSIGN(auto rows, database.prepare("SELECT id FROM run WHERE state IN ('queued', 'running') ORDER BY id"));
    std::vector<std::int64_t> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out.push_back(rows.integer(0));
    }
}

Result<std::vector<ports::LogLine>> readLog(workspace::Database& database, std::int64_t runId, const std::string& task,
                                            std::int64_t after) {
    constexpr int kLimit = 10'000;
    PH_ASSIGN(auto rows,
              database.prepare("SELECT id, at, level, text FROM task_log WHERE run = ?1 AND task = ?2 AND id > ?3 "
                               "ORDER BY id LIMIT ?4"));
    rows.bindAll(runId, task, after, kLimit);
    std::vector<ports::LogLine> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out.push_back({rows.integer(0), rows.timestamp(1), rows.text(2), rows.text(3)});
    }
}

Status savePipeline(workspace::Database& database, const PipelineDefinition& definition, Timestamp now) {
    return database.run(
        "INSERT INTO pipeline (name, description, definition, created) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT (name) DO UPDATE SET description = ?2, definition = ?3",
        definition.name, definition.description, definition.source, now);
}

Result<PipelineDefinition> loadPipeline(workspace::Database& database, const std::string& name) {
    PH_ASSIGN(const auto text, database.text("SELECT definition FROM pipeline WHERE name = ?1", name));
    if (text) return parsePipeline(*text, name + ".yaml");
    PH_ASSIGN(const auto names, database.text("SELECT group_concat(name, ', ') FROM pipeline"));
    return fail(ErrorKind::NotFound,
                "there is no pipeline \"" + name + "\"" +
                    (names && !names->empty() ? "; there are: " + *names : std::string("; the workspace has none")));
}

}  // namespace pilothouse::pipelines
