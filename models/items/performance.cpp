// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/performance.h"

#include <algorithm>
#include <array>

namespace pilothouse::items {

namespace {

struct Known {
    const char *name, *title;
    bool higher, share;
    PerformanceTask task;
};
constexpr std::array kMetrics{
    Known{"roc_auc", "ROC AUC", true, false, PerformanceTask::Binary},
    Known{"accuracy", "accuracy", true, true, PerformanceTask::Binary},
    Known{"precision", "precision", true, true, PerformanceTask::Binary},
    Known{"recall", "recall", true, true, PerformanceTask::Binary},
    Known{"specificity", "specificity", true, true, PerformanceTask::Binary},
    Known{"f1", "F1", true, false, PerformanceTask::Binary},
    Known{"average_precision", "average precision", true, false, PerformanceTask::Binary},
    Known{"log_loss", "log loss", false, false, PerformanceTask::Binary},
    Known{"brier", "Brier score", false, false, PerformanceTask::Binary},
    Known{"ece", "calibration error", false, false, PerformanceTask::Binary},
    Known{"mae", "MAE", false, false, PerformanceTask::Regression},
    Known{"rmse", "RMSE", false, false, PerformanceTask::Regression},
    Known{"r2", "R²", true, false, PerformanceTask::Regression},
    Known{"mape", "MAPE", false, true, PerformanceTask::Regression},
};

const Known* known(std::string_view name) {
    for (const Known& k : kMetrics)
        if (name == k.name) return &k;
    return nullptr;
}

template <class T>
const T* byName(const std::vector<T>& all, std::string_view name) {
    for (const T& x : all)
        if (x.name == name) return &x;
    return nullptr;
}

}  // namespace

const char* toString(WindowUnit unit) {
    constexpr std::array kNames{"hour", "day", "week", "month"};
    return kNames[static_cast<std::size_t>(unit)];
}

const statistics::MetricValue* WindowPerformance::metric(std::string_view name) const { return byName(metrics, name); }
const statistics::Estimate* WindowPerformance::estimate(std::string_view name) const { return byName(estimates, name); }
const statistics::MetricValue* VersionPerformance::metric(std::string_view name) const { return byName(overall, name); }

std::string metricTitle(std::string_view metric) {
    const Known* k = known(metric);
    return k ? k->title : std::string(metric);
}
bool higherIsBetter(std::string_view metric) {
    const Known* k = known(metric);
    return !k || k->higher;
}
bool isShare(std::string_view metric) {
    const Known* k = known(metric);
    return k && k->share;
}

std::vector<std::string> metricsOf(PerformanceTask task) {
    std::vector<std::string> out;
    for (const Known& k : kMetrics)
        if (k.task == task) out.emplace_back(k.name);
    return out;
}

std::string intervalWords(std::string_view how) {
    if (how == "wilson") return "Wilson's score interval at the effective n";
    if (how == "student") return "Student's t over rows or clusters";
    if (how == "delong") return "DeLong's variance, on the logit scale";
    if (how == "bootstrap") return "percentiles of a bootstrap over rows or clusters";
    return "no interval: too few rows or clusters";
}

}  // namespace pilothouse::items
