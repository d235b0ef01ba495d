// SPDX-License-Identifier: GPL-3.0-or-later
#include <QString>
#include <set>

#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/window_reference.h"

namespace pilothouse::monitoring {

using ports::Finding;
using statistics::State;

namespace {

/// The earlier windows that a window is compared with: [start of the first, start of this one).
TimeRange reachBack(const Judging& j) {
    return {windowStartBefore(j.monitor, j.context.zone, j.window.start, j.monitor.referenceWindows), j.window.start};
}

bool has(const std::vector<std::string>& list, const char* item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

bool isDrift(std::string_view state) { return state == statistics::toString(State::Drift); }

/// What earlier evaluations of this monitor found for one check: column → the share in each window, oldest first.
Result<std::map<std::string, std::vector<ShareBefore>>> sharesBefore(const Judging& j, const char* check) {
    const TimeRange range = reachBack(j);
    PH_ASSIGN(auto statement,
              j.context.database.prepare(
                  "SELECT f.feature, f.missing_share, f.n_current, f.state FROM evaluation e "
                  "JOIN finding f ON f.evaluation = e.id WHERE e.monitor = ? AND e.window_start >= ? AND "
                  "e.window_start < ? AND f.check_name = ? AND e.revision = (SELECT max(revision) FROM "
                  "evaluation l WHERE l.monitor = e.monitor AND l.window_start = e.window_start) "
                  "ORDER BY e.window_start, f.position"));
    statement.bindAll(j.monitor.name, range.start, range.end, check);
    std::map<std::string, std::vector<ShareBefore>> out;
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) return out;
        out[statement.text(0)].push_back(
            {statement.real(1), static_cast<std::uint64_t>(statement.integer(2)), isDrift(statement.view(3))});
    }
}

Finding shareFinding(const Judging& j, const std::string& column, const char* check, statistics::Verdict verdict) {
    Finding finding;
    finding.feature = column;
    finding.check = check;
    finding.severity = j.monitor.severity;
    finding.missingShare = verdict.statistic;
    finding.verdict = std::move(verdict);
    return finding;
}

std::uint64_t countMissing(const ports::Column* column, std::size_t rows) {
    if (!column) return rows;
    std::uint64_t missing = 0;
    for (std::size_t row = 0; row < rows; ++row)
        missing += column->missing(row);
    return missing;
}

/// A share against the same column's share in the windows before; settled together with the others of the window.
Status judgeShares(const Judging& j, const ports::RowSet& rows, const std::vector<std::string>& columns,
                   const char* check, double minimumEffect) {
    PH_ASSIGN(const auto before, sharesBefore(j, check));
    const std::size_t first = j.evaluation.findings.size();
    for (const std::string& name : columns) {
        const std::uint64_t missing = countMissing(rows.find(name), rows.rows);
        j.digest.add(name);
        j.digest.add(missing);
        const auto found = before.find(name == ports::field::outcome ? std::string() : name);
        const std::span<const ShareBefore> windows =
            found == before.end() ? std::span<const ShareBefore>() : found->second;
        j.evaluation.findings.push_back(shareFinding(
            j, name == ports::field::outcome ? std::string() : name, check,
            measureShare(missing, rows.rows, windows, j.monitor.referenceWindows, minimumEffect, j.monitor.options)));
    }
    std::vector<statistics::Verdict*> verdicts;
    for (std::size_t i = first; i < j.evaluation.findings.size(); ++i)
        verdicts.push_back(&j.evaluation.findings[i].verdict);
    settle(verdicts, j.monitor.options);
    return {};
}

void judgeRanges(const Judging& j, const ports::RowSet& rows) {
    for (const auto& [name, range] : j.monitor.ranges) {
        const ports::Column* column = rows.find(name);
        if (!column || column->type != ports::ColumnType::Number) continue;
        std::uint64_t outside = 0, present = 0;
        for (const double value : column->numbers) {
            if (std::isnan(value)) continue;
            ++present;
            outside += value < range.first || value > range.second;
        }
        j.digest.add(outside);
        j.evaluation.findings.push_back(shareFinding(
            j, name, "range", judgeLimit("outside_range", outside, present, j.monitor.options.minimumMissingEffect)));
    }
}

void judgeUnseen(const Judging& j, const ports::RowSet& rows, const std::vector<std::string>& columns) {
    if (!j.context.champion) return;  // there is no reference yet
    for (const std::string& name : columns) {
        const ports::Column* column = rows.find(name);
        const statistics::ColumnProfile* profile = j.context.champion->profile.find(name);
        if (!column || !profile || column->type != ports::ColumnType::Text ||
            profile->kind != statistics::ColumnKind::Categorical)
            continue;
        const auto counts = countCategorical(*profile, column->codes, column->dictionary, {});
        j.digest.add(counts.unseen);
        j.evaluation.findings.push_back(
            shareFinding(j, name, "unseen",
                         judgeLimit("unseen_share", counts.unseen, counts.n() - counts.missing,
                                    j.monitor.options.minimumMissingEffect)));
    }
}

}  // namespace

Status judgeTraffic(const Judging& j) {
    PH_ASSIGN(const ports::RowSet rows, rowsOf(j, {std::string(ports::field::time)}));
    j.evaluation.rows = rows.rows;
    j.digest.add(static_cast<std::uint64_t>(rows.rows));
    const TimeRange range = reachBack(j);
    PH_ASSIGN(auto statement,
              j.context.database.prepare(
                  "SELECT window_start, rows, state FROM evaluation e WHERE monitor = ? AND window_start >= "
                  "? AND window_start < ? AND revision = (SELECT max(revision) FROM evaluation l "
                  "WHERE l.monitor = e.monitor AND l.window_start = e.window_start) "
                  "ORDER BY window_start"));
    statement.bindAll(j.monitor.name, range.start, range.end);
    // Days are compared within their weekday; a weekly window has one group.
    const auto groupOf = [&](Timestamp t) { return j.monitor.window == "day" ? j.context.zone.weekday(t) : 0; };
    std::vector<CountBefore> before;
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) break;
        before.push_back({groupOf(statement.timestamp(0)), static_cast<std::uint64_t>(statement.integer(1)),
                          isDrift(statement.view(2))});
    }
    Finding finding;
    finding.check = "traffic";
    finding.severity = j.monitor.severity;
    finding.verdict =
        judgeCount(rows.rows, groupOf(j.window.start), before, j.monitor.referenceWindows, j.monitor.options);
    const statistics::Verdict& v = finding.verdict;
    if (!std::isnan(v.effect))
        j.evaluation.summary = QStringLiteral("%1 rows, %2 expected (%3)")
                                   .arg(rows.rows)
                                   .arg(std::lround(static_cast<double>(rows.rows) / (1 + v.effect)))
                                   .arg(QString::fromStdString(effectText(finding)))
                                   .toStdString();
    j.evaluation.findings.push_back(std::move(finding));
    return {};
}

Status judgeQuality(const Judging& j) {
    const auto& checks = j.monitor.checks;
    std::vector<std::string> columns = j.monitor.columns;
    if (columns.empty() && j.context.champion) columns = j.context.champion->version.features;
    const bool completeness = has(checks, "completeness");
    std::set<std::string> wanted{std::string(ports::field::time)};
    if (checks.size() > (completeness ? 1u : 0u)) wanted.insert(columns.begin(), columns.end());
    if (has(checks, "range"))
        for (const auto& [name, range] : j.monitor.ranges)
            wanted.insert(name);
    if (completeness) wanted.insert(std::string(ports::field::outcome));
    PH_ASSIGN(const ports::RowSet rows, rowsOf(j, {wanted.begin(), wanted.end()}));
    j.evaluation.rows = rows.rows;
    const statistics::DriftOptions& options = j.monitor.options;
    if (has(checks, "missing")) PH_TRY(judgeShares(j, rows, columns, "missing", options.minimumMissingEffect));
    if (has(checks, "range")) judgeRanges(j, rows);
    if (has(checks, "unseen")) judgeUnseen(j, rows, columns);
    if (completeness) {
        const std::string outcome(ports::field::outcome);
        PH_TRY(judgeShares(j, rows, {outcome}, "completeness", options.minimumMissingEffect));
        j.evaluation.labelled = rows.rows - countMissing(rows.find(outcome), rows.rows);
    }
    return {};
}

}  // namespace pilothouse::monitoring
