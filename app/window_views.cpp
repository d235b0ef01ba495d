// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window.h"
#include "widgets/dashboard/dashboard_view.h"
#include "widgets/drift/drift_view.h"
#include "widgets/overview/overview_view.h"
#include "widgets/performance/performance_view.h"
#include "widgets/predictions/predictions_view.h"
#include "widgets/registry/registry_view.h"
#include "widgets/runs/runs_view.h"
#include "widgets/shell/main_window.h"

namespace pilothouse::app {

namespace {
template <class View>
void add(shell::MainWindow& window, const QString& id, const QString& title) {
    window.addView(id, title, id, [](items::Session& session, QWidget* parent) { return new View(session, parent); });
}
}  // namespace

void addViews(shell::MainWindow& window) {
    add<overview::OverviewView>(window, QStringLiteral("overview"), QStringLiteral("Overview"));
    add<dashboard::DashboardView>(window, QStringLiteral("dashboard"), QStringLiteral("Dashboard"));
    add<drift::DriftView>(window, QStringLiteral("drift"), QStringLiteral("Drift"));
    add<runs::RunsView>(window, QStringLiteral("runs"), QStringLiteral("Runs"));
    add<predictions_view::PredictionsView>(window, QStringLiteral("predictions"), QStringLiteral("Predictions"));
    add<registry::RegistryView>(window, QStringLiteral("registry"), QStringLiteral("Registry"));
    add<performance::PerformanceView>(window, QStringLiteral("performance"), QStringLiteral("Performance"));
}

}  // namespace pilothouse::app
