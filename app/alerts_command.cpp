// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/monitoring/embedded_alert_source.h"

namespace pilothouse::app {

namespace {

QJsonObject toJson(const std::map<std::string, std::string>& map) {
    QJsonObject object;
    for (const auto& [key, value] : map)
        object.insert(text(key), text(value));
    return object;
}

QJsonObject toJson(const ports::Alert& a) {
    return {{QStringLiteral("id"), static_cast<qint64>(a.id)},
            {QStringLiteral("fingerprint"), text(a.fingerprint)},
            {QStringLiteral("name"), text(a.name)},
            {QStringLiteral("model"), text(a.model)},
            {QStringLiteral("monitor"), text(a.monitor)},
            {QStringLiteral("severity"), QLatin1String(toString(a.severity))},
            {QStringLiteral("state"), QLatin1String(toString(a.state))},
            {QStringLiteral("silenced"), a.silenced},
            {QStringLiteral("pending_since"), jsonTime(a.pendingSince)},
            {QStringLiteral("firing_since"), a.firingSince ? jsonTime(*a.firingSince) : QJsonValue()},
            {QStringLiteral("resolved_at"), a.resolvedAt ? jsonTime(*a.resolvedAt) : QJsonValue()},
            {QStringLiteral("window_start"), jsonTime(a.window.start)},
            {QStringLiteral("window_end"), jsonTime(a.window.end)},
            {QStringLiteral("labels"), toJson(a.labels)},
            {QStringLiteral("annotations"), toJson(a.annotations)}};
}

Status list(const CommandContext& context, monitoring::EmbeddedAlertSource& source, bool open) {
    PH_ASSIGN(const auto alerts, await(source.alerts(open, context.token)));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{
        {"id", "alert", "severity", "state", "firing since", "resolved", "summary"}};
    for (const ports::Alert& a : alerts) {
        array.append(toJson(a));
        const auto summary = a.annotations.find("summary");
        table.push_back({std::to_string(a.id), a.name, toString(a.severity),
                         std::string(toString(a.state)) + (a.silenced ? " (silenced)" : ""),
                         a.firingSince ? a.firingSince->toIso() : "–", a.resolvedAt ? a.resolvedAt->toIso() : "–",
                         summary == a.annotations.end() ? "" : summary->second});
    }
    if (context.json)
        printJson({{QStringLiteral("alerts"), array}});
    else if (alerts.empty())
        printNote(open ? "nothing is pending or firing" : "there has been no alert");
    else
        printTable(table);
    return {};
}

Status silence(const CommandContext& context, monitoring::EmbeddedAlertSource& source, Timestamp now,
               const AlertsArguments& arguments) {
    const auto duration = parseDuration(arguments.duration);
    if (!duration) return fail(Error::invalid("\"" + arguments.duration + "\" is no duration (2h, 3d)"));
    if (arguments.matchers.empty()) return fail(Error::invalid("a silence needs at least one --match label=value"));
    if (arguments.comment.empty()) return fail(Error::invalid("a silence needs a --comment"));
    PH_ASSIGN(
        const std::string id,
        await(source.silence({"", arguments.matchers, {now, now + *duration}, arguments.author, arguments.comment})));
    if (context.json)
        printJson({{QStringLiteral("silence"), text(id)}, {QStringLiteral("until"), jsonTime(now + *duration)}});
    else
        printLine("silenced until " + (now + *duration).toIso() + " (" + id + ")");
    return {};
}

}  // namespace

int runAlerts(const CommandContext& context, const AlertsArguments& arguments) {
    const Status done = [&]() -> Status {
        PH_ASSIGN(auto workspace, context.openWorkspace());
        monitoring::EmbeddedAlertSource source(workspace);
        if (arguments.action == "silence") return silence(context, source, workspace->now(), arguments);
        return list(context, source, arguments.open);
    }();
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
