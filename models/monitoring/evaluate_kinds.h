// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCryptographicHash>
#include <span>
#include <string>
#include <vector>

#include "models/monitoring/evaluator.h"
#include "models/monitoring/performance_metrics.h"
#include "models/ports/rows.h"

/// How each kind of monitor judges a window. Inside of the folder only; callers use evaluate().
namespace pilothouse::monitoring {

/// Identity of the numbers that a verdict rests on.
class InputsDigest {
public:
    void add(std::string_view text);
    void add(std::uint64_t number);
    void add(double number);  ///< by its bits
    [[nodiscard]] std::string hex() const;

private:
    QCryptographicHash m_hash{QCryptographicHash::Sha256};
};

/// Fills findings, rows, labelled and summary; the caller sets the rest.
struct Judging {
    const EvaluationContext& context;
    const MonitorDefinition& monitor;
    TimeRange window;
    ports::Evaluation& evaluation;
    InputsDigest& digest;
};

[[nodiscard]] Status judgeTraffic(const Judging& j);
[[nodiscard]] Status judgeQuality(const Judging& j);
[[nodiscard]] Status judgeProfile(const Judging& j);  ///< drift and score
[[nodiscard]] Status judgePerformance(const Judging& j);
[[nodiscard]] Status judgeLabelFree(const Judging& j);
[[nodiscard]] Status judgeLossEstimate(const Judging& j, const PerformanceMetric& metric, const std::string& check);
[[nodiscard]] Status judgeLatency(const Judging& j);
[[nodiscard]] Status judgeBusiness(const Judging& j);
[[nodiscard]] Status judgeMultivariate(const Judging& j);

/// What a metric must hold: the monitor's limit, or the version's own held-out value less the minimum effect (of a
/// loss: the minimum effect in parts of it more). NaN: the version has none.
struct Bound {
    double reference = statistics::kNaN;
    double limit = statistics::kNaN;
    std::uint64_t n = 0;  ///< rows of the reference
};
[[nodiscard]] Bound boundOf(const Judging& j, const PerformanceMetric& metric);
/// Drift when the 95 % interval lies beyond the limit; p is one-sided, of the metric standing just at it. Effect: the
/// difference from the reference; of a loss in parts of the reference. Insufficient where the interval is wider than ±
/// twice the monitor's minimum effect.
void judgeBound(const Judging& j, const PerformanceMetric& metric, const statistics::Interval& value,
                const Bound& bound, statistics::Verdict& verdict);

/// The model's rows that the monitor asks for: all of them, or those that `version` scored.
[[nodiscard]] Result<ports::Query> queryOf(const Judging& j, const std::string& version = {});
/// The window's rows, counted.
[[nodiscard]] Result<WindowCounts> countsOf(const Judging& j, const CountingPlan& plan);
/// The window's rows: all of them, or those that `version` scored.
[[nodiscard]] Result<ports::RowSet> rowsOf(const Judging& j, std::vector<std::string> columns,
                                           const std::string& version = {});
/// Takes out the columns that no row has had yet: they are missing in every row.
[[nodiscard]] Status keepKnownColumns(workspace::Database& database, std::vector<std::string>& columns);
/// Dense ids (from 0) of the tuples (calendar date, cluster columns); empty when the monitor names no cluster.
[[nodiscard]] std::vector<std::uint32_t> clustersOf(const Judging& j, const ports::RowSet& rows);
/// The columns to read for clustersOf(); the word "date" is the calendar's, and always part of the cluster.
[[nodiscard]] std::vector<std::string> clusterColumns(const MonitorDefinition& monitor);
/// The one finding of a window that cannot be judged.
void unavailable(const Judging& j, const std::string& check, statistics::State state, const std::string& reason);

}  // namespace pilothouse::monitoring
