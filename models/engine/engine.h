// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>
#include <string>

#include "models/base/result.h"
#include "models/base/timestamp.h"
#include "models/workspace/workspace.h"

namespace pilothouse::engine {

/// What the engine is doing now; for the status area. Copied, small.
struct EngineStatus {
    enum class Phase { Idle, Preparing, Replaying, WaitingForRun, Paused, Finished, Failed } phase = Phase::Idle;
    Timestamp simNow;
    TimeRange span;              ///< of the replay
    double daysPerSecond = 0;    ///< asked for; infinity at full speed
    double rowsPerSecond = 0;    ///< measured, wall
    std::uint64_t rows = 0;      ///< written so far
    std::string runId, runTask;  ///< the run in progress
    double runProgress = 0;
    std::string error;  ///< Failed
};

inline constexpr double kFullSpeed = 1e9;

/// The loop of the demo: replays a recorded year as traffic on the simulated clock, scores it with the version
/// deployed, delivers outcomes when they become known, evaluates monitors as their windows close, and triggers
/// pipelines. Runs on a thread of its own and holds the engine lease while it does; all its state is in the workspace,
/// so that it goes on from there after any end. Its public functions may be called from the thread that owns it;
/// signals arrive there.
class Engine : public QObject {
    Q_OBJECT
public:
    explicit Engine(std::shared_ptr<workspace::Workspace> workspace, QObject* parent = nullptr);
    ~Engine() override;  ///< stops and waits

    void start(double daysPerSecond);
    void stop();  ///< ends after the step in hand; returns when ended
    void setPaused(bool paused);
    void setSpeed(double daysPerSecond);
    [[nodiscard]] EngineStatus status() const;

Q_SIGNALS:
    void statusChanged();    ///< throttled to 10 a second
    void dataChanged();      ///< something was committed; throttled to 4 a second
    void finished(bool ok);  ///< the replay reached its end, was stopped, or failed (see status().error)

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// What a demo is made with; stored in the workspace, so that the same command goes on with it.
struct DemoOptions {
    std::string data = ":/data/flights-2013.csv.zst";
    std::uint64_t seed = 1;
    // Alterations that tests use to see whether the numbers are real:
    bool shuffleOutcomes = false;
    double addTemperature = 0;  ///< °F, from addTemperatureFrom on
    Timestamp addTemperatureFrom{};
    int days = 0;  ///< 0: the whole year; else a slice of that many days from 1 January
};

/// Prepares a new workspace for the demo (pipelines, monitors, dashboards, replay settings); no traffic yet.
[[nodiscard]] Result<std::shared_ptr<workspace::Workspace>> createDemo(const std::string& path,
                                                                       const DemoOptions& options);
/// True for a workspace that createDemo() made.
[[nodiscard]] bool isDemo(workspace::Workspace& workspace);

}  // namespace pilothouse::engine
