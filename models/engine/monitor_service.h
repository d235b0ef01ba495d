// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "models/engine/alert_delivery.h"
#include "models/engine/metrics_text.h"
#include "models/workspace/lease.h"
#include "models/workspace/workspace.h"

namespace pilothouse::engine {

/// What one look at the monitors came to.
struct EvaluationStep {
    std::size_t evaluations = 0;        ///< stored
    std::vector<std::string> problems;  ///< "monitor: why it could not be run"
    std::optional<Timestamp> next;      ///< when a window is due next; nothing: none by time
};
/// Judges what is due at `now`. Calls `between` now and then: whoever waits for something else gets its turn.
using Evaluate = std::function<Result<EvaluationStep>(Timestamp now, const CancellationToken& token,
                                                      const std::function<void()>& between)>;

struct MonitorServiceOptions {
    /// Commits of others are noticed this often (one PRAGMA on an open connection, no read of the file's content) …
    std::chrono::milliseconds look{1'000};
    /// … and lead to an evaluation not more often than this: rows that come one by one must not be judged one by one.
    std::chrono::milliseconds evaluateGap{5'000};
    std::chrono::milliseconds retry{30'000};  ///< after an evaluation that failed
    std::chrono::milliseconds beat{4'000};    ///< of the lease
    DeliveryOptions delivery;
};

/// The engine of a workspace that is no demo: holds the lease, judges windows as they come due or as rows and labels
/// arrive, tells alerts to receivers. All state is in the workspace: a killed one goes on where it was.
class MonitorService {
public:
    /// Conflict when another engine runs; Unsupported for a workspace on a simulated clock, which has an engine of its
    /// own.
    static Result<std::unique_ptr<MonitorService>> open(std::shared_ptr<workspace::Workspace> workspace,
                                                        std::vector<AlertDelivery::Target> targets,
                                                        MonitorServiceOptions options = {});
    ~MonitorService();  ///< gives the lease back

    /// To be asked first in each write transaction of `evaluate`: Conflict once the lease is lost.
    [[nodiscard]] std::function<Status(workspace::Database&)> fence() const;
    /// Until cancelled, which is its success; an Error when the lease is lost or the file cannot be read. `report` is
    /// told of each look that stored something or found a problem that it did not tell before.
    [[nodiscard]] Status run(const Evaluate& evaluate, const CancellationToken& token,
                             const std::function<void(const EvaluationStep&)>& report = {});
    /// Looks again now. Thread: any.
    void wake();
    /// What the service did since it was opened. Thread: any.
    void addMetrics(MetricsText& out) const;

private:
    MonitorService() = default;
    struct Figures {
        std::int64_t looks = 0, failed = 0, evaluations = 0;
        double seconds = 0, lastSeconds = 0;
        std::optional<Timestamp> lastLook;
        std::vector<AlertDelivery::Figures> delivery;
    };
    void beatUntilStopped();
    [[nodiscard]] Status look(const Evaluate& evaluate, const CancellationToken& token,
                              const std::function<void(const EvaluationStep&)>& report);
    [[nodiscard]] Status deliver();
    [[nodiscard]] Result<bool> othersCommitted();
    [[nodiscard]] Result<std::string> whatCanChangeVerdicts();
    void waitUntil(Timestamp next);

    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<workspace::Database> m_database;
    std::unique_ptr<workspace::Lease> m_lease;
    std::unique_ptr<AlertDelivery> m_delivery;
    MonitorServiceOptions m_options;
    std::string m_seen;  ///< whatCanChangeVerdicts() when it was looked last
    std::vector<std::string> m_problems;
    std::int64_t m_dataVersion = -1;
    Timestamp m_nextLook = kTimestampMin, m_nextDelivery = kTimestampMin;
    std::chrono::steady_clock::time_point m_lastLook{};

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_woken = false, m_stopping = false;  ///< under m_mutex
    std::optional<Error> m_lost;               ///< of the lease; under m_mutex
    Figures m_figures;                         ///< under m_mutex
    std::thread m_beat;
};

}  // namespace pilothouse::engine
