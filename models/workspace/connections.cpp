// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/connections.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QUrl>

namespace pilothouse::workspace {

namespace {

constexpr std::size_t kMaxName = 100, kMaxUrl = 2'000, kMaxOption = 1'000, kMaxOptions = 50;

Status checkOption(const std::string& key, const std::string& value) {
    if (value.size() > kMaxOption) return fail(ErrorKind::InvalidInput, "the option's value is too long", key);
    if (key == option::kSecret) {
        for (const std::string_view where : {"env:", "keychain:"})
            if (value.starts_with(where) && value.size() > where.size()) return {};
        return fail(ErrorKind::InvalidInput,
                    "a secret is named by env:NAME or keychain:NAME; a workspace never stores one", key);
    }
    for (const std::string_view known : {option::kUser, option::kCaFile, option::kCertificateFile, option::kKeyFile,
                                         option::kProxy, option::kSsh, option::kGroup})
        if (key == known) return {};
    if (key.starts_with(option::kHeader) && key.size() > option::kHeader.size()) return {};
    return fail(ErrorKind::InvalidInput,
                "not an option of a connection (known: secret, user, ca_file, certificate_file, key_file, proxy, ssh, "
                "group, header.NAME)",
                key.substr(0, kMaxName));
}

Status checkConnection(const Connection& c) {
    const ConnectionKind* kind = connectionKind(c.kind);
    if (!kind) {
        std::string known;
        for (const ConnectionKind& k : connectionKinds())
            known += (known.empty() ? "" : ", ") + std::string(k.kind);
        return fail(ErrorKind::InvalidInput, "not a kind of connection (known: " + known + ")",
                    c.kind.substr(0, kMaxName));
    }
    if (c.name.empty() || c.name.size() > kMaxName)
        return fail(ErrorKind::InvalidInput, "a connection's name has 1 to " + std::to_string(kMaxName) + " characters",
                    c.name.substr(0, kMaxName));
    const QUrl url(QString::fromStdString(c.url), QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty() || c.url.size() > kMaxUrl ||
        (url.scheme() != u"http"_qs && url.scheme() != u"https"_qs))
        return fail(ErrorKind::InvalidInput, std::string("not an address such as ") + kind->example,
                    c.url.substr(0, kMaxUrl));
    if (!url.userInfo().isEmpty())
        return fail(ErrorKind::InvalidInput, "the address holds a user or a password, which a workspace never stores",
                    url.toString(QUrl::RemoveUserInfo).toStdString());
    if (c.options.size() > kMaxOptions) return fail(ErrorKind::InvalidInput, "too many options", c.name);
    for (const auto& [key, value] : c.options)
        PH_TRY(checkOption(key, value));
    return {};
}

std::string optionsText(const Connection& connection) {
    QJsonObject options;
    for (const auto& [key, value] : connection.options)
        if (!value.empty()) options.insert(QString::fromStdString(key), QString::fromStdString(value));
    return QJsonDocument(options).toJson(QJsonDocument::Compact).toStdString();
}

Status checkName(Database& database, const Connection& connection) {
    PH_ASSIGN(const auto taken, database.integer("SELECT id FROM connection WHERE name = ?", connection.name));
    if (taken && *taken != connection.id)
        return fail(ErrorKind::AlreadyExists, "a connection of this name is there already", connection.name);
    return {};
}

}  // namespace

const std::vector<ConnectionKind>& connectionKinds() {
    static const std::vector<ConnectionKind> kinds{{"prometheus", "Prometheus", "http://localhost:9090"},
                                                   {"alertmanager", "Alertmanager", "http://localhost:9093"},
                                                   {"mlflow", "MLflow", "http://localhost:5000"}};
    return kinds;
}

const ConnectionKind* connectionKind(std::string_view kind) {
    for (const ConnectionKind& k : connectionKinds())
        if (kind == k.kind) return &k;
    return nullptr;
}

Status addConnection(Database& database, const Connection& connection) {
    PH_TRY(checkConnection(connection));
    Connection added = connection;
    added.id = 0;
    PH_TRY(checkName(database, added));
    return database.run("INSERT INTO connection (kind, name, url, options, watch) VALUES (?, ?, ?, ?, ?)",
                        connection.kind, connection.name, connection.url, optionsText(connection),
                        connection.watch ? 1 : 0);
}

Status changeConnection(Database& database, const Connection& connection) {
    PH_TRY(checkConnection(connection));
    PH_TRY(checkName(database, connection));
    PH_TRY(database.run("UPDATE connection SET kind = ?, name = ?, url = ?, options = ?, watch = ? WHERE id = ?",
                        connection.kind, connection.name, connection.url, optionsText(connection),
                        connection.watch ? 1 : 0, connection.id));
    if (database.changes() == 0) return fail(ErrorKind::NotFound, "the connection is gone", connection.name);
    return {};
}

Status removeConnection(Database& database, const std::string& name) {
    // An id may come again, and with another server behind it that was told nothing.
    PH_TRY(
        database.run("DELETE FROM alert_delivery WHERE connection = (SELECT id FROM connection WHERE name = ?)", name));
    PH_TRY(database.run("DELETE FROM connection WHERE name = ?", name));
    if (database.changes() == 0) return fail(ErrorKind::NotFound, "no connection of this name", name);
    return {};
}

Result<Connection> findConnection(Database& database, const std::string& name) {
    PH_ASSIGN(auto all, listConnections(database));
    for (Connection& c : all)
        if (c.name == name) return std::move(c);
    return fail(ErrorKind::NotFound, "no connection of this name", name);
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
