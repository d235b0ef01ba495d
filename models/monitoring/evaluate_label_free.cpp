// SPDX-License-Identifier: GPL-3.0-or-later
// Performance without labels: confidence-based estimation (statistics/cbpe.h).
#include <QString>

#include "models/monitoring/design_effect.h"
#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/outcome_reference.h"
#include "models/statistics/cbpe.h"

namespace pilothouse::monitoring {

using statistics::Estimate;
using statistics::Estimates;
using statistics::State;

namespace {

/// Scores beyond all of the reference's: nothing is known of how often they are right.
constexpr double kMostOutside = 0.1;

std::vector<std::uint8_t> calledAt(std::span<const double> scores, double threshold) {
    std::vector<std::uint8_t> out;
    out.reserve(scores.size());
    for (const double s : scores)
        out.push_back(s >= threshold);
    return out;
}

Result<Estimates> estimatesOf(const PerformanceRows& reference, const PerformanceRows& current, double threshold,
                              std::uint64_t seed) {
    statistics::CbpeOptions options;
    options.seed = seed;
    if (current.task == Task::Binary) {
        const std::vector<std::uint8_t> outcomes(reference.outcomes.begin(), reference.outcomes.end());
        PH_ASSIGN(const auto cbpe, statistics::Cbpe::fit(reference.predicted, calledAt(reference.predicted, threshold),
                                                         outcomes, options));
        return cbpe.estimate(current.predicted, calledAt(current.predicted, threshold));
    }
    PH_ASSIGN(const auto cbpe, statistics::CbpeMulticlass::fit(reference.probabilities, reference.called,
                                                               reference.truth, reference.classes, options));
    return cbpe.estimate(current.probabilities, current.called);
}

/// Its name in statistics::Estimates; nothing: it is not estimated.
std::string estimateName(const PerformanceMetric& metric) {
    if (metric.task == Task::Multiclass && metric.name == "auc") return "roc_auc_macro";
    return std::string(metric.measured);
}

/// The monitor's limit, the version's own value, or that of the reference.
Result<Bound> boundFrom(const Judging& j, const PerformanceMetric& metric, const PerformanceRows& reference) {
    const Bound known = boundOf(j, metric);
    if (!std::isnan(known.limit)) return known;
    PH_ASSIGN(const auto own,
              measureMetric(metric, reference, {j.context.champion->version.threshold, 100, j.context.seed}));
    return Bound{own.value.value, own.value.value - j.monitor.options.minimumEffect, reference.size()};
}

void addToDigest(InputsDigest& digest, const PerformanceRows& rows) {
    for (const auto* numbers : {&rows.predicted, &rows.outcomes, &rows.probabilities})
        for (const double x : *numbers)
            digest.add(x);
    for (const auto* codes : {&rows.called, &rows.truth, &rows.clusters})
        for (const std::uint32_t code : *codes)
            digest.add(static_cast<std::uint64_t>(code));
}

std::string summaryOf(const PerformanceMetric& metric, const Estimate& e, const Bound& bound, std::size_t rows,
                      const OutcomeReference& reference) {
    const auto digits = [](double x) { return QString::number(x, 'f', 3); };
    return QStringLiteral(
               "%1 estimated without labels: %2 (%3 – %4) of %5 rows, %6 in the reference; CBPE from %7 "
               "rows with an outcome")
        .arg(QString::fromUtf8(metric.shown.data(), static_cast<qsizetype>(metric.shown.size())), digits(e.value),
             digits(e.low), digits(e.high))
        .arg(rows)
        .arg(digits(bound.reference))
        .arg(reference.rows.size())
        .toStdString();
}

Status judgeRows(const Judging& j, const MeasuredMetric& measured, const PerformanceRows& rows,
                 const OutcomeReference& reference, const std::string& check) {
    const auto none = [&](State state, const std::string& reason) {
        unavailable(j, check, state, reason);
        return Status{};
    };
    const PerformanceMetric& metric = *measured.metric;
    const auto estimates = estimatesOf(reference.rows, rows, j.context.champion->version.threshold, j.context.seed);
    if (!estimates) return none(State::Unavailable, estimates.error().message);
    const Estimate* estimate = estimates->find(estimateName(metric));
    if (!estimate) return none(State::Unavailable, std::string(metric.shown) + " is not estimated without labels");
    PH_ASSIGN(const Bound bound, boundFrom(j, metric, reference.rows));
    ports::Finding finding;
    finding.check = check;
    finding.severity = j.monitor.severity;
    finding.verdict.method = "cbpe";
    finding.verdict.nCurrent = rows.size();
    finding.missingShare = 1 - static_cast<double>(rows.size()) / static_cast<double>(j.evaluation.rows);
    statistics::Verdict& v = finding.verdict;
    const auto effect = designEffect(metric, reference.rows, rows.clusters,
                                     {j.context.champion->version.threshold, 100, j.context.seed});
    if (!effect) return none(State::Unavailable, effect.error().message);
    const Estimate wide = statistics::widened(*estimate, std::sqrt(*effect), 1);
    if (!rows.clusters.empty()) v.nEffective = static_cast<double>(rows.size()) / *effect;
    judgeBound(j, metric, {wide.value, wide.low, wide.high}, bound, v);
    v.nReference = reference.rows.size();
    if (v.state == State::Ok && estimates->outsideReference > kMostOutside) {
        v.state = State::Insufficient;
        v.reason = QString::number(100 * estimates->outsideReference, 'f', 0).toStdString() +
                   " % of the scores lie beyond all that the reference had";
    }
    j.evaluation.summary = summaryOf(metric, wide, bound, rows.size(), reference);
    j.evaluation.findings.push_back(std::move(finding));
    return {};
}

}  // namespace

Status judgeLabelFree(const Judging& j) {
    constexpr std::size_t kLeastRows = 30;
    const ports::ModelVersion& version = j.context.champion->version;
    const MeasuredMetric measured = measuredMetric(j.monitor, version);
    const std::string check = "estimated_" + checkName(j.monitor, &version);
    const auto none = [&](State state, const std::string& reason) {
        unavailable(j, check, state, reason);
        return Status{};
    };
    if (!measured.metric) return none(State::Unavailable, measured.problem);
    if (measured.task == Task::Regression) return judgeLossEstimate(j, *measured.metric, check);
    if (measured.task == Task::Multiclass && j.monitor.probabilities.empty())
        return none(State::Unavailable, "the monitor does not say the columns of the classes' probabilities");
    std::vector<std::string> columns = performanceColumns(j.monitor, measured.task, false);
    for (const std::string& name : clusterColumns(j.monitor))
        if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
    PH_ASSIGN(const ports::RowSet set, rowsOf(j, std::move(columns), version.version));
    const ExtractedRows found = performanceRows(set, clustersOf(j, set), j.monitor, measured.task, false);
    const std::size_t rows = found.rows.size();
    j.evaluation.rows = set.rows;
    addToDigest(j.digest, found.rows);
    if (!found.problem.empty()) return none(State::Unavailable, found.problem);
    if (rows < kLeastRows)
        return none(State::Insufficient, std::to_string(rows) + " rows with a score, at least 30 are needed");
    PH_ASSIGN(const OutcomeReference reference, outcomeReference(j, measured.task));
    addToDigest(j.digest, reference.rows);
    if (!reference.problem.empty()) return none(State::Unavailable, reference.problem);
    if (reference.range.overlaps(j.window))
        return none(State::Unavailable, "the reference is made of rows of this window");
    return judgeRows(j, measured, found.rows, reference, check);
}

}  // namespace pilothouse::monitoring
