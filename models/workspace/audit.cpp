// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCryptographicHash>

#include "models/workspace/registry_store.h"

namespace pilothouse::workspace {

namespace {

/// Each field with its length before it, so that no two records have the same bytes.
std::string hashOf(const AuditRecord& record, const std::string& previous) {
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const std::string& field : {std::to_string(record.id), std::to_string(record.at.ns), record.actor,
                                     record.action, record.subject, record.detail, previous}) {
        hash.addData(QByteArray::number(static_cast<qulonglong>(field.size())) + ':');
        hash.addData(QByteArrayView(field.data(), static_cast<qsizetype>(field.size())));
    }
    return hash.result().toHex().toStdString();
}

AuditRecord readRecord(const Statement& row) {
    return {row.integer(0), row.timestamp(1), row.text(2), row.text(3), row.text(4), row.text(5)};
}

}  // namespace

Status audit(Database& database, Timestamp at, const std::string& actor, const std::string& action,
             const std::string& subject, const std::string& detail) {
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    AuditRecord record{1, at, actor, action, subject, detail};
    std::string previous;
    {
        PH_ASSIGN(auto last, database.prepare("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1"));
        PH_ASSIGN(const bool found, last.step());
        if (found) {
            record.id = last.integer(0) + 1;
            previous = last.text(1);
        }
    }
    PH_TRY(
        database.run("INSERT INTO audit (id, at, actor, action, subject, detail, previous, hash)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                     record.id, at, actor, action, subject, detail, previous, hashOf(record, previous)));
    return transaction.commit();
}

Result<std::vector<AuditRecord>> auditTrail(Database& database, std::size_t limit) {
    PH_ASSIGN(auto rows,
              database.prepare("SELECT id, at, actor, action, subject, detail FROM audit ORDER BY id DESC LIMIT ?"));
    rows.bindAll(static_cast<std::uint64_t>(limit));
    std::vector<AuditRecord> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out.push_back(readRecord(rows));
    }
}

Result<std::vector<Problem>> checkAudit(Database& database, const CancellationToken& token) {
    PH_ASSIGN(auto rows,
              database.prepare("SELECT id, at, actor, action, subject, detail, previous, hash FROM audit ORDER BY id"));
    std::string previous;
    for (std::int64_t expected = 1;; ++expected) {
        PH_TRY(token.check());
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return std::vector<Problem>{};
        const AuditRecord record = readRecord(rows);
        // One break is enough: what follows hangs on it.
        const std::string where = "audit record " + std::to_string(record.id);
        if (record.id != expected) return std::vector<Problem>{{"the record before it is gone", where}};
        if (rows.view(6) != previous) return std::vector<Problem>{{"does not follow from the record before it", where}};
        if (rows.view(7) != hashOf(record, previous))
            return std::vector<Problem>{{"was changed after it was written", where}};
        previous = rows.text(7);
    }
}

}  // namespace pilothouse::workspace
