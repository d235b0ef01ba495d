// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <functional>
#include <memory>
#include <string>

#include "models/pipelines/definition.h"
#include "models/ports/orchestrator.h"
#include "models/workspace/workspace.h"

namespace pilothouse::pipelines {

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

/// Runs pipelines, each on a thread and a connection of its own; every change of a task's state is durable before the next
/// begins. A run that a killed process left is gone on with by resume(): finished tasks keep their outputs, the others are
/// done (again), with the same result.
class Executor {
public:
    explicit Executor(std::shared_ptr<workspace::Workspace> workspace);
    ~Executor();  ///< cancels and waits

    /// Adds the run and its waiting tasks in the caller's transaction. Returns the run's id.
    [[nodiscard]] static Result<std::int64_t> create(workspace::Database& database, const PipelineDefinition& definition,
                                                     const Trigger& trigger, Timestamp now);
    /// Executes a created (or interrupted) run. The answer is its final record; a refused gate is a value, not an error.
    [[nodiscard]] QFuture<Result<ports::Run>> start(std::int64_t runId, RunTiming timing, CancellationToken token);
    /// Called from the run's thread after every durable change.
    void setObserver(std::function<void(std::int64_t runId)> observer);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// Reads for views and reports; in the caller's transaction.
[[nodiscard]] Result<std::vector<ports::Run>> listRuns(workspace::Database& database, std::size_t limit);
[[nodiscard]] Result<ports::Run> readRun(workspace::Database& database, std::int64_t runId);

}  // namespace pilothouse::pipelines
