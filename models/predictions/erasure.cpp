// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/erasure.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QJsonValue>
#include <array>

#include "models/predictions/part_rewrite.h"
#include "models/predictions/store_log.h"
#include "models/predictions/truth_history.h"
#include "models/workspace/registry_store.h"
#include "models/workspace/space.h"

namespace pilothouse::predictions {

using workspace::Database;
using workspace::Transaction;

namespace {

constexpr const char* kAction = "predictions.erase";

/// While it lives, SQLite writes zeros over what it deletes, also where that costs a write.
class SecureDelete {
public:
    static Result<SecureDelete> on(Database& database) {
        PH_TRY(database.execute("PRAGMA secure_delete = ON"));
        return SecureDelete(database);
    }
    SecureDelete(SecureDelete&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}
    SecureDelete& operator=(SecureDelete&&) = delete;
    ~SecureDelete() {
        if (m_database) (void)m_database->execute("PRAGMA secure_delete = FAST");
    }

private:
    explicit SecureDelete(Database& database) : m_database(&database) {}
    Database* m_database;
};

Result<std::vector<std::string>> modelsWithTruth(Database& database) {
    PH_ASSIGN(auto rows, database.prepare("SELECT DISTINCT model FROM truth_batch"));
    std::vector<std::string> out;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return out;
        out.push_back(rows.text(0));
    }
}

/// As the id stands in JSON, without its quotes.
std::string inJson(const std::string& id) {
    QByteArray array = QJsonDocument(QJsonArray{QJsonValue(QString::fromStdString(id))}).toJson(QJsonDocument::Compact);
    return array.mid(2, array.size() - 4).toStdString();
}

/// Rows that could not be used, and halves of pairs that wait: those that hold the id as it is, or as JSON writes it.
constexpr std::array kLeftovers{"quarantine", "ingest_pending"};
constexpr const char* kHoldsId = " WHERE instr(raw, CAST(?1 AS BLOB)) OR instr(raw, CAST(?2 AS BLOB))";

Result<std::uint64_t> countLeftovers(Database& database, const std::string& requestId) {
    std::uint64_t sum = 0;
    for (const char* table : kLeftovers) {
        PH_ASSIGN(const auto rows, database.integer(std::string("SELECT count(*) FROM ") + table + kHoldsId, requestId,
                                                    inJson(requestId)));
        sum += static_cast<std::uint64_t>(rows.value_or(0));
    }
    return sum;
}

Result<std::uint64_t> eraseLeftovers(Database& database, const std::string& requestId) {
    std::uint64_t sum = 0;
    for (const char* table : kLeftovers) {
        PH_TRY(database.run(std::string("DELETE FROM ") + table + kHoldsId, requestId, inJson(requestId)));
        sum += static_cast<std::uint64_t>(database.changes());
    }
    return sum;
}

Result<std::size_t> eraseTruthOfRequest(Database& database, const std::string& requestId) {
    std::size_t erased = 0;
    PH_ASSIGN(const auto models, modelsWithTruth(database));
    for (const std::string& model : models) {
        PH_ASSIGN(const auto batches, truthBatchesOf(database, model, requestId));
        PH_ASSIGN(const std::size_t here,
                  eraseTruth(database, batches, [&](const Truth& truth) { return truth.requestId == requestId; }));
        erased += here;
    }
    return erased;
}

Status audit(Database& database, const std::string& actor, const std::string& subject, Timestamp at,
             const Erasure& erasure) {
    const QJsonObject detail{{QStringLiteral("rows"), static_cast<qint64>(erasure.rows)},
                             {QStringLiteral("truths"), static_cast<qint64>(erasure.truths)},
                             {QStringLiteral("quarantined"), static_cast<qint64>(erasure.quarantined)}};
    return workspace::audit(database, at, actor, kAction, subject,
                            QJsonDocument(detail).toJson(QJsonDocument::Compact).toStdString());
}

std::vector<std::string> backupsOf(const std::string& path) {
    const QFileInfo file(QString::fromStdString(path));
    std::vector<std::string> out;
    for (const QString& name :
         file.dir().entryList({file.fileName() + QStringLiteral(".backup-v*")}, QDir::Files, QDir::Name))
        out.push_back(file.dir().filePath(name).toStdString());
    return out;
}

/// After the commit: memory, free pages, the write-ahead log.
Status finish(Database& database, Erasure& erasure, const CancellationToken& token) {
    BlockCache::instance().clear();
    BlockCache::filters().clear();
    StoreState::of(database.path())->forgetTruth();
    erasure.backups = backupsOf(database.path());
    PH_ASSIGN(erasure.bytesGone, workspace::space::scrub(database, token));
    qCInfo(storeLog, "erased %llu rows and %llu outcomes, %llu quarantined, in %zu parts; bytes %s",
           static_cast<unsigned long long>(erasure.rows), static_cast<unsigned long long>(erasure.truths),
           static_cast<unsigned long long>(erasure.quarantined), erasure.parts,
           erasure.bytesGone ? "gone" : "still in the write-ahead log: a reader holds an older state");
    return {};
}

/// The model's rows of one part, within the caller's transaction.
Result<std::size_t> eraseModelFrom(Database& database, LogReader& reader, const Part& part, const std::string& model) {
    PH_ASSIGN(const auto rows, rowsOfModel(reader, part, model));
    if (rows.empty()) return std::size_t{0};
    PH_TRY(replacePart(database, reader, without(part, rows)));
    return rows.size();
}

}  // namespace

Result<Erasure> countRequest(Database& database, const std::string& requestId) {
    PH_ASSIGN(auto transaction, Transaction::begin(database, Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    Erasure out;
    for (const Part& part : reader.parts()) {
        PH_ASSIGN(const auto rows, rowsOfRequest(reader, part, requestId));
        out.rows += rows.size();
        out.parts += rows.empty() ? 0 : 1;
    }
    PH_ASSIGN(const auto models, modelsWithTruth(database));
    for (const std::string& model : models) {
        PH_ASSIGN(const auto history, truthHistory(database, model, requestId));
        out.truths += history.size();
    }
    PH_ASSIGN(out.quarantined, countLeftovers(database, requestId));
    out.backups = backupsOf(database.path());
    return out;
}

Result<Erasure> countModel(Database& database, const std::string& model, const CancellationToken& token) {
    PH_ASSIGN(auto transaction, Transaction::begin(database, Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    Erasure out;
    for (const Part& part : reader.parts()) {
        PH_TRY(token.check());
        PH_ASSIGN(const auto rows, rowsOfModel(reader, part, model));
        out.rows += rows.size();
        out.parts += rows.empty() ? 0 : 1;
    }
    PH_ASSIGN(const auto truths, database.integer("SELECT sum(rows) FROM truth_batch WHERE model = ?1", model));
    out.truths = static_cast<std::uint64_t>(truths.value_or(0));
    out.backups = backupsOf(database.path());
    return out;
}

Result<Erasure> eraseRequest(Database& database, const std::string& requestId, const std::string& actor, Timestamp at,
                             const CancellationToken& token) {
    if (requestId.empty()) return fail(Error::invalid("an erasure needs a request id"));
    Erasure out;
    PH_ASSIGN(const auto secure, SecureDelete::on(database));
    {
        PH_ASSIGN(auto transaction, Transaction::begin(database));
        PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
        for (const Part& part : reader.parts()) {
            PH_TRY(token.check());
            PH_ASSIGN(const auto rows, rowsOfRequest(reader, part, requestId));
            if (rows.empty()) continue;
            PH_TRY(replacePart(database, reader, without(part, rows)));
            out.rows += rows.size();
            ++out.parts;
        }
        PH_ASSIGN(out.truths, eraseTruthOfRequest(database, requestId));
        PH_ASSIGN(out.quarantined, eraseLeftovers(database, requestId));
        PH_TRY(audit(database, actor, "request", at, out));
        PH_TRY(transaction.commit());
    }
    PH_TRY(finish(database, out, token));
    return out;
}

Result<Erasure> eraseModel(Database& database, const std::string& model, const std::string& actor, Timestamp at,
                           const CancellationToken& token) {
    if (model.empty()) return fail(Error::invalid("an erasure needs a model"));
    Erasure out;
    PH_ASSIGN(const auto secure, SecureDelete::on(database));
    // Each part once: those written anew come behind their old ordinal, and hold no row of the model any more.
    for (std::int64_t next = std::numeric_limits<std::int64_t>::min();;) {
        PH_TRY(token.check());
        PH_ASSIGN(auto transaction, Transaction::begin(database));
        PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
        const auto part = std::ranges::lower_bound(reader.parts(), next, {}, &Part::firstOrdinal);
        if (part == reader.parts().end()) break;
        PH_ASSIGN(const std::size_t rows, eraseModelFrom(database, reader, *part, model));
        next = part->firstOrdinal + 1;
        if (rows == 0) continue;
        PH_TRY(transaction.commit());
        out.rows += rows;
        ++out.parts;
    }
    {
        PH_ASSIGN(auto transaction, Transaction::begin(database));
        PH_ASSIGN(out.truths, eraseTruthOfModel(database, model));
        PH_TRY(audit(database, actor, "model:" + model, at, out));
        PH_TRY(transaction.commit());
    }
    PH_TRY(finish(database, out, token));
    return out;
}

}  // namespace pilothouse::predictions
