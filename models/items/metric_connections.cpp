// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/metric_connections.h"

#include <QLoggingCategory>

#include "models/connect/prometheus/prometheus_source.h"

namespace pilothouse::items {

namespace {
Q_LOGGING_CATEGORY(lcConnections, "pilothouse.connections")

std::string option(const workspace::Connection& connection, const char* key) {
    const auto found = connection.options.find(key);
    return found == connection.options.end() ? std::string() : found->second;
}
}  // namespace

Result<std::shared_ptr<ports::MetricSource>> makeMetricSource(const workspace::Connection& connection) {
    if (connection.kind != "prometheus")
        return fail(ErrorKind::Unsupported, "this kind of connection gives no metrics", connection.kind);
    connect::prometheus::HttpOptions options;
    options.tokenVariable = option(connection, "token_variable");
    options.caFile = option(connection, "ca_file");
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
