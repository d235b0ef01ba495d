// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/connections.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QUrl>

namespace pilothouse::workspace {

namespace {

constexpr std::size_t kMaxName = 100, kMaxUrl = 2'000, kMaxOption = 1'000;

Status checkConnection(const Connection& c) {
    if (c.kind != "prometheus" && c.kind != "alertmanager")
        return fail(ErrorKind::InvalidInput, "not a kind of connection (known: prometheus, alertmanager)",
                    c.kind.substr(0, kMaxName));
    if (c.name.empty() || c.name.size() > kMaxName)
        return fail(ErrorKind::InvalidInput, "a connection's name has 1 to " + std::to_string(kMaxName) + " characters",
                    c.name.substr(0, kMaxName));
    const QUrl url(QString::fromStdString(c.url), QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty() || c.url.size() > kMaxUrl ||
        (url.scheme() != u"http"_qs && url.scheme() != u"https"_qs))
        return fail(ErrorKind::InvalidInput, "not an address such as http://localhost:9090", c.url.substr(0, kMaxUrl));
    if (!url.userInfo().isEmpty())
        return fail(ErrorKind::InvalidInput, "the address holds a user or a password, which a workspace never stores",
                    url.toString(QUrl::RemoveUserInfo).toStdString());
    for (const auto& [key, value] : c.options) {
        if (key != "token_variable" && key != "ca_file")
            return fail(ErrorKind::InvalidInput, "not an option of a connection (known: token_variable, ca_file)", key);
        if (value.size() > kMaxOption) return fail(ErrorKind::InvalidInput, "the option's value is too long", key);
    }
    return {};
}

}  // namespace

Status addConnection(Database& database, const Connection& connection) {
    PH_TRY(checkConnection(connection));
    PH_ASSIGN(const auto taken, database.integer("SELECT id FROM connection WHERE name = ?", connection.name));
    if (taken) return fail(ErrorKind::AlreadyExists, "a connection of this name is there already", connection.name);
    QJsonObject options;
    for (const auto& [key, value] : connection.options)
        options.insert(QString::fromStdString(key), QString::fromStdString(value));
    return database.run("INSERT INTO connection (kind, name, url, options, watch) VALUES (?, ?, ?, ?, ?)",
                        connection.kind, connection.name, connection.url,
                        QJsonDocument(options).toJson(QJsonDocument::Compact).toStdString(), connection.watch ? 1 : 0);
}

Status removeConnection(Database& database, const std::string& name) {
    // An id may come again, and with another server behind it that was told nothing.
    PH_TRY(
        database.run("DELETE FROM alert_delivery WHERE connection = (SELECT id FROM connection WHERE name = ?)", name));
    PH_TRY(database.run("DELETE FROM connection WHERE name = ?", name));
    if (database.changes() == 0) return fail(ErrorKind::NotFound, "no connection of this name", name);
    return {};
}

Result<std::vector<Connection>> listConnections(Database& database) {
    PH_ASSIGN(auto rows, database.prepare("SELECT id, kind, name, url, options, watch FROM connection ORDER BY name"));
    std::vector<Connection> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        Connection c{rows.integer(0), rows.text(1), rows.text(2), rows.text(3), {}, rows.integer(5) != 0};
        const QJsonObject options = QJsonDocument::fromJson(QByteArray::fromStdString(rows.text(4))).object();
        for (auto it = options.begin(); it != options.end(); ++it)
            c.options.emplace(it.key().toStdString(), it.value().toString().toStdString());
        out.push_back(std::move(c));
    }
}

}  // namespace pilothouse::workspace
