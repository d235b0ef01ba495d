// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/engine/flights.h"
#include "models/engine/parts.h"
#include "models/engine/settings.h"
#include "models/monitoring/evaluator.h"
#include "models/monitoring/monitor.h"
#include "models/workspace/workspace.h"

namespace pilothouse::engine {

/// The loop itself, without a thread or a pace: what happens from one moment of the simulated year to the next. All its
/// state is in the workspace, and each function leaves it whole, so that whoever ends the process between any two
/// instructions changes nothing of what comes out.
///
/// Time goes from boundary to boundary: New York midnights, the moments at which a monitor's window is due, ends of
/// runs, and the end. Between boundaries only rows and outcomes arrive (advance(), in steps of any size); at a boundary
/// windows are judged, alerts move and runs are triggered (judge()). So nothing but a person's command depends on the
/// steps.
///
/// One thread at a time.
class Replay {
public:
    static Result<std::unique_ptr<Replay>> open(std::shared_ptr<workspace::Workspace> workspace, Parts parts,
                                                CancellationToken token);
    ~Replay();

    [[nodiscard]] const ReplaySettings& settings() const { return m_settings; }
    [[nodiscard]] Timestamp now() const { return m_now; }
    /// The next boundary, at or after now().
    [[nodiscard]] Timestamp boundary() const { return m_boundary; }
    /// All rows are in, all outcomes known, the last windows judged, and nothing runs.
    [[nodiscard]] bool finished() const;
    [[nodiscard]] std::size_t rowsWritten() const { return m_flights.rowAt(std::min(m_now, m_settings.span.end)); }

    struct ActiveRun {
        std::int64_t id = 0;
        TimeRange time;  ///< on the simulated clock
        QFuture<Result<ports::Run>> future;
        CancellationSource cancellation;
    };
    /// The run in progress, if there is one.
    [[nodiscard]] const std::optional<ActiveRun>& run() const { return m_run; }
    /// It must be waited for: the simulated clock stands at its end, and it is not done.
    [[nodiscard]] bool mustWait() const { return m_run && m_now >= m_run->time.end && !m_run->future.isFinished(); }

    /// Takes up what other processes or the window queued. True: something was.
    [[nodiscard]] Result<bool> takeCommands();
    /// Rows and outcomes of [now, to), to ≤ boundary(); one transaction.
    [[nodiscard]] Status advance(Timestamp to);
    /// At now() == boundary(): windows, alerts, triggers; one transaction. Does nothing while a run is to be waited
    /// for. After a retryable error this and advance() may be called again.
    [[nodiscard]] Status judge();

    /// Asked first in every write transaction: whether this process may still write (the engine lease).
    void setFence(std::function<Status(workspace::Database&)> fence) { m_fence = std::move(fence); }
    /// Called from a run's thread when the run changed or ended. Set before the first run starts.
    void setWake(std::function<void()> wake);
    /// Name and progress (0-1 of the run) of the task in hand.
    [[nodiscard]] std::pair<std::string, double> runProgress();

private:
    Replay() = default;
    struct ChampionPeriod {
        std::string version;
        Timestamp from;
        bool operator==(const ChampionPeriod&) const = default;
    };
    Result<workspace::Transaction> write();
    Status loadState();
    Status loadMonitors();
    Status findBoundary();
    Result<std::vector<ChampionPeriod>> championPeriods();
    Result<const monitoring::Champion*> champion(const std::string& version);
    Status score(ports::RowSet& rows, std::size_t firstRow, const std::vector<ChampionPeriod>& periods);
    Result<std::vector<monitoring::EvaluationResult>> evaluateDue(const std::vector<ChampionPeriod>& periods);
    Status noticeNewVersion(const std::vector<ChampionPeriod>& periods);
    Status storeEvaluations(std::vector<monitoring::EvaluationResult>& results, Timestamp countFrom);
    Result<std::optional<pipelines::Trigger>> whatTriggers(bool inProduction);
    Result<bool> coolDownOver(Duration coolDown);
    Status settleRun();
    Status startWaiting();

    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<workspace::Database> m_database;
    Parts m_parts;
    CancellationToken m_token;
    std::function<void()> m_wake;
    std::function<Status(workspace::Database&)> m_fence;
    ReplaySettings m_settings;
    Flights m_flights;
    std::vector<monitoring::MonitorDefinition> m_monitors;
    Timestamp m_now, m_judged, m_boundary;
    Timestamp m_lastRunEnd = kTimestampMin;
    std::optional<ActiveRun> m_run;
    std::optional<monitoring::Champion> m_champion;  ///< the one asked for last
    std::string m_scorerVersion;
    std::unique_ptr<ScoreSource> m_scorer;
};

}  // namespace pilothouse::engine
