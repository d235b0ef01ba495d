// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/monitoring/evaluator.h"
#include "models/workspace/workspace.h"

namespace pilothouse::monitoring {

/// What one run of a monitor came to.
struct MonitorRun {
    std::string monitor;
    std::vector<ports::Evaluation> evaluations;  ///< stored now, oldest window first
    std::size_t revised = 0;                     ///< of them, those of windows that were judged before
    std::size_t partsRead = 0;                   ///< batches and segments of the log that had to be looked into
    std::string problem;                         ///< why it could not be run; empty: it was
};

/// Judges the windows of a workspace's monitors as they come due, and those again that late rows or labels touched. A
/// window is due once the clock stands at its end and its maturity; windows that begin behind the model's newest row
/// are judged only where a lack of rows is what is looked for (traffic, quality, latency), and not more than
/// reference_windows of them, and of a long log the last 2,000. Rows older than any before are judged, too, once they
/// are there; windows of rows, which are counted in order of arrival, are opened again by labels only. Every evaluation
/// is stored with what it was made from (EvaluationInputs).
///
/// Each window is stored by a transaction of its own, with the monitor's progress and its alert, so that a process that
/// is killed goes on where it was. Only what arrived since the last run is read; performance and completeness, which
/// change with the labels, and formulas, estimates and columns together, which no counts can answer, read the windows
/// they judge.
///
/// One thread at a time.
class MonitorRunner {
public:
    [[nodiscard]] static Result<std::unique_ptr<MonitorRunner>> open(std::shared_ptr<workspace::Workspace> workspace);
    ~MonitorRunner();

    /// Asked first in every write transaction: whether this process may still write (the engine lease).
    void setFence(std::function<Status(workspace::Database&)> fence) { m_fence = std::move(fence); }
    /// Called after each window that was stored.
    void setProgress(std::function<void(const MonitorRun&)> progress) { m_progress = std::move(progress); }

    /// Everything that is due at `now`; `only`: those monitors (NotFound for an unknown name), empty: all. A monitor
    /// that cannot be run is a problem of its own and stops no other.
    [[nodiscard]] Result<std::vector<MonitorRun>> runDue(Timestamp now, const std::vector<std::string>& only,
                                                         const CancellationToken& token);
    /// The first moment after `after` at which a window of a monitor may be due; nothing: there is no monitor by time.
    [[nodiscard]] Result<std::optional<Timestamp>> nextDue(Timestamp after);

private:
    struct Work;
    MonitorRunner() = default;
    [[nodiscard]] Status noticeNewVersions(const std::vector<MonitorDefinition>& monitors, Timestamp now);
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<workspace::Database> m_database;
    std::function<Status(workspace::Database&)> m_fence;
    std::function<void(const MonitorRun&)> m_progress;
};

/// runDue() of these monitors (none: of all) at the workspace's now, by a process that runs no engine: under the lease,
/// Conflict where an engine has it. Not for a demo, whose replay runs its monitors.
[[nodiscard]] Result<std::vector<MonitorRun>> judgeDue(std::shared_ptr<workspace::Workspace> workspace,
                                                       const std::vector<std::string>& names,
                                                       const CancellationToken& token);

/// What an evaluation was made from, as stored with it: enough to make it again.
struct EvaluationInputs {
    std::uint64_t rows = 0;
    std::string counts;      ///< digest of the numbers that were judged
    std::string profile;     ///< digest of the reference profile; empty: none
    std::string definition;  ///< digest of the monitor's text
    std::string result;      ///< digest of the findings, by their bits
    predictions::LogMark mark;
    std::int64_t fromOrdinal = 0;  ///< windows that count rows: the first one
    std::uint64_t seed = 0;
};
[[nodiscard]] EvaluationInputs inputsFrom(std::string_view json);
[[nodiscard]] std::string toJson(const EvaluationInputs& inputs);
[[nodiscard]] std::string resultDigest(const ports::Evaluation& evaluation);

/// Makes a stored evaluation again from the rows and labels that were there then, by the text that the monitor had
/// then. NotFound for an unknown id; InvalidInput where that is not possible any more: it was stored without its
/// inputs, or rows were erased since.
struct Remade {
    ports::Evaluation stored, made;
    bool same = false;  ///< to the bit
};
[[nodiscard]] Result<Remade> remake(const workspace::Workspace& workspace, workspace::Database& database,
                                    std::int64_t evaluation, const CancellationToken& token);

}  // namespace pilothouse::monitoring
