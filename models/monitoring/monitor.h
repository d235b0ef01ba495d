// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/base/result.h"
#include "models/base/time_zone.h"
#include "models/monitoring/window_size.h"
#include "models/ports/evaluation.h"
#include "models/statistics/drift.h"

namespace pilothouse::monitoring {

enum class MonitorKind { Traffic, Quality, Score, Drift, Performance, LabelFree, Latency, Business, Multivariate };
inline constexpr MonitorKind kMonitorKinds[] = {
    MonitorKind::Traffic, MonitorKind::Quality,     MonitorKind::Score,
    MonitorKind::Drift,   MonitorKind::Performance, MonitorKind::LabelFree,
    MonitorKind::Latency, MonitorKind::Business,    MonitorKind::Multivariate};
[[nodiscard]] const char* toString(MonitorKind kind);
/// Compared with the windows before.
[[nodiscard]] bool looksBack(MonitorKind kind);
/// Compared with a version's reference; the others are judged whatever version is in production.
[[nodiscard]] bool needsReference(MonitorKind kind);

/// A monitor as declared in YAML.
struct MonitorDefinition {
    std::string name, model, description;
    std::string alert;  ///< name of its alert; the monitor's own where none is given
    MonitorKind kind = MonitorKind::Drift;
    std::string query;            ///< of the model's rows only those (query language); empty: all
    std::string window = "week";  ///< a WindowSize; weeks begin on Monday
    std::string step;             ///< how far windows lie apart; empty: they follow each other
    /// Drift and score, what windows are compared with: "champion" (the profile of the version in production),
    /// "version V" (the profile of that one), "newest" (the model's newest profile), "previous" (the window before).
    std::string reference = "champion";
    Duration maturity{};               ///< a window is judged this long after its end (labels)
    std::vector<std::string> columns;  ///< what is judged; empty: all features of the version
    std::vector<std::string> cluster;  ///< dependent rows: "date", or that and columns ("hour", "origin"); empty: none
    statistics::DriftOptions options;
    /// Drift: columns whose minimum effect is another one (weather differs from week to week by more than fleets do).
    std::map<std::string, double> minimumEffects;
    std::string formula;  ///< business, as in formula.h
    /// Business: what it must not undercut, or not exceed; one of them.
    std::optional<double> atLeast, atMost;
    double quantile = 0.99;  ///< latency: of its column (the first of `columns`; none: latency_ms)
    /// Performance: what must not be undercut (of a loss: exceeded). 0: the version's own, less minimum effect.
    /// Latency: what the quantile must not exceed. 0: what it was in the windows before.
    double limit = 0;
    std::string metric;                      ///< performance; empty: auc, accuracy or mae, as the version's task is
    std::vector<std::string> classes;        ///< multiclass: what the outcomes 0, 1, 2 … mean
    std::vector<std::string> probabilities;  ///< multiclass: the column of each class's probability; empty: none
    std::string predicted;  ///< multiclass: column of the predicted class; empty: the most probable one
    /// Label-free and multivariate, where the log holds no rows of the time that the profile was made of: so long from
    /// the first row on is the reference.
    Duration referenceTime = std::chrono::hours(24 * 28);
    int persistence = 2, of = 3;  ///< k of the last m windows before an alert fires
    ports::Severity severity = ports::Severity::Warning;
    /// What its alert has beside alertname, model, monitor and severity: labels to route by (team), annotations for
    /// people (runbook_url).
    std::map<std::string, std::string> labels, annotations;
    std::string triggers;  ///< pipeline to run when its alert turns firing; empty: none
    Duration coolDown{};
    // Traffic and quality, which are compared with the windows before and not with a version's profile:
    int referenceWindows = 28;  ///< so many windows before the one judged
    /// Quality: of "missing", "range", "unseen", "completeness", "type", "constant", "freshness", "cardinality",
    /// "duplicates".
    /// Multivariate: of "reconstruction", "domain".
    std::vector<std::string> checks;
    Duration freshness{};  ///< quality: how old the newest row may be at a window's end
    std::map<std::string, std::pair<double, double>> ranges;  ///< quality: column → what it can be, both ends included
    std::string source;                                       ///< the YAML text of this monitor
};

/// A file holds one or many monitors (a list under "monitors"). Errors name "file:line" and the key.
/// Bounded: 1 MiB, 1,000 monitors.
[[nodiscard]] Result<std::vector<MonitorDefinition>> parseMonitors(std::string_view yaml, const std::string& file);

/// True where the monitor's windows are counted in rows; the functions below are for the others.
[[nodiscard]] bool countsRows(const MonitorDefinition& monitor);
/// The pieces, a step each, that a window is made of, oldest first; the window itself where windows follow each other.
[[nodiscard]] std::vector<TimeRange> panesOf(const MonitorDefinition& monitor, const Zone& zone, TimeRange window);
/// The first window that begins at or after the moment.
[[nodiscard]] TimeRange firstWindow(const MonitorDefinition& monitor, const Zone& zone, Timestamp from);
/// The windows that hold the moment, oldest first.
[[nodiscard]] std::vector<TimeRange> windowsWith(const MonitorDefinition& monitor, const Zone& zone, Timestamp t);
/// The windows of a monitor that end (with maturity) within (after, until], oldest first.
[[nodiscard]] std::vector<TimeRange> dueWindows(const MonitorDefinition& monitor, const Zone& zone, Timestamp after,
                                                Timestamp until);
/// The first moment after `after` at which a window is due.
[[nodiscard]] Timestamp nextDue(const MonitorDefinition& monitor, const Zone& zone, Timestamp after);
/// The start of the window that lies `steps` steps before the one given, on the same calendar.
[[nodiscard]] Timestamp windowStartBefore(const MonitorDefinition& monitor, const Zone& zone, Timestamp windowStart,
                                          int steps);

}  // namespace pilothouse::monitoring
