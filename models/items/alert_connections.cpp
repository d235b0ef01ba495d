// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/alert_connections.h"

#include <QLoggingCategory>

#include "models/connect/alertmanager/alertmanager.h"
#include "models/items/connection_options.h"

namespace pilothouse::items {

namespace {
Q_LOGGING_CATEGORY(lcConnections, "pilothouse.connections")

Result<std::shared_ptr<connect::alertmanager::Alertmanager>> make(const workspace::Connection& connection) {
    if (connection.kind != "alertmanager")
        return fail(ErrorKind::Unsupported, "this kind of connection has no alerts", connection.kind);
    const connect::HttpOptions options = httpOptions(connection);
    PH_TRY(connect::checkOptions(options));
    return connect::alertmanager::Alertmanager::create(connection.name, connection.url, options);
}
}  // namespace

Result<std::shared_ptr<ports::AlertReceiver>> makeAlertReceiver(const workspace::Connection& connection) {
    PH_ASSIGN(auto made, make(connection));
    return std::shared_ptr<ports::AlertReceiver>(std::move(made));
}

Result<std::shared_ptr<ports::AlertSource>> makeAlertSource(const workspace::Connection& connection) {
    PH_ASSIGN(auto made, make(connection));
    return std::shared_ptr<ports::AlertSource>(std::move(made));
}

Result<std::vector<engine::AlertDelivery::Target>> loadAlertReceivers(workspace::Database& database) {
    std::vector<engine::AlertDelivery::Target> out;
    PH_ASSIGN(const auto connections, workspace::listConnections(database));
    for (const workspace::Connection& c : connections) {
        auto receiver = makeAlertReceiver(c);
        if (receiver)
            out.push_back({c.id, std::move(*receiver)});
        else if (receiver.error().kind != ErrorKind::Unsupported)
            qCWarning(lcConnections, "connection %s is left out: %s", c.name.c_str(), receiver.error().text().c_str());
    }
    return out;
}

}  // namespace pilothouse::items
