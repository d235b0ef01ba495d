// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::app {

namespace {

QJsonObject toJson(const ports::Metric& m) {
    return {{QStringLiteral("value"), jsonNumber(m.value)},
            {QStringLiteral("low"), jsonNumber(m.low)},
            {QStringLiteral("high"), jsonNumber(m.high)},
            {QStringLiteral("n"), static_cast<qint64>(m.n)}};
}

QJsonObject toJson(const ports::ModelVersion& v) {
    QJsonObject metrics, parameters;
    for (const ports::Metric& m : v.metrics)
        metrics.insert(text(m.name), toJson(m));
    for (const auto& [key, value] : v.parameters)
        parameters.insert(text(key), text(value));
    QJsonArray features;
    for (const std::string& f : v.features)
        features.append(text(f));
    return {{QStringLiteral("model"), text(v.model)},
            {QStringLiteral("version"), text(v.version)},
            {QStringLiteral("created"), jsonTime(v.created)},
            {QStringLiteral("run"), text(v.runId)},
            {QStringLiteral("artifact"), text(v.artifactDigest)},
            {QStringLiteral("profile"), text(v.profileDigest)},
            {QStringLiteral("task"), text(v.task)},
            {QStringLiteral("positive_class"), text(v.positiveClass)},
            {QStringLiteral("threshold"), jsonNumber(v.threshold)},
            {QStringLiteral("trained_from"), jsonTime(v.trainedOn.start)},
            {QStringLiteral("trained_to"), jsonTime(v.trainedOn.end)},
            {QStringLiteral("evaluated_from"), jsonTime(v.evaluatedOn.start)},
            {QStringLiteral("evaluated_to"), jsonTime(v.evaluatedOn.end)},
            {QStringLiteral("training_rows"), static_cast<qint64>(v.trainingRows)},
            {QStringLiteral("features"), features},
            {QStringLiteral("metrics"), metrics},
            {QStringLiteral("parameters"), parameters}};
}

std::string aliasesOf(const ports::ModelSummary& model, const std::string& version) {
    std::string out;
    for (const auto& [alias, of] : model.aliases)
        if (of == version) out += (out.empty() ? "" : ", ") + alias;
    return out;
}

std::string metricText(const ports::ModelVersion& v, const char* name) {
    const ports::Metric* m = v.metric(name);
    if (!m) return "–";
    QString out = QString::number(m->value, 'f', 3);
    if (m->low == m->low) out += QStringLiteral(" (%1 – %2)").arg(m->low, 0, 'f', 3).arg(m->high, 0, 'f', 3);
    return out.toStdString();
}

Status list(const CommandContext& context, workspace::EmbeddedModelRegistry& registry, const std::string& only) {
    PH_ASSIGN(const auto models, await(registry.models(context.token)));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{{"model", "version", "aliases", "created", "AUC", "baseline", "rows"}};
    for (const ports::ModelSummary& model : models) {
        if (!only.empty() && model.name != only) continue;
        PH_ASSIGN(const auto versions, await(registry.versions(model.name, context.token)));
        QJsonArray versionArray;
        for (const ports::ModelVersion& v : versions) {
            versionArray.append(toJson(v));
            table.push_back({model.name, v.version, aliasesOf(model, v.version), v.created.toIso(),
                             metricText(v, "auc"), metricText(v, "auc_baseline"), std::to_string(v.trainingRows)});
        }
        QJsonObject aliases;
        for (const auto& [alias, version] : model.aliases)
            aliases.insert(text(alias), text(version));
        array.append(QJsonObject{{QStringLiteral("name"), text(model.name)},
                                 {QStringLiteral("aliases"), aliases},
                                 {QStringLiteral("versions"), versionArray}});
    }
    if (!only.empty() && array.isEmpty())
        return fail(ErrorKind::NotFound, "no model \"" + only + "\" in the workspace");
    if (context.json)
        printJson({{QStringLiteral("models"), array}});
    else if (table.size() == 1)
        printNote("no model has been registered");
    else
        printTable(table);
    return {};
}

Status show(const CommandContext& context, workspace::EmbeddedModelRegistry& registry,
            const ModelsArguments& arguments) {
    PH_ASSIGN(const auto versions, await(registry.versions(arguments.model, context.token)));
    PH_ASSIGN(const auto history, await(registry.aliasHistory(arguments.model, context.token)));
    for (const ports::ModelVersion& v : versions) {
        if (!arguments.version.empty() && v.version != arguments.version) continue;
        QJsonObject object = toJson(v);
        QJsonArray periods;
        for (const ports::AliasPeriod& p : history)
            if (p.version == v.version)
                periods.append(QJsonObject{{QStringLiteral("alias"), text(p.alias)},
                                           {QStringLiteral("from"), jsonTime(p.from)},
                                           {QStringLiteral("to"), p.to ? jsonTime(*p.to) : QJsonValue()},
                                           {QStringLiteral("actor"), text(p.actor)},
                                           {QStringLiteral("reason"), text(p.reason)}});
        object.insert(QStringLiteral("alias_history"), periods);
        if (context.json) {
            printJson(object);
            return {};
        }
        printLine(v.model + " " + v.version + ", created " + v.created.toIso() + " by run " + v.runId);
        printLine("trained on " + std::to_string(v.trainingRows) + " rows, " + v.trainedOn.start.toIso() + " – " +
                  v.trainedOn.end.toIso());
        for (const ports::Metric& m : v.metrics)
            printLine("  " + m.name + " " + metricText(v, m.name.c_str()));
        for (const ports::AliasPeriod& p : history)
            if (p.version == v.version)
                printLine(p.alias + " from " + p.from.toIso() + (p.to ? " to " + p.to->toIso() : "") + ", " + p.actor +
                          ": " + p.reason);
        return {};
    }
    return fail(ErrorKind::NotFound, "no version \"" + arguments.version + "\" of model \"" + arguments.model + "\"");
}

/// The version that held the alias before the one that holds it now.
Result<std::string> previousChampion(const std::vector<ports::AliasPeriod>& history) {
    std::string current, previous;
    for (const ports::AliasPeriod& p : history) {
        if (p.alias != ports::kChampion || p.version == current) continue;
        previous = current;
        current = p.version;
    }
    if (previous.empty()) return fail(ErrorKind::NotFound, "no earlier champion to roll back to");
    return previous;
}

Status promote(const CommandContext& context, workspace::EmbeddedModelRegistry& registry,
               const ModelsArguments& arguments) {
    std::string version = arguments.version, reason = arguments.reason;
    if (arguments.action == "rollback") {
        PH_ASSIGN(const auto history, await(registry.aliasHistory(arguments.model, context.token)));
        PH_ASSIGN(version, previousChampion(history));
        if (reason.empty()) reason = "rolled back";
    }
    if (reason.empty()) reason = "promoted";
    PH_TRY(await(registry.setAlias(arguments.model, ports::kChampion, version, "command line", reason)));
    if (context.json)
        printJson({{QStringLiteral("model"), text(arguments.model)}, {QStringLiteral("champion"), text(version)}});
    else
        printLine(arguments.model + ": " + version + " is champion");
    return {};
}

}  // namespace

int runModels(const CommandContext& context, const ModelsArguments& arguments) {
    const Status done = [&]() -> Status {
        PH_ASSIGN(auto workspace, context.openWorkspace());
        workspace::EmbeddedModelRegistry registry(workspace);
        if (arguments.action == "list") return list(context, registry, arguments.model);
        if (arguments.action == "show") return show(context, registry, arguments);
        return promote(context, registry, arguments);
    }();
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
