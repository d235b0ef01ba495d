// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <algorithm>

#include "app/command_line.h"
#include "app/output.h"
#include "app/small_file.h"
#include "app/verdict_output.h"
#include "models/engine/engine.h"
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/backtest.h"
#include "models/monitoring/monitor_reader.h"
#include "models/monitoring/monitor_runner.h"
#include "models/monitoring/monitor_store.h"

namespace pilothouse::app {

using monitoring::MonitorDefinition;
using ports::Evaluation;
using statistics::State;
using workspace::Database;
using workspace::Workspace;

namespace {

constexpr std::int64_t kMostBytes = 1 << 20;

Result<std::vector<MonitorDefinition>> readFile(const std::string& path) {
    PH_ASSIGN(const std::string yaml, readSmallFile(path, kMostBytes));
    return monitoring::parseMonitors(yaml, path);
}

/// The newest evaluation of a monitor.
Result<std::optional<Evaluation>> newest(Database& database, const std::string& monitor) {
    PH_ASSIGN(const auto id, database.integer("SELECT id FROM evaluation WHERE monitor = ? ORDER BY window_start DESC, "
                                              "revision DESC LIMIT 1",
                                              monitor));
    if (!id) return std::optional<Evaluation>();
    monitoring::EvaluationsRequest request;
    request.id = *id;
    PH_ASSIGN(auto found, monitoring::MonitorReader::read(database, request));
    return found.empty() ? std::optional<Evaluation>() : std::optional(std::move(found.front()));
}

std::vector<TellableVerdict> verdictsOf(const Evaluation& e) {
    std::vector<TellableVerdict> out;
    for (const ports::Finding& f : e.findings)
        out.push_back({f.feature.empty() ? e.monitor : f.feature, f.check, {}, f.verdict});
    return out;
}

QJsonObject toJson(const Evaluation& e) {
    QJsonArray findings;
    for (const TellableVerdict& verdict : verdictsOf(e))
        findings.append(toJson(verdict));
    return {{QStringLiteral("state"), QLatin1String(statistics::toString(e.state))},
            {QStringLiteral("window_start"), jsonTime(e.window.start)},
            {QStringLiteral("window_end"), jsonTime(e.window.end)},
            {QStringLiteral("evaluated"), jsonTime(e.evaluatedAt)},
            {QStringLiteral("revision"), e.revision},
            {QStringLiteral("version"), text(e.version)},
            {QStringLiteral("rows"), static_cast<qint64>(e.rows)},
            {QStringLiteral("labelled"), static_cast<qint64>(e.labelled)},
            {QStringLiteral("summary"), text(e.summary)},
            {QStringLiteral("findings"), findings}};
}

QJsonObject toJson(const MonitorDefinition& m) {
    return {{QStringLiteral("name"), text(m.name)},
            {QStringLiteral("kind"), QLatin1String(monitoring::toString(m.kind))},
            {QStringLiteral("model"), text(m.model)},
            {QStringLiteral("query"), text(m.query)},
            {QStringLiteral("reference"), text(m.reference)},
            {QStringLiteral("window"), text(m.window)},
            {QStringLiteral("step"), text(m.step.empty() ? m.window : m.step)}};
}

/// A table of monitors with what they found last; true: one of them found a drift.
Result<bool> tell(const CommandContext& context, Database& database, const std::vector<MonitorDefinition>& monitors,
                  const std::vector<monitoring::MonitorRun>& runs, const std::string& junit) {
    QJsonArray array;
    std::vector<std::vector<std::string>> table{{"monitor", "model", "window", "state", "newest window", "summary"}};
    std::vector<TellableVerdict> verdicts;
    bool drift = false;
    for (const MonitorDefinition& m : monitors) {
        PH_ASSIGN(const auto last, newest(database, m.name));
        const auto run = std::ranges::find(runs, m.name, &monitoring::MonitorRun::monitor);
        QJsonObject object = toJson(m);
        object.insert(QStringLiteral("newest"), last ? QJsonValue(toJson(*last)) : QJsonValue());
        if (run != runs.end()) {
            object.insert(QStringLiteral("judged"), static_cast<qint64>(run->evaluations.size()));
            object.insert(QStringLiteral("revised"), static_cast<qint64>(run->revised));
            object.insert(QStringLiteral("problem"), text(run->problem));
            if (!run->problem.empty()) printNote(m.name + ": " + run->problem);
        }
        array.append(object);
        table.push_back({m.name, m.model, m.step.empty() ? m.window : m.window + " by " + m.step,
                         last ? statistics::toString(last->state) : "–", last ? last->window.start.toIso() : "–",
                         last ? last->summary : "no window was due yet"});
        if (!last) continue;
        drift = drift || last->state == State::Drift;
        for (TellableVerdict& v : verdictsOf(*last)) {
            v.name = m.name + (v.name == m.name ? "" : "." + v.name);
            verdicts.push_back(std::move(v));
        }
    }
    if (!junit.empty()) PH_TRY(writeJUnit(junit, "monitors", verdicts));
    if (context.json)
        printJson(
            {{QStringLiteral("state"), QLatin1String(drift ? "drift" : "ok")}, {QStringLiteral("monitors"), array}});
    else if (monitors.empty())
        printNote("the workspace has no monitor; monitor add FILE.yaml declares one");
    else
        printTable(table);
    return drift;
}

Result<int> list(const CommandContext& context, const MonitorArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(const auto database, workspace->connect());
    PH_ASSIGN(const auto monitors, monitoring::monitorsOf(*database, arguments.model));
    PH_ASSIGN([[maybe_unused]] const bool drift, tell(context, *database, monitors, {}, {}));
    return Done;
}

Result<int> add(const CommandContext& context, const MonitorArguments& arguments) {
    PH_ASSIGN(const auto monitors, readFile(arguments.names.front()));
    PH_ASSIGN(auto workspace, context.openOrCreateWorkspace());
    PH_ASSIGN(const auto database, workspace->connect());
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
    std::size_t changed = 0;
    for (const MonitorDefinition& monitor : monitors) {
        PH_ASSIGN(const bool is, monitoring::declareMonitor(*database, monitor, workspace->now(), "user"));
        changed += is;
    }
    PH_TRY(transaction.commit());
    if (context.json)
        printJson({{QStringLiteral("declared"), static_cast<qint64>(monitors.size())},
                   {QStringLiteral("changed"), static_cast<qint64>(changed)}});
    else
        printLine(std::to_string(monitors.size()) + " declared, " + std::to_string(changed) +
                  " of them new or changed");
    return Done;
}

Result<int> remove(const CommandContext& context, const MonitorArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(const auto database, workspace->connect());
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
    for (const std::string& name : arguments.names)
        PH_TRY(monitoring::removeMonitor(*database, name, workspace->now(), "user"));
    PH_TRY(transaction.commit());
    printNote("removed; what it found stays");
    return Done;
}

Result<int> check(const CommandContext& context, const MonitorArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(const auto database, workspace->connect());
    PH_ASSIGN(auto monitors, monitoring::monitorsOf(*database, arguments.model));
    std::vector<monitoring::MonitorRun> runs;
    if (engine::isDemo(*workspace)) {
        printNote("a demo's monitors are run by its own replay; this is what they found last");
    } else {
        std::vector<std::string> names = arguments.names;
        if (names.empty())
            for (const MonitorDefinition& m : monitors)
                names.push_back(m.name);
        if (!names.empty()) {
            PH_ASSIGN(runs, monitoring::judgeDue(workspace, names, context.token));
        }
    }
    if (!arguments.names.empty())
        std::erase_if(monitors, [&](const MonitorDefinition& m) {
            return std::ranges::find(arguments.names, m.name) == arguments.names.end();
        });
    PH_ASSIGN(const bool drift, tell(context, *database, monitors, runs, arguments.junit));
    const bool failed = std::ranges::any_of(runs, [](const auto& run) { return !run.problem.empty(); });
    return failed ? Failed : drift ? DriftOrRefused : Done;
}

/// The monitors of a file, or the workspace's of those names.
Result<std::vector<MonitorDefinition>> chosen(Database& database, const MonitorArguments& arguments) {
    std::vector<MonitorDefinition> out;
    PH_ASSIGN(const auto known, monitoring::monitorsOf(database, arguments.model));
    if (arguments.names.empty()) return known;
    for (const std::string& name : arguments.names) {
        const auto place = std::ranges::find(known, name, &MonitorDefinition::name);
        if (place != known.end()) {
            out.push_back(*place);
            continue;
        }
        if (!QFile::exists(text(name)))
            return fail(ErrorKind::NotFound, "is neither a monitor of the workspace nor a file", name);
        PH_ASSIGN(auto monitors, readFile(name));
        std::ranges::move(monitors, std::back_inserter(out));
    }
    return out;
}

QJsonObject toJson(const monitoring::BacktestOutcome& o) {
    QJsonArray alarms;
    for (const auto& spell : o.alarms)
        alarms.append(
            QJsonObject{{QStringLiteral("fired"), jsonTime(spell.fired)},
                        {QStringLiteral("resolved"), spell.resolved ? jsonTime(*spell.resolved) : QJsonValue()}});
    return {{QStringLiteral("judged"), static_cast<qint64>(o.judged)},
            {QStringLiteral("drifting"), static_cast<qint64>(o.drifting)},
            {QStringLiteral("insufficient"), static_cast<qint64>(o.insufficient)},
            {QStringLiteral("unavailable"), static_cast<qint64>(o.unavailable)},
            {QStringLiteral("alarms"), alarms},
            {QStringLiteral("expected_false_alarms_per_week"), jsonNumber(o.falseAlarmsPerWeek)}};
}

constexpr double kFactors[] = {0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4};

QJsonObject tellBacktest(const CommandContext& context, const monitoring::Backtest& test) {
    const monitoring::Strictness strictness = monitoring::strictnessOf(test.monitor);
    QJsonObject object = toJson(test.monitor);
    QJsonArray windows, thresholds;
    for (const Evaluation& e : test.windows)
        windows.append(toJson(e));
    std::vector<std::vector<std::string>> table{
        {"minimum effect", "drifting", "alarms", "false alarms a week, expected at most"}};
    for (const double factor : kFactors) {
        monitoring::Strictness at = strictness;
        at.effectFactor = factor;
        const auto outcome = monitoring::outcomeAt(test, at);
        QJsonObject entry = toJson(outcome);
        entry.insert(QStringLiteral("effect_factor"), factor);
        thresholds.append(entry);
        table.push_back({QString::number(factor).toStdString() + " ×" + (factor == 1 ? " (as declared)" : ""),
                         std::to_string(outcome.drifting), std::to_string(outcome.alarms.size()),
                         outcome.falseAlarmsPerWeek < 1e-4
                             ? "< 0.0001"
                             : QString::number(outcome.falseAlarmsPerWeek, 'g', 2).toStdString()});
    }
    object.insert(QStringLiteral("outcome"), toJson(monitoring::outcomeAt(test, strictness)));
    object.insert(QStringLiteral("within_reference"), static_cast<qint64>(test.withinReference));
    object.insert(QStringLiteral("thresholds"), thresholds);
    object.insert(QStringLiteral("windows"), windows);
    if (context.json) return object;
    const auto outcome = monitoring::outcomeAt(test, strictness);
    printLine(test.monitor.name + ": " + std::to_string(test.windows.size()) + " windows, " +
              std::to_string(outcome.drifting) + " drifting, " + std::to_string(outcome.insufficient) +
              " with too little data, " + std::to_string(outcome.unavailable) + " that cannot be judged");
    for (const auto& spell : outcome.alarms)
        printLine("  fired " + spell.fired.toIso() + (spell.resolved ? ", resolved " + spell.resolved->toIso() : ""));
    if (test.withinReference > 0)
        printNote("  " + std::to_string(test.withinReference) + " windows hold rows that the reference was made of");
    if (test.cut) printNote("  only the newest windows were judged");
    printTable(table);
    return object;
}

Result<int> backtest(const CommandContext& context, const MonitorArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(const auto database, workspace->connect());
    PH_ASSIGN(const auto monitors, chosen(*database, arguments));
    PH_ASSIGN(const TimeRange range, momentsBetween(arguments.since, arguments.until, *workspace));
    QJsonArray array;
    for (const MonitorDefinition& monitor : monitors) {
        PH_ASSIGN(const auto test, monitoring::backtest(*workspace, *database, monitor, range, {}, context.token));
        array.append(tellBacktest(context, test));
    }
    if (context.json) printJson({{QStringLiteral("backtests"), array}});
    return Done;
}

/// Makes the newest evaluation of every window again.
Result<int> verify(const CommandContext& context, const MonitorArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(const auto database, workspace->connect());
    std::size_t same = 0, different = 0, impossible = 0;
    PH_ASSIGN(const auto monitors, chosen(*database, arguments));
    for (const MonitorDefinition& monitor : monitors) {
        monitoring::EvaluationsRequest request;
        request.monitor = monitor.name;
        request.findings = false;
        PH_ASSIGN(const auto evaluations, monitoring::MonitorReader::read(*database, request));
        for (const Evaluation& e : evaluations) {
            const auto made = monitoring::remake(*workspace, *database, e.id, context.token);
            if (!made && made.error().kind != ErrorKind::InvalidInput && made.error().kind != ErrorKind::NotFound)
                return fail(made.error());
            ++(!made ? impossible : made->same ? same : different);
            if (!made || !made->same)
                printNote(monitor.name + " " + e.window.start.toIso() + ": " +
                          (made ? "was \"" + made->stored.summary + "\", is \"" + made->made.summary + "\""
                                : made.error().message));
        }
    }
    if (context.json)
        printJson({{QStringLiteral("same"), static_cast<qint64>(same)},
                   {QStringLiteral("different"), static_cast<qint64>(different)},
                   {QStringLiteral("impossible"), static_cast<qint64>(impossible)}});
    else
        printLine(std::to_string(same) + " evaluations come to the same, " + std::to_string(different) +
                  " to something else, " + std::to_string(impossible) + " cannot be made again");
    return different > 0 ? Failed : Done;
}

}  // namespace

int runMonitor(const CommandContext& context, const MonitorArguments& arguments) {
    const std::string& action = arguments.action;
    const Result<int> done = action == "add"        ? add(context, arguments)
                             : action == "remove"   ? remove(context, arguments)
                             : action == "check"    ? check(context, arguments)
                             : action == "backtest" ? backtest(context, arguments)
                             : action == "verify"   ? verify(context, arguments)
                                                    : list(context, arguments);
    return done ? *done : report(done.error());
}

}  // namespace pilothouse::app
