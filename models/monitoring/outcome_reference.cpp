// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/outcome_reference.h"

#include <algorithm>

#include "models/monitoring/cluster_ids.h"
#include "models/monitoring/log_extent.h"
#include "models/predictions/prediction_store.h"
#include "models/statistics/clusters.h"

namespace pilothouse::monitoring {

namespace {

constexpr std::size_t kMostRows = 50'000, kLeastRows = 300, kLeastOfAClass = 30;

predictions::Arrivals upToNow(const Judging& j) {
    return {.before = j.context.arrivals.before, .lastTruth = j.context.arrivals.lastTruth};
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

/// Rows with an outcome within the range, up to kMostRows.
Result<ExtractedRows> labelledWithin(const Judging& j, Task task, TimeRange range) {
    predictions::ScanRequest request;
    request.range = range;
    request.columns = performanceColumns(j.monitor, task, true);
    request.truthKnownBefore = j.context.now;
    request.arrivals = upToNow(j);
    std::vector<std::string> clusterNames;
    if (!j.monitor.cluster.empty()) {
        clusterNames = clusterColumns(j.monitor);
        for (const std::string& name : clusterNames)
            if (std::ranges::find(request.columns, name) == request.columns.end()) request.columns.push_back(name);
        clusterNames.emplace_back("date");
    }
    ClusterIds ids(j.context.zone);
    PH_TRY(keepKnownColumns(j.context.database, request.columns));
    PH_ASSIGN(request.query, queryOf(j, j.context.champion->version.version));
    ExtractedRows out;
    out.rows.task = task;
    out.rows.classes = j.monitor.classes.size();
    const Status done =
        predictions::scan(j.context.database, request, j.context.token, [&](const ports::RowSet& part) -> Status {
            const ExtractedRows found = performanceRows(part, {}, j.monitor, task, true);
            if (out.problem.empty()) out.problem = found.problem;
            append(out.rows.predicted, found.rows.predicted);
            append(out.rows.outcomes, found.rows.outcomes);
            append(out.rows.called, found.rows.called);
            append(out.rows.truth, found.rows.truth);
            append(out.rows.probabilities, found.rows.probabilities);
            if (!clusterNames.empty()) {
                const auto clusters = clustersOf(ids, clusterNames, part);
                for (const std::uint32_t place : found.places)
                    out.rows.clusters.push_back(clusters[place]);
            }
            // The scan has no other way to end early; what was enough is no error.
            if (out.rows.size() >= kMostRows) return fail(ErrorKind::ResourceExhausted, "enough rows");
            return {};
        });
    if (!done && out.rows.size() < kMostRows) return fail(done.error());
    return out;
}

void cut(PerformanceRows& rows) {
    rows.predicted.resize(std::min(rows.predicted.size(), kMostRows));
    rows.outcomes.resize(std::min(rows.outcomes.size(), kMostRows));
    rows.called.resize(std::min(rows.called.size(), kMostRows));
    rows.truth.resize(std::min(rows.truth.size(), kMostRows));
    rows.clusters.resize(std::min(rows.clusters.size(), kMostRows));
    statistics::densify(rows.clusters);
    rows.probabilities.resize(std::min(rows.probabilities.size(), kMostRows * rows.classes));
}

std::string tooFew(const PerformanceRows& rows) {
    const auto positives = static_cast<std::size_t>(std::ranges::count(rows.outcomes, 1.0));
    const bool binary = rows.task == Task::Binary;
    const std::size_t rarer = std::min(positives, rows.outcomes.size() - positives);
    if (rows.size() >= kLeastRows && (!binary || rarer >= kLeastOfAClass)) return {};
    return "no reference with outcomes: " + std::to_string(rows.size()) +
           " rows of the version have one, at least 300" + (binary ? " with 30 of each class" : "") + " are needed";
}

}  // namespace

Result<std::vector<TimeRange>> outcomeReferenceRanges(const Judging& j) {
    std::vector<TimeRange> out;
    const statistics::Profile& profile = j.context.champion->profile;
    if (profile.startNs < profile.endNs) out.push_back({{profile.startNs}, {profile.endNs}});
    if (j.monitor.reference == "previous") return out;
    // Inputs come whatever version is in production; scores and outcomes are those of one.
    const bool oneVersion = j.monitor.kind == MonitorKind::LabelFree;
    PH_ASSIGN(const auto query, queryOf(j, oneVersion ? j.context.champion->version.version : std::string()));
    PH_ASSIGN(const auto extent, extentOf(j.context.database, query, upToNow(j), j.context.token));
    if (extent) out.push_back({extent->start, extent->start + j.monitor.referenceTime});
    return out;
}

Result<OutcomeReference> outcomeReference(const Judging& j, Task task) {
    PH_ASSIGN(const auto ranges, outcomeReferenceRanges(j));
    OutcomeReference out;
    out.problem = "no reference with outcomes: the version has no rows";
    for (const TimeRange& range : ranges) {
        PH_ASSIGN(auto found, labelledWithin(j, task, range));
        cut(found.rows);
        out.range = range;
        out.problem = found.problem.empty() ? tooFew(found.rows) : "the reference: " + found.problem;
        out.rows = std::move(found.rows);
        if (out.problem.empty()) break;
    }
    return out;
}

}  // namespace pilothouse::monitoring
