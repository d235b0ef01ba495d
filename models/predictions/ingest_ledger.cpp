// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/ingest_ledger.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <array>

namespace pilothouse::predictions {

using workspace::Database;

namespace {

std::string toJson(const std::map<std::string, std::uint64_t>& counts) {
    QJsonObject out;
    for (const auto& [reason, count] : counts)
        out.insert(QString::fromStdString(reason), static_cast<qint64>(count));
    return QJsonDocument(out).toJson(QJsonDocument::Compact).toStdString();
}

std::map<std::string, std::uint64_t> fromJson(const std::string& json) {
    std::map<std::string, std::uint64_t> out;
    const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    for (auto entry = object.begin(); entry != object.end(); ++entry)
        out[entry.key().toStdString()] = static_cast<std::uint64_t>(entry.value().toInteger());
    return out;
}

/// Whatever the case of ASCII letters.
bool contains(std::string_view in, std::string_view what) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return what.empty() || !std::ranges::search(in, what, [&](char a, char b) { return lower(a) == lower(b); }).empty();
}

ByteView bytesOf(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

}  // namespace

Result<std::vector<IngestedFile>> ingestedFiles(Database& database, std::uint64_t mapping) {
    PH_ASSIGN(auto rows, database.prepare("SELECT id, path, head_bytes, head, bytes, digest, lines, rows, repeated, "
                                          "truths, quarantined, reasons FROM ingested_file WHERE mapping = ?1"));
    rows.bindAll(mapping);
    std::vector<IngestedFile> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        const auto number = [&](int column) { return static_cast<std::uint64_t>(rows.integer(column)); };
        IngestedFile file;
        file.id = rows.integer(0);
        file.path = rows.text(1);
        file.headBytes = number(2);
        file.head = number(3);
        file.bytes = number(4);
        file.digest = number(5);
        file.lines = number(6);
        file.rows = number(7);
        file.repeated = number(8);
        file.truths = number(9);
        file.quarantined = number(10);
        file.reasons = fromJson(rows.text(11));
        file.mapping = mapping;
        out.push_back(std::move(file));
    }
}

Status storeIngestedFile(Database& database, IngestedFile& file, Timestamp now) {
    if (file.id == 0) {
        PH_TRY(
            database.run("INSERT INTO ingested_file (path, first_seen, last_seen, head_bytes, head, bytes, digest, "
                         "lines, rows, repeated, truths, quarantined, reasons, mapping) VALUES (?1, ?2, ?2, ?3, ?4, "
                         "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                         file.path, now, file.headBytes, file.head, file.bytes, file.digest, file.lines, file.rows,
                         file.repeated, file.truths, file.quarantined, toJson(file.reasons), file.mapping));
        file.id = database.lastInsertId();
        return {};
    }
    return database.run(
        "UPDATE ingested_file SET last_seen = ?2, bytes = ?3, digest = ?4, lines = ?5, rows = ?6, "
        "repeated = ?7, truths = ?8, quarantined = ?9, reasons = ?10 WHERE id = ?1",
        file.id, now, file.bytes, file.digest, file.lines, file.rows, file.repeated, file.truths, file.quarantined,
        toJson(file.reasons));
}

Status addQuarantine(Database& database, const std::string& path, std::span<const Quarantined> rows, Timestamp now) {
    for (const Quarantined& row : rows) {
        PH_ASSIGN(auto insert, database.prepare("INSERT INTO quarantine (seen, file, line, byte_offset, bytes, reason, "
                                                "detail, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
        insert.bindAll(now, path, row.place.line, row.place.offset, row.bytes, row.reason, row.detail);
        insert.bindBlob(8, bytesOf(row.raw));
        PH_TRY(insert.run());
    }
    return {};
}

Result<std::vector<QuarantineEntry>> quarantineEntries(Database& database, const QuarantineQuery& query,
                                                       const CancellationToken& token) {
    PH_ASSIGN(auto rows, database.prepare("SELECT seen, file, line, byte_offset, bytes, reason, detail, raw, id FROM "
                                          "quarantine WHERE (?1 = '' OR reason = ?1) AND id < ?2 ORDER BY id DESC"));
    rows.bindAll(query.reason, query.before);
    std::vector<QuarantineEntry> out;
    while (out.size() < query.limit) {
        PH_TRY(token.check());
        PH_ASSIGN(const bool more, rows.step());
        if (!more) break;
        const auto raw = rows.blob(7);
        QuarantineEntry entry{
            rows.text(1),
            {{static_cast<std::uint64_t>(rows.integer(2)), static_cast<std::uint64_t>(rows.integer(3))},
             static_cast<std::uint64_t>(rows.integer(4)),
             rows.text(5),
             rows.text(6),
             std::string(reinterpret_cast<const char*>(raw.data()), raw.size())},
            rows.timestamp(0),
            rows.integer(8)};
        const auto& [place, bytes, reason, detail, text] = entry.row;
        // Not in SQL: its LIKE ends at a zero byte, which such rows may hold.
        const bool found = std::ranges::any_of(std::array<std::string_view, 4>{entry.file, reason, detail, text},
                                               [&](std::string_view in) { return contains(in, query.text); });
        if (found) out.push_back(std::move(entry));
    }
    return out;
}

Result<std::map<std::string, std::uint64_t>> quarantineCounts(Database& database) {
    PH_ASSIGN(auto rows, database.prepare("SELECT reason, count(*) FROM quarantine GROUP BY reason"));
    std::map<std::string, std::uint64_t> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out[rows.text(0)] = static_cast<std::uint64_t>(rows.integer(1));
    }
}

Result<std::vector<PendingEvent>> pendingEvents(Database& database) {
    PH_ASSIGN(auto rows,
              database.prepare("SELECT event, kind, file, line, byte_offset, raw FROM ingest_pending ORDER BY seen"));
    std::vector<PendingEvent> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        const auto raw = rows.blob(5);
        out.push_back({rows.text(0),
                       rows.integer(1) == 0 ? EventKind::Request : EventKind::Response,
                       rows.text(2),
                       std::string(reinterpret_cast<const char*>(raw.data()), raw.size()),
                       {static_cast<std::uint64_t>(rows.integer(3)), static_cast<std::uint64_t>(rows.integer(4))}});
    }
}

Status storePending(Database& database, const PendingChanges& changes, Timestamp now) {
    for (const auto& [id, kind] : changes.removed)
        PH_TRY(database.run("DELETE FROM ingest_pending WHERE event = ?1 AND kind = ?2", id, static_cast<int>(kind)));
    for (const PendingEvent& event : changes.added) {
        PH_ASSIGN(auto insert,
                  database.prepare("INSERT OR REPLACE INTO ingest_pending (event, kind, seen, file, line, byte_offset, "
                                   "raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
        insert.bindAll(event.id, static_cast<int>(event.kind), now, event.file, event.place.line, event.place.offset);
        insert.bindBlob(7, bytesOf(event.raw));
        PH_TRY(insert.run());
    }
    return {};
}

Result<std::vector<std::string>> knownFeatures(Database& database) {
    PH_ASSIGN(auto rows, database.prepare("SELECT name FROM prediction_field WHERE feature = 1"));
    std::vector<std::string> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out.push_back(rows.text(0));
    }
}

}  // namespace pilothouse::predictions
