// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window.h"
#include "models/engine/engine.h"
#include "models/items/metric_connections.h"
#include "models/monitoring/embedded_alert_source.h"
#include "models/pipelines/embedded_orchestrator.h"
#include "models/predictions/embedded_prediction_log.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::app {

Result<OpenedWorkspace> completeOpening(Result<std::shared_ptr<workspace::Workspace>> workspace) {
    if (!workspace) return fail(std::move(workspace.error()));
    OpenedWorkspace opened{*workspace, {}, engine::isDemo(**workspace)};
    PH_ASSIGN(auto database, opened.workspace->connect(true));
    PH_ASSIGN(opened.metrics, items::loadMetricSources(*database));
    return opened;
}

std::unique_ptr<items::Session> makeSession(OpenedWorkspace opened) {
    auto& workspace = opened.workspace;
    items::Session::Ports ports;
    ports.predictions = std::make_shared<predictions::EmbeddedPredictionLog>(workspace);
    ports.registry = std::make_shared<workspace::EmbeddedModelRegistry>(workspace);
    ports.alerts = std::make_shared<monitoring::EmbeddedAlertSource>(workspace);
    ports.orchestrator = std::make_shared<pipelines::EmbeddedOrchestrator>(workspace);
    ports.monitors = std::make_shared<monitoring::MonitorReader>(workspace);
    ports.metrics = std::move(opened.metrics);
    auto session = std::make_unique<items::Session>(workspace, std::move(ports));
    if (opened.demo && !workspace->readOnly()) session->setEngine(std::make_unique<engine::Engine>(workspace));
    return session;
}

}  // namespace pilothouse::app
