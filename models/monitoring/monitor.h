// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/base/time_zone.h"
#include "models/ports/evaluation.h"
#include "models/statistics/drift.h"

namespace pilothouse::monitoring {

enum class MonitorKind { Traffic, Quality, Score, Drift, Performance };
[[nodiscard]] const char* toString(MonitorKind kind);

/// A monitor as declared in YAML.
struct MonitorDefinition {
    std::string name, model, description;
    MonitorKind kind = MonitorKind::Drift;
    std::string window = "week";      ///< "day" or "week" (Monday) of the workspace's calendar
    Duration maturity{};              ///< a window is judged this long after its end (labels)
    std::vector<std::string> columns; ///< what is judged; empty: all features of the version
    std::vector<std::string> cluster; ///< columns that name dependent rows ("hour", "origin" within a date)
    statistics::DriftOptions options;
    double limit = 0;                 ///< performance: the AUC that must not be undercut, or 0: the version's own, less minimum effect
    int persistence = 2, of = 3;      ///< k of the last m windows before an alert fires
    ports::Severity severity = ports::Severity::Warning;
    std::string triggers;             ///< pipeline to run when its alert turns firing; empty: none
    Duration coolDown{};
    std::string source;               ///< the YAML text of this monitor
};

/// A file holds one or many monitors (a list under "monitors"). Errors name "file:line" and the key.
[[nodiscard]] Result<std::vector<MonitorDefinition>> parseMonitors(std::string_view yaml, const std::string& file);

/// The windows of a monitor that end (with maturity) within (after, until], oldest first.
[[nodiscard]] std::vector<TimeRange> dueWindows(const MonitorDefinition& monitor, const Zone& zone, Timestamp after,
                                                Timestamp until);

}  // namespace pilothouse::monitoring
