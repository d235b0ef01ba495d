// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/parts.h"
#include "models/pipelines/scorer.h"

namespace pilothouse::engine {

namespace {

class PipelineRuns final : public RunService {
public:
    explicit PipelineRuns(std::shared_ptr<workspace::Workspace> workspace) : m_executor(std::move(workspace)) {}
    Result<std::int64_t> create(workspace::Database& database, const std::string& pipeline,
                                const pipelines::Trigger& trigger, Timestamp now) override {
        PH_ASSIGN(const auto definition, pipelines::loadPipeline(database, pipeline));
        pipelines::Trigger accepted = trigger;
        std::erase_if(accepted.parameters, [&](const auto& p) { return !definition.parameters.contains(p.first); });
        return pipelines::Executor::create(database, definition, accepted, now);
    }
    QFuture<Result<ports::Run>> start(std::int64_t run, pipelines::RunTiming timing, CancellationToken token) override {
        return m_executor.start(run, timing, std::move(token));
    }
    void stop() override { m_executor.stop(); }
    void setObserver(std::function<void()> observer) override {
        m_executor.setObserver([observer = std::move(observer)](std::int64_t) { observer(); });
    }

private:
    pipelines::Executor m_executor;
};

class PipelineScorer final : public ScoreSource {
public:
    explicit PipelineScorer(std::unique_ptr<pipelines::Scorer> scorer) : m_scorer(std::move(scorer)) {}
    Result<std::vector<double>> score(const ports::RowSet& rows, std::span<const std::size_t> indices,
                                      std::span<double> latenciesMs) override {
        return m_scorer->score(rows, indices, latenciesMs);
    }

private:
    std::unique_ptr<pipelines::Scorer> m_scorer;
};

}  // namespace

Parts pipelineParts(const std::shared_ptr<workspace::Workspace>& workspace) {
    Parts parts;
    parts.runs = std::make_unique<PipelineRuns>(workspace);
    parts.loadScorer = [workspace](const ports::ModelVersion& version) -> Result<std::unique_ptr<ScoreSource>> {
        PH_ASSIGN(auto scorer, pipelines::Scorer::load(*workspace, version));
        return std::make_unique<PipelineScorer>(std::move(scorer));
    };
    return parts;
}

}  // namespace pilothouse::engine
