// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/metric_connections.h"

#include <QFile>
#include <QLoggingCategory>

#include "models/connect/prometheus/prometheus_source.h"
#include "models/items/connection_options.h"
#include "resources/resources.h"

namespace pilothouse::items {

namespace {
Q_LOGGING_CATEGORY(lcConnections, "pilothouse.connections")

/// A YAML text in single quotes.
QString quoted(const std::string& text) {
    return u'\'' + QString::fromStdString(text).replace(u"'"_qs, u"''"_qs) + u'\'';
}

/// Nothing for a kind that has none.
Result<std::optional<std::string>> dashboardOf(const std::string& kind, const std::string& name) {
    resources::init();
    QFile file(QStringLiteral(":/connections/%1.yaml").arg(QString::fromStdString(kind)));
    if (!file.exists()) return std::optional<std::string>();
    if (!file.open(QIODevice::ReadOnly)) return fail(Error::internal("a connection's dashboard cannot be read"));
    return QString::fromUtf8(file.readAll()).replace(u": NAME"_qs, u": "_qs + quoted(name)).toStdString();
}
}  // namespace

Status addConnection(workspace::Database& database, const workspace::Connection& connection) {
    PH_TRY(workspace::addConnection(database, connection));
    PH_ASSIGN(const auto dashboard, dashboardOf(connection.kind, connection.name));
    if (!dashboard) return {};
    return database.run(
        "INSERT OR IGNORE INTO dashboard (name, definition, position) "
        "VALUES (?, ?, (SELECT coalesce(max(position), 0) + 1 FROM dashboard))",
        connection.name, *dashboard);
}

Status removeConnection(workspace::Database& database, const std::string& name) {
    PH_ASSIGN(const auto kind, database.text("SELECT kind FROM connection WHERE name = ?", name));
    PH_TRY(workspace::removeConnection(database, name));
    PH_ASSIGN(const auto dashboard, dashboardOf(kind.value_or(""), name));
    if (!dashboard) return {};
    return database.run("DELETE FROM dashboard WHERE name = ? AND definition = ?", name, *dashboard);
}

Result<std::shared_ptr<ports::MetricSource>> makeMetricSource(const workspace::Connection& connection) {
    if (connection.kind != "prometheus")
        return fail(ErrorKind::Unsupported, "this kind of connection gives no metrics", connection.kind);
    const connect::HttpOptions options = httpOptions(connection);
    PH_TRY(connect::checkOptions(options));
    PH_ASSIGN(auto source, connect::prometheus::PrometheusSource::create(connection.name, connection.url, options));
    return std::shared_ptr<ports::MetricSource>(std::move(source));
}

Result<std::map<std::string, std::shared_ptr<ports::MetricSource>>> loadMetricSources(workspace::Database& database) {
    std::map<std::string, std::shared_ptr<ports::MetricSource>> out;
    PH_ASSIGN(const auto connections, workspace::listConnections(database));
    for (const workspace::Connection& c : connections) {
        auto source = makeMetricSource(c);
        if (source)
            out.emplace(c.name, std::move(*source));
        else if (source.error().kind != ErrorKind::Unsupported)
            qCWarning(lcConnections, "connection %s is left out: %s", c.name.c_str(), source.error().text().c_str());
    }
    return out;
}

}  // namespace pilothouse::items
