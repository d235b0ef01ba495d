// SPDX-License-Identifier: GPL-3.0-or-later
// Keeping the file in shape: seal, merge, give back.
#include "models/predictions/part_rewrite.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/retention.h"
#include "models/predictions/store_log.h"
#include "models/workspace/space.h"

namespace pilothouse::predictions {

using workspace::Database;
using workspace::Transaction;

Q_LOGGING_CATEGORY(storeLog, "pilothouse.store")

namespace {

/// Free pages that the next rows will take anyway.
constexpr std::int64_t kReserveBytes = 16 << 20;
constexpr std::int64_t kBytesAtOnce = 8 << 20;

/// The first run of segments beside each other, each less than half full, that fit into one; empty: none.
std::vector<Part> mergeable(const std::vector<Part>& parts) {
    std::vector<Part> run;
    std::size_t rows = 0;
    for (const Part& part : parts) {
        const bool small = part.segment && part.rows * 2 < kSegmentRows;
        if (small && rows + part.rows <= kSegmentRows) {
            run.push_back(part);
            rows += part.rows;
            continue;
        }
        if (run.size() > 1) return run;
        run.clear();
        rows = 0;
        if (small) {
            run.push_back(part);
            rows = part.rows;
        }
    }
    return run.size() > 1 ? run : std::vector<Part>{};
}

/// One merge in a transaction of its own. Returns how many segments became one; 0: nothing is left to merge.
Result<std::size_t> mergeOnce(Database& database) {
    {
        PH_ASSIGN(auto snapshot, Transaction::begin(database, Transaction::Kind::Read));
        PH_ASSIGN(const auto reader, LogReader::open(database, LogReader::Damaged::Include));
        if (mergeable(reader.parts()).empty()) return std::size_t{0};
    }
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    const std::vector<Part> run = mergeable(reader.parts());
    if (run.empty()) return std::size_t{0};
    PH_TRY(mergeSegments(database, reader, run));
    PH_TRY(transaction.commit());
    return run.size();
}

Result<std::int64_t> giveBack(Database& database, const CancellationToken& token) {
    std::int64_t bytes = 0;
    for (;;) {
        PH_TRY(token.check());
        PH_ASSIGN(const auto usage, workspace::space::usage(database));
        const std::int64_t spare = usage.freeBytes() - kReserveBytes;
        if (!usage.incremental || spare <= 0) return bytes;
        PH_ASSIGN(const std::int64_t pages,
                  workspace::space::giveBack(database, std::min(spare, kBytesAtOnce) / usage.pageBytes + 1));
        if (pages == 0) return bytes;
        bytes += pages * usage.pageBytes;
    }
}

}  // namespace

Result<Compaction> compact(Database& database, const CancellationToken& token) {
    Compaction out;
    PH_TRY(token.check());
    PH_ASSIGN(out.sealedRows, seal(database));
    for (;;) {
        PH_TRY(token.check());
        const auto merged = mergeOnce(database);
        if (!merged && merged.error().kind == ErrorKind::Corrupt) {  // stays as it is; verify names it
            qCWarning(storeLog, "compaction leaves segments as they are: %s", merged.error().text().c_str());
            break;
        }
        PH_TRY(merged);
        if (*merged == 0) break;
        out.merged += *merged;
    }
    PH_ASSIGN(out.bytesGivenBack, giveBack(database, token));
    if (out.sealedRows > 0 || out.merged > 0 || out.bytesGivenBack > 0)
        qCInfo(storeLog, "compaction: %llu rows sealed, %zu segments merged, %lld bytes given back",
               static_cast<unsigned long long>(out.sealedRows), out.merged, static_cast<long long>(out.bytesGivenBack));
    return out;
}

Status maintain(Database& database, Timestamp now, const CancellationToken& token) {
    PH_ASSIGN(const RetentionPolicy policy, retentionPolicy(database));
    if (policy.days || policy.bytes) PH_TRY(retain(database, policy, now, true, token));
    PH_TRY(compact(database, token));
    return {};
}

}  // namespace pilothouse::predictions
