// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/performance_metrics.h"

#include <algorithm>
#include <cmath>

#include "models/base/vector_state.h"
#include "models/monitoring/jackknife.h"
#include "models/statistics/intervals.h"
#include "models/statistics/multiclass.h"
#include "models/statistics/verdict.h"

namespace pilothouse::monitoring {

using statistics::Interval;
using statistics::kNaN;
using statistics::MetricValue;

namespace {

constexpr PerformanceMetric kMetrics[] = {
    {"auc", Task::Binary, "roc_auc", "AUC", false, "roc_auc"},
    {"accuracy", Task::Binary, "accuracy", "accuracy", false},
    {"precision", Task::Binary, "precision", "precision", false},
    {"recall", Task::Binary, "recall", "recall", false},
    {"specificity", Task::Binary, "specificity", "specificity", false},
    {"f1", Task::Binary, "f1", "F1", false},
    {"average_precision", Task::Binary, "average_precision", "average precision", false},
    {"log_loss", Task::Binary, "log_loss", "log loss", true},
    {"brier", Task::Binary, "brier", "Brier score", true},
    {"accuracy", Task::Multiclass, "accuracy", "accuracy", false},
    {"macro_f1", Task::Multiclass, "f1_macro", "macro F1", false, "f1_macro"},
    {"macro_precision", Task::Multiclass, "precision_macro", "macro precision", false, "precision_macro"},
    {"macro_recall", Task::Multiclass, "recall_macro", "macro recall", false, "recall_macro"},
    {"auc", Task::Multiclass, "", "AUC (one against the rest)", false, "roc_auc_macro"},
    {"log_loss", Task::Multiclass, "", "log loss", true},
    {"mae", Task::Regression, "mae", "MAE", true},
    {"rmse", Task::Regression, "rmse", "RMSE", true},
    {"mape", Task::Regression, "mape", "MAPE", true},
    {"r2", Task::Regression, "r2", "R²", false},
};

constexpr std::string_view kEstimated = "estimated_";
constexpr std::size_t kMostGroups = 40;

double aucOf(const PerformanceRows& rows, std::span<const std::uint8_t> kept) {
    std::vector<double> probabilities;
    std::vector<std::uint32_t> truth;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (!kept.empty() && kept[row] == 0) continue;
        truth.push_back(rows.truth[row]);
        const auto from = rows.probabilities.begin() + static_cast<std::ptrdiff_t>(row * rows.classes);
        probabilities.insert(probabilities.end(), from, from + static_cast<std::ptrdiff_t>(rows.classes));
    }
    return statistics::oneVsRestAuc(probabilities, truth, rows.classes, statistics::Average::Macro).value_or(kNaN);
}

Result<MetricValue> measureByProbabilities(const PerformanceMetric& metric, const PerformanceRows& rows,
                                           const MeasureOptions& options) {
    if (rows.probabilities.size() != rows.truth.size() * rows.classes || rows.probabilities.empty())
        return fail(Error::invalid("the probabilities of the classes are not known"));
    MetricValue out{std::string(metric.name), {}, {}, rows.size(), rows.size()};
    if (metric.name == "auc") {
        // A class without a row, or with all of them, has no curve.
        const double value = aucOf(rows, {});
        const JackknifeGroups groups = jackknifeGroups(rows.size(), rows.clusters, kMostGroups, options.seed);
        std::vector<double> without;
        std::vector<std::uint8_t> kept(rows.size());
        for (std::size_t g = 0; g < groups.groups; ++g) {
            for (std::size_t row = 0; row < kept.size(); ++row)
                kept[row] = groups.ofRow[row] != g;
            without.push_back(aucOf(rows, kept));
        }
        out.value = jackknifeInterval(value, without);
        if (out.value.low < 0) out.value.low = 0;
        if (out.value.high > 1) out.value.high = 1;
        out.interval = "jackknife";
        return out;
    }
    PH_ASSIGN([[maybe_unused]] const double checked,
              statistics::multiclassLogLoss(rows.probabilities, rows.truth, rows.classes));
    clearVectorState();
    std::vector<double> losses;
    for (std::size_t row = 0; row < rows.size(); ++row)
        losses.push_back(-std::log(std::max(1e-15, rows.probabilities[row * rows.classes + rows.truth[row]])));
    out.value = statistics::meanInterval({losses, {}, rows.clusters});
    if (out.value.low < 0) out.value.low = 0;
    out.interval = "student";
    return out;
}

Result<std::vector<MetricValue>> measureAll(const PerformanceMetric& metric, const PerformanceRows& rows,
                                            const MeasureOptions& options) {
    // What is bootstrapped costs a pass over the rows a resample: only where it is what was asked for.
    const bool bootstrapped =
        metric.name == "average_precision" || metric.name == "r2" || metric.name.starts_with("macro");
    const statistics::MetricOptions own{options.threshold, bootstrapped ? options.resamples : 0, options.seed};
    switch (metric.task) {
        case Task::Binary: {
            PH_ASSIGN(const auto labelled, statistics::labelledRows(rows.predicted, rows.outcomes, rows.clusters));
            return statistics::measureBinary(labelled, own);
        }
        case Task::Multiclass:
            return statistics::measureMulticlass(rows.truth, rows.called, rows.classes, rows.clusters, own);
        case Task::Regression: {
            PH_ASSIGN(const auto labelled,
                      statistics::labelledRegression(rows.predicted, rows.outcomes, rows.clusters));
            return statistics::measureRegression(labelled, 0.5, own);
        }
    }
    return std::vector<MetricValue>{};
}

}  // namespace

const char* toString(Task task) {
    switch (task) {
        case Task::Binary:
            return "binary";
        case Task::Multiclass:
            return "multiclass";
        case Task::Regression:
            return "regression";
    }
    return "";
}

const PerformanceMetric* findMetric(Task task, std::string_view name) {
    for (const PerformanceMetric& metric : kMetrics)
        if (metric.task == task && metric.name == name) return &metric;
    return nullptr;
}

std::vector<std::string> metricNames() {
    std::vector<std::string> out;
    for (const PerformanceMetric& metric : kMetrics)
        if (std::ranges::find(out, metric.name) == out.end()) out.emplace_back(metric.name);
    return out;
}

bool isMetric(std::string_view name) {
    if (name.starts_with(kEstimated)) name.remove_prefix(kEstimated.size());
    return std::ranges::find(kMetrics, name, &PerformanceMetric::name) != std::end(kMetrics);
}

bool lowerIsBetter(std::string_view name) {
    if (name.starts_with(kEstimated)) name.remove_prefix(kEstimated.size());
    const auto* found = std::ranges::find(kMetrics, name, &PerformanceMetric::name);
    return found != std::end(kMetrics) && found->lowerIsBetter;
}

Result<MetricValue> measureMetric(const PerformanceMetric& metric, const PerformanceRows& rows,
                                  const MeasureOptions& options) {
    if (metric.task == Task::Binary && metric.name == "auc") {
        const std::vector<std::uint8_t> outcomes(rows.outcomes.begin(), rows.outcomes.end());
        return MetricValue{
            "auc", statistics::aucInterval(rows.predicted, outcomes, rows.clusters, options.resamples, options.seed),
            "bootstrap", rows.size(), rows.size()};
    }
    if (metric.measured.empty()) return measureByProbabilities(metric, rows, options);
    PH_ASSIGN(auto all, measureAll(metric, rows, options));
    for (MetricValue& value : all)
        if (value.name == metric.measured) return std::move(value);
    return fail(ErrorKind::Internal, "the metric " + std::string(metric.name) + " was not measured");
}

}  // namespace pilothouse::monitoring
