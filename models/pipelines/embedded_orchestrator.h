// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "models/ports/orchestrator.h"
#include "models/workspace/workspace.h"

namespace pilothouse::pipelines {

/// The embedded engine's runs. trigger() adds the run as queued (its id is the answer) and cancel() ends a run that has
/// not begun at once; both tell the process that holds the engine lease by a row of table `command` in state "queued",
/// kind "trigger" or "cancel", body {"run": N}: it starts run N with Executor::start(), or cancels it.
class EmbeddedOrchestrator final : public ports::Orchestrator {
public:
    explicit EmbeddedOrchestrator(std::shared_ptr<workspace::Workspace> workspace);
    QFuture<Result<std::vector<ports::PipelineInfo>>> pipelines(CancellationToken token) override;
    QFuture<Result<std::vector<ports::Run>>> runs(std::size_t limit, CancellationToken token) override;
    QFuture<Result<ports::Run>> run(std::string id, CancellationToken token) override;
    QFuture<Result<std::vector<ports::LogLine>>> log(std::string runId, std::string task, std::int64_t after,
                                                     CancellationToken token) override;
    QFuture<Result<std::string>> trigger(std::string pipeline, std::map<std::string, std::string> parameters,
                                         std::string cause) override;
    QFuture<Result<void>> cancel(std::string runId) override;

private:
    std::shared_ptr<workspace::Workspace> m_workspace;
};

}  // namespace pilothouse::pipelines
