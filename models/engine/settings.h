// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "models/engine/engine.h"
#include "models/workspace/database.h"

namespace pilothouse::engine {

/// What a demo workspace replays, and by which rules. Stored as JSON in setting "demo".
struct ReplaySettings {
    DemoOptions options;
    std::string model = "delay";
    std::string pipeline = "train-delay";
    TimeRange span;        ///< event time of the rows that are replayed
    Timestamp historyEnd;  ///< rows before it are history: they have no version and no score
    /// 36 hours after the span's end: every outcome is known by then, and every window has been judged.
    Timestamp end;
    Duration runDuration = std::chrono::minutes(30);  ///< of a pipeline run, whatever it takes for real
    Duration coolDown = std::chrono::hours(14 * 24);  ///< between runs while nothing is in production
};

[[nodiscard]] Status writeSettings(workspace::Database& database, const ReplaySettings& settings);
/// NotFound when the workspace is no demo.
[[nodiscard]] Result<ReplaySettings> readSettings(workspace::Database& database);

}  // namespace pilothouse::engine
