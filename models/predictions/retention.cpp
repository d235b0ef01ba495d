// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/retention.h"

#include <QJsonDocument>
#include <QJsonObject>

#include "models/predictions/part_rewrite.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/store_log.h"
#include "models/predictions/truth_history.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::predictions {

using workspace::Database;
using workspace::Transaction;
using workspace::Workspace;

namespace {

constexpr const char* kDaysSetting = "retention.days";
constexpr const char* kBytesSetting = "retention.bytes";
constexpr std::int64_t kMaxDays = 36'500;

Result<std::optional<std::int64_t>> number(Database& database, const char* key) {
    PH_ASSIGN(const auto value, Workspace::integerSetting(database, key));
    if (value && *value < 1)
        return fail(ErrorKind::Corrupt, std::string("setting ") + key + " is " + std::to_string(*value),
                    database.path());
    return value;
}

Status store(Database& database, const char* key, std::optional<std::int64_t> value) {
    return Workspace::setSetting(database, key, value ? std::to_string(*value) : std::string());
}

/// Bytes of a part. SQLite knows a blob's length without reading it.
Result<std::int64_t> bytesOf(Database& database, const Part& part) {
    PH_ASSIGN(
        const auto bytes,
        part.segment
            ? database.integer(
                  "SELECT length(ids) + (SELECT ifnull(sum(length(header) + length(data)), 0) FROM "
                  "prediction_column WHERE segment = s.id) + (SELECT ifnull(sum(length(directory)), 0) FROM "
                  "prediction_directory d WHERE d.id = s.id) FROM prediction_segment s WHERE id = ?1",
                  part.id)
            : database.integer("SELECT length(directory) + length(data) FROM prediction_batch WHERE id = ?1", part.id));
    return bytes.value_or(0);
}

/// What a part loses.
struct Loss {
    Part part;
    std::int64_t bytes = 0;
    bool whole = false;  ///< else the rows that are too old
};

struct Plan {
    std::optional<Timestamp> before;
    std::vector<Loss> losses;
    std::int64_t bytes = 0;  ///< of the log now
};

Result<Plan> planOf(Database& database, const LogReader& reader, const RetentionPolicy& policy, Timestamp now) {
    Plan plan;
    if (policy.days) plan.before = now - std::chrono::hours(24 * *policy.days);
    std::vector<Loss> all;
    for (const Part& part : reader.parts()) {
        PH_ASSIGN(const std::int64_t bytes, bytesOf(database, part));
        all.push_back({part, bytes, plan.before && part.lastTime < plan.before->ns});
        plan.bytes += bytes;
    }
    PH_ASSIGN(const auto truth, database.integer("SELECT sum(length(directory) + length(data)) FROM truth_batch"));
    plan.bytes += truth.value_or(0);
    std::int64_t left = plan.bytes;
    for (const Loss& loss : all)
        left -= loss.whole ? loss.bytes : 0;
    std::ranges::stable_sort(all, {}, [](const Loss& l) { return l.part.lastTime; });
    for (Loss& loss : all) {
        if (!loss.whole && policy.bytes && left > *policy.bytes) {
            loss.whole = true;
            left -= loss.bytes;
        }
        if (loss.whole || (plan.before && loss.part.firstTime < plan.before->ns)) plan.losses.push_back(loss);
    }
    return plan;
}

/// The part as it is now; nothing when it was written anew since the plan was made.
const Part* current(const LogReader& reader, const Part& planned) {
    for (const Part& part : reader.parts())
        if (part.segment == planned.segment && part.id == planned.id && part.checksum == planned.checksum) return &part;
    return nullptr;
}

Status carryOut(Database& database, LogReader& reader, const Loss& loss, std::optional<Timestamp> before, bool apply,
                Retention& out) {
    std::size_t rows = loss.part.rows;
    if (loss.whole) {
        if (apply) {
            PH_TRY(noteRemoval(database));
            PH_TRY(deletePart(database, loss.part));
        }
        out.bytesAfter -= loss.bytes;
    } else {
        PH_ASSIGN(const auto old, rowsBefore(reader, loss.part, *before));
        rows = old.size();
        if (rows == 0) return {};
        if (apply) PH_TRY(replacePart(database, reader, without(loss.part, old)));
        out.bytesAfter -= loss.bytes * static_cast<std::int64_t>(rows) / static_cast<std::int64_t>(loss.part.rows);
    }
    out.rows += rows;
    ++out.parts;
    return {};
}

Status audit(Database& database, const RetentionPolicy& policy, Timestamp now, const Retention& done) {
    QJsonObject detail{{QStringLiteral("rows"), static_cast<qint64>(done.rows)},
                       {QStringLiteral("truths"), static_cast<qint64>(done.truths)},
                       {QStringLiteral("quarantined"), static_cast<qint64>(done.quarantined)}};
    if (policy.days) detail.insert(QStringLiteral("days"), static_cast<qint64>(*policy.days));
    if (policy.bytes) detail.insert(QStringLiteral("bytes"), static_cast<qint64>(*policy.bytes));
    return workspace::audit(database, now, "retention", "predictions.retain", "predictions",
                            QJsonDocument(detail).toJson(QJsonDocument::Compact).toStdString());
}

/// Ground truth that no row can have any more: known before the oldest moment that a row may have.
Status dropTruth(Database& database, const RetentionPolicy& policy, Timestamp now, std::optional<Timestamp> before,
                 Retention& out) {
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(const auto reader, LogReader::open(database, LogReader::Damaged::Include));
    std::int64_t oldest = before ? before->ns : kTimestampMin.ns;
    if (policy.bytes && !reader.parts().empty()) {
        std::int64_t first = reader.parts().front().firstTime;
        for (const Part& part : reader.parts())
            first = std::min(first, part.firstTime);
        oldest = std::max(oldest, first);
    }
    PH_ASSIGN(out.truths, dropTruthBefore(database, {oldest}));
    if (before) {
        PH_TRY(database.run("DELETE FROM quarantine WHERE seen < ?1", *before));
        out.quarantined = static_cast<std::uint64_t>(database.changes());
    }
    if (out.rows > 0 || out.truths > 0 || out.quarantined > 0) PH_TRY(audit(database, policy, now, out));
    return transaction.commit();
}

}  // namespace

Result<RetentionPolicy> retentionPolicy(Database& database) {
    RetentionPolicy policy;
    PH_ASSIGN(policy.days, number(database, kDaysSetting));
    PH_ASSIGN(policy.bytes, number(database, kBytesSetting));
    return policy;
}

Status setRetentionPolicy(Database& database, const RetentionPolicy& policy) {
    if (policy.days && (*policy.days < 1 || *policy.days > kMaxDays))
        return fail(Error::invalid("rows are kept for 1 to 36,500 days"));
    if (policy.bytes && *policy.bytes < 1) return fail(Error::invalid("a log cannot be kept under a byte"));
    PH_TRY(store(database, kDaysSetting, policy.days));
    return store(database, kBytesSetting, policy.bytes);
}

Result<Retention> retain(Database& database, const RetentionPolicy& policy, Timestamp now, bool apply,
                         const CancellationToken& token) {
    Retention out;
    Plan plan;
    {
        PH_ASSIGN(auto snapshot, Transaction::begin(database, Transaction::Kind::Read));
        PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
        PH_ASSIGN(plan, planOf(database, reader, policy, now));
        out.before = plan.before;
        out.bytesBefore = out.bytesAfter = plan.bytes;
        if (!apply) {
            for (const Loss& loss : plan.losses) {
                PH_TRY(token.check());
                PH_TRY(carryOut(database, reader, loss, plan.before, false, out));
            }
            return out;
        }
    }
    for (const Loss& loss : plan.losses) {
        PH_TRY(token.check());
        PH_ASSIGN(auto transaction, Transaction::begin(database));
        PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
        if (!current(reader, loss.part)) continue;
        PH_TRY(carryOut(database, reader, loss, plan.before, true, out));
        PH_TRY(transaction.commit());
    }
    if (policy.days || policy.bytes) PH_TRY(dropTruth(database, policy, now, plan.before, out));
    if (out.rows > 0)
        qCInfo(storeLog, "retention: %llu rows and %llu outcomes in %zu parts",
               static_cast<unsigned long long>(out.rows), static_cast<unsigned long long>(out.truths), out.parts);
    return out;
}

}  // namespace pilothouse::predictions
