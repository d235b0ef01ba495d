// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QJsonValue>
#include <QString>
#include <cmath>
#include <optional>

#include "models/engine/settings.h"
#include "models/ports/evaluation.h"
#include "models/workspace/workspace.h"

/// What the report is put together from. Inside of the folder only; callers use makeReport(). All within the caller's
/// transaction. Shares are of 1, effects in their finding's unit, days are of the calendar ("2013-02-08").
namespace pilothouse::engine {

[[nodiscard]] inline QString jsonText(const std::string& s) { return QString::fromStdString(s); }
[[nodiscard]] inline QJsonValue jsonReal(double value) {
    return std::isfinite(value) ? QJsonValue(value) : QJsonValue();
}
[[nodiscard]] inline QJsonValue jsonCount(std::uint64_t n) { return QJsonValue(static_cast<qint64>(n)); }
[[nodiscard]] QString calendarDay(const Zone& zone, Timestamp t);

/// Columns by their largest effect that is safe to say, in terms of the least that matters for each: how many windows
/// drifted, the largest with its interval and day, and the median effect by month (what goes with the season moves
/// slowly). `evaluations` are those of the drift monitors, with findings.
[[nodiscard]] QJsonArray driftJson(const std::vector<ports::Evaluation>& evaluations, const Zone& zone);

/// The days that a traffic or quality monitor calls drift, and by what; oldest first.
[[nodiscard]] QJsonArray daysJson(const std::vector<ports::Evaluation>& evaluations, const Zone& zone);

/// Categories, and pairs of them, that came (none in the history, then rows), went (rows, then none until the end) or
/// changed (their share of a month against the history's): see report_categories.cpp for what counts.
[[nodiscard]] Result<QJsonArray> categoriesJson(workspace::Database& database, const Zone& zone,
                                                const ReplaySettings& settings);

/// For each version: its mean log loss on the rows it was held out from and on those it served, and how much of the
/// difference the features alone explain (statistics/performance_shift.h). Only outcomes known by now count.
[[nodiscard]] Result<QJsonArray> explainedJson(workspace::Database& database, const workspace::Workspace& workspace,
                                               const ReplaySettings& settings);

}  // namespace pilothouse::engine
