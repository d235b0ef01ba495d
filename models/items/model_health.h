// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <optional>
#include <string>
#include <vector>

#include "models/items/session.h"

namespace pilothouse::items {

/// How a model is, worst first in this order.
enum class HealthState { Alarm, Warning, Unknown, Ok };
[[nodiscard]] const char* toString(HealthState state);  ///< "alarm", "warning", "unknown", "ok"

/// A metric of one window (its AUC, its MAE) as a performance monitor judged it.
struct WindowMetric {
    TimeRange window;
    std::string version;
    double value = 0, low = 0, high = 0;  ///< 95 % interval; NaN where there is none
    double limit = 0;                     ///< NaN: none
    double unlabelledShare = 0;
    std::uint64_t n = 0;
};
/// Those of the evaluations that hold the metric, oldest first.
[[nodiscard]] std::vector<WindowMetric> metricOf(const std::vector<ports::Evaluation>& evaluations,
                                                 std::string_view metric = "auc");
/// The metric that a model is watched by: "auc" where there is one, else that of the newest window; empty: by none.
[[nodiscard]] std::string watchedMetric(const std::vector<ports::Evaluation>& evaluations);
/// The largest effect of any column in each drift evaluation, oldest first: (middle of the window, effect).
[[nodiscard]] std::vector<std::pair<Timestamp, double>> driftEffects(const std::vector<ports::Evaluation>& evaluations);
/// How long after a window's end its labels are taken as known: as the performance monitor waits, else 36 hours.
[[nodiscard]] Duration labelMaturity(const std::vector<ports::Evaluation>& evaluations);

/// One model at a glance. Sparklines are one value a bucket, NaN where there is no data.
struct ModelHealth {
    std::string model;
    std::string version;  ///< the champion; empty: none
    HealthState state = HealthState::Unknown;
    std::string why;  ///< what made the state, in words
    std::vector<double> traffic, score, drift;
    double requests = 0;              ///< within the range; NaN: not known
    double errorShare = 0;            ///< NaN: nothing was scored
    double p95Ms = 0;                 ///< NaN: no latency
    std::optional<WindowMetric> auc;  ///< the latest
    std::string inProgress;           ///< "train-delay: train"
    std::string runId;                ///< of that run
    std::size_t firing = 0;

    bool operator==(const ModelHealth& other) const;
};

struct OverviewRequest {
    TimeRange range;
    std::vector<Timestamp> edges;  ///< of the sparklines' buckets
    Timestamp now;                 ///< buckets that end later are not whole: their traffic is left out
};
/// What the overview shows at one moment, all of it asked at once.
struct OverviewSnapshot {
    std::vector<ModelHealth> models;             ///< worst first, then by name
    std::vector<ports::Alert> alerts;            ///< open and resolved, newest first
    std::vector<ports::Run> runs;                ///< newest first, without tasks
    std::optional<ports::Run> shownRun;          ///< with tasks: the one that runs, else the latest
    std::vector<ports::AliasPeriod> aliases;     ///< of all models
    std::vector<ports::Evaluation> evaluations;  ///< with findings
    std::vector<std::string> problems;           ///< parts that could not be read
};
[[nodiscard]] QFuture<Result<OverviewSnapshot>> loadOverview(const Session::Ports& ports, OverviewRequest request,
                                                             CancellationToken token);

/// The state and its reason from open alerts and the latest evaluation of each monitor.
void judge(ModelHealth& health, const std::vector<ports::Alert>& alerts,
           const std::vector<ports::Evaluation>& evaluations);

}  // namespace pilothouse::items
