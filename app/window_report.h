// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <optional>
#include <string>
#include <vector>

#include "models/items/drift_loader.h"
#include "models/items/performance.h"
#include "models/ports/alert_source.h"
#include "models/workspace/workspace.h"

/// Evidence for people: one window of a model as a page that needs nothing but itself.
namespace pilothouse::app {

struct ReportQuestion {
    std::string model;                 ///< empty: the only one there is
    std::string version, compareWith;  ///< of the performance; empty: those that scored the rows
    std::optional<Timestamp> moment;   ///< the judged window that holds it …
    std::optional<TimeRange> range;    ///< … or the last judged one within; neither: the newest
    std::vector<std::string> filters;  ///< of the performance
};

struct ReportData {
    std::string workspace, model;
    Zone zone;
    Timestamp made;  ///< on the workspace's clock
    TimeRange window;
    std::vector<std::string> filters;
    /// What the drift monitor found, or, where none judged, the window compared with the one before; no findings: see
    /// driftProblem.
    items::DriftWindow drift;
    bool judged = false;  ///< by a monitor
    std::string driftProblem;
    std::optional<monitoring::MonitorDefinition> monitor;
    std::vector<ports::Evaluation> quality;  ///< also traffic, of windows within
    items::PerformanceReport performance;
    std::string performanceProblem;
    std::vector<ports::Alert> alerts;  ///< that were open within the window
};

/// Reads everything. Never on the GUI thread. NotFound for an unknown model; InvalidInput when several could be meant.
[[nodiscard]] Result<ReportData> gatherReport(workspace::Workspace& workspace, const ReportQuestion& question,
                                              const CancellationToken& token);
/// The page: well-formed XHTML in UTF-8, style and pictures within, nothing fetched, no script; every text from outside
/// is escaped. GUI thread (it draws), light whatever the window is.
[[nodiscard]] QByteArray renderReport(const ReportData& data);
/// The pictures alone, as elements of the page.
[[nodiscard]] QString histogramFigures(const ReportData& data, std::size_t most);
[[nodiscard]] QString performanceFigures(const ReportData& data);
/// Writes it whole or not at all.
[[nodiscard]] Status saveReport(const ReportData& data, const std::string& path);

}  // namespace pilothouse::app
