// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <any>
#include <atomic>
#include <functional>
#include <map>
#include <memory>

#include "models/pipelines/executor.h"
#include "models/pipelines/step.h"

namespace pilothouse::pipelines {

/// One run being executed on the thread that calls execute(), with a connection of its own. What the tables say at any
/// moment suffices to go on after the process ended.
class RunExecution {
public:
    RunExecution(std::shared_ptr<workspace::Workspace> workspace, const StepRegistry& steps,
                 std::function<void(std::int64_t)> observer, std::shared_ptr<std::atomic<bool>> stopping,
                 CancellationToken token);
    [[nodiscard]] Result<ports::Run> execute(std::int64_t runId, RunTiming timing);

private:
    [[nodiscard]] Status begin(RunTiming timing);
    [[nodiscard]] Status runTask(ports::Task& task);
    [[nodiscard]] Status close();
    [[nodiscard]] Status finishTask(ports::Task& task, const Result<StepResult>& result, StepContext& context,
                                    double wallMs);
    [[nodiscard]] Status skip(ports::Task& task, ports::TaskState state, const std::string& why);
    [[nodiscard]] StepContext contextFor(ports::Task& task, const TaskDefinition& definition);
    [[nodiscard]] Status durable(const std::function<Status()>& work);
    [[nodiscard]] Result<bool> outputsThere(const ports::Task& task) const;
    [[nodiscard]] const ports::TaskValue* findInput(const ports::Task& task, const std::string& name) const;
    [[nodiscard]] const ports::Task* find(const std::string& name) const;
    [[nodiscard]] bool ready(const ports::Task& task) const;
    [[nodiscard]] Timestamp startOf(const ports::Task& task) const;
    [[nodiscard]] Timestamp endOf(const ports::Task& task) const;

    std::shared_ptr<workspace::Workspace> m_workspace;
    const StepRegistry& m_steps;
    std::function<void(std::int64_t)> m_observer;
    std::shared_ptr<std::atomic<bool>> m_stopping;
    CancellationToken m_token;

    std::unique_ptr<workspace::Database> m_database;
    std::int64_t m_runId = 0;
    PipelineDefinition m_definition;
    ports::Run m_run;
    RunTiming m_timing;
    std::map<std::string, PlannedSpan> m_spans;
    std::map<std::string, std::any> m_scratch;
    std::string m_current;  ///< the task that the pending lines belong to
    std::vector<ports::LogLine> m_pendingLog;
    QElapsedTimer m_sinceFlush;
};

}  // namespace pilothouse::pipelines
