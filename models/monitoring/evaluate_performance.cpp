// SPDX-License-Identifier: GPL-3.0-or-later
#include <QString>

#include "models/monitoring/evaluate_kinds.h"
#include "models/statistics/performance.h"

namespace pilothouse::monitoring {

using ports::Finding;
using statistics::State;

namespace {

constexpr std::uint64_t kMinimumOfAClass = 30;

struct Labelled {
    std::vector<double> scores;
    std::vector<std::uint8_t> outcomes;
    std::vector<std::uint32_t> clusters;
    std::uint64_t positives = 0;
};

Labelled labelledRows(const ports::RowSet& rows, std::span<const std::uint32_t> clusters) {
    Labelled out;
    const ports::Column* score = rows.find(ports::field::score);
    const ports::Column* outcome = rows.find(ports::field::outcome);
    if (!score || !outcome) return out;
    for (std::size_t row = 0; row < rows.rows; ++row) {
        if (score->missing(row) || outcome->missing(row)) continue;
        const bool positive = outcome->numbers[row] > 0.5;
        out.scores.push_back(score->numbers[row]);
        out.outcomes.push_back(positive);
        out.positives += positive;
        if (!clusters.empty()) out.clusters.push_back(clusters[row]);
    }
    // Ids must be dense again, now that rows without an outcome are gone.
    std::vector<std::uint32_t> dense;
    std::uint32_t next = 0;
    for (std::uint32_t& id : out.clusters) {
        if (id >= dense.size()) dense.resize(id + 1, UINT32_MAX);
        if (dense[id] == UINT32_MAX) dense[id] = next++;
        id = dense[id];
    }
    return out;
}

/// What the version must hold: the monitor's limit, or its own held-out AUC less the minimum effect.
struct Floor {
    double reference = statistics::kNaN;
    double limit = statistics::kNaN;
    std::uint64_t n = 0;
};

Floor floorOf(const Judging& j) {
    if (j.monitor.limit > 0) return {j.monitor.limit, j.monitor.limit, 0};
    const ports::Metric* heldOut = j.context.champion->version.metric("auc");
    if (!heldOut) return {};
    return {heldOut->value, heldOut->value - j.monitor.options.minimumEffect, heldOut->n};
}

QString auc(double value) { return QString::number(value, 'f', 3); }

void judgeAuc(const Judging& j, const Labelled& rows, const Floor& floor, Finding& finding) {
    statistics::Verdict& v = finding.verdict;
    const auto interval =
        statistics::aucInterval(rows.scores, rows.outcomes, rows.clusters, j.monitor.options.resamples, j.context.seed);
    v.statistic = interval.value;
    v.threshold = floor.limit;
    v.effect = interval.value - floor.reference;
    v.effectLow = interval.low - floor.reference;
    v.effectHigh = interval.high - floor.reference;
    v.minimumEffect = floor.reference - floor.limit;
    v.nReference = floor.n;
    if (interval.high < floor.limit) {
        v.state = State::Drift;
    } else if (interval.high - interval.low > 4 * j.monitor.options.minimumEffect) {
        // An interval as wide as this (± twice the minimum effect) would not show a fall of twice the minimum effect.
        v.state = State::Insufficient;
        v.reason = "the interval is wider than ± twice the minimum effect";
    } else {
        v.state = State::Ok;
    }
    j.evaluation.summary =
        QStringLiteral("AUC %1 (%2 – %3) on %4 labelled rows, held-out %5, %6 % of rows without a label")
            .arg(auc(interval.value), auc(interval.low), auc(interval.high))
            .arg(rows.scores.size())
            .arg(auc(floor.reference))
            .arg(QString::number(100 * finding.missingShare, 'f', 1))
            .toStdString();
}

}  // namespace

Status judgePerformance(const Judging& j) {
    std::vector<std::string> columns{std::string(ports::field::time), std::string(ports::field::score),
                                     std::string(ports::field::outcome)};
    for (const std::string& name : clusterColumns(j.monitor))
        columns.push_back(name);
    PH_ASSIGN(const ports::RowSet rows, rowsOf(j, std::move(columns), j.context.champion->version.version));
    const Labelled labelled = labelledRows(rows, clustersOf(j, rows));
    j.evaluation.rows = rows.rows;
    j.evaluation.labelled = labelled.scores.size();
    for (std::size_t i = 0; i < labelled.scores.size(); ++i) {
        j.digest.add(labelled.scores[i]);
        j.digest.add(static_cast<std::uint64_t>(labelled.outcomes[i]));
    }
    const std::uint64_t negatives = labelled.scores.size() - labelled.positives;
    if (std::min(labelled.positives, negatives) < kMinimumOfAClass) {
        unavailable(j, "auc", State::Insufficient,
                    std::to_string(labelled.positives) + " positive and " + std::to_string(negatives) +
                        " negative rows with an outcome, at least 30 of each are needed");
        return {};
    }
    const Floor floor = floorOf(j);
    if (std::isnan(floor.limit)) {
        unavailable(j, "auc", State::Unavailable, "the version has no held-out AUC to compare with");
        return {};
    }
    Finding finding;
    finding.check = "auc";
    finding.severity = j.monitor.severity;
    finding.verdict.method = "auc";
    finding.verdict.nCurrent = labelled.scores.size();
    finding.missingShare = 1 - static_cast<double>(labelled.scores.size()) / static_cast<double>(rows.rows);
    judgeAuc(j, labelled, floor, finding);
    j.evaluation.findings.push_back(std::move(finding));
    return {};
}

}  // namespace pilothouse::monitoring
