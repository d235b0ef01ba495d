// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "models/pipelines/definition.h"
#include "models/ports/orchestrator.h"
#include "models/workspace/workspace.h"

namespace pilothouse::pipelines {

class StepRegistry;

struct Trigger {
    std::string kind;   ///< "start", "manual", "alert", "schedule"
    std::string ref;    ///< the alert's id
    std::string cause;  ///< one sentence
    std::map<std::string, std::string> parameters;
};

/// When a run takes place on the workspace's clock. Tasks share [start, start + duration) by their place in the plan,
/// whatever they take for real; with duration 0 the times are those of the clock as it goes.
struct RunTiming {
    Timestamp start;
    Duration duration{};
};

/// Runs pipelines, each on a thread and a connection of its own; every change of a task's state is durable before the
/// next begins. A run that a killed process left is gone on with by start(): finished tasks keep their outputs, the
/// others are done (again), with the same result.
class Executor {
public:
    /// `steps`: what tasks may be; null means the built-in ones. Must outlive the executor.
    explicit Executor(std::shared_ptr<workspace::Workspace> workspace, const StepRegistry* steps = nullptr);
    ~Executor();  ///< stop()

    /// Adds the run and its waiting tasks in the caller's transaction. Returns the run's id.
    [[nodiscard]] static Result<std::int64_t> create(workspace::Database& database,
                                                     const PipelineDefinition& definition, const Trigger& trigger,
                                                     Timestamp now);
    /// Executes a created (or interrupted) run. The answer is its final record; a refused gate or a failed task is a
    /// value, not an error. An error: the run is unknown or finished (NotFound, Conflict), or the workspace cannot be
    /// written. Cancelling the token ends the run as cancelled. An interrupted run keeps the start that it once had.
    [[nodiscard]] QFuture<Result<ports::Run>> start(std::int64_t runId, RunTiming timing, CancellationToken token);
    /// Interrupts what is running and waits: such a run stays "running" in the workspace, to be gone on with by
    /// start(); its future ends as cancelled.
    void stop();
    /// Called from the run's thread after every durable change. Set before start().
    void setObserver(std::function<void(std::int64_t runId)> observer);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// Adds the definition to the workspace's pipelines, or replaces the one of the same name.
[[nodiscard]] Status savePipeline(workspace::Database& database, const PipelineDefinition& definition, Timestamp now);
/// NotFound names the pipelines that there are.
[[nodiscard]] Result<PipelineDefinition> loadPipeline(workspace::Database& database, const std::string& name);

/// For the command line: saves the pipeline and runs it now, on the workspace's clock and the calling thread.
/// `progress` (may be empty) is called there with the run as it is after every durable change. The caller holds the
/// engine lease.
[[nodiscard]] Result<ports::Run> runNow(const std::shared_ptr<workspace::Workspace>& workspace,
                                        const PipelineDefinition& definition, const Trigger& trigger,
                                        const CancellationToken& token,
                                        const std::function<void(const ports::Run&)>& progress = {});

/// Reads for views and reports; in the caller's transaction.
[[nodiscard]] Result<std::vector<ports::Run>> listRuns(workspace::Database& database,
                                                       std::size_t limit);  ///< newest first
[[nodiscard]] Result<ports::Run> readRun(workspace::Database& database, std::int64_t runId);
/// Runs that were created or interrupted and wait to be gone on with, oldest first.
[[nodiscard]] Result<std::vector<std::int64_t>> unfinishedRuns(workspace::Database& database);
[[nodiscard]] Result<std::vector<ports::LogLine>> readLog(workspace::Database& database, std::int64_t runId,
                                                          const std::string& task, std::int64_t after);

}  // namespace pilothouse::pipelines
