// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <string>

#include "models/base/result.h"
#include "models/workspace/workspace.h"

namespace pilothouse::engine {

/// What the demo came to, for report.json: rows, versions, alerts, runs, verdicts, what drifted, days and
/// categories that stand out, what explains a changed loss, months, a table of dates, the digest and the wall time.
/// Times are ISO 8601 in UTC; the table of dates adds the calendar's own. Keys are only ever added to. A finished
/// replay is not required: what is there is reported, and "finished" says which.
[[nodiscard]] Result<QJsonObject> makeReport(workspace::Database& database, const workspace::Workspace& workspace,
                                             double wallSeconds);

/// SHA-256 (hex) over what is the same for a seed whatever the speed, the steps, the pauses and the ends of the
/// process: every row with its version, its score's bits, its outcome and when that became known; versions and aliases;
/// windows and findings at full precision; alerts and their events; runs and tasks. Measured times are not in it.
[[nodiscard]] Result<std::string> digestOf(workspace::Database& database, const std::string& model);

}  // namespace pilothouse::engine
