// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "models/pipelines/executor.h"
#include "models/ports/model_registry.h"
#include "models/ports/rows.h"
#include "models/workspace/workspace.h"

/// What the replay needs of pipelines: the real ones in the program, others in tests.
namespace pilothouse::engine {

class RunService {
public:
    virtual ~RunService() = default;
    /// As pipelines::Executor::create(), for a pipeline of the workspace.
    virtual Result<std::int64_t> create(workspace::Database& database, const std::string& pipeline,
                                        const pipelines::Trigger& trigger, Timestamp now) = 0;
    virtual QFuture<Result<ports::Run>> start(std::int64_t run, pipelines::RunTiming timing,
                                              CancellationToken token) = 0;
    /// Interrupts what runs, to be gone on with by start(), and waits.
    virtual void stop() = 0;
    virtual void setObserver(std::function<void()> observer) = 0;
};

/// A version, loaded for scoring; see pipelines::Scorer.
class ScoreSource {
public:
    virtual ~ScoreSource() = default;
    virtual Result<std::vector<double>> score(const ports::RowSet& rows, std::span<const std::size_t> indices,
                                              std::span<double> latenciesMs) = 0;
};

struct Parts {
    std::unique_ptr<RunService> runs;
    std::function<Result<std::unique_ptr<ScoreSource>>(const ports::ModelVersion&)> loadScorer;
};

/// pipelines::Executor and pipelines::Scorer.
[[nodiscard]] Parts pipelineParts(const std::shared_ptr<workspace::Workspace>& workspace);

}  // namespace pilothouse::engine
