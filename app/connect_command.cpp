// SPDX-License-Identifier: GPL-3.0-or-later
#include <QUrl>

#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/connect/prometheus/prometheus_source.h"
#include "models/items/metric_connections.h"
#include "models/workspace/connections.h"

namespace pilothouse::app {

namespace {

QJsonObject toJson(const workspace::Connection& c) {
    return {{QStringLiteral("kind"), text(c.kind)},
            {QStringLiteral("name"), text(c.name)},
            {QStringLiteral("url"), text(c.url)}};
}

Status list(const CommandContext& context, workspace::Database& database) {
    PH_ASSIGN(const auto connections, workspace::listConnections(database));
    QJsonArray array;
    std::vector<std::vector<std::string>> table{{"name", "kind", "url"}};
    for (const workspace::Connection& c : connections) {
        array.append(toJson(c));
        table.push_back({c.name, c.kind, c.url});
    }
    if (context.json)
        printJson({{QStringLiteral("connections"), array}});
    else if (connections.empty())
        printNote("no connection; add one: pilothouse connect add prometheus URL");
    else
        printTable(table);
    return {};
}

Status test(const CommandContext& context, workspace::Database& database, const std::string& name) {
    PH_ASSIGN(const auto connections, workspace::listConnections(database));
    for (const workspace::Connection& c : connections) {
        if (c.name != name) continue;
        PH_ASSIGN(auto source, connect::prometheus::PrometheusSource::create(c.name, c.url));
        PH_ASSIGN(const std::string version, await(source->check(context.token)));
        if (context.json)
            printJson({{QStringLiteral("name"), text(name)}, {QStringLiteral("answer"), text(version)}});
        else
            printLine(name + ": " + version);
        return {};
    }
    return fail(ErrorKind::NotFound, "no connection \"" + name + "\"");
}

Status dispatch(const CommandContext& context, const ConnectArguments& arguments) {
    const bool adds = arguments.action == "add";
    PH_ASSIGN(auto workspace, adds ? context.openOrCreateWorkspace() : context.openWorkspace());
    PH_ASSIGN(auto database, workspace->connect());
    if (arguments.action == "list") return list(context, *database);
    if (arguments.action == "test") return test(context, *database, arguments.name);
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
    if (arguments.action == "remove") {
        PH_TRY(items::removeMetricConnection(*database, arguments.name));
        return transaction.commit();
    }
    workspace::Connection connection;
    connection.kind = arguments.kind;
    connection.url = arguments.url;
    connection.name = arguments.name.empty() ? QUrl(text(arguments.url)).host().toStdString() : arguments.name;
    PH_TRY(items::addMetricConnection(*database, connection));
    PH_TRY(transaction.commit());
    if (context.json)
        printJson(toJson(connection));
    else
        printLine("added " + connection.name + ", and a dashboard of that name");
    return {};
}

}  // namespace

int runConnect(const CommandContext& context, const ConnectArguments& arguments) {
    const Status done = dispatch(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
