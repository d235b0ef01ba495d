// SPDX-License-Identifier: GPL-3.0-or-later
#include <future>

#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "app/profile_command.h"
#include "app/verdict_output.h"
#include "models/monitoring/monitor_reader.h"
#include "models/monitoring/table_drift.h"

namespace pilothouse::app {

namespace {

TellableVerdict tellable(const ports::Finding& finding) {
    const bool share = finding.check == "missing";
    return {finding.feature, finding.check,
            share                                         ? "missing share"
            : finding.verdict.method == "total_variation" ? "categorical"
                                                          : "numeric",
            finding.verdict};
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

QJsonArray jsonOf(const std::vector<TellableVerdict>& verdicts) {
    QJsonArray out;
    for (const TellableVerdict& v : verdicts)
        out.append(toJson(v));
    return out;
}

/// The newest judged window of a model, or the one that was asked for.
Result<int> driftOfWindow(const CommandContext& context, const DriftArguments& arguments) {
    PH_ASSIGN(auto workspace, context.openWorkspace());
    const monitoring::MonitorReader reader(workspace);
    PH_ASSIGN(auto all, await(reader.evaluations({arguments.model, {"drift"}, TimeRange::all(), {}, 0, true, false},
                                                 context.token)));
    PH_ASSIGN(const ports::Evaluation chosen, choose(std::move(all), arguments, *workspace));
    std::vector<TellableVerdict> verdicts;
    for (const ports::Finding& f : chosen.findings)
        verdicts.push_back(tellable(f));
    if (!arguments.junit.empty()) PH_TRY(writeJUnit(arguments.junit, "drift of " + chosen.model, verdicts));
    if (context.json) {
        printJson({{QStringLiteral("state"), QLatin1String(statistics::toString(chosen.state))},
                   {QStringLiteral("model"), text(chosen.model)},
                   {QStringLiteral("version"), text(chosen.version)},
                   {QStringLiteral("monitor"), text(chosen.monitor)},
                   {QStringLiteral("window_start"), jsonTime(chosen.window.start)},
                   {QStringLiteral("window_end"), jsonTime(chosen.window.end)},
                   {QStringLiteral("evaluated"), jsonTime(chosen.evaluatedAt)},
                   {QStringLiteral("rows"), static_cast<qint64>(chosen.rows)},
                   {QStringLiteral("summary"), text(chosen.summary)},
                   {QStringLiteral("features"), jsonOf(verdicts)}});
    } else {
        printLine(chosen.model + " " + chosen.version + ", window " + chosen.window.start.toIso() + " – " +
                  chosen.window.end.toIso() + ": " + chosen.summary);
        printVerdicts(verdicts);
    }
    return chosen.state == statistics::State::Drift ? DriftOrRefused : Done;
}

TellableVerdict tellable(const monitoring::FeatureDrift& f) { return {f.name, f.check(), f.type, f.decisive()}; }

/// One entry a feature: the check that decides, and both of them within.
QJsonArray featuresOf(const monitoring::TableDrift& drift) {
    QJsonArray out;
    for (const monitoring::FeatureDrift& f : drift.features) {
        QJsonObject feature = toJson(tellable(f));
        feature.insert(QStringLiteral("distribution"), toJson(f.distribution));
        feature.insert(QStringLiteral("missing"), toJson(f.missing));
        out.append(feature);
    }
    return out;
}

struct FileDrift {
    monitoring::TableDrift drift;
    std::uint64_t unusableReference = 0, unusableCurrent = 0;
};

Result<FileDrift> judgeFiles(const CommandContext& context, const DriftArguments& arguments) {
    monitoring::TableDriftOptions options{{}, arguments.columns, arguments.except, arguments.cluster};
    options.drift.falseAlarmRate = arguments.falseAlarmRate;
    options.drift.minimumEffect = arguments.minimumEffect;
    options.drift.minimumMissingEffect = arguments.minimumMissingEffect;
    // Both at once: reading is most of the time.
    auto reading =
        std::async(std::launch::async, [&] { return predictions::readTable(arguments.current, context.token); });
    FileDrift out;
    if (!arguments.profile.empty()) {
        const auto profile = readProfile(arguments.profile);
        const auto current = reading.get();
        if (!profile) return fail(profile.error());
        if (!current) return fail(current.error());
        noteUnusable(*current);
        out.unusableCurrent = current->unusable;
        PH_ASSIGN(out.drift, judgeTable(*profile, *current, options, context.token));
        return out;
    }
    const auto reference = predictions::readTable(arguments.reference, context.token);
    const auto current = reading.get();
    if (!reference) return fail(reference.error());
    if (!current) return fail(current.error());
    noteUnusable(*reference);
    noteUnusable(*current);
    out.unusableReference = reference->unusable;
    out.unusableCurrent = current->unusable;
    PH_ASSIGN(out.drift, compareTables(*reference, *current, options, context.token));
    return out;
}

Result<int> driftOfFiles(const CommandContext& context, const DriftArguments& arguments) {
    PH_ASSIGN(const FileDrift judged, judgeFiles(context, arguments));
    const monitoring::TableDrift& drift = judged.drift;
    std::vector<TellableVerdict> verdicts;
    for (const monitoring::FeatureDrift& f : drift.features)
        verdicts.push_back(tellable(f));
    if (!arguments.junit.empty()) PH_TRY(writeJUnit(arguments.junit, "drift of " + arguments.current, verdicts));
    if (context.json) {
        printJson(
            {{QStringLiteral("state"), QLatin1String(statistics::toString(drift.state))},
             {QStringLiteral("reference"), text(arguments.reference.empty() ? arguments.profile : arguments.reference)},
             {QStringLiteral("current"), text(arguments.current)},
             {QStringLiteral("rows_reference"), static_cast<qint64>(drift.rowsReference)},
             {QStringLiteral("rows_current"), static_cast<qint64>(drift.rowsCurrent)},
             {QStringLiteral("unusable_reference"), static_cast<qint64>(judged.unusableReference)},
             {QStringLiteral("unusable_current"), static_cast<qint64>(judged.unusableCurrent)},
             {QStringLiteral("false_alarm_rate"), arguments.falseAlarmRate},
             {QStringLiteral("summary"), text(drift.summary)},
             {QStringLiteral("features"), featuresOf(drift)}});
    } else {
        printLine(drift.summary);
        printVerdicts(verdicts);
    }
    return drift.state == statistics::State::Drift ? DriftOrRefused : Done;
}

Result<int> drift(const CommandContext& context, const DriftArguments& arguments) {
    return arguments.current.empty() ? driftOfWindow(context, arguments) : driftOfFiles(context, arguments);
}

}  // namespace

int runDrift(const CommandContext& context, const DriftArguments& arguments) {
    const Result<int> done = drift(context, arguments);
    return done ? *done : report(done.error());
}

}  // namespace pilothouse::app
