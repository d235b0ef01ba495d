// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/embedded_alert_source.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QString>

#include "models/monitoring/alert_rules.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::monitoring {

using workspace::Database;

QFuture<Result<std::vector<ports::Alert>>> EmbeddedAlertSource::alerts(bool open, CancellationToken token) {
    return m_workspace->read(std::move(token), [open, workspace = m_workspace](Database& database) {
        return readAlerts(database, open, workspace->now());
    });
}

QFuture<Result<std::vector<ports::Silence>>> EmbeddedAlertSource::silences(CancellationToken token) {
    return m_workspace->read(std::move(token), [](Database& database) { return readSilences(database); });
}

QFuture<Result<std::string>> EmbeddedAlertSource::silence(ports::Silence silence) {
    return m_workspace->write(
        [silence = std::move(silence), workspace = m_workspace](Database& database) -> Result<std::string> {
            if (silence.matchers.empty()) return fail(Error::invalid("a silence needs at least one label to match"));
            if (silence.range.empty()) return fail(Error::invalid("a silence must end after it begins"));
            QJsonObject matchers;
            for (const auto& [label, value] : silence.matchers)
                matchers[QString::fromStdString(label)] = QString::fromStdString(value);
            const std::string json = QJsonDocument(matchers).toJson(QJsonDocument::Compact).toStdString();
            PH_ASSIGN(const auto count, database.integer("SELECT count(*) FROM silence"));
            const std::string id = "silence-" + std::to_string(count.value_or(0) + 1);
            PH_TRY(database.run(
                "INSERT INTO silence (id, matchers, starts, ends, author, comment) VALUES (?, ?, ?, ?, ?, ?)", id, json,
                silence.range.start, silence.range.end, silence.author, silence.comment));
            PH_TRY(workspace::audit(database, workspace->now(), silence.author, "silence", json,
                                    "until " + silence.range.end.toIso() + ": " + silence.comment));
            return id;
        });
}

QFuture<Result<void>> EmbeddedAlertSource::expireSilence(std::string id) {
    return m_workspace->write([id = std::move(id), workspace = m_workspace](Database& database) -> Result<void> {
        PH_ASSIGN(const auto ends, database.integer("SELECT ends FROM silence WHERE id = ?", id));
        if (!ends) return fail(ErrorKind::NotFound, "there is no silence \"" + id + "\"");
        const Timestamp now = workspace->now();
        if (*ends <= now.ns) return {};
        PH_TRY(database.run("UPDATE silence SET ends = ? WHERE id = ?", now, id));
        return workspace::audit(database, now, "user", "expire silence", id, "");
    });
}

}  // namespace pilothouse::monitoring
