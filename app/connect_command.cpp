// SPDX-License-Identifier: GPL-3.0-or-later
#include <QUrl>

#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/items/alert_connections.h"
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

Result<std::string> ask(const CommandContext& context, const workspace::Connection& c) {
    if (c.kind == "alertmanager") {
        PH_ASSIGN(const auto receiver, items::makeAlertReceiver(c));
        return await(receiver->check(context.token));
    }
    PH_ASSIGN(const auto source, items::makeMetricSource(c));
    return await(source->check(context.token));
}

Status test(const CommandContext& context, workspace::Database& database, const std::string& name) {
    PH_ASSIGN(const auto connections, workspace::listConnections(database));
    for (const workspace::Connection& c : connections) {
        if (c.name != name) continue;
        PH_ASSIGN(const std::string version, ask(context, c));
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
    if (!arguments.tokenVariable.empty()) connection.options["secret"] = "env:" + arguments.tokenVariable;
    if (!arguments.caFile.empty()) connection.options["ca_file"] = arguments.caFile;
    const bool metrics = connection.kind == "prometheus";
    PH_TRY(metrics ? items::addMetricConnection(*database, connection)
                   : workspace::addConnection(*database, connection));
    PH_TRY(transaction.commit());
    if (context.json)
        printJson(toJson(connection));
    else
        printLine("added " + connection.name +
                  (metrics ? ", and a dashboard of that name" : "; the engine sends alerts there"));
    return {};
}

}  // namespace

int runConnect(const CommandContext& context, const ConnectArguments& arguments) {
    const Status done = dispatch(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
