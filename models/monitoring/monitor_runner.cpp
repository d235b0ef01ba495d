// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/monitor_runner.h"

#include <algorithm>
#include <map>
#include <set>

#include "models/monitoring/alert_rules.h"
#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/log_extent.h"
#include "models/monitoring/monitor_progress.h"
#include "models/monitoring/monitor_reader.h"
#include "models/monitoring/monitor_store.h"
#include "models/monitoring/outcome_reference.h"
#include "models/monitoring/reference_choice.h"
#include "models/monitoring/stored_counts.h"
#include "models/workspace/lease.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::monitoring {

using ports::Evaluation;
using predictions::LogMark;
using workspace::Database;
using workspace::Transaction;
using workspace::Workspace;

namespace {

/// A log that begins further back is judged from here on; a backtest looks at any range. One row with a time of 1970
/// must not make a window of every day since.
constexpr int kMostWindowsBack = 2'000;
constexpr Duration kFarthestBack = std::chrono::hours(24 * 365 * 100);

bool usesTruth(const MonitorDefinition& monitor) {
    return monitor.kind == MonitorKind::Performance || monitor.kind == MonitorKind::LabelFree ||
           monitor.kind == MonitorKind::Business ||
           std::ranges::find(monitor.checks, "completeness") != monitor.checks.end();
}

}  // namespace

/// One monitor in one run.
struct MonitorRunner::Work {
    Workspace& workspace;
    Database& database;
    const MonitorDefinition& monitor;
    const std::function<Status(Database&)>& fence;
    const std::function<void(const MonitorRun&)>& progressed;
    Timestamp now;
    LogMark mark;
    CancellationToken token;
    ReferenceChoice& references;
    MonitorRun& run;
    MonitorProgress progress;
    ports::Query query;
    std::int64_t revised = 0;

    [[nodiscard]] const Zone& zone() const { return workspace.zone(); }

    Status all() {
        PH_TRY(begin());
        if (countsRows(monitor)) {
            PH_TRY(judgeRowsAgain());
            return judgeByRows();
        }
        PH_TRY(judgeAgain());
        return judgeDue();
    }

    Status begin() {
        InputsDigest none;
        Evaluation nothing;
        const EvaluationContext context{.database = database, .zone = zone(), .now = now, .token = token};
        PH_ASSIGN(query, queryOf(Judging{context, monitor, {}, nothing, none}));
        PH_ASSIGN(auto stored, readProgress(database, monitor.name));
        if (stored) {
            progress = *stored;
        } else {
            PH_ASSIGN(const auto extent, extentOf(database, query, {.before = mark.ordinal}, token));
            if (extent) {
                progress.newest = std::min(extent->end - std::chrono::nanoseconds(1), now);
                progress.judgedFrom = judgedFromRow(extent->start);
            }
            progress.mark = mark;
        }
        progress.definition = definitionDigest(monitor);
        return {};
    }

    /// Windows that were judged and got late rows or labels, and those that were compared with them.
    Status judgeAgain() {
        std::set<std::int64_t> starts;
        std::vector<Timestamp> late;
        if (progress.mark != mark) {
            // Where rows were taken out at the end, what came since begins earlier.
            const std::int64_t from = std::min(progress.mark.ordinal, mark.ordinal);
            PH_ASSIGN(late, timesOf(database, query, {.from = from, .before = mark.ordinal}, token));
            if (!late.empty()) {
                progress.newest = std::max(progress.newest, std::min(late.back(), now));
                reachBack(late.front(), starts);
            }
        }
        if (usesTruth(monitor) && mark.truth > progress.mark.truth) {
            PH_ASSIGN(const auto times,
                      predictions::rowsOfNewTruth(database, monitor.model, progress.mark.truth, token));
            late.insert(late.end(), times.begin(), times.end());
        }
        for (const Timestamp t : late) {
            if (t < progress.judgedFrom || t > now) continue;  // however far: in no window that was judged
            for (const TimeRange window : windowsWith(monitor, zone(), t))
                if (judged(window)) starts.insert(window.start.ns);
        }
        addComparedWith(starts);
        const bool sampled = monitor.kind == MonitorKind::LabelFree || monitor.kind == MonitorKind::Multivariate;
        if (sampled && monitor.reference != "previous" && !late.empty()) PH_TRY(addEstimatedFrom(late, starts));
        for (const std::int64_t start : starts)
            PH_TRY(judge(windowAt({start}), true));
        return noteMark();
    }

    /// The first window to judge of a log that begins with a row of this time.
    [[nodiscard]] Timestamp judgedFromRow(Timestamp first) const {
        const Timestamp last = windowAt(std::min(progress.newest, now)).start;
        const Duration step = last - windowStartBefore(monitor, zone(), last, 1);
        const auto back = static_cast<int>(std::min<std::int64_t>(kMostWindowsBack, kFarthestBack / step));
        const Timestamp earliest = windowStartBefore(monitor, zone(), last, back);
        return first <= earliest ? earliest : windowAt(std::min(first, now)).start;
    }

    /// Rows older than all before: the windows from them on are judged, too, and so is what is compared with those.
    void reachBack(Timestamp oldest, std::set<std::int64_t>& starts) {
        const Timestamp before = progress.judgedFrom, from = judgedFromRow(oldest);
        if (from >= before) return;
        progress.judgedFrom = from;
        for (TimeRange window = windowAt(from); window.start < before && judged(window);
             window = windowAt(window.start + std::chrono::nanoseconds(1)))
            starts.insert(window.start.ns);
    }

    [[nodiscard]] bool judged(TimeRange window) const {
        return window.start >= progress.judgedFrom && window.end + monitor.maturity <= progress.judgedUntil;
    }
    [[nodiscard]] TimeRange windowAt(Timestamp start) const { return firstWindow(monitor, zone(), start); }

    /// A window whose reference another one is part of is touched with that.
    void addComparedWith(std::set<std::int64_t>& starts) const {
        const std::set<std::int64_t> touched = starts;
        const auto add = [&](Timestamp start) {
            const TimeRange window = windowAt(start);
            if (judged(window)) starts.insert(window.start.ns);
            return judged(window);
        };
        for (const std::int64_t start : touched) {
            if (monitor.reference == "previous") add(windowAt({start}).end);
            for (int step = 1; looksBack(monitor.kind) && step <= monitor.referenceWindows; ++step)
                if (!add(windowStartBefore(monitor, zone(), {start}, -step))) break;
        }
    }

    /// Windows whose estimates rest on rows or labels that came late.
    Status addEstimatedFrom(const std::vector<Timestamp>& late, std::set<std::int64_t>& starts) {
        std::map<const Champion*, bool> touched;
        for (TimeRange window = windowAt(progress.judgedFrom); judged(window);
             window = windowAt(window.start + std::chrono::nanoseconds(1))) {
            PH_ASSIGN(const auto reference,
                      references.of(monitor, window, {.before = mark.ordinal, .lastTruth = mark.truth}, token));
            if (!reference.champion) continue;
            const auto [known, added] = touched.try_emplace(reference.champion.get(), false);
            if (added) {
                InputsDigest none;
                Evaluation nothing;
                const EvaluationContext context{.database = database,
                                                .zone = zone(),
                                                .now = now,
                                                .champion = reference.champion.get(),
                                                .token = token,
                                                .arrivals = {.before = mark.ordinal, .lastTruth = mark.truth}};
                PH_ASSIGN(const auto ranges, outcomeReferenceRanges(Judging{context, monitor, window, nothing, none}));
                for (const TimeRange& range : ranges)
                    for (const Timestamp t : late)  // known to the minute
                        known->second |= t < range.end && t + std::chrono::minutes(1) > range.start;
            }
            if (known->second) starts.insert(window.start.ns);
        }
        return {};
    }

    Status judgeDue() {
        if (progress.judgedFrom == kTimestampMax) return {};
        Timestamp silentUntil = progress.newest;
        // Silence is news only while somebody could still hear of it.
        if (looksBack(monitor.kind)) {
            const Timestamp last = windowStartBefore(monitor, zone(), progress.newest, -monitor.referenceWindows);
            if (now <= last) silentUntil = last;
        }
        Timestamp from = std::max(progress.judgedUntil, progress.judgedFrom);
        for (;;) {
            const Timestamp due = monitoring::nextDue(monitor, zone(), from);
            if (due > now) return {};
            const auto windows = dueWindows(monitor, zone(), from, due);
            from = due;
            if (windows.empty() || windows.front().start < progress.judgedFrom) continue;
            if (windows.front().start > silentUntil) return {};
            progress.judgedUntil = due;
            PH_TRY(judge(windows.front(), false));
        }
    }

    /// Windows of rows whose labels came: of the same rows, with what is known of them now. Rows that arrive late are
    /// in later windows, which are counted in order of arrival.
    Status judgeRowsAgain() {
        if (!usesTruth(monitor) || mark.truth <= progress.mark.truth) return {};
        PH_ASSIGN(auto late, predictions::rowsOfNewTruth(database, monitor.model, progress.mark.truth, token));
        std::ranges::sort(late);
        std::vector<std::pair<TimeRange, EvaluationInputs>> touched;
        PH_ASSIGN(auto stored,
                  database.prepare("SELECT window_start, window_end, inputs FROM evaluation e WHERE monitor = ? AND "
                                   "window_start <= ? AND window_end > ? AND revision = (SELECT max(revision) FROM "
                                   "evaluation l WHERE l.monitor = e.monitor AND l.window_start = e.window_start)"));
        if (!late.empty()) {
            stored.bindAll(monitor.name, late.back(), late.front());
            for (;;) {
                PH_ASSIGN(const bool row, stored.step());
                if (!row) break;
                const TimeRange window{stored.timestamp(0), stored.timestamp(1)};
                const auto first = std::ranges::lower_bound(late, window.start);
                if (first != late.end() && window.contains(*first))
                    touched.emplace_back(window, inputsFrom(stored.view(2)));
            }
        }
        for (const auto& [window, inputs] : touched)
            PH_TRY(judge(window, true,
                         predictions::Arrivals{
                             .from = inputs.fromOrdinal, .before = inputs.mark.ordinal, .lastTruth = mark.truth}));
        return noteMark();
    }

    /// Also where nothing was touched: what came is dealt with.
    Status noteMark() {
        if (progress.mark == mark) return {};
        PH_ASSIGN(auto transaction, write());
        progress.mark = mark;
        PH_TRY(writeProgress(database, monitor.name, progress));
        return transaction.commit();
    }

    Status judgeByRows() {
        const WindowSize size = parseWindowSize(monitor.window).value_or(WindowSize{});
        const WindowSize step = parseWindowSize(monitor.step).value_or(size);
        for (;;) {
            const std::int64_t from = progress.nextOrdinal;
            PH_ASSIGN(const auto end, ordinalAfter(database, query, {.from = from, .before = mark.ordinal},
                                                   static_cast<std::uint64_t>(size.amount), token));
            if (!end) return {};
            PH_ASSIGN(const auto next, ordinalAfter(database, query, {.from = from, .before = *end},
                                                    static_cast<std::uint64_t>(step.amount), token));
            PH_ASSIGN(auto window, extentOf(database, query, {.from = from, .before = *end}, token));
            // Windows are told apart by where they start, and rows of two may have the same time.
            for (;; ++window->start.ns) {
                PH_ASSIGN(const auto taken,
                          database.integer("SELECT count(*) FROM evaluation WHERE monitor = ? AND window_start = ?",
                                           monitor.name, window->start));
                if (taken.value_or(0) == 0) break;
            }
            window->end = std::max(window->end, window->start + std::chrono::nanoseconds(1));
            progress.nextOrdinal = next.value_or(*end);
            progress.mark = mark;
            PH_TRY(judge(*window, false, predictions::Arrivals{.from = from, .before = *end, .lastTruth = mark.truth}));
        }
    }

    Result<Transaction> write() {
        PH_ASSIGN(auto transaction, Transaction::begin(database));
        if (fence) PH_TRY(fence(database));
        return transaction;
    }

    Status judge(TimeRange window, bool again, std::optional<predictions::Arrivals> byRows = {}) {
        PH_TRY(token.check());
        const predictions::Arrivals arrivals =
            byRows.value_or(predictions::Arrivals{.before = mark.ordinal, .lastTruth = mark.truth});
        PH_ASSIGN(const auto reference,
                  references.of(monitor, byRows ? TimeRange{window.end, window.end} : window, arrivals, token));
        StoredCounts counts(database, zone(), mark, token, &run.partsRead);
        EvaluationContext context{.database = database,
                                  .zone = zone(),
                                  .now = now,
                                  .champion = reference.champion.get(),
                                  .noReference = reference.problem,
                                  .seed = seedOf(kMonitorSeed, window),
                                  .token = token,
                                  .arrivals = arrivals,
                                  .counts = byRows ? nullptr : &counts,
                                  .partsRead = &run.partsRead};
        const TimeRange within = byRows ? TimeRange::all() : window;
        PH_ASSIGN(auto result, evaluate(context, monitor, within));
        result.evaluation.window = window;
        EvaluationInputs inputs = inputsFrom(result.inputs);
        inputs.definition = progress.definition;
        inputs.mark = {arrivals.before, mark.truth, mark.removals};
        inputs.fromOrdinal = arrivals.from;
        inputs.seed = context.seed;
        inputs.result = resultDigest(result.evaluation);
        PH_ASSIGN(const bool same, again ? sameAsStored(window, inputs.result) : Result<bool>(false));
        result.inputs = toJson(inputs);
        return store(result, reference, again, same, counts);
    }

    Result<bool> sameAsStored(TimeRange window, const std::string& result) {
        PH_ASSIGN(const auto stored,
                  database.text("SELECT inputs FROM evaluation WHERE monitor = ? AND window_start = ? "
                                "ORDER BY revision DESC LIMIT 1",
                                monitor.name, window.start));
        return stored && inputsFrom(*stored).result == result;
    }

    Status store(EvaluationResult& result, const ReferenceChoice::Reference& reference, bool again, bool same,
                 StoredCounts& counts) {
        PH_ASSIGN(auto transaction, write());
        PH_TRY(counts.save());
        if (!same) {
            PH_ASSIGN(result.evaluation.id, monitoring::store(database, result));
            if (again) PH_TRY(annotateRevision(database, monitor, result.evaluation, now));
            PH_ASSIGN(const auto newest,
                      database.integer("SELECT max(window_start) FROM evaluation WHERE monitor = ?", monitor.name));
            if (newest == result.evaluation.window.start.ns)
                PH_TRY(advanceAlert(database, monitor, result.evaluation, reference.since));
        }
        PH_TRY(writeProgress(database, monitor.name, progress));
        PH_TRY(transaction.commit());
        if (same) return {};
        run.revised += again ? 1 : 0;
        run.evaluations.push_back(std::move(result.evaluation));
        if (progressed) progressed(run);
        return {};
    }
};

Result<std::unique_ptr<MonitorRunner>> MonitorRunner::open(std::shared_ptr<Workspace> workspace) {
    std::unique_ptr<MonitorRunner> runner(new MonitorRunner);
    PH_ASSIGN(runner->m_database, workspace->connect());
    runner->m_workspace = std::move(workspace);
    return runner;
}

MonitorRunner::~MonitorRunner() = default;

/// A new version brings a new reference: alerts about the old one end.
Status MonitorRunner::noticeNewVersions(const std::vector<MonitorDefinition>& monitors, Timestamp now) {
    std::set<std::string> models;
    for (const MonitorDefinition& monitor : monitors)
        models.insert(monitor.model);
    for (const std::string& model : models) {
        PH_ASSIGN(const auto version, workspace::registry::aliasAt(*m_database, model, ports::kChampion, now));
        if (!version) continue;
        const std::string key = "monitor.champion." + model;
        PH_ASSIGN(const auto seen, Workspace::setting(*m_database, key));
        if (seen == *version) continue;
        PH_ASSIGN(auto transaction, Transaction::begin(*m_database));
        if (m_fence) PH_TRY(m_fence(*m_database));
        PH_TRY(resolveForNewVersion(*m_database, monitors, model, *version, now));
        PH_TRY(Workspace::setSetting(*m_database, key, *version));
        PH_TRY(transaction.commit());
    }
    return {};
}

Result<std::vector<MonitorRun>> MonitorRunner::runDue(Timestamp now, const std::vector<std::string>& only,
                                                      const CancellationToken& token) {
    PH_ASSIGN(const auto monitors, monitorsOf(*m_database));
    for (const std::string& name : only)
        if (std::ranges::find(monitors, name, &MonitorDefinition::name) == monitors.end())
            return fail(ErrorKind::NotFound, "the workspace has no monitor \"" + name + "\"", m_workspace->path());
    PH_TRY(noticeNewVersions(monitors, now));
    ReferenceChoice references(*m_workspace, *m_database);
    std::vector<MonitorRun> out;
    for (const MonitorDefinition& monitor : monitors) {
        if (!only.empty() && std::ranges::find(only, monitor.name) == only.end()) continue;
        MonitorRun& run = out.emplace_back();
        run.monitor = monitor.name;
        PH_ASSIGN(const LogMark mark, predictions::markOf(*m_database));
        Work work{*m_workspace, *m_database, monitor, m_fence, m_progress, now, mark, token, references, run, {}, {}};
        if (const Status done = work.all(); !done) {
            const Error& error = done.error();
            // What ends the whole run: it was cancelled, or another process took over.
            if (error.kind == ErrorKind::Cancelled || error.kind == ErrorKind::Conflict) return fail(error);
            run.problem = error.message;
        }
    }
    return out;
}

Result<std::vector<MonitorRun>> judgeDue(std::shared_ptr<Workspace> workspace, const std::vector<std::string>& names,
                                         const CancellationToken& token) {
    PH_ASSIGN(auto lease, workspace::Lease::take(*workspace));
    PH_ASSIGN(auto runner, MonitorRunner::open(workspace));
    runner->setFence([&](Database& database) { return lease->check(database); });
    Status beating;
    runner->setProgress([&](const MonitorRun&) { beating = lease->beat(); });
    PH_ASSIGN(auto runs, runner->runDue(workspace->now(), names, token));
    PH_TRY(beating);
    return runs;
}

Result<std::optional<Timestamp>> MonitorRunner::nextDue(Timestamp after) {
    PH_ASSIGN(const auto monitors, monitorsOf(*m_database));
    std::optional<Timestamp> next;
    for (const MonitorDefinition& monitor : monitors) {
        if (countsRows(monitor)) continue;
        const Timestamp due = monitoring::nextDue(monitor, m_workspace->zone(), after);
        next = next ? std::min(*next, due) : due;
    }
    return next;
}

}  // namespace pilothouse::monitoring
