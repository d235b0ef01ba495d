// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "models/monitoring/monitor.h"
#include "models/monitoring/window_counts.h"
#include "models/ports/model_registry.h"
#include "models/statistics/profile.h"
#include "models/workspace/workspace.h"

namespace pilothouse::monitoring {

/// The version that a window is compared with, and what its reference looked like.
struct Champion {
    ports::ModelVersion version;
    statistics::Profile profile;
};

/// Where the counts of a window come from, other than from all of its rows.
class CountSource {
public:
    virtual ~CountSource() = default;
    [[nodiscard]] virtual Result<WindowCounts> countsOf(const CountingPlan& plan,
                                                        const std::vector<TimeRange>& panes) = 0;
};

/// What a window is judged with.
struct EvaluationContext {
    workspace::Database& database;
    const Zone& zone;
    Timestamp now;                       ///< of the workspace's clock: only what was known before it counts
    const Champion* champion = nullptr;  ///< what the window is compared with, if there is something
    std::string noReference = "no version is in production";  ///< why there is nothing
    std::uint64_t seed = 1;                                   ///< of the resampling
    CancellationToken token = {};
    predictions::Arrivals arrivals = {};  ///< only these rows and labels are there
    CountSource* counts = nullptr;        ///< none: the rows are counted
    /// What traffic and quality are compared with: these windows, oldest first; none: those that are stored.
    const std::vector<ports::Evaluation>* earlier = nullptr;
    std::int64_t evaluationsBefore = std::numeric_limits<std::int64_t>::max();  ///< of the stored ones, those before
    std::size_t* partsRead = nullptr;  ///< if given, batches and segments that were looked into are added to it
};

inline constexpr std::uint64_t kMonitorSeed = 1;  ///< of monitors that are no demo's
/// Windows are resampled each with a seed of their own, all of them made from the workspace's.
[[nodiscard]] std::uint64_t seedOf(std::uint64_t seed, TimeRange window);

struct EvaluationResult {
    ports::Evaluation evaluation;  ///< id is 0 until it is stored
    std::string inputs;            ///< JSON: identity of what was judged (profile, rows, digest of the counts)
};

/// Judges one window of one monitor by the rows of the prediction log; the one function whose verdict every view,
/// alert, report and command shows. Reads only. Deterministic for the seed. Errors are those of the log; a window that
/// cannot be judged is a verdict (unavailable or insufficient, with the reason) and no error.
[[nodiscard]] Result<EvaluationResult> evaluate(const EvaluationContext& context, const MonitorDefinition& monitor,
                                                TimeRange window);

/// Worst of the findings: drift if any; otherwise insufficient when nothing could be judged ok; unavailable when
/// nothing could be judged at all.
[[nodiscard]] statistics::State worstState(const std::vector<ports::Finding>& findings);

/// "2.1 σ", "+12 points", "−0.031": a finding's effect as a person reads it.
[[nodiscard]] std::string effectText(const ports::Finding& finding);

/// Appends an evaluation with its findings, as the next revision of its window; in the caller's transaction. Returns
/// its id.
[[nodiscard]] Result<std::int64_t> store(workspace::Database& database, const EvaluationResult& result);

}  // namespace pilothouse::monitoring
