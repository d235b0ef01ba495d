// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/embedded_orchestrator.h"

#include <charconv>

#include "models/pipelines/executor.h"

namespace pilothouse::pipelines {

using workspace::Database;

namespace {

Result<std::int64_t> idFrom(const std::string& text) {
    std::int64_t id = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (code != std::errc() || end != text.data() + text.size() || id <= 0)
        return fail(ErrorKind::NotFound, "there is no run \"" + text + "\"");
    return id;
}

Status queueCommand(Database& database, const char* kind, std::int64_t runId, Timestamp now) {
    return database.run("INSERT INTO command (queued, kind, body, state) VALUES (?1, ?2, ?3, 'queued')", now, kind,
                        "{\"run\":" + std::to_string(runId) + "}");
}

Status cancelRun(Database& database, const std::string& text, Timestamp now) {
    PH_ASSIGN(const std::int64_t id, idFrom(text));
    PH_ASSIGN(const ports::Run run, readRun(database, id));
    if (run.state == ports::RunState::Running) return queueCommand(database, "cancel", id, now);
    if (run.state != ports::RunState::Queued)
        return fail(ErrorKind::Conflict, "run " + run.id + " is finished (" + ports::toString(run.state) + ")");
    PH_TRY(database.run(
        "UPDATE run SET state = 'cancelled', finished = ?2, result = 'cancelled before it began' WHERE id = ?1", id,
        now));
    return database.run("UPDATE task SET state = 'cancelled' WHERE run = ?1", id);
}

}  // namespace

EmbeddedOrchestrator::EmbeddedOrchestrator(std::shared_ptr<workspace::Workspace> workspace)
    : m_workspace(std::move(workspace)) {}

QFuture<Result<std::vector<ports::PipelineInfo>>> EmbeddedOrchestrator::pipelines(CancellationToken token) {
    return m_workspace->read(std::move(token), [](Database& database) -> Result<std::vector<ports::PipelineInfo>> {
        PH_ASSIGN(auto rows, database.prepare("SELECT name, description, definition FROM pipeline ORDER BY name"));
        std::vector<ports::PipelineInfo> out;
        for (;;) {
            PH_ASSIGN(const bool more, rows.step());
            if (!more) return out;
            out.push_back({rows.text(0), rows.text(1), rows.text(2)});
        }
    });
}

QFuture<Result<std::vector<ports::Run>>> EmbeddedOrchestrator::runs(std::size_t limit, CancellationToken token) {
    return m_workspace->read(std::move(token), [limit](Database& database) { return listRuns(database, limit); });
}

QFuture<Result<ports::Run>> EmbeddedOrchestrator::run(std::string id, CancellationToken token) {
    return m_workspace->read(std::move(token), [id = std::move(id)](Database& database) -> Result<ports::Run> {
        PH_ASSIGN(const std::int64_t number, idFrom(id));
        return readRun(database, number);
    });
}

QFuture<Result<std::vector<ports::LogLine>>> EmbeddedOrchestrator::log(std::string runId, std::string task,
                                                                       std::int64_t after, CancellationToken token) {
    return m_workspace->read(
        std::move(token),
        [runId = std::move(runId), task = std::move(task),
         after](Database& database) -> Result<std::vector<ports::LogLine>> {
            PH_ASSIGN(const std::int64_t number, idFrom(runId));
            PH_ASSIGN(const auto there,
                      database.integer("SELECT 1 FROM task WHERE run = ?1 AND name = ?2", number, task));
            if (!there) return fail(ErrorKind::NotFound, "there is no task \"" + task + "\" in run " + runId);
            return readLog(database, number, task, after);
        });
}

QFuture<Result<std::string>> EmbeddedOrchestrator::trigger(std::string pipeline,
                                                           std::map<std::string, std::string> parameters,
                                                           std::string cause) {
    return m_workspace->write([now = m_workspace->now(), pipeline = std::move(pipeline),
                               parameters = std::move(parameters),
                               cause = std::move(cause)](Database& database) -> Result<std::string> {
        PH_ASSIGN(const auto definition, loadPipeline(database, pipeline));
        PH_ASSIGN(const std::int64_t id,
                  Executor::create(database, definition, {"manual", {}, cause, parameters}, now));
        PH_TRY(queueCommand(database, "trigger", id, now));
        return std::to_string(id);
    });
}

QFuture<Result<void>> EmbeddedOrchestrator::cancel(std::string runId) {
    return m_workspace->write([now = m_workspace->now(), runId = std::move(runId)](Database& database) -> Result<void> {
        return cancelRun(database, runId, now);
    });
}

}  // namespace pilothouse::pipelines
