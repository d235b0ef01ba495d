// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "models/ports/prediction_log.h"
#include "models/workspace/workspace.h"

namespace pilothouse::predictions {

/// The prediction log inside the workspace. Answers come from the workspace's reader threads.
class EmbeddedPredictionLog final : public ports::PredictionLog {
public:
    explicit EmbeddedPredictionLog(std::shared_ptr<workspace::Workspace> workspace);

    QFuture<Result<std::vector<ports::FieldInfo>>> fields(CancellationToken token) override;
    QFuture<Result<ports::SearchPage>> search(ports::SearchRequest request, CancellationToken token) override;
    QFuture<Result<std::uint64_t>> count(ports::Query query, TimeRange range, CancellationToken token) override;
    QFuture<Result<ports::TimeCounts>> timeCounts(ports::TimeCountsRequest request, CancellationToken token) override;
    QFuture<Result<ports::Aggregates>> aggregate(ports::AggregateRequest request, CancellationToken token) override;
    QFuture<Result<ports::TopValues>> topValues(ports::TopValuesRequest request, CancellationToken token) override;
    QFuture<Result<std::vector<ports::FeatureCounts>>> featureCounts(ports::FeatureCountsRequest request,
                                                                     CancellationToken token) override;
    QFuture<Result<Extent>> extent(CancellationToken token) override;
    QFuture<Result<std::vector<ports::OutcomeRecord>>> outcomeHistory(std::string model, std::string requestId,
                                                                      CancellationToken token) override;

private:
    std::shared_ptr<workspace::Workspace> m_workspace;
};

}  // namespace pilothouse::predictions
