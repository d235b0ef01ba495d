// SPDX-License-Identifier: GPL-3.0-or-later
#include <QUrl>

#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/items/connection_options.h"
#include "models/items/connection_test.h"
#include "models/items/metric_connections.h"
#include "models/workspace/connections.h"

namespace pilothouse::app {

namespace {

QJsonObject toJson(const workspace::Connection& c) {
    QJsonObject out{{QStringLiteral("kind"), text(c.kind)},
                    {QStringLiteral("name"), text(c.name)},
                    {QStringLiteral("url"), text(c.url)},
                    {QStringLiteral("watch"), c.watch}};
    for (const auto& [key, value] : c.options)
        out.insert(text(key), text(value));
    return out;
}

Status list(const CommandContext& context, workspace::Database& database) {
    PH_ASSIGN(const auto connections, workspace::listConnections(database));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{{"name", "kind", "group", "url"}};
    for (const workspace::Connection& c : connections) {
        array.append(toJson(c));
        table.push_back({c.name, c.kind, c.option(workspace::option::kGroup), c.url});
    }
    if (context.json)
        printJson({{QStringLiteral("connections"), array}});
    else if (connections.empty())
        printNote("no connection; add one: pilothouse connect add prometheus URL");
    else
        printTable(table);
    return {};
}

void printReport(const CommandContext& context, const std::string& name, const items::ConnectionReport& report) {
    QJsonArray stages;
    std::vector<std::vector<std::string>> table{{"step", "outcome", "", "ms"}};
    for (const connect::ProbeStage& s : report.stages) {
        const double ms = std::chrono::duration<double, std::milli>(s.took).count();
        stages.append(QJsonObject{{QStringLiteral("step"), text(s.name)},
                                  {QStringLiteral("outcome"), QLatin1String(connect::toString(s.outcome))},
                                  {QStringLiteral("words"), text(s.words)},
                                  {QStringLiteral("ms"), jsonNumber(ms)}});
        table.push_back({s.name, connect::toString(s.outcome), s.words, QString::number(ms, 'f', 1).toStdString()});
    }
    if (context.json)
        printJson({{QStringLiteral("name"), text(name)},
                   {QStringLiteral("answer"), text(report.version)},
                   {QStringLiteral("steps"), stages}});
    else
        printTable(table);
}

Status test(const CommandContext& context, workspace::Database& database, const std::string& name) {
    PH_ASSIGN(const workspace::Connection connection, workspace::findConnection(database, name));
    PH_ASSIGN(const items::ConnectionReport report, await(items::testConnection(connection, context.token)));
    printReport(context, name, report);
    for (const connect::ProbeStage& s : report.stages)
        if (s.outcome == connect::ProbeStage::Outcome::Failed)
            return fail(ErrorKind::Unavailable, s.name + ": " + s.words, name);
    return {};
}

Result<workspace::Connection> connectionOf(const ConnectArguments& arguments) {
    workspace::Connection out;
    out.kind = arguments.kind;
    out.url = arguments.url;
    out.name = arguments.name.empty() ? QUrl(text(arguments.url)).host().toStdString() : arguments.name;
    out.watch = arguments.watch;
    for (const auto& [key, value] : arguments.options)
        if (!value.empty()) out.options[key] = value;
    if (!arguments.tokenVariable.empty()) out.options["secret"] = "env:" + arguments.tokenVariable;
    for (const std::string& header : arguments.headers) {
        const auto colon = header.find(':');
        if (colon == std::string::npos)
            return fail(ErrorKind::InvalidInput, "a header is written as NAME: VALUE", header);
        const auto value = header.find_first_not_of(' ', colon + 1);
        out.options["header." + header.substr(0, colon)] = value == std::string::npos ? "" : header.substr(value);
    }
    PH_TRY(connect::checkOptions(items::httpOptions(out)));
    return out;
}

Status dispatch(const CommandContext& context, const ConnectArguments& arguments) {
    const bool adds = arguments.action == "add";
    workspace::Connection connection;
    if (adds) {
        PH_ASSIGN(connection, connectionOf(arguments));
    }
    PH_ASSIGN(auto workspace, adds ? context.openOrCreateWorkspace() : context.openWorkspace());
    PH_ASSIGN(auto database, workspace->connect());
    if (arguments.action == "list") return list(context, *database);
    if (arguments.action == "test") return test(context, *database, arguments.name);
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
    if (arguments.action == "remove") {
        PH_TRY(items::removeConnection(*database, arguments.name));
        return transaction.commit();
    }
    PH_TRY(items::addConnection(*database, connection));
    PH_TRY(transaction.commit());
    if (context.json)
        printJson(toJson(connection));
    else
        printLine("added " + connection.name +
                  (connection.kind == "prometheus"     ? ", and a dashboard of that name"
                   : connection.kind == "alertmanager" ? "; the engine sends alerts there"
                                                       : ""));
    return {};
}

}  // namespace

int runConnect(const CommandContext& context, const ConnectArguments& arguments) {
    const Status done = dispatch(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
