// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/embedded_prediction_log.h"

#include "models/predictions/log_queries.h"
#include "models/predictions/store_state.h"
#include "models/predictions/truth_history.h"

namespace pilothouse::predictions {

using workspace::Database;

namespace {

/// Asks again without a part that turned out to be damaged: the rest of the log stays readable. Each turn leaves out at
/// least one part more, so it ends.
template <class Ask>
auto withoutDamage(Database& database, const Ask& ask) -> decltype(ask()) {
    const auto state = StoreState::of(database.path());
    for (;;) {
        auto answer = ask();
        if (answer || answer.error().kind != ErrorKind::Corrupt || !state->damaged.adopt()) return answer;
    }
}

/// The same, for answers that say what they left out.
template <class Ask>
auto notingDamage(Database& database, const Ask& ask) -> decltype(ask()) {
    auto answer = withoutDamage(database, ask);
    if (answer) answer->stats.damaged = StoreState::of(database.path())->damaged.notes();
    return answer;
}

/// "now" is the workspace's, unless whoever asks has fixed it.
ports::Query timed(ports::Query query, const workspace::Workspace& workspace) {
    if (!query.now) query.now = workspace.now();
    return query;
}

}  // namespace

EmbeddedPredictionLog::EmbeddedPredictionLog(std::shared_ptr<workspace::Workspace> workspace)
    : m_workspace(std::move(workspace)) {}

QFuture<Result<std::vector<ports::FieldInfo>>> EmbeddedPredictionLog::fields(CancellationToken token) {
    return m_workspace->read(std::move(token), [](Database& database) { return fieldsOfLog(database); });
}

QFuture<Result<ports::SearchPage>> EmbeddedPredictionLog::search(ports::SearchRequest request,
                                                                 CancellationToken token) {
    request.query = timed(std::move(request.query), *m_workspace);
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return notingDamage(database, [&] { return searchLog(database, request, token); });
    });
}

QFuture<Result<std::uint64_t>> EmbeddedPredictionLog::count(ports::Query query, TimeRange range,
                                                            CancellationToken token) {
    return m_workspace->read(token, [query = timed(std::move(query), *m_workspace), range, token](Database& database) {
        return withoutDamage(database, [&] { return countInLog(database, query, range, token); });
    });
}

QFuture<Result<ports::TimeCounts>> EmbeddedPredictionLog::timeCounts(ports::TimeCountsRequest request,
                                                                     CancellationToken token) {
    request.query = timed(std::move(request.query), *m_workspace);
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return notingDamage(database, [&] { return timeCountsOfLog(database, request, token); });
    });
}

QFuture<Result<ports::Aggregates>> EmbeddedPredictionLog::aggregate(ports::AggregateRequest request,
                                                                    CancellationToken token) {
    request.query = timed(std::move(request.query), *m_workspace);
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return notingDamage(database, [&] { return aggregateLog(database, request, token); });
    });
}

QFuture<Result<ports::TopValues>> EmbeddedPredictionLog::topValues(ports::TopValuesRequest request,
                                                                   CancellationToken token) {
    request.query = timed(std::move(request.query), *m_workspace);
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return withoutDamage(database, [&] { return topValuesOfLog(database, request, token); });
    });
}

QFuture<Result<std::vector<ports::FeatureCounts>>> EmbeddedPredictionLog::featureCounts(
    ports::FeatureCountsRequest request, CancellationToken token) {
    request.query = timed(std::move(request.query), *m_workspace);
    return m_workspace->read(token, [request = std::move(request), token](Database& database) {
        return withoutDamage(database, [&] { return featureCountsOfLog(database, request, token); });
    });
}

QFuture<Result<ports::PredictionLog::Extent>> EmbeddedPredictionLog::extent(CancellationToken token) {
    return m_workspace->read(std::move(token), [](Database& database) -> Result<Extent> {
        PH_ASSIGN(Extent extent, extentOfLog(database));
        extent.damaged = StoreState::of(database.path())->damaged.notes();
        return extent;
    });
}

QFuture<Result<std::vector<ports::OutcomeRecord>>> EmbeddedPredictionLog::outcomeHistory(std::string model,
                                                                                         std::string requestId,
                                                                                         CancellationToken token) {
    using Records = std::vector<ports::OutcomeRecord>;
    return m_workspace->read(
        std::move(token),
        [model = std::move(model), requestId = std::move(requestId)](Database& database) -> Result<Records> {
            PH_ASSIGN(const auto history, truthHistory(database, model, requestId));
            Records records;
            for (const TruthRecord& record : history)
                records.push_back({record.value, record.known});
            return records;
        });
}

}  // namespace pilothouse::predictions
