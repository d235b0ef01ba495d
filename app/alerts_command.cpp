// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "app/small_file.h"
#include "models/base/clock.h"
#include "models/items/alert_connections.h"
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/embedded_alert_source.h"
#include "models/monitoring/suppression.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::app {

namespace {

QJsonObject toJson(const std::map<std::string, std::string>& map) {
    QJsonObject object;
    for (const auto& [key, value] : map)
        object.insert(text(key), text(value));
    return object;
}

QJsonArray toJson(const std::vector<std::string>& texts) {
    QJsonArray array;
    for (const std::string& t : texts)
        array.append(text(t));
    return array;
}

QJsonArray toJson(const std::vector<ports::Matcher>& matchers) {
    QJsonArray array;
    for (const ports::Matcher& m : matchers)
        array.append(text(ports::toString(m)));
    return array;
}

std::string joined(const std::vector<ports::Matcher>& matchers) {
    std::string out;
    for (const ports::Matcher& m : matchers)
        out += (out.empty() ? "" : ", ") + ports::toString(m);
    return out;
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
            {QStringLiteral("silenced_by"), toJson(a.silencedBy)},
            {QStringLiteral("inhibited_by"), toJson(a.inhibitedBy)},
            {QStringLiteral("receivers"), toJson(a.receivers)},
            {QStringLiteral("sources"), toJson(a.sources)},
            {QStringLiteral("pending_since"), jsonTime(a.pendingSince)},
            {QStringLiteral("firing_since"), a.firingSince ? jsonTime(*a.firingSince) : QJsonValue()},
            {QStringLiteral("resolved_at"), a.resolvedAt ? jsonTime(*a.resolvedAt) : QJsonValue()},
            {QStringLiteral("window_start"), jsonTime(a.window.start)},
            {QStringLiteral("window_end"), jsonTime(a.window.end)},
            {QStringLiteral("labels"), toJson(a.labels)},
            {QStringLiteral("annotations"), toJson(a.annotations)}};
}

std::string stateOf(const ports::Alert& a) {
    return std::string(toString(a.state)) + (a.silenced ? " (silenced)" : a.suppressed() ? " (inhibited)" : "");
}

Result<std::vector<ports::Matcher>> parseMatchers(const std::vector<std::string>& texts) {
    std::vector<ports::Matcher> out;
    for (const std::string& t : texts) {
        PH_ASSIGN(auto matcher, monitoring::parseMatcher(t));
        out.push_back(std::move(matcher));
    }
    return out;
}

Status list(const CommandContext& context, ports::AlertSource& source, const AlertsArguments& arguments) {
    PH_ASSIGN(const auto asked, parseMatchers(arguments.matchers));
    PH_ASSIGN(const auto matchers, monitoring::LabelMatchers::compile(asked));
    PH_ASSIGN(const auto alerts, await(source.alerts(arguments.open, context.token)));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{
        {"id", "alert", "severity", "state", "firing since", "resolved", "summary"}};
    for (const ports::Alert& a : alerts) {
        if (!matchers.match(a.labels)) continue;
        array.append(toJson(a));
        const auto summary = a.annotations.find("summary");
        table.push_back({a.id ? std::to_string(a.id) : a.fingerprint, a.name, toString(a.severity), stateOf(a),
                         a.firingSince ? a.firingSince->toIso() : "–", a.resolvedAt ? a.resolvedAt->toIso() : "–",
                         summary == a.annotations.end() ? "" : summary->second});
    }
    if (context.json)
        printJson({{QStringLiteral("alerts"), array}});
    else if (table.size() == 1)
        printNote(arguments.open ? "nothing is pending or firing" : "there has been no alert");
    else
        printTable(table);
    return {};
}

Status history(const CommandContext& context, workspace::Workspace& workspace, const AlertsArguments& arguments) {
    std::optional<std::int64_t> id;
    if (!arguments.ids.empty()) {
        bool sound = false;
        id = text(arguments.ids.front()).toLongLong(&sound);
        if (!sound) return fail(Error::invalid("\"" + arguments.ids.front() + "\" is no id of an alert"));
    }
    PH_ASSIGN(const auto events, await(workspace.read(context.token, [id](workspace::Database& database) {
                  return monitoring::readAlertEvents(database, id);
              })));
    if (id && events.empty()) return fail(ErrorKind::NotFound, "there is no alert " + std::to_string(*id));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{{"alert", "at", "state", "why"}};
    for (const auto& e : events) {
        array.append(QJsonObject{{QStringLiteral("alert"), static_cast<qint64>(e.alert)},
                                 {QStringLiteral("at"), jsonTime(e.at)},
                                 {QStringLiteral("state"), QLatin1String(ports::toString(e.state))},
                                 {QStringLiteral("evaluation"),
                                  e.evaluation ? QJsonValue(static_cast<qint64>(*e.evaluation)) : QJsonValue()},
                                 {QStringLiteral("text"), text(e.text)}});
        table.push_back({std::to_string(e.alert), e.at.toIso(), ports::toString(e.state), e.text});
    }
    if (context.json)
        printJson({{QStringLiteral("events"), array}});
    else if (events.empty())
        printNote("there has been no alert");
    else
        printTable(table);
    return {};
}

const char* stateOf(const ports::Silence& silence, Timestamp now) {
    return silence.range.end <= now ? "expired" : silence.range.start > now ? "pending" : "active";
}

Status silences(const CommandContext& context, ports::AlertSource& source, Timestamp now, bool all) {
    PH_ASSIGN(const auto silences, await(source.silences(context.token)));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{{"id", "state", "from", "until", "matchers", "author", "comment"}};
    for (const ports::Silence& s : silences) {
        if (!all && s.range.end <= now) continue;
        array.append(QJsonObject{{QStringLiteral("id"), text(s.id)},
                                 {QStringLiteral("state"), QLatin1String(stateOf(s, now))},
                                 {QStringLiteral("starts"), jsonTime(s.range.start)},
                                 {QStringLiteral("ends"), jsonTime(s.range.end)},
                                 {QStringLiteral("matchers"), toJson(s.matchers)},
                                 {QStringLiteral("author"), text(s.author)},
                                 {QStringLiteral("comment"), text(s.comment)}});
        table.push_back({s.id, stateOf(s, now), s.range.start.toIso(), s.range.end.toIso(), joined(s.matchers),
                         s.author, s.comment});
    }
    if (context.json)
        printJson({{QStringLiteral("silences"), array}});
    else if (table.size() == 1)
        printNote("no silence");
    else
        printTable(table);
    return {};
}

/// What times that people write mean: a server's are of today, whatever clock a workspace has.
struct Place {
    Timestamp now;
    Zone zone;
};

/// Fills in what was given; the rest of `silence` stays.
Status fill(ports::Silence& silence, const Place& place, const AlertsArguments& a) {
    const auto& [now, zone] = place;
    if (!a.matchers.empty()) {
        PH_ASSIGN(silence.matchers, parseMatchers(a.matchers));
    }
    if (!a.comment.empty()) silence.comment = a.comment;
    if (!a.author.empty()) silence.author = a.author;
    if (!a.start.empty()) {
        PH_ASSIGN(silence.range.start, parseMoment(a.start, now, zone));
    }
    if (!a.until.empty()) {
        PH_ASSIGN(silence.range.end, parseMoment(a.until, now, zone));
    }
    if (!a.duration.empty()) {
        const auto duration = parseDuration(a.duration);
        if (!duration) return fail(Error::invalid("\"" + a.duration + "\" is no duration (2h, 3d)"));
        silence.range.end = std::max(silence.range.start, now) + *duration;
    }
    return {};
}

Status silence(const CommandContext& context, ports::AlertSource& source, const Place& place,
               AlertsArguments arguments) {
    ports::Silence silence;
    if (arguments.action == "change") {
        PH_ASSIGN(const auto all, await(source.silences(context.token)));
        const auto found = std::ranges::find(all, arguments.ids.front(), &ports::Silence::id);
        if (found == all.end())
            return fail(ErrorKind::NotFound, "there is no silence \"" + arguments.ids.front() + "\"");
        silence = *found;
    } else {
        silence.range.start = place.now;
        if (arguments.until.empty() && arguments.duration.empty()) arguments.duration = "2h";
    }
    PH_TRY(fill(silence, place, arguments));
    const Timestamp until = silence.range.end;
    PH_ASSIGN(const std::string id, await(source.silence(std::move(silence))));
    if (context.json)
        printJson({{QStringLiteral("silence"), text(id)}, {QStringLiteral("until"), jsonTime(until)}});
    else
        printLine("silenced until " + until.toIso() + " (" + id + ")");
    return {};
}

/// The workspace's own, or that of a connection.
Result<std::shared_ptr<ports::AlertSource>> sourceOf(const std::shared_ptr<workspace::Workspace>& workspace,
                                                     const std::string& connection) {
    if (connection.empty())
        return std::shared_ptr<ports::AlertSource>(std::make_shared<monitoring::EmbeddedAlertSource>(workspace));
    PH_ASSIGN(auto database, workspace->connect(true));
    PH_ASSIGN(const workspace::Connection found, workspace::findConnection(*database, connection));
    return items::makeAlertSource(found);
}

Status expire(const CommandContext& context, ports::AlertSource& source, const std::vector<std::string>& ids) {
    for (const std::string& id : ids)
        PH_TRY(await(source.expireSilence(id)));
    if (context.json)
        printJson({{QStringLiteral("expired"), toJson(ids)}});
    else
        printLine(std::to_string(ids.size()) + (ids.size() == 1 ? " silence" : " silences") + " ended");
    return {};
}

Status takeRules(workspace::Workspace& workspace, const std::string& path) {
    PH_ASSIGN(const std::string yaml, readSmallFile(path, 1 << 20));
    return await(workspace.write([&](workspace::Database& database) -> Status {
        PH_TRY(monitoring::saveInhibitRules(database, yaml, path));
        return workspace::audit(database, workspace.now(), "user", "inhibition rules", path, "");
    }));
}

Status rules(const CommandContext& context, workspace::Workspace& workspace, const std::string& file) {
    if (!file.empty()) PH_TRY(takeRules(workspace, file));
    PH_ASSIGN(const auto rules, await(workspace.read(context.token, [](workspace::Database& database) {
                  return monitoring::readInhibitRules(database);
              })));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{{"while this fires", "this is inhibited", "of the same"}};
    for (const monitoring::InhibitRule& rule : rules) {
        array.append(QJsonObject{{QStringLiteral("source_matchers"), toJson(rule.source)},
                                 {QStringLiteral("target_matchers"), toJson(rule.target)},
                                 {QStringLiteral("equal"), toJson(rule.equal)}});
        std::string equal;
        for (const std::string& label : rule.equal)
            equal += (equal.empty() ? "" : ", ") + label;
        table.push_back({joined(rule.source), joined(rule.target), equal});
    }
    if (context.json)
        printJson({{QStringLiteral("inhibit_rules"), array}});
    else if (rules.empty())
        printNote("no inhibition rule; a YAML file gives them: pilothouse alerts rules FILE");
    else
        printTable(table);
    return {};
}

}  // namespace

int runAlerts(const CommandContext& context, const AlertsArguments& arguments) {
    const Status done = [&]() -> Status {
        PH_ASSIGN(auto workspace, context.openWorkspace());
        const std::string& action = arguments.action;
        if (action == "history") return history(context, *workspace, arguments);
        if (action == "rules") return rules(context, *workspace, arguments.file);
        PH_ASSIGN(const auto source, sourceOf(workspace, arguments.connection));
        const Place place{arguments.connection.empty() ? workspace->now() : SystemClock().now(), workspace->zone()};
        if (action == "silence" || action == "change") return silence(context, *source, place, arguments);
        if (action == "silences") return silences(context, *source, place.now, arguments.all);
        if (action == "expire") return expire(context, *source, arguments.ids);
        return list(context, *source, arguments);
    }();
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
