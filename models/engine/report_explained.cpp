// SPDX-License-Identifier: GPL-3.0-or-later
// How much of the change of a version's loss its inputs explain.
#include <QJsonObject>
#include <algorithm>

#include "models/engine/report_parts.h"
#include "models/monitoring/cluster_ids.h"
#include "models/monitoring/domain_classifier.h"
#include "models/pipelines/scorer.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/query_parser.h"
#include "models/statistics/performance_shift.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::engine {

using ports::ModelVersion;

namespace {

/// Rows with outcome and loss, and the calendar's days they are of.
struct Scored {
    ports::RowSet rows;
    std::vector<double> losses;  ///< NaN: no outcome
    std::vector<std::uint32_t> days;
};

Result<ports::RowSet> rowsOf(workspace::Database& database, const std::string& query, TimeRange range,
                             const ModelVersion& version, Timestamp known) {
    predictions::ScanRequest request;
    PH_ASSIGN(request.query, predictions::parseQuery(query));
    request.range = range;
    request.truthKnownBefore = known;
    request.columns = version.features;
    for (const std::string_view name : {ports::field::time, ports::field::score, ports::field::outcome})
        request.columns.emplace_back(name);
    return predictions::collect(database, request, {});
}

Scored scoredRows(ports::RowSet rows, const Zone& zone, std::span<const double> scores) {
    Scored out;
    const ports::Column* const outcome = rows.find(ports::field::outcome);
    for (std::size_t row = 0; row < rows.rows; ++row) {
        const double p = std::clamp(scores[row], 1e-15, 1 - 1e-15);
        const bool known = outcome && !outcome->missing(row) && !std::isnan(scores[row]);
        out.losses.push_back(!known ? statistics::kNaN : outcome->numbers[row] > 0.5 ? -std::log(p) : -std::log(1 - p));
    }
    monitoring::ClusterIds ids(zone);
    out.days = monitoring::clustersOf(ids, {"date"}, rows);
    out.rows = std::move(rows);
    return out;
}

/// The rows that the version was held out from, scored by it again; outcomes as they were known when it was made.
Result<Scored> heldOut(workspace::Database& database, const workspace::Workspace& workspace,
                       const ModelVersion& version) {
    PH_ASSIGN(auto rows, rowsOf(database, predictions::equalsClause(ports::field::model, version.model),
                                version.evaluatedOn, version, version.created));
    PH_ASSIGN(const auto scorer, pipelines::Scorer::load(workspace, version));
    std::vector<std::size_t> all(rows.rows);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = i;
    PH_ASSIGN(const auto scores, scorer->score(rows, all));
    return scoredRows(std::move(rows), workspace.zone(), scores);
}

Result<Scored> served(workspace::Database& database, const workspace::Workspace& workspace,
                      const ModelVersion& version) {
    PH_ASSIGN(auto rows, rowsOf(database,
                                predictions::equalsClause(ports::field::model, version.model) + " " +
                                    predictions::equalsClause(ports::field::version, version.version),
                                TimeRange::all(), version, workspace.now()));
    const ports::Column* const score = rows.find(ports::field::score);
    const std::vector<double> scores = score ? score->numbers : std::vector<double>(rows.rows, statistics::kNaN);
    return scoredRows(std::move(rows), workspace.zone(), scores);
}

template <class T>
std::vector<T> at(const std::vector<T>& values, const std::vector<std::size_t>& rows) {
    std::vector<T> out;
    for (const std::size_t row : rows)
        out.push_back(values[row]);
    return out;
}

QJsonArray interval(const statistics::Interval& of) {
    return {jsonReal(of.value), jsonReal(of.low), jsonReal(of.high)};
}

Result<QJsonObject> explain(workspace::Database& database, const workspace::Workspace& workspace,
                            const ModelVersion& version, const Scored& current, std::uint64_t seed) {
    PH_ASSIGN(const Scored reference, heldOut(database, workspace, version));
    PH_ASSIGN(const auto domains,
              monitoring::separateDomains({reference.rows, reference.days}, {current.rows, current.days},
                                          version.features, {.seed = seed}, {}));
    const auto losses = at(reference.losses, domains.referenceRows);
    const auto days = at(reference.days, domains.referenceRows);
    PH_ASSIGN(const auto shift,
              statistics::explainShift({losses, days}, domains.weights, {current.losses, current.days}));
    QJsonArray features;
    for (const auto& f : domains.features)
        if (features.size() < 5 && f.share > 0)
            features.append(QJsonObject{{QStringLiteral("feature"), jsonText(f.name)},
                                        {QStringLiteral("share"), jsonReal(f.share)}});
    return QJsonObject{{QStringLiteral("metric"), QStringLiteral("log_loss")},
                       {QStringLiteral("held_out"), jsonReal(shift.reference)},
                       {QStringLiteral("served"), jsonReal(shift.current)},
                       {QStringLiteral("change"), interval(shift.total)},
                       {QStringLiteral("by_covariates"), interval(shift.covariate)},
                       {QStringLiteral("by_concept"), interval(shift.conceptual)},
                       {QStringLiteral("held_out_rows"), jsonCount(shift.referenceRows)},
                       {QStringLiteral("effective_rows"), jsonReal(std::round(shift.effectiveRows))},
                       {QStringLiteral("served_rows"), jsonCount(shift.currentRows)},
                       {QStringLiteral("labelled"), jsonCount(shift.currentLabelled)},
                       {QStringLiteral("domain_auc"), interval(domains.auc)},
                       {QStringLiteral("told_apart_by"), features}};
}

/// Where the inputs of the two sides hardly overlap, the weights rest on a few rows: then the parts are not told.
constexpr double kFewestEffectiveRows = 200;

}  // namespace

Result<QJsonArray> explainedJson(workspace::Database& database, const workspace::Workspace& workspace,
                                 const ReplaySettings& settings) {
    PH_ASSIGN(auto versions, workspace::registry::versions(database, settings.model));
    std::reverse(versions.begin(), versions.end());
    QJsonArray out;
    for (const ModelVersion& version : versions) {
        PH_ASSIGN(const Scored current, served(database, workspace, version));
        if (current.rows.rows == 0) continue;  // it was never in production
        QJsonObject line{{QStringLiteral("version"), jsonText(version.version)}};
        const auto explained = explain(database, workspace, version, current, settings.options.seed);
        if (!explained) {
            line.insert(QStringLiteral("reason"), jsonText(explained.error().message));
            out.append(line);
            continue;
        }
        for (auto it = explained->begin(); it != explained->end(); ++it)
            line.insert(it.key(), it.value());
        if (line[QStringLiteral("effective_rows")].toDouble() < kFewestEffectiveRows)
            line.insert(QStringLiteral("reason"), QStringLiteral("insufficient overlap of the inputs"));
        out.append(line);
    }
    return out;
}

}  // namespace pilothouse::engine
