// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/base/throttle.h"
#include "models/engine/engine.h"
#include "models/items/lens.h"
#include "models/monitoring/monitor_reader.h"
#include "models/ports/alert_source.h"
#include "models/ports/metric_source.h"
#include "models/ports/model_registry.h"
#include "models/ports/orchestrator.h"
#include "models/ports/prediction_log.h"
#include "models/workspace/workspace.h"

namespace pilothouse::items {

/// An open workspace as the window sees it: its ports, its lens, its engine, and word of every change (also of changes
/// committed by other processes). Wired together in app/. GUI thread.
class Session : public QObject {
    Q_OBJECT
public:
    /// The ports of a workspace; metric sources by connection name.
    struct Ports {
        std::shared_ptr<ports::PredictionLog> predictions;
        std::shared_ptr<ports::ModelRegistry> registry;
        std::shared_ptr<ports::AlertSource> alerts;
        std::shared_ptr<ports::Orchestrator> orchestrator;
        std::map<std::string, std::shared_ptr<ports::MetricSource>> metrics;
        std::shared_ptr<monitoring::MonitorReader> monitors;
    };
    Session(std::shared_ptr<workspace::Workspace> workspace, Ports ports, QObject* parent = nullptr);
    ~Session() override;

    [[nodiscard]] workspace::Workspace& workspace() const { return *m_workspace; }
    [[nodiscard]] std::shared_ptr<workspace::Workspace> sharedWorkspace() const { return m_workspace; }
    [[nodiscard]] const Ports& ports() const { return m_ports; }
    [[nodiscard]] Lens& lens() { return m_lens; }
    [[nodiscard]] Timestamp now() const { return m_workspace->now(); }
    [[nodiscard]] const Zone& zone() const { return m_workspace->zone(); }
    /// Axis, table and picker times: the workspace's zone, or UTC when so chosen.
    [[nodiscard]] const Zone& displayZone() const { return m_utc ? m_utcZone : m_workspace->zone(); }
    void setUtc(bool utc);
    [[nodiscard]] bool utc() const { return m_utc; }

    /// The engine, when this process runs it; else null.
    [[nodiscard]] engine::Engine* engine() const { return m_engine.get(); }
    void setEngine(std::unique_ptr<engine::Engine> engine);
    /// Whether anybody looks: a hidden window is told of changes once a second.
    void setVisible(bool visible);

    /// What the details pane shows: {"alert", "12"}, {"run", "3"}, {"task", "3/train"}, {"version", "delay/v2"},
    /// {"feature", "temp_f"}, {"evaluation", "17"}, {"request", id}.
    struct Selection {
        std::string kind, id;
        bool operator==(const Selection&) const = default;
    };
    [[nodiscard]] const Selection& selection() const { return m_selection; }
    void select(Selection selection);
    /// Asks the window to show a view: "overview", "dashboard", "drift", "runs", "predictions", "registry".
    void showView(const QString& id) { Q_EMIT viewRequested(id); }

Q_SIGNALS:
    void changed();     ///< data was committed, here or elsewhere; at most 4 a second
    void clockMoved();  ///< now() moved; at most 10 a second
    void displayZoneChanged();
    void selectionChanged();
    void viewRequested(const QString& id);

private:
    void poll();
    void noticeClock();
    void setPace(int milliseconds);

    std::shared_ptr<workspace::Workspace> m_workspace;
    Ports m_ports;
    Lens m_lens;
    std::shared_ptr<engine::Engine> m_engine;
    std::unique_ptr<workspace::Database> m_watch;  ///< for PRAGMA data_version and the clock
    std::int64_t m_dataVersion = -1;
    QTimer m_poll;
    QElapsedTimer m_quiet;  ///< since something last moved
    Throttle m_changed{250};
    Timestamp m_seenNow;
    bool m_visible = true;
    bool m_watchFailed = false;  ///< reported once
    Selection m_selection;
    bool m_utc = false;
    Zone m_utcZone;
};

}  // namespace pilothouse::items
