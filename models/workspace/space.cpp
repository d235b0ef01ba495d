// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/space.h"

#include <algorithm>

namespace pilothouse::workspace::space {

namespace {
constexpr std::int64_t kIncremental = 2;
/// 8 MB: some ten milliseconds of the write lock.
constexpr std::int64_t kPagesAtOnce = 2'048;
}  // namespace

Result<Usage> usage(Database& database) {
    Usage out;
    PH_ASSIGN(const auto size, database.integer("PRAGMA page_size"));
    PH_ASSIGN(const auto pages, database.integer("PRAGMA page_count"));
    PH_ASSIGN(const auto free, database.integer("PRAGMA freelist_count"));
    PH_ASSIGN(const auto mode, database.integer("PRAGMA auto_vacuum"));
    out.pageBytes = size.value_or(0);
    out.pages = pages.value_or(0);
    out.free = free.value_or(0);
    out.incremental = mode == kIncremental;
    return out;
}

Result<std::int64_t> giveBack(Database& database, std::int64_t pages) {
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(const Usage before, usage(database));
    if (!before.incremental || before.free == 0 || pages <= 0) return std::int64_t{0};
    PH_TRY(database.execute("PRAGMA incremental_vacuum(" + std::to_string(pages) + ")"));
    PH_ASSIGN(const Usage after, usage(database));
    PH_TRY(transaction.commit());
    return std::max<std::int64_t>(0, before.free - after.free);
}

Result<bool> emptyLog(Database& database) {
    PH_ASSIGN(const auto busy, database.integer("PRAGMA wal_checkpoint(TRUNCATE)"));
    return busy == 0;
}

Result<bool> scrub(Database& database, const CancellationToken& token) {
    PH_ASSIGN(const Usage before, usage(database));
    if (!before.incremental) {
        // The copy lies in a file: a large workspace must not go through memory.
        PH_TRY(
            database.execute("PRAGMA temp_store = FILE; PRAGMA auto_vacuum = INCREMENTAL; VACUUM;"
                             "PRAGMA temp_store = MEMORY;"));
        return emptyLog(database);
    }
    for (;;) {
        PH_TRY(token.check());
        PH_ASSIGN(const std::int64_t gone, giveBack(database, kPagesAtOnce));
        if (gone == 0) break;
    }
    return emptyLog(database);
}

}  // namespace pilothouse::workspace::space
