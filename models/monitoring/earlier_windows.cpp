// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/earlier_windows.h"

namespace pilothouse::monitoring {

using ports::Finding;
using statistics::State;

namespace {

/// The earlier windows that a window is compared with: [start of the first, start of this one).
TimeRange reachBack(const Judging& j) {
    return {windowStartBefore(j.monitor, j.context.zone, j.window.start, j.monitor.referenceWindows), j.window.start};
}

bool isDrift(std::string_view state) { return state == statistics::toString(State::Drift); }

/// Calls use(evaluation) for the windows before this one that are held in memory.
template <class Use>
void eachEarlier(const Judging& j, const Use& use) {
    const TimeRange range = reachBack(j);
    for (const ports::Evaluation& e : *j.context.earlier)
        if (range.contains(e.window.start)) use(e);
}

}  // namespace

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

Result<std::map<std::string, std::vector<LevelBefore>>> levelsBefore(const Judging& j, const char* check) {
    std::map<std::string, std::vector<LevelBefore>> out;
    if (j.context.earlier) {
        eachEarlier(j, [&](const ports::Evaluation& e) {
            for (const Finding& f : e.findings)
                if (f.check == check)
                    out[f.feature].push_back(
                        {f.verdict.statistic, f.verdict.nCurrent, f.verdict.state == State::Drift});
        });
        return out;
    }
    const TimeRange range = reachBack(j);
    PH_ASSIGN(auto statement,
              j.context.database.prepare(
                  "SELECT f.feature, f.statistic, f.n_current, f.state FROM evaluation e JOIN finding f ON "
                  "f.evaluation = e.id "
                  "WHERE e.monitor = ?1 AND e.window_start >= ?2 AND e.window_start < ?3 AND f.check_name = ?4 AND "
                  "e.revision = (SELECT max(revision) FROM evaluation l WHERE l.monitor = e.monitor AND "
                  "l.window_start = e.window_start AND l.id < ?5) AND e.id < ?5 ORDER BY e.window_start, f.position"));
    statement.bindAll(j.monitor.name, range.start, range.end, check, j.context.evaluationsBefore);
    for (;;) {
        PH_ASSIGN(const bool row, statement.step());
        if (!row) return out;
        out[statement.text(0)].push_back({statement.isNull(1) ? statistics::kNaN : statement.real(1),
                                          static_cast<std::uint64_t>(statement.integer(2)),
                                          isDrift(statement.view(3))});
    }
}

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

}  // namespace pilothouse::monitoring
