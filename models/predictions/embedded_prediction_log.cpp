// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/embedded_prediction_log.h"

#include "models/predictions/log_queries.h"

namespace pilothouse::predictions {

using workspace::Database;

EmbeddedPredictionLog::EmbeddedPredictionLog(std::shared_ptr<workspace::Workspace> workspace)
    : m_workspace(std::move(workspace)) {}

QFuture<Result<std::vector<ports::FieldInfo>>> EmbeddedPredictionLog::fields(CancellationToken token) {
    return m_workspace->read(std::move(token), [](Database& database) { return fieldsOfLog(database); });
}

QFuture<Result<ports::SearchPage>> EmbeddedPredictionLog::search(ports::SearchRequest request,
                                                                 CancellationToken token) {
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return searchLog(database, request, token);
    });
}

QFuture<Result<std::uint64_t>> EmbeddedPredictionLog::count(ports::Query query, TimeRange range,
                                                            CancellationToken token) {
    return m_workspace->read(token, [query = std::move(query), range, token](Database& database) {
        return countInLog(database, query, range, token);
    });
}

QFuture<Result<ports::TimeCounts>> EmbeddedPredictionLog::timeCounts(ports::TimeCountsRequest request,
                                                                     CancellationToken token) {
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return timeCountsOfLog(database, request, token);
    });
}

QFuture<Result<ports::Aggregates>> EmbeddedPredictionLog::aggregate(ports::AggregateRequest request,
                                                                    CancellationToken token) {
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return aggregateLog(database, request, token);
    });
}

QFuture<Result<ports::TopValues>> EmbeddedPredictionLog::topValues(ports::TopValuesRequest request,
                                                                   CancellationToken token) {
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return topValuesOfLog(database, request, token);
    });
}

QFuture<Result<std::vector<ports::FeatureCounts>>> EmbeddedPredictionLog::featureCounts(
    ports::FeatureCountsRequest request, CancellationToken token) {
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return featureCountsOfLog(database, request, token);
    });
}

QFuture<Result<ports::PredictionLog::Extent>> EmbeddedPredictionLog::extent(CancellationToken token) {
    return m_workspace->read(std::move(token), [](Database& database) { return extentOfLog(database); });
}

}  // namespace pilothouse::predictions
