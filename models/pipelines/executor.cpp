// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/executor.h"

#include <QPromise>
#include <QThreadPool>
#include <algorithm>
#include <atomic>

#include "models/pipelines/run_execution.h"
#include "models/pipelines/step.h"

namespace pilothouse::pipelines {

struct Executor::Private {
    std::shared_ptr<workspace::Workspace> workspace;
    const StepRegistry* steps;
    std::function<void(std::int64_t)> observer;
    std::shared_ptr<std::atomic<bool>> stopping = std::make_shared<std::atomic<bool>>(false);
    QThreadPool pool;
};

Executor::Executor(std::shared_ptr<workspace::Workspace> workspace, const StepRegistry* steps)
    : d(std::make_unique<Private>()) {
    d->workspace = std::move(workspace);
    d->steps = steps ? steps : &StepRegistry::builtIn();
    d->pool.setObjectName(QStringLiteral("run"));
    d->pool.setMaxThreadCount(2);
}

Executor::~Executor() { stop(); }

void Executor::stop() {
    d->stopping->store(true);
    d->pool.waitForDone();
    d->stopping->store(false);
}

void Executor::setObserver(std::function<void(std::int64_t)> observer) { d->observer = std::move(observer); }

QFuture<Result<ports::Run>> Executor::start(std::int64_t runId, RunTiming timing, CancellationToken token) {
    auto promise = std::make_shared<QPromise<Result<ports::Run>>>();
    promise->start();
    auto future = promise->future();
    d->pool.start([this, runId, timing, token = std::move(token), promise] {
        RunExecution execution(d->workspace, *d->steps, d->observer, d->stopping, token);
        promise->addResult(execution.execute(runId, timing));
        promise->finish();
    });
    return future;
}

Result<ports::Run> runNow(const std::shared_ptr<workspace::Workspace>& workspace, const PipelineDefinition& definition,
                          const Trigger& trigger, const CancellationToken& token,
                          const std::function<void(const ports::Run&)>& progress) {
    PH_ASSIGN(auto database, workspace->connect());
    std::int64_t id = 0;
    {
        PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
        const Timestamp now = workspace->now();
        PH_TRY(savePipeline(*database, definition, now));
        PH_ASSIGN(id, Executor::create(*database, definition, trigger, now));
        PH_TRY(transaction.commit());
    }
    const auto observer = [&](std::int64_t runId) {
        if (!progress) return;
        if (const auto run = readRun(*database, runId)) progress(*run);
    };
    RunExecution execution(workspace, StepRegistry::builtIn(), observer, std::make_shared<std::atomic<bool>>(false),
                           token);
    return execution.execute(id, {workspace->now(), {}});
}

}  // namespace pilothouse::pipelines
