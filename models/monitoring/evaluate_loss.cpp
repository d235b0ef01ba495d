// SPDX-License-Identifier: GPL-3.0-or-later
// A regression's loss without labels: direct loss estimation (statistics/loss_estimate.h) with boosted trees.
#include <QString>
#include <cmath>
#include <set>

#include "models/monitoring/design_effect.h"
#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/outcome_reference.h"
#include "models/monitoring/reference_sample.h"
#include "models/statistics/clusters.h"
#include "models/statistics/loss_estimate.h"
#include "models/trees/booster.h"

namespace pilothouse::monitoring {

using ports::Column;
using ports::ColumnType;
using statistics::Estimate;
using statistics::RegressionLoss;
using statistics::State;

namespace {

constexpr std::size_t kLeastReference = 300, kLeastRows = 30, kMostCategories = 255;

/// Rows with a prediction (and an outcome, where that is asked for), as the trees read them.
struct Rows {
    std::vector<double> predicted, actual;
    std::vector<float> dense;
    std::vector<std::uint32_t> clusters;
    std::string problem;
};

std::vector<trees::FeatureEncoding> encodingsOf(const ports::RowSet& rows, const std::vector<std::string>& features) {
    std::vector<trees::FeatureEncoding> out;
    for (const std::string& name : features) {
        const Column* column = rows.find(name);
        if (!column) continue;
        const std::set<std::string> texts(column->dictionary.begin(), column->dictionary.end());
        out.push_back({name, column->type, {texts.begin(), texts.end()}});
        if (out.back().categories.size() > kMostCategories) out.back().categories.resize(kMostCategories);
    }
    return out;
}

Result<Rows> rowsFor(const Judging& j, const ports::RowSet& set, const std::vector<trees::FeatureEncoding>& encodings,
                     bool withOutcomes) {
    Rows out;
    const Column &score = *set.find(ports::field::score), &outcome = *set.find(ports::field::outcome);
    std::vector<std::size_t> places;
    std::size_t infinite = 0;
    for (std::size_t row = 0; row < set.rows; ++row) {
        if (score.missing(row) || (withOutcomes && outcome.missing(row))) continue;
        infinite += std::isinf(score.numbers[row]) || (withOutcomes && std::isinf(outcome.numbers[row]));
        places.push_back(row);
        out.predicted.push_back(score.numbers[row]);
        if (withOutcomes) out.actual.push_back(outcome.numbers[row]);
    }
    if (infinite > 0) out.problem = std::to_string(infinite) + " rows have an infinite prediction or outcome";
    const ports::RowSet finite = clipped(set);
    PH_ASSIGN(const auto matrix, trees::FeatureMatrix::bind(encodings, finite));
    out.dense = matrix.dense(places);
    if (const auto clusters = clustersOf(j, set); !clusters.empty())
        for (const std::size_t row : places)
            out.clusters.push_back(clusters[row]);
    statistics::densify(out.clusters);
    return out;
}

std::optional<RegressionLoss> lossOf(const PerformanceMetric& metric) {
    if (metric.name == "mae") return RegressionLoss::AbsoluteError;
    if (metric.name == "rmse") return RegressionLoss::SquaredError;
    if (metric.name == "mape") return RegressionLoss::AbsolutePercentageError;
    return {};
}

Result<Estimate> estimateOf(const Judging& j, RegressionLoss loss, const Rows& reference, const Rows& current,
                            const std::vector<trees::FeatureEncoding>& encodings) {
    std::unique_ptr<trees::Booster> booster;
    const auto train = [&](std::span<const double> losses) -> Status {
        const std::vector<float> labels(losses.begin(), losses.end());
        trees::BoosterOptions options;
        options.objective = trees::Objective::SquaredError;
        options.rounds = 60;
        options.maxDepth = 4;
        options.seed = static_cast<std::uint32_t>(j.context.seed);
        PH_ASSIGN(booster, trees::Booster::train(reference.dense, labels, encodings, options, 0,
                                                 [&](int, double) { return j.context.token.check(); }));
        return {};
    };
    const auto predict = [&]() -> Result<std::vector<double>> {
        std::vector<double> losses(current.predicted.size());
        PH_TRY(booster->predict(current.dense, losses));
        return losses;
    };
    PH_ASSIGN(const auto estimator, statistics::LossEstimator::fit(loss, reference.predicted, reference.actual, train));
    return loss == RegressionLoss::SquaredError ? estimator.estimateRoot(predict) : estimator.estimate(predict);
}

PerformanceRows performanceRowsOf(const Rows& rows) {
    PerformanceRows out;
    out.task = Task::Regression;
    out.predicted = rows.predicted;
    out.outcomes = rows.actual;
    out.clusters = rows.clusters;
    return out;
}

Result<Bound> boundFrom(const Judging& j, const PerformanceMetric& metric, const Rows& reference) {
    const Bound known = boundOf(j, metric);
    if (!std::isnan(known.limit)) return known;
    PH_ASSIGN(const auto own, measureMetric(metric, performanceRowsOf(reference), {0.5, 100, j.context.seed}));
    return Bound{own.value.value, own.value.value * (1 + j.monitor.options.minimumEffect), reference.actual.size()};
}

/// The reference's sample; `problem`: why there is none.
struct Reference {
    Rows rows;
    std::vector<trees::FeatureEncoding> encodings;
    SampledRows sample;
};
Result<Reference> referenceOf(const Judging& j, const std::vector<std::string>& features,
                              const std::map<std::string, ColumnType>& types) {
    Reference out;
    out.rows.problem = "no reference with outcomes: the version has no rows";
    PH_ASSIGN(const auto ranges, outcomeReferenceRanges(j));
    for (const TimeRange& range : ranges) {
        PH_ASSIGN(out.sample,
                  sampleRows(j, range, {.before = j.context.arrivals.before, .lastTruth = j.context.arrivals.lastTruth},
                             types));
        out.encodings = encodingsOf(out.sample.rows, features);
        PH_ASSIGN(out.rows, rowsFor(j, out.sample.rows, out.encodings, true));
        if (!out.rows.problem.empty()) return out;
        if (out.rows.actual.size() < kLeastReference)
            out.rows.problem = "no reference with outcomes: " + std::to_string(out.rows.actual.size()) +
                               " rows of the version have one, at least 300 are needed";
        else if (range.overlaps(j.window))
            out.rows.problem = "the reference is made of rows of this window";
        else
            return out;
    }
    return out;
}

void judgeEstimate(const Judging& j, const PerformanceMetric& metric, const Estimate& e, const Bound& bound,
                   const Reference& reference, const Rows& current, const std::string& check) {
    ports::Finding finding;
    finding.check = check;
    finding.severity = j.monitor.severity;
    finding.verdict.method = "direct_loss_estimation";
    finding.verdict.nCurrent = current.predicted.size();
    judgeBound(j, metric, {e.value, e.low, e.high}, bound, finding.verdict);
    finding.verdict.nReference = reference.rows.actual.size();
    const auto digits = [](double x) { return QString::number(x, 'g', 4); };
    j.evaluation.summary = QStringLiteral(
                               "%1 estimated without labels: %2 (%3 – %4) of %5 rows, %6 in the reference; trees that "
                               "learnt the loss of %7 rows with an outcome")
                               .arg(QString::fromUtf8(metric.shown.data(), static_cast<qsizetype>(metric.shown.size())),
                                    digits(e.value), digits(e.low), digits(e.high))
                               .arg(current.predicted.size())
                               .arg(digits(bound.reference))
                               .arg(reference.rows.actual.size())
                               .toStdString();
    j.evaluation.findings.push_back(std::move(finding));
}

}  // namespace

Status judgeLossEstimate(const Judging& j, const PerformanceMetric& metric, const std::string& check) {
    const auto none = [&](State state, const std::string& reason) {
        unavailable(j, check, state, reason);
        return Status{};
    };
    const auto loss = lossOf(metric);
    if (!loss) return none(State::Unavailable, std::string(metric.shown) + " is not estimated without labels");
    std::vector<std::string> features;
    auto types = featureTypes(j, features);
    for (const std::string_view own : {ports::field::score, ports::field::outcome})
        types[std::string(own)] = ColumnType::Number;
    features.emplace_back(ports::field::score);
    PH_ASSIGN(const auto sample, sampleRows(j, j.window, j.context.arrivals, types));
    j.evaluation.rows = sample.total;
    PH_ASSIGN(const Reference reference, referenceOf(j, features, types));
    PH_ASSIGN(const Rows current, rowsFor(j, sample.rows, reference.encodings, false));
    for (const auto* numbers : {&current.predicted, &reference.rows.predicted, &reference.rows.actual})
        for (const double x : *numbers)
            j.digest.add(x);
    for (const auto* numbers : {&current.dense, &reference.rows.dense})
        for (const float x : *numbers)
            j.digest.add(static_cast<double>(x));
    for (const auto* clusters : {&current.clusters, &reference.rows.clusters})
        for (const std::uint32_t cluster : *clusters)
            j.digest.add(static_cast<std::uint64_t>(cluster));
    if (!current.problem.empty()) return none(State::Unavailable, current.problem);
    if (current.predicted.size() < kLeastRows)
        return none(State::Insufficient,
                    std::to_string(current.predicted.size()) + " rows with a prediction, at least 30 are needed");
    if (!reference.rows.problem.empty()) return none(State::Unavailable, reference.rows.problem);
    const auto estimate = estimateOf(j, *loss, reference.rows, current, reference.encodings);
    PH_TRY(j.context.token.check());
    if (!estimate) return none(State::Unavailable, estimate.error().message);
    PH_ASSIGN(const Bound bound, boundFrom(j, metric, reference.rows));
    if (!(bound.reference > 0)) return none(State::Unavailable, "the reference has no loss to compare with");
    const auto effect =
        designEffect(metric, performanceRowsOf(reference.rows), current.clusters, {0.5, 100, j.context.seed});
    if (!effect) return none(State::Unavailable, effect.error().message);
    judgeEstimate(j, metric, statistics::widened(*estimate, std::sqrt(*effect), HUGE_VAL), bound, reference, current,
                  check);
    if (!current.clusters.empty())
        j.evaluation.findings.back().verdict.nEffective = static_cast<double>(current.predicted.size()) / *effect;
    return {};
}

}  // namespace pilothouse::monitoring
