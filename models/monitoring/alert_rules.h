// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/monitoring/label_matchers.h"
#include "models/monitoring/monitor.h"
#include "models/ports/alert_source.h"
#include "models/workspace/database.h"

/// The life of an alert: one alert per monitor and model. Pending with the first window that drifts, firing when k of
/// the last m windows did, resolved by a window that is ok, or by a new version that replaces the reference. A window
/// that could not be judged (insufficient, unavailable) neither fires nor resolves. Every change is one appended event.
namespace pilothouse::monitoring {

enum class AlertMove { None, Open, OpenFiring, Fire, Resolve };

/// What a new window does to the alert. `states`: of the last m windows since the reference began, newest first, the
/// new one included; `open`: the state of the alert that is open, if one is.
[[nodiscard]] AlertMove decide(std::optional<ports::AlertState> open, std::span<const statistics::State> states, int k,
                               int m);

/// Labels that the next spell of a monitor's alert gets: alertname, model, monitor and severity, and its own.
[[nodiscard]] Labels alertLabels(const MonitorDefinition& monitor);

/// Moves the monitor's alert by an evaluation that was just stored, in the caller's transaction. Windows that end at or
/// before `countFrom` do not count (the reference was another one).
[[nodiscard]] Status advanceAlert(workspace::Database& database, const MonitorDefinition& monitor,
                                  const ports::Evaluation& evaluation, Timestamp countFrom);

/// Notes in the history of the alerts that rest on a window that it was judged again; they stay as they were sent. In
/// the caller's transaction.
[[nodiscard]] Status annotateRevision(workspace::Database& database, const MonitorDefinition& monitor,
                                      const ports::Evaluation& evaluation, Timestamp at);

/// Resolves what is open of the monitors whose reference is a version's profile, because another version replaced it.
[[nodiscard]] Status resolveForNewVersion(workspace::Database& database, std::span<const MonitorDefinition> monitors,
                                          const std::string& model, const std::string& version, Timestamp at);

/// Alerts, newest first; `open`: only pending and firing ones. What suppresses them is as of `now`.
[[nodiscard]] Result<std::vector<ports::Alert>> readAlerts(workspace::Database& database, bool open, Timestamp now);
/// Without what suppresses it.
[[nodiscard]] Result<std::optional<ports::Alert>> readAlert(workspace::Database& database, std::int64_t id);
[[nodiscard]] Result<std::vector<ports::Silence>> readSilences(workspace::Database& database);

/// One line of an alert's history.
struct AlertEvent {
    std::int64_t alert = 0;
    Timestamp at;
    ports::AlertState state = ports::AlertState::Pending;
    std::optional<std::int64_t> evaluation;
    std::string text;
};
/// Oldest first; of all alerts, or of one.
[[nodiscard]] Result<std::vector<AlertEvent>> readAlertEvents(workspace::Database& database,
                                                              std::optional<std::int64_t> alert = {});

}  // namespace pilothouse::monitoring
