// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/engine/metrics_text.h"
#include "models/workspace/database.h"

namespace pilothouse::engine {

/// What a workspace says of itself: the newest verdict of each monitor with its findings, open alerts, the prediction
/// log, runs. Reads little: no row of the log. `now` is the workspace's clock, which silences go by.
[[nodiscard]] Status addWorkspaceMetrics(MetricsText& out, workspace::Database& database, Timestamp now);

/// This process: CPU time, resident memory and its start, under the names that every client library gives them.
void addProcessMetrics(MetricsText& out);

}  // namespace pilothouse::engine
