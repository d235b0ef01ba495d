// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>

#include "models/ports/metric_source.h"
#include "models/workspace/connections.h"

namespace pilothouse::items {

/// Adds a connection of any kind, within the caller's transaction; a source of metrics brings a dashboard of its name
/// with what every such server knows.
[[nodiscard]] Status addConnection(workspace::Database& database, const workspace::Connection& connection);
/// Removes it, and its dashboard unless somebody changed that.
[[nodiscard]] Status removeConnection(workspace::Database& database, const std::string& name);
/// The source that a connection names; asks nothing yet.
[[nodiscard]] Result<std::shared_ptr<ports::MetricSource>> makeMetricSource(const workspace::Connection& connection);
/// All metric sources of a workspace by connection name, for Session::Ports::metrics. A connection that cannot be used
/// is left out with a line in the log, so that one bad entry does not close a workspace.
[[nodiscard]] Result<std::map<std::string, std::shared_ptr<ports::MetricSource>>> loadMetricSources(
    workspace::Database& database);

}  // namespace pilothouse::items
