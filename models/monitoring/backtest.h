// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/monitoring/monitor.h"
#include "models/statistics/performance.h"
#include "models/workspace/workspace.h"

/// What a monitor would have done over the history, before it is one.
namespace pilothouse::monitoring {

struct Backtest {
    MonitorDefinition monitor;
    std::vector<ports::Evaluation> windows;  ///< oldest first; nothing of it is stored
    std::vector<Timestamp> referenceSince;   ///< of each window: those that end before it had another reference
    bool cut = false;                        ///< there were more windows than kMostWindows, and the newest are here
    std::size_t withinReference = 0;         ///< windows whose rows (some of them) the reference was made of
    static constexpr std::size_t kMostWindows = 2'000;
};

/// Judges the monitor's windows that end within `range` and are due by now, each as at the moment when it was due: with
/// the labels known by then and the version in production then. Stores nothing. InvalidInput for a monitor that counts
/// rows. `progress`: windows done and to be done.
[[nodiscard]] Result<Backtest> backtest(const workspace::Workspace& workspace, workspace::Database& database,
                                        const MonitorDefinition& monitor, TimeRange range,
                                        const std::function<void(std::size_t, std::size_t)>& progress,
                                        const CancellationToken& token);

/// How strict the monitor is; moving it judges nothing again.
struct Strictness {
    double falseAlarmRate = 0.01;
    double effectFactor = 1;  ///< on every minimum effect; for performance on the fall that is allowed
    int persistence = 2, of = 3;
};
[[nodiscard]] Strictness strictnessOf(const MonitorDefinition& monitor);

/// Of the window's strongest finding: by how many times its minimum effect it differs (value), by its interval's ends
/// at least and at most; what outcomeAt() compares with the factor. NaN where no finding has an effect.
[[nodiscard]] statistics::Interval strengthOf(const MonitorDefinition& monitor, const ports::Evaluation& evaluation);

struct BacktestOutcome {
    std::size_t judged = 0, drifting = 0, insufficient = 0, unavailable = 0;  ///< windows
    struct Spell {
        Timestamp fired;
        std::optional<Timestamp> resolved;
    };
    std::vector<Spell> alarms;
    std::vector<statistics::State> states;  ///< of the windows
    /// Alarms a week that chance alone would raise, at most: per window and finding, the chance that a normal estimate
    /// with the finding's own standard error (its interval's width over 3.92), about no effect, is rejected at the
    /// finding's share of the false-alarm rate and clears the minimum effect with its interval; the findings' chances
    /// added up, and k of m such windows in a row of independent ones (binomial). NaN: no window could be judged.
    double falseAlarmsPerWeek = 0;
};
/// At the strictness the monitor has, the states are those that were judged.
[[nodiscard]] BacktestOutcome outcomeAt(const Backtest& backtest, const Strictness& strictness);

}  // namespace pilothouse::monitoring
