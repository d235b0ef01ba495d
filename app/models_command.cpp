// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/items/model_connections.h"
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
    QJsonObject metrics, parameters, tags;
    for (const ports::Metric& m : v.metrics)
        metrics.insert(text(m.name), toJson(m));
    for (const auto& [key, value] : v.parameters)
        parameters.insert(text(key), text(value));
    for (const auto& [key, value] : v.tags)
        tags.insert(text(key), text(value));
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
            {QStringLiteral("parameters"), parameters},
            {QStringLiteral("tags"), tags},
            {QStringLiteral("description"), text(v.description)},
            {QStringLiteral("source"), text(v.source)},
            {QStringLiteral("stage"), text(v.stage)}};
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

/// What is known of a version differs: this workspace has trained and measured it, a server has stages.
std::vector<std::string> rowOf(const ports::ModelSummary& model, const ports::ModelVersion& v, bool remote) {
    if (remote) return {model.name, v.version, aliasesOf(model, v.version), v.stage, v.created.toIso(), v.runId};
    return {model.name,
            v.version,
            aliasesOf(model, v.version),
            v.created.toIso(),
            metricText(v, "auc"),
            metricText(v, "auc_baseline"),
            std::to_string(v.trainingRows)};
}

Status list(const CommandContext& context, ports::ModelRegistry& registry, const ModelsArguments& arguments) {
    const std::string& only = arguments.model;
    const bool remote = !arguments.connection.empty();
    PH_ASSIGN(const auto models, await(registry.models(context.token)));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{
        remote ? std::vector<std::string>{"model", "version", "aliases", "stage", "created", "run"}
               : std::vector<std::string>{"model", "version", "aliases", "created", "AUC", "baseline", "rows"}};
    for (const ports::ModelSummary& model : models) {
        if (!only.empty() && model.name != only) continue;
        PH_ASSIGN(const auto versions, await(registry.versions(model.name, context.token)));
        QJsonArray versionArray;
        for (const ports::ModelVersion& v : versions) {
            versionArray.append(toJson(v));
            table.push_back(rowOf(model, v, remote));
        }
        QJsonObject aliases;
        for (const auto& [alias, version] : model.aliases)
            aliases.insert(text(alias), text(version));
        array.append(QJsonObject{{QStringLiteral("name"), text(model.name)},
                                 {QStringLiteral("aliases"), aliases},
                                 {QStringLiteral("versions"), versionArray}});
    }
    if (!only.empty() && array.isEmpty())
        return fail(ErrorKind::NotFound,
                    "no model \"" + only + "\" in " + (remote ? arguments.connection : "the workspace"));
    if (context.json)
        printJson({{QStringLiteral("models"), array}});
    else if (table.size() == 1)
        printNote("no model has been registered");
    else
        printTable(table);
    return {};
}

Status show(const CommandContext& context, ports::ModelRegistry& registry, const ModelsArguments& arguments) {
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
        if (v.trainingRows > 0)
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

Status promote(const CommandContext& context, ports::ModelRegistry& registry, const ModelsArguments& arguments) {
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

Status alias(const CommandContext& context, ports::ModelRegistry& registry, const ModelsArguments& a) {
    if (a.version.empty() == !a.remove)
        return fail(Error::invalid("a version is needed, or --remove takes the alias away"));
    const std::string reason = a.reason.empty() ? (a.remove ? "removed" : "set") : a.reason;
    PH_TRY(await(a.remove ? registry.removeAlias(a.model, a.key, "command line", reason)
                          : registry.setAlias(a.model, a.key, a.version, "command line", reason)));
    if (context.json)
        printJson({{QStringLiteral("model"), text(a.model)},
                   {QStringLiteral("alias"), text(a.key)},
                   {QStringLiteral("version"), a.remove ? QJsonValue() : QJsonValue(text(a.version))}});
    else
        printLine(a.model + ": " + (a.remove ? a.key + " is taken away" : a.version + " is " + a.key));
    return {};
}

Status tag(const CommandContext& context, ports::ModelRegistry& registry, const ModelsArguments& a) {
    PH_TRY(await(
        registry.setTag(a.model, a.version, a.key, a.remove ? std::nullopt : std::optional(a.value), "command line")));
    if (context.json)
        printJson({{QStringLiteral("model"), text(a.model)},
                   {QStringLiteral("version"), text(a.version)},
                   {QStringLiteral("tag"), text(a.key)},
                   {QStringLiteral("value"), a.remove ? QJsonValue() : QJsonValue(text(a.value))}});
    else
        printLine(a.model + (a.version.empty() ? "" : " " + a.version) + ": " + a.key +
                  (a.remove ? " is taken away" : " is " + a.value));
    return {};
}

/// The workspace's own, or that of a connection.
Result<std::shared_ptr<ports::ModelRegistry>> registryOf(const std::shared_ptr<workspace::Workspace>& workspace,
                                                         const std::string& connection) {
    if (connection.empty())
        return std::shared_ptr<ports::ModelRegistry>(std::make_shared<workspace::EmbeddedModelRegistry>(workspace));
    PH_ASSIGN(auto database, workspace->connect(true));
    PH_ASSIGN(const workspace::Connection found, workspace::findConnection(*database, connection));
    return items::makeModelRegistry(found);
}

}  // namespace

int runModels(const CommandContext& context, const ModelsArguments& arguments) {
    const Status done = [&]() -> Status {
        PH_ASSIGN(auto workspace, context.openWorkspace());
        PH_ASSIGN(const auto registry, registryOf(workspace, arguments.connection));
        if (arguments.action == "list") return list(context, *registry, arguments);
        if (arguments.action == "show") return show(context, *registry, arguments);
        if (arguments.action == "alias") return alias(context, *registry, arguments);
        if (arguments.action == "tag") return tag(context, *registry, arguments);
        return promote(context, *registry, arguments);
    }();
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
