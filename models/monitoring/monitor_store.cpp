// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/monitor_store.h"

#include "models/workspace/registry_store.h"

namespace pilothouse::monitoring {

using workspace::Database;

namespace {

Result<MonitorDefinition> parseOne(std::string_view yaml, const std::string& name) {
    PH_ASSIGN(auto monitors, parseMonitors(yaml, "monitor " + name));
    if (monitors.size() != 1) return fail(ErrorKind::Corrupt, "does not declare one monitor", "monitor " + name);
    return std::move(monitors.front());
}

}  // namespace

std::string definitionDigest(const MonitorDefinition& monitor) {
    return workspace::artifacts::digestOf(
        {reinterpret_cast<const std::uint8_t*>(monitor.source.data()), monitor.source.size()});
}

Result<bool> declareMonitor(Database& database, const MonitorDefinition& monitor, Timestamp now,
                            const std::string& actor) {
    PH_ASSIGN(auto row, database.prepare("SELECT kind, model, definition, removed FROM monitor WHERE name = ?"));
    row.bindAll(monitor.name);
    PH_ASSIGN(const bool known, row.step());
    if (known && (row.view(0) != toString(monitor.kind) || row.view(1) != monitor.model))
        return fail(Error::invalid("a monitor of this name judges the " + row.text(0) + " of \"" + row.text(1) +
                                       "\"; another one needs another name",
                                   "monitor " + monitor.name));
    if (known && row.view(2) == monitor.source && row.isNull(3)) return false;
    row.reset();
    PH_TRY(workspace::registry::modelId(database, monitor.model, now));
    PH_TRY(known ? database.run("UPDATE monitor SET definition = ?2, removed = NULL WHERE name = ?1", monitor.name,
                                monitor.source)
                 : database.run("INSERT INTO monitor (name, kind, model, definition, created) VALUES (?, ?, ?, ?, ?)",
                                monitor.name, toString(monitor.kind), monitor.model, monitor.source, now));
    PH_TRY(
        database.run("INSERT OR IGNORE INTO monitor_definition (digest, monitor, definition, created) VALUES (?, ?, "
                     "?, ?)",
                     definitionDigest(monitor), monitor.name, monitor.source, now));
    PH_TRY(workspace::audit(database, now, actor, known ? "monitor.change" : "monitor.add", "monitor:" + monitor.name,
                            "{\"definition\":\"" + definitionDigest(monitor) + "\"}"));
    return true;
}

Status removeMonitor(Database& database, const std::string& name, Timestamp now, const std::string& actor) {
    PH_TRY(database.run("UPDATE monitor SET removed = ?2 WHERE name = ?1 AND removed IS NULL", name, now));
    if (database.changes() == 0)
        return fail(ErrorKind::NotFound, "the workspace has no monitor \"" + name + "\"", database.path());
    return workspace::audit(database, now, actor, "monitor.remove", "monitor:" + name, "{}");
}

Result<std::vector<MonitorDefinition>> monitorsOf(Database& database, const std::string& model) {
    PH_ASSIGN(auto rows, database.prepare("SELECT name, definition FROM monitor WHERE removed IS NULL AND (?1 = '' OR "
                                          "model = ?1) ORDER BY name"));
    rows.bindAll(model);
    std::vector<MonitorDefinition> out;
    for (;;) {
        PH_ASSIGN(const bool row, rows.step());
        if (!row) return out;
        PH_ASSIGN(auto monitor, parseOne(rows.view(1), rows.text(0)));
        out.push_back(std::move(monitor));
    }
}

Result<MonitorDefinition> definitionOf(Database& database, const std::string& digest) {
    PH_ASSIGN(auto row, database.prepare("SELECT monitor, definition FROM monitor_definition WHERE digest = ?"));
    row.bindAll(digest);
    PH_ASSIGN(const bool there, row.step());
    if (!there) return fail(ErrorKind::NotFound, "no monitor was ever declared by " + digest, database.path());
    return parseOne(row.view(1), row.text(0));
}

}  // namespace pilothouse::monitoring
