// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/base/timestamp.h"

namespace pilothouse::ports {

/// Refused: a gate said no, which is an outcome and not a failure.
enum class RunState { Queued, Running, Succeeded, Failed, Refused, Cancelled };
enum class TaskState { Waiting, Running, Succeeded, Failed, Refused, Skipped, Cancelled };

/// Something that a task read or made: "rows" → "80,789", "model" → "sha256:…".
struct TaskValue {
    std::string name;
    std::string value;
    std::string unit;  ///< "" or "rows", "sha256", …
};

struct Task {
    std::string name;                ///< unique in its run: "train"
    std::string step;                ///< the kind of step
    std::vector<std::string> after;  ///< names of the tasks it waits for
    TaskState state = TaskState::Waiting;
    int attempt = 1;
    std::optional<Timestamp> started, finished;  ///< on the workspace's clock
    double wallMs = 0;                           ///< measured; never part of a digest
    double progress = 0;                         ///< 0-1 while running
    std::vector<TaskValue> inputs, outputs;
    std::string error;  ///< why it failed or refused, with value and limit
};

struct Run {
    std::string id;  ///< "1", "2", … in the embedded engine
    std::string pipeline;
    std::string model;
    RunState state = RunState::Queued;
    std::string trigger;     ///< "manual", "alert", "schedule", "start"
    std::string triggerRef;  ///< the alert's id
    std::string cause;       ///< one sentence: "alert drift firing since 15 Apr"
    Timestamp created;
    std::optional<Timestamp> started, finished;  ///< on the workspace's clock
    double wallMs = 0;
    std::map<std::string, std::string> parameters;
    std::string result;  ///< "v2 deployed", "gate refused: AUC difference 0.002 (−0.009 – 0.013), limit > 0"
    std::string producedVersion;
    std::vector<Task> tasks;  ///< in plan order; empty in lists
};

struct LogLine {
    std::int64_t sequence = 0;
    Timestamp time;     ///< the workspace's clock
    std::string level;  ///< "info", "warning", "error"
    std::string text;
};

struct PipelineInfo {
    std::string name;
    std::string description;
    std::string definition;  ///< the YAML text
};

/// Pipelines, runs and their tasks. Thread: any.
class Orchestrator {
public:
    virtual ~Orchestrator() = default;
    virtual QFuture<Result<std::vector<PipelineInfo>>> pipelines(CancellationToken token) = 0;
    /// Newest first, without tasks.
    virtual QFuture<Result<std::vector<Run>>> runs(std::size_t limit, CancellationToken token) = 0;
    virtual QFuture<Result<Run>> run(std::string id, CancellationToken token) = 0;
    virtual QFuture<Result<std::vector<LogLine>>> log(std::string runId, std::string task, std::int64_t after,
                                                      CancellationToken token) = 0;
    virtual QFuture<Result<std::string>> trigger(std::string pipeline, std::map<std::string, std::string> parameters,
                                                 std::string cause) = 0;
    virtual QFuture<Result<void>> cancel(std::string runId) = 0;
};

[[nodiscard]] const char* toString(
    RunState state);  ///< "queued", "running", "succeeded", "failed", "refused", "cancelled"
[[nodiscard]] const char* toString(TaskState state);  ///< "waiting", "running", …
[[nodiscard]] std::optional<RunState> runStateFrom(std::string_view text);
[[nodiscard]] std::optional<TaskState> taskStateFrom(std::string_view text);

}  // namespace pilothouse::ports
