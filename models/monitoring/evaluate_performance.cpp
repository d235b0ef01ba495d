// SPDX-License-Identifier: GPL-3.0-or-later
#include <QString>
#include <boost/math/distributions/normal.hpp>
#include <set>

#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/performance_rows.h"

namespace pilothouse::monitoring {

using ports::Finding;
using statistics::Interval;
using statistics::kNaN;
using statistics::State;

namespace {

constexpr std::size_t kMinimumRows = 30, kMinimumOfAClass = 30;

/// Why so few rows can carry no metric; empty: they can.
std::string tooFew(const PerformanceRows& rows) {
    if (rows.task != Task::Binary) {
        if (rows.size() >= kMinimumRows) return {};
        return std::to_string(rows.size()) + " rows with an outcome, at least 30 are needed";
    }
    const auto positives = static_cast<std::size_t>(std::ranges::count(rows.outcomes, 1.0));
    const std::size_t negatives = rows.size() - positives;
    if (std::min(positives, negatives) >= kMinimumOfAClass) return {};
    return std::to_string(positives) + " positive and " + std::to_string(negatives) +
           " negative rows with an outcome, at least 30 of each are needed";
}

void addToDigest(InputsDigest& digest, const PerformanceRows& rows) {
    for (std::size_t i = 0; i < rows.predicted.size(); ++i) {
        digest.add(rows.predicted[i]);
        rows.task == Task::Binary ? digest.add(static_cast<std::uint64_t>(rows.outcomes[i]))
                                  : digest.add(rows.outcomes[i]);
    }
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        digest.add(static_cast<std::uint64_t>(rows.truth[i]));
        digest.add(static_cast<std::uint64_t>(rows.called[i]));
    }
    for (const double p : rows.probabilities)
        digest.add(p);
}

QString digits(double value) {
    return QString::number(value, std::abs(value) < 10 ? 'f' : 'g', std::abs(value) < 10 ? 3 : 4);
}

double oneSided(double z) { return boost::math::cdf(boost::math::complement(boost::math::normal(), z)); }

std::string summaryOf(const Judging& j, const PerformanceMetric& metric, const Finding& f, const Interval& value,
                      const Bound& bound) {
    QString name = QString::fromUtf8(metric.shown.data(), static_cast<qsizetype>(metric.shown.size()));
    name[0] = name[0].toUpper();
    return QStringLiteral("%1 %2 (%3 – %4) on %5 labelled rows, %6 %7, %8 % of rows without a label")
        .arg(name, digits(value.value), digits(value.low), digits(value.high))
        .arg(f.verdict.nCurrent)
        .arg(j.monitor.limit != 0 ? QStringLiteral("limit") : QStringLiteral("held-out"), digits(bound.reference))
        .arg(QString::number(100 * f.missingShare, 'f', 1))
        .toStdString();
}

}  // namespace

Bound boundOf(const Judging& j, const PerformanceMetric& metric) {
    if (j.monitor.limit != 0) return {j.monitor.limit, j.monitor.limit, 0};
    const ports::ModelVersion& version = j.context.champion->version;
    const ports::Metric* own = version.metric(std::string(metric.name));
    if (!own && !metric.also.empty()) own = version.metric(std::string(metric.also));
    if (!own || !std::isfinite(own->value)) return {};
    const double fall = j.monitor.options.minimumEffect;
    if (!metric.lowerIsBetter) return {own->value, own->value - fall, own->n};
    return {own->value, own->value * (1 + fall), own->n};
}

void judgeBound(const Judging& j, const PerformanceMetric& metric, const Interval& value, const Bound& bound,
                statistics::Verdict& v) {
    const bool lower = metric.lowerIsBetter;
    const auto effectAt = [&](double x) { return lower ? x / bound.reference - 1 : x - bound.reference; };
    v.statistic = value.value;
    v.threshold = bound.limit;
    v.effect = effectAt(value.value);
    v.effectLow = effectAt(value.low);
    v.effectHigh = effectAt(value.high);
    v.minimumEffect = lower ? effectAt(bound.limit) : bound.reference - bound.limit;
    v.nReference = bound.n;
    if (std::isnan(value.low) || std::isnan(value.high) || !std::isfinite(v.effect)) {
        v.state = State::Insufficient;
        v.reason = "the metric, or its interval, is not defined for these rows";
        return;
    }
    // Standard error on the side of the limit, of which the 95 % interval is 1.96: the interval need not be symmetric.
    const double deviation = (lower ? value.value - value.low : value.high - value.value) / 1.96;
    const double beyond = lower ? value.value - bound.limit : bound.limit - value.value;
    v.pValue = v.qValue = deviation > 0 ? oneSided(beyond / deviation) : beyond > 0 ? 0 : 1;
    if (lower ? value.low > bound.limit : value.high < bound.limit) {
        v.state = State::Drift;
    } else if (v.effectHigh - v.effectLow > 4 * j.monitor.options.minimumEffect) {
        // An interval as wide as this (± twice the minimum effect) would not show a fall of twice the minimum effect.
        v.state = State::Insufficient;
        v.reason = "the interval is wider than ± twice the minimum effect";
    } else {
        v.state = State::Ok;
    }
}

Status judgePerformance(const Judging& j) {
    const ports::ModelVersion& version = j.context.champion->version;
    const MeasuredMetric measured = measuredMetric(j.monitor, version);
    const std::string check = checkName(j.monitor, &version);
    if (!measured.metric) {
        unavailable(j, check, State::Unavailable, measured.problem);
        return {};
    }
    std::vector<std::string> columns = performanceColumns(j.monitor, measured.task, true);
    for (const std::string& name : clusterColumns(j.monitor))
        if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
    PH_ASSIGN(const ports::RowSet set, rowsOf(j, std::move(columns), version.version));
    const ExtractedRows found = performanceRows(set, clustersOf(j, set), j.monitor, measured.task, true);
    const PerformanceRows& rows = found.rows;
    j.evaluation.rows = set.rows;
    j.evaluation.labelled = rows.size();
    addToDigest(j.digest, rows);
    if (!found.problem.empty()) {
        unavailable(j, check, State::Unavailable, found.problem);
        return {};
    }
    if (const std::string reason = tooFew(rows); !reason.empty()) {
        unavailable(j, check, State::Insufficient, reason);
        return {};
    }
    const Bound bound = boundOf(j, *measured.metric);
    if (std::isnan(bound.limit) || (measured.metric->lowerIsBetter && bound.reference <= 0)) {
        unavailable(j, check, State::Unavailable,
                    "the version has no held-out " + std::string(measured.metric->shown) + " to compare with");
        return {};
    }
    const MeasureOptions options{version.threshold, j.monitor.options.resamples, j.context.seed};
    const auto value = measureMetric(*measured.metric, rows, options);
    if (!value) {
        unavailable(j, check, State::Unavailable, value.error().message);
        return {};
    }
    Finding finding;
    finding.check = check;
    finding.severity = j.monitor.severity;
    finding.verdict.method = check;
    finding.verdict.nCurrent = rows.size();
    finding.missingShare = 1 - static_cast<double>(rows.size()) / static_cast<double>(set.rows);
    judgeBound(j, *measured.metric, value->value, bound, finding.verdict);
    j.evaluation.summary = summaryOf(j, *measured.metric, finding, value->value, bound);
    j.evaluation.findings.push_back(std::move(finding));
    return {};
}

}  // namespace pilothouse::monitoring
