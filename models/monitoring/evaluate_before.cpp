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

/// Calls use(evaluation) for the windows before this one that are held in memory.
template <class Use>
void eachEarlier(const Judging& j, const Use& use) {
    const TimeRange range = reachBack(j);
    for (const ports::Evaluation& e : *j.context.earlier)
        if (range.contains(e.window.start)) use(e);
}

/// What earlier evaluations of this monitor found for one check: column → the share in each window, oldest first.
Result<std::map<std::string, std::vector<ShareBefore>>> sharesBefore(const Judging& j, const char* check) {
    std::map<std::string, std::vector<ShareBefore>> out;
    if (j.context.earlier) {
        eachEarlier(j, [&](const ports::Evaluation& e) {
            for (const Finding& f : e.findings)
                if (f.check == check)
                    out[f.feature].push_back({f.missingShare, f.verdict.nCurrent, f.verdict.state == State::Drift});
        });
        return out;
    }
    const TimeRange range = reachBack(j);
    PH_ASSIGN(auto statement,
              j.context.database.prepare(
                  "SELECT f.feature, f.missing_share, f.n_current, f.state FROM evaluation e "
                  "JOIN finding f ON f.evaluation = e.id WHERE e.monitor = ?1 AND e.window_start >= ?2 AND "
                  "e.window_start < ?3 AND f.check_name = ?4 AND e.revision = (SELECT max(revision) FROM "
                  "evaluation l WHERE l.monitor = e.monitor AND l.window_start = e.window_start AND l.id < ?5) "
                  "AND e.id < ?5 ORDER BY e.window_start, f.position"));
    statement.bindAll(j.monitor.name, range.start, range.end, check, j.context.evaluationsBefore);
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) return out;
        out[statement.text(0)].push_back(
            {statement.real(1), static_cast<std::uint64_t>(statement.integer(2)), isDrift(statement.view(3))});
    }
}

/// Rows of earlier windows, oldest first; days are compared within their weekday, hours within their time of day,
/// longer windows are one group.
int groupOf(const Judging& j, Timestamp t) {
    const WindowSize size = parseWindowSize(j.monitor.window).value_or(WindowSize{});
    if (size.unit != WindowSize::Unit::Days)
        return static_cast<int>((t - j.context.zone.startOfDay(t)) / std::chrono::minutes(1));
    return size.amount == 1 ? j.context.zone.weekday(t) : 0;
}

Result<std::vector<CountBefore>> countsBefore(const Judging& j) {
    std::vector<CountBefore> out;
    if (j.context.earlier) {
        eachEarlier(j, [&](const ports::Evaluation& e) {
            out.push_back({groupOf(j, e.window.start), e.rows, e.state == State::Drift});
        });
        return out;
    }
    const TimeRange range = reachBack(j);
    PH_ASSIGN(auto statement,
              j.context.database.prepare(
                  "SELECT window_start, rows, state FROM evaluation e WHERE monitor = ?1 AND window_start >= ?2 AND "
                  "window_start < ?3 AND revision = (SELECT max(revision) FROM evaluation l WHERE l.monitor = "
                  "e.monitor AND l.window_start = e.window_start AND l.id < ?4) AND e.id < ?4 ORDER BY window_start"));
    statement.bindAll(j.monitor.name, range.start, range.end, j.context.evaluationsBefore);
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) return out;
        out.push_back({groupOf(j, statement.timestamp(0)), static_cast<std::uint64_t>(statement.integer(1)),
                       isDrift(statement.view(2))});
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

/// Rows of the window without a value in a column ("": without an outcome).
struct Missing {
    std::string column;
    std::uint64_t rows = 0;
};

/// A share against the same column's share in the windows before; settled together with the others of the window.
Status judgeShares(const Judging& j, const std::vector<Missing>& columns, const char* check, double minimumEffect) {
    PH_ASSIGN(const auto before, sharesBefore(j, check));
    const std::size_t first = j.evaluation.findings.size();
    for (const auto& [name, missing] : columns) {
        j.digest.add(name);
        j.digest.add(missing);
        const auto found = before.find(name);
        const std::span<const ShareBefore> windows =
            found == before.end() ? std::span<const ShareBefore>() : found->second;
        j.evaluation.findings.push_back(
            shareFinding(j, name, check,
                         measureShare(missing, j.evaluation.rows, windows, j.monitor.referenceWindows, minimumEffect,
                                      j.monitor.options)));
    }
    std::vector<statistics::Verdict*> verdicts;
    for (std::size_t i = first; i < j.evaluation.findings.size(); ++i)
        verdicts.push_back(&j.evaluation.findings[i].verdict);
    settle(verdicts, j.monitor.options);
    return {};
}

void judgeRange(const Judging& j, const std::string& name, const ColumnCounts& counts) {
    j.digest.add(counts.outside);
    j.evaluation.findings.push_back(shareFinding(
        j, name, "range",
        judgeLimit("outside_range", counts.outside, counts.numbers, j.monitor.options.minimumMissingEffect)));
}

void judgeUnseen(const Judging& j, const std::string& name, const statistics::ColumnTally& tally) {
    j.digest.add(tally.unseen);
    j.evaluation.findings.push_back(shareFinding(j, name, "unseen",
                                                 judgeLimit("unseen_share", tally.unseen, tally.rows() - tally.missing,
                                                            j.monitor.options.minimumMissingEffect)));
}

/// What a quality monitor counts: its columns, then those that have a range only.
std::vector<CountedColumn> qualityColumns(const Judging& j, const std::vector<std::string>& columns) {
    std::vector<CountedColumn> out;
    const bool unseen = has(j.monitor.checks, "unseen") && j.context.champion;
    for (const std::string& name : columns) {
        const statistics::ColumnProfile* profile = unseen ? j.context.champion->profile.find(name) : nullptr;
        if (profile && profile->kind != statistics::ColumnKind::Categorical) profile = nullptr;
        out.push_back({name, profile, {}});
    }
    if (!has(j.monitor.checks, "range")) return out;
    for (const auto& [name, range] : j.monitor.ranges) {
        auto place = std::ranges::find(out, name, &CountedColumn::name);
        if (place == out.end()) place = out.insert(out.end(), CountedColumn{name, nullptr, {}});
        place->range = range;
    }
    return out;
}

/// Rows whose outcome is not known; what is known of them changes with time, so they are read each time.
Status judgeCompleteness(const Judging& j) {
    PH_ASSIGN(const ports::RowSet rows, rowsOf(j, {std::string(ports::field::outcome)}));
    const ports::Column* outcome = rows.find(ports::field::outcome);
    std::uint64_t missing = outcome ? 0 : rows.rows;
    for (std::size_t row = 0; outcome && row < rows.rows; ++row)
        missing += outcome->missing(row);
    j.evaluation.rows = rows.rows;
    j.evaluation.labelled = rows.rows - missing;
    return judgeShares(j, {{std::string(), missing}}, "completeness", j.monitor.options.minimumMissingEffect);
}

}  // namespace

Status judgeTraffic(const Judging& j) {
    CountingPlan plan;
    PH_ASSIGN(plan.query, queryOf(j));
    PH_ASSIGN(const WindowCounts counts, countsOf(j, plan));
    j.evaluation.rows = counts.rows;
    j.digest.add(counts.rows);
    PH_ASSIGN(const std::vector<CountBefore> before, countsBefore(j));
    Finding finding;
    finding.check = "traffic";
    finding.severity = j.monitor.severity;
    finding.verdict =
        judgeCount(counts.rows, groupOf(j, j.window.start), before, j.monitor.referenceWindows, j.monitor.options);
    const statistics::Verdict& v = finding.verdict;
    if (!std::isnan(v.effect))
        j.evaluation.summary = QStringLiteral("%1 rows, %2 expected (%3)")
                                   .arg(counts.rows)
                                   .arg(std::lround(static_cast<double>(counts.rows) / (1 + v.effect)))
                                   .arg(QString::fromStdString(effectText(finding)))
                                   .toStdString();
    j.evaluation.findings.push_back(std::move(finding));
    return {};
}

Status judgeQuality(const Judging& j) {
    const auto& checks = j.monitor.checks;
    std::vector<std::string> columns = j.monitor.columns;
    if (columns.empty() && j.context.champion) columns = j.context.champion->version.features;
    CountingPlan plan{{}, qualityColumns(j, columns), {}};
    if (checks.size() > (has(checks, "completeness") ? 1u : 0u)) {
        PH_ASSIGN(plan.query, queryOf(j));
        PH_ASSIGN(const WindowCounts counts, countsOf(j, plan));
        j.evaluation.rows = counts.rows;
        std::vector<Missing> missing;
        for (std::size_t i = 0; i < columns.size(); ++i)
            missing.push_back({columns[i], counts.columns[i].tally.missing});
        if (has(checks, "missing")) PH_TRY(judgeShares(j, missing, "missing", j.monitor.options.minimumMissingEffect));
        for (std::size_t i = 0; i < plan.columns.size(); ++i)
            if (plan.columns[i].range && counts.columns[i].numbers > 0)
                judgeRange(j, plan.columns[i].name, counts.columns[i]);
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (plan.columns[i].profile && counts.columns[i].tally.foreign == 0)
                judgeUnseen(j, columns[i], counts.columns[i].tally);
    }
    return has(checks, "completeness") ? judgeCompleteness(j) : Status{};
}

}  // namespace pilothouse::monitoring
