// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/monitoring/monitor_reader.h"

namespace pilothouse::app {

namespace {

QJsonObject toJson(const ports::Finding& finding) {
    const statistics::Verdict& v = finding.verdict;
    const bool share = finding.check == "missing";
    QJsonObject object{{QStringLiteral("name"), text(finding.feature)},
                       {QStringLiteral("check"), text(finding.check)},
                       {QStringLiteral("type"), share                           ? QStringLiteral("missing share")
                                                : v.method == "total_variation" ? QStringLiteral("categorical")
                                                                                : QStringLiteral("numeric")},
                       {QStringLiteral("state"), QLatin1String(statistics::toString(v.state))},
                       {QStringLiteral("method"), text(v.method)},
                       {QStringLiteral("statistic"), jsonNumber(v.statistic)},
                       {QStringLiteral("threshold"), jsonNumber(v.threshold)},
                       {QStringLiteral("p_value"), jsonNumber(v.pValue)},
                       {QStringLiteral("q_value"), jsonNumber(v.qValue)},
                       {QStringLiteral("effect"), jsonNumber(v.effect)},
                       {QStringLiteral("interval"), QJsonArray{jsonNumber(v.effectLow), jsonNumber(v.effectHigh)}},
                       {QStringLiteral("minimum_effect"), jsonNumber(v.minimumEffect)},
                       {QStringLiteral("n_reference"), static_cast<qint64>(v.nReference)},
                       {QStringLiteral("n_current"), static_cast<qint64>(v.nCurrent)},
                       {QStringLiteral("n_effective"), jsonNumber(v.nEffective)}};
    if (!v.reason.empty()) object.insert(QStringLiteral("reason"), text(v.reason));
    return object;
}

std::string fixed(double value, int decimals) {
    return value == value ? QString::number(value, 'f', decimals).toStdString() : "–";
}

void printText(const ports::Evaluation& e) {
    printLine(e.model + " " + e.version + ", window " + e.window.start.toIso() + " – " + e.window.end.toIso() + ": " +
              e.summary);
    std::vector<std::vector<std::string>> table{
        {"feature", "check", "state", "effect", "interval", "q", "n", "method"}};
    for (const ports::Finding& f : e.findings) {
        const statistics::Verdict& v = f.verdict;
        table.push_back({f.feature, f.check, statistics::toString(v.state), fixed(v.effect, 3),
                         fixed(v.effectLow, 3) + " – " + fixed(v.effectHigh, 3), fixed(v.qValue, 4),
                         std::to_string(v.nCurrent), v.method});
    }
    printTable(table);
}

/// The evaluation asked for: the newest, or the one whose window holds the moment.
Result<ports::Evaluation> choose(std::vector<ports::Evaluation> all, const DriftArguments& arguments,
                                 const workspace::Workspace& workspace) {
    if (arguments.window.empty()) {
        if (all.empty())
            return fail(ErrorKind::NotFound,
                        "no window of model \"" + arguments.model + "\" has been judged for drift");
        return std::move(all.back());
    }
    PH_ASSIGN(const Timestamp moment, parseMoment(arguments.window, workspace.now(), workspace.zone()));
    for (ports::Evaluation& e : all)
        if (e.window.contains(moment)) return std::move(e);
    return fail(ErrorKind::NotFound, "no window that holds " + moment.toIso() + " has been judged for drift");
}

Result<int> drift(const CommandContext& context, const DriftArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    const monitoring::MonitorReader reader(workspace);
    PH_ASSIGN(auto all,
              await(reader.evaluations({arguments.model, {"drift"}, TimeRange::all(), true, false}, context.token)));
    PH_ASSIGN(const ports::Evaluation chosen, choose(std::move(all), arguments, *workspace));
    if (context.json) {
        QJsonArray features;
        for (const ports::Finding& f : chosen.findings)
            features.append(toJson(f));
        printJson({{QStringLiteral("state"), QLatin1String(statistics::toString(chosen.state))},
                   {QStringLiteral("model"), text(chosen.model)},
                   {QStringLiteral("version"), text(chosen.version)},
                   {QStringLiteral("monitor"), text(chosen.monitor)},
                   {QStringLiteral("window_start"), jsonTime(chosen.window.start)},
                   {QStringLiteral("window_end"), jsonTime(chosen.window.end)},
                   {QStringLiteral("evaluated"), jsonTime(chosen.evaluatedAt)},
                   {QStringLiteral("rows"), static_cast<qint64>(chosen.rows)},
                   {QStringLiteral("summary"), text(chosen.summary)},
                   {QStringLiteral("features"), features}});
    } else {
        printText(chosen);
    }
    return chosen.state == statistics::State::Drift ? DriftOrRefused : Done;
}

}  // namespace

int runDrift(const CommandContext& context, const DriftArguments& arguments) {
    const Result<int> done = drift(context, arguments);
    return done ? *done : report(done.error());
}

}  // namespace pilothouse::app
