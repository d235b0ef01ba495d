// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/truth_history.h"

#include <algorithm>

#include "models/predictions/store_state.h"
#include "models/predictions/truth_batch.h"

namespace pilothouse::predictions {

using workspace::Database;
using workspace::Transaction;

namespace {

Result<std::vector<Truth>> readBatch(Database& database, std::int64_t id) {
    PH_ASSIGN(auto row, database.prepare("SELECT rows, directory, data FROM truth_batch WHERE id = ?1"));
    row.bindAll(id);
    PH_ASSIGN(const bool there, row.step());
    auto truths = there ? decodeTruth(row.blob(1), row.blob(2), static_cast<std::size_t>(row.integer(0)))
                        : fail(ErrorKind::Corrupt, "is gone");
    if (!truths)
        return fail(truths.error().kind, "ground truth batch " + std::to_string(id) + ": " + truths.error().message,
                    database.path());
    return truths;
}

Status rewriteBatch(Database& database, std::int64_t id, std::span<const Truth> kept) {
    if (kept.empty()) return database.run("DELETE FROM truth_batch WHERE id = ?1", id);
    const auto [first, last] = std::ranges::minmax_element(kept, {}, &Truth::known);
    const EncodedBatch batch = encodeTruth(kept);
    PH_ASSIGN(auto update, database.prepare("UPDATE truth_batch SET rows = ?2, first_known = ?3, last_known = ?4, "
                                            "directory = ?5, data = ?6 WHERE id = ?1"));
    update.bindAll(id, static_cast<std::int64_t>(kept.size()), first->known.ns, last->known.ns);
    update.bindBlob(5, batch.directory).bindBlob(6, batch.data);
    return update.run();
}

/// Each batch's checksum covers the one before it: from the first changed batch on they are set anew.
Status rechain(Database& database, std::int64_t fromId) {
    PH_ASSIGN(const auto previous,
              database.integer("SELECT checksum FROM truth_batch WHERE id < ?1 ORDER BY id DESC LIMIT 1", fromId));
    PH_ASSIGN(std::uint64_t chain, chainBase(database));
    if (previous) chain = static_cast<std::uint64_t>(*previous);
    std::vector<std::pair<std::int64_t, std::uint64_t>> checksums;
    {
        PH_ASSIGN(auto rows, database.prepare("SELECT id, directory FROM truth_batch WHERE id >= ?1 ORDER BY id"));
        rows.bindAll(fromId);
        for (;;) {
            PH_ASSIGN(const bool more, rows.step());
            if (!more) break;
            chain = chainAfter(chain, rows.blob(1));
            checksums.emplace_back(rows.integer(0), chain);
        }
    }
    for (const auto& [id, checksum] : checksums)
        PH_TRY(database.run("UPDATE truth_batch SET checksum = ?2 WHERE id = ?1", id, checksum));
    return {};
}

}  // namespace

Result<std::vector<std::int64_t>> truthBatchesOf(Database& database, const std::string& model,
                                                 const std::string& requestId) {
    PH_ASSIGN(const TruthView view, StoreState::of(database.path())->truth(database));
    return view.index->batchesOf(truthKey(model, requestId), view.stamp);
}

Result<std::vector<TruthRecord>> truthHistory(Database& database, const std::string& model,
                                              const std::string& requestId) {
    PH_ASSIGN(auto transaction, Transaction::begin(database, Transaction::Kind::Read));
    PH_ASSIGN(const auto batches, truthBatchesOf(database, model, requestId));
    std::vector<TruthRecord> history;
    for (const std::int64_t id : batches) {
        PH_ASSIGN(const auto name, database.text("SELECT model FROM truth_batch WHERE id = ?1", id));
        if (name != model) continue;  // the key of another request: 64 bits may meet
        PH_ASSIGN(const auto truths, readBatch(database, id));
        for (const Truth& truth : truths)
            if (truth.requestId == requestId) history.push_back({truth.value, truth.known, id});
    }
    std::ranges::reverse(history);  // later arrivals first
    std::ranges::stable_sort(history, std::greater{}, &TruthRecord::known);
    PH_TRY(transaction.commit());
    return history;
}

Result<std::size_t> eraseTruth(Database& database, std::span<const std::int64_t> batches,
                               const std::function<bool(const Truth&)>& erase) {
    std::size_t erased = 0;
    std::optional<std::int64_t> first;
    for (const std::int64_t id : batches) {
        PH_ASSIGN(auto truths, readBatch(database, id));
        const std::size_t here = std::erase_if(truths, erase);
        if (here == 0) continue;
        PH_TRY(rewriteBatch(database, id, truths));
        erased += here;
        first = std::min(first.value_or(id), id);
    }
    if (first) PH_TRY(rechain(database, *first));
    return erased;
}

Result<std::size_t> eraseTruthOfModel(Database& database, const std::string& model) {
    PH_ASSIGN(const auto first, database.integer("SELECT min(id) FROM truth_batch WHERE model = ?1", model));
    if (!first) return std::size_t{0};
    PH_ASSIGN(const auto rows, database.integer("SELECT sum(rows) FROM truth_batch WHERE model = ?1", model));
    PH_TRY(database.run("DELETE FROM truth_batch WHERE model = ?1", model));
    PH_TRY(rechain(database, *first));
    return static_cast<std::size_t>(rows.value_or(0));
}

Result<std::size_t> dropTruthBefore(Database& database, Timestamp moment) {
    PH_ASSIGN(const auto kept, database.integer("SELECT min(id) FROM truth_batch WHERE last_known >= ?1", moment));
    const std::int64_t end = kept.value_or(std::numeric_limits<std::int64_t>::max());
    PH_ASSIGN(const auto rows, database.integer("SELECT sum(rows) FROM truth_batch WHERE id < ?1", end));
    PH_ASSIGN(const auto base,
              database.integer("SELECT checksum FROM truth_batch WHERE id < ?1 ORDER BY id DESC LIMIT 1", end));
    if (!base) return std::size_t{0};
    PH_TRY(setChainBase(database, static_cast<std::uint64_t>(*base)));
    PH_TRY(database.run("DELETE FROM truth_batch WHERE id < ?1", end));
    return static_cast<std::size_t>(rows.value_or(0));
}

}  // namespace pilothouse::predictions
