// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/run_execution.h"

#include <QLoggingCategory>
#include <algorithm>
#include <deque>
#include <set>

#include "models/pipelines/run_store.h"
#include "models/workspace/registry_store.h"

Q_LOGGING_CATEGORY(lcRun, "pilothouse.run")

namespace pilothouse::pipelines {

using ports::RunState;
using ports::TaskState;

namespace {

constexpr qint64 kFlushMs = 200;

bool isTerminal(RunState state) { return state != RunState::Queued && state != RunState::Running; }
bool isDone(TaskState state) { return state != TaskState::Waiting && state != TaskState::Running; }

}  // namespace

RunExecution::RunExecution(std::shared_ptr<workspace::Workspace> workspace, const StepRegistry& steps,
                           std::function<void(std::int64_t)> observer, std::shared_ptr<std::atomic<bool>> stopping,
                           CancellationToken token)
    : m_workspace(std::move(workspace)),
      m_steps(steps),
      m_observer(std::move(observer)),
      m_stopping(std::move(stopping)),
      m_token(std::move(token)) {}

Result<ports::Run> RunExecution::execute(std::int64_t runId, RunTiming timing) {
    m_runId = runId;
    PH_ASSIGN(m_database, m_workspace->connect());
    PH_ASSIGN(m_run, readRun(*m_database, runId));
    if (isTerminal(m_run.state))
        return fail(ErrorKind::Conflict, "run " + m_run.id + " is finished (" + ports::toString(m_run.state) + ")");
    PH_TRY(begin(timing));
    if (isTerminal(m_run.state)) return m_run;  // its definition cannot be read any more
    for (ports::Task& task : m_run.tasks) {
        if (m_stopping->load()) return fail(Error::cancelled());  // the record stays "running", to be gone on with
        if (isDone(task.state)) {
            if (task.state != TaskState::Succeeded) continue;
            PH_ASSIGN(const bool there, outputsThere(task));
            if (there) continue;
        }
        if (m_token.cancelled()) {
            PH_TRY(skip(task, TaskState::Cancelled, "the run was cancelled"));
        } else if (!ready(task)) {
            PH_TRY(skip(task, TaskState::Skipped, {}));
        } else {
            PH_TRY(runTask(task));
        }
    }
    PH_TRY(close());
    return m_run;
}

/// The run's start is stored once; whoever goes on with it keeps it, so that it sees the same data.
Status RunExecution::begin(RunTiming timing) {
    m_timing = timing;
    if (m_run.started)
        m_timing.start = *m_run.started;
    else if (timing.duration.count() == 0 && timing.start == Timestamp{})
        m_timing.start = m_workspace->now();
    PH_ASSIGN(const std::string yaml, store::definitionOf(*m_database, m_runId));
    auto definition = parsePipeline(yaml, m_run.pipeline + ".yaml", &m_steps);
    m_run.started = m_timing.start;
    if (!definition) {
        // Made by another version of the program, perhaps: the record says why nothing was done.
        for (ports::Task& task : m_run.tasks)
            PH_TRY(skip(task, TaskState::Skipped, {}));
        m_run.result = definition.error().text();
        m_run.state = RunState::Failed;
        m_run.finished = m_timing.start;
        return durable([&] { return store::updateRun(*m_database, m_runId, m_run); });
    }
    m_definition = std::move(*definition);
    const auto spans = planSpans(m_definition, m_timing.duration.count());
    for (std::size_t i = 0; i < spans.size(); ++i)
        m_spans[m_definition.tasks[i].name] = spans[i];
    if (m_run.state == RunState::Running) return {};
    m_run.state = RunState::Running;
    return durable([&] { return store::updateRun(*m_database, m_runId, m_run); });
}

Status RunExecution::runTask(ports::Task& task) {
    const auto definition = std::find_if(m_definition.tasks.begin(), m_definition.tasks.end(),
                                         [&](const TaskDefinition& t) { return t.name == task.name; });
    const Step* step = definition == m_definition.tasks.end() ? nullptr : m_steps.find(definition->step);
    if (!step) return fail(Error::internal("run " + m_run.id + ": task " + task.name + " is not in its definition"));
    m_current = task.name;
    if (task.state != TaskState::Waiting) {
        ++task.attempt;
        m_pendingLog.push_back(
            {0, startOf(task), "warning",
             task.state == TaskState::Running ? "interrupted; done again" : "its artifact is gone; done again"});
    }
    task.state = TaskState::Running;
    task.started = startOf(task);
    task.finished.reset();
    task.progress = 0;
    task.inputs.clear();
    task.outputs.clear();
    task.error.clear();
    PH_TRY(durable([&] { return store::updateTask(*m_database, m_runId, task); }));

    StepContext context = contextFor(task, *definition);
    m_sinceFlush.start();
    QElapsedTimer wall;
    wall.start();
    const Result<StepResult> result = step->run(context);
    const double wallMs = static_cast<double>(wall.nsecsElapsed()) * 1e-6;
    if (m_stopping->load() && isCancelled(result)) return fail(Error::cancelled());
    return finishTask(task, result, context, wallMs);
}

StepContext RunExecution::contextFor(ports::Task& task, const TaskDefinition& definition) {
    StepContext context;
    context.workspace = m_workspace;
    context.database = m_database.get();
    context.definition = &m_definition;
    context.runId = m_runId;
    context.runParameters = m_run.parameters;
    context.runStart = m_timing.start;
    context.runEnd = m_timing.duration.count() > 0 ? m_timing.start + m_timing.duration : m_workspace->now();
    context.taskEnd = endOf(task);
    context.token = m_token;
    context.task = task.name;
    context.parameters = resolve(definition.parameters, m_run.parameters);
    context.m_hooks.check = [this]() -> Status {
        if (m_stopping->load()) return fail(Error::cancelled());
        return m_token.check();
    };
    context.m_hooks.log = [this, &task](const std::string& text, const char* level) {
        const Timestamp start = *task.started;
        const auto into = static_cast<std::int64_t>(static_cast<double>((endOf(task) - start).count()) * task.progress);
        m_pendingLog.push_back({0, start + Duration(into), level, text});
    };
    context.m_hooks.progress = [this, &task](double share) {
        task.progress = std::clamp(share, task.progress, 1.0);
        if (m_sinceFlush.elapsed() < kFlushMs) return;
        m_sinceFlush.start();
        // A picture of the work only: what matters is written when the task ends.
        if (auto ok = durable([&] { return store::updateProgress(*m_database, m_runId, task); }); !ok)
            qCInfo(lcRun, "progress not stored: %s", ok.error().text().c_str());
    };
    context.m_hooks.find = [this, &task](const std::string& name) { return findInput(task, name); };
    context.m_hooks.scratch = &m_scratch;
    return context;
}

Status RunExecution::finishTask(ports::Task& task, const Result<StepResult>& result, StepContext& context,
                                double wallMs) {
    task.wallMs = wallMs;
    m_run.wallMs += wallMs;
    task.inputs = context.m_inputs;
    task.outputs = context.m_outputs;
    task.finished = endOf(task);
    const auto failed = [&](const std::string& why) {
        task.state = TaskState::Failed;
        task.error = why;
        m_run.result = task.name + " failed: " + why;
        m_pendingLog.push_back({0, *task.finished, "error", why});
    };
    const auto write = [&]() -> Status {
        PH_TRY(store::updateTask(*m_database, m_runId, task));
        return store::updateRun(*m_database, m_runId, m_run);
    };
    if (isCancelled(result)) {
        task.state = TaskState::Cancelled;
        task.error = "the run was cancelled";
        m_run.result = "cancelled during " + task.name;
        return durable(write);
    }
    if (!result) {
        failed(result.error().text());
        return durable(write);
    }
    if (result->refused) {
        task.state = TaskState::Refused;
        task.error = result->reason;
        m_run.result = task.name + " refused: " + result->reason;
        m_pendingLog.push_back({0, *task.finished, "warning", "refused: " + result->reason});
        return durable(write);
    }
    const std::vector<ports::LogLine> log = m_pendingLog;
    const Status committed = durable([&]() -> Status {
        for (const auto& work : context.m_commits)
            PH_TRY(work(*m_database));
        task.outputs = context.m_outputs;  // the work may have added to them
        task.state = TaskState::Succeeded;
        task.progress = 1;
        if (context.m_result) m_run.result = *context.m_result;
        if (context.m_produced) m_run.producedVersion = *context.m_produced;
        return write();
    });
    if (committed || context.m_commits.empty()) return committed;
    // What the step wanted to store was refused (the workspace itself is checked by the next write): the task failed.
    m_pendingLog = log;
    task.progress = 0;
    failed(committed.error().text());
    return durable(write);
}

Status RunExecution::skip(ports::Task& task, TaskState state, const std::string& why) {
    task.state = state;
    task.error = why;
    task.started.reset();
    task.finished.reset();
    return durable([&] { return store::updateTask(*m_database, m_runId, task); });
}

Status RunExecution::close() {
    const auto any = [&](TaskState state) {
        return std::any_of(m_run.tasks.begin(), m_run.tasks.end(),
                           [&](const ports::Task& t) { return t.state == state; });
    };
    m_run.state = any(TaskState::Cancelled) ? RunState::Cancelled
                  : any(TaskState::Failed)  ? RunState::Failed
                  : any(TaskState::Refused) ? RunState::Refused
                                            : RunState::Succeeded;
    if (m_run.state == RunState::Cancelled && m_run.result.empty()) m_run.result = "cancelled";
    m_run.finished = m_run.started;
    for (const ports::Task& task : m_run.tasks)
        if (task.finished) m_run.finished = std::max(*m_run.finished, *task.finished);
    return durable([&] { return store::updateRun(*m_database, m_runId, m_run); });
}

/// One short transaction, with the log lines that wait; then whoever watches is told.
Status RunExecution::durable(const std::function<Status()>& work) {
    {
        PH_ASSIGN(auto transaction, workspace::Transaction::begin(*m_database));
        for (const ports::LogLine& line : m_pendingLog)
            PH_TRY(store::appendLog(*m_database, m_runId, m_current, line));
        PH_TRY(work());
        PH_TRY(transaction.commit());
    }
    m_pendingLog.clear();
    if (m_observer) m_observer(m_runId);
    return {};
}

/// Values of unit "sha256" are artifacts: they must be there, whole, for the task to count as done.
Result<bool> RunExecution::outputsThere(const ports::Task& task) const {
    for (const ports::TaskValue& value : task.outputs) {
        if (value.unit != "sha256") continue;
        const auto bytes = workspace::artifacts::get(*m_workspace, value.value);
        if (bytes) continue;
        if (bytes.error().kind == ErrorKind::NotFound || bytes.error().kind == ErrorKind::Corrupt) return false;
        return fail(bytes.error());
    }
    return true;
}

/// By breadth: the tasks waited for, then those that they waited for.
const ports::TaskValue* RunExecution::findInput(const ports::Task& task, const std::string& name) const {
    std::deque<std::string> queue(task.after.begin(), task.after.end());
    std::set<std::string> seen;
    while (!queue.empty()) {
        const std::string next = queue.front();
        queue.pop_front();
        const ports::Task* before = seen.insert(next).second ? find(next) : nullptr;
        if (!before) continue;
        for (const ports::TaskValue& value : before->outputs)
            if (value.name == name) return &value;
        queue.insert(queue.end(), before->after.begin(), before->after.end());
    }
    return nullptr;
}

const ports::Task* RunExecution::find(const std::string& name) const {
    for (const ports::Task& task : m_run.tasks)
        if (task.name == name) return &task;
    return nullptr;
}

bool RunExecution::ready(const ports::Task& task) const {
    return std::all_of(task.after.begin(), task.after.end(), [&](const std::string& name) {
        const ports::Task* before = find(name);
        return before && before->state == TaskState::Succeeded;
    });
}

Timestamp RunExecution::startOf(const ports::Task& task) const {
    if (m_timing.duration.count() == 0) return m_workspace->now();
    return m_timing.start + Duration(m_spans.at(task.name).startNs);
}

Timestamp RunExecution::endOf(const ports::Task& task) const {
    if (m_timing.duration.count() == 0) return m_workspace->now();
    return m_timing.start + Duration(m_spans.at(task.name).endNs);
}

}  // namespace pilothouse::pipelines
