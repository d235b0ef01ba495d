// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/pipelines/definition.h"
#include "models/ports/orchestrator.h"
#include "models/workspace/workspace.h"

namespace pilothouse::pipelines {

/// How a step ended that did not fail. A refusal is an outcome: the rows, or the model, were judged and found wanting.
struct StepResult {
    bool refused = false;
    std::string reason;  ///< with value and limit

    static StepResult done() { return {}; }
    static StepResult refuse(std::string reason) { return {true, std::move(reason)}; }
};

/// What a step sees of its run. Lives on the run's thread while the step runs.
class StepContext {
public:
    // The run.
    std::shared_ptr<workspace::Workspace> workspace;
    workspace::Database* database = nullptr;
    const PipelineDefinition* definition = nullptr;
    std::int64_t runId = 0;
    std::map<std::string, std::string> runParameters;
    Timestamp runStart;  ///< only what was known before may be used
    Timestamp runEnd;    ///< when what the run makes comes into force
    Timestamp taskEnd;   ///< the time of what this task makes
    CancellationToken token;
    // The task.
    std::string task;
    Parameters parameters;  ///< "${…}" replaced

    /// Cancelled, or the program ends: return the error at once.
    [[nodiscard]] Status check() const;
    void log(const std::string& text, const char* level = "info");
    /// 0-1; stored at most five times a second.
    void progress(double share);
    /// An output of a task before this one (the nearest that has it); recorded as this task's input.
    [[nodiscard]] Result<std::string> input(const std::string& name);
    [[nodiscard]] bool hasInput(const std::string& name) const;
    void output(const std::string& name, const std::string& value, const std::string& unit = {});
    /// Runs in the transaction in which the task's success becomes durable: both happen or neither.
    void onCommit(std::function<Status(workspace::Database&)> work);
    /// Set (best within onCommit) what the run's record says at the end.
    void setResult(std::string text);
    void setProducedVersion(std::string version);
    /// Kept between the tasks of a run in this process only: what can be made again.
    [[nodiscard]] std::any& scratch(const std::string& key);

private:
    friend class RunExecution;
    struct Hooks {
        std::function<Status()> check;
        std::function<void(const std::string&, const char*)> log;
        std::function<void(double)> progress;
        std::function<const ports::TaskValue*(const std::string&)> find;
        std::map<std::string, std::any>* scratch = nullptr;
    } m_hooks;
    std::vector<ports::TaskValue> m_inputs, m_outputs;
    std::vector<std::function<Status(workspace::Database&)>> m_commits;
    std::optional<std::string> m_result, m_produced;
};

struct Step {
    std::function<Result<StepResult>(StepContext&)> run;
    std::vector<std::string> parameters;  ///< the names it takes; a name that ends in "." takes all below it
    /// Judges the parameters (with the pipeline's defaults in place of "${…}") when the pipeline is read. May be empty.
    std::function<Status(const Parameters&)> check;
    std::string summary;  ///< one line for --explain
};

/// Maps step names to what they do.
class StepRegistry {
public:
    void add(const std::string& name, Step step) { m_steps[name] = std::move(step); }
    [[nodiscard]] const Step* find(const std::string& name) const {
        const auto it = m_steps.find(name);
        return it == m_steps.end() ? nullptr : &it->second;
    }
    [[nodiscard]] std::vector<std::string> names() const;
    /// ingest, validate, split, profile, train, evaluate, gate, register, deploy.
    [[nodiscard]] static const StepRegistry& builtIn();

private:
    std::map<std::string, Step> m_steps;
};

// The built-in steps, one function a family of files steps_*.cpp.
void addDataSteps(StepRegistry& registry);      ///< ingest, validate, split, profile
void addTrainSteps(StepRegistry& registry);     ///< train
void addJudgeSteps(StepRegistry& registry);     ///< evaluate, gate
void addRegistrySteps(StepRegistry& registry);  ///< register, deploy

}  // namespace pilothouse::pipelines
