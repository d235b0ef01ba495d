// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "models/base/cancellation.h"
#include "models/workspace/database.h"

/// The bytes that a workspace takes on disk, and how those of deleted content go. SQLite keeps a freed page for later
/// use, with what stood on it; only a page that is given back to the file system, or written anew, is gone.
namespace pilothouse::workspace::space {

struct Usage {
    std::int64_t pageBytes = 0;
    std::int64_t pages = 0;    ///< of the file, free ones included
    std::int64_t free = 0;     ///< hold nothing, are used next
    bool incremental = false;  ///< free pages can be given back a few at a time; older workspaces cannot

    [[nodiscard]] std::int64_t bytes() const { return pageBytes * pages; }
    [[nodiscard]] std::int64_t freeBytes() const { return pageBytes * free; }
};
[[nodiscard]] Result<Usage> usage(Database& database);

/// Gives at most so many free pages back, in a transaction of its own. Returns how many; none in an older workspace.
[[nodiscard]] Result<std::int64_t> giveBack(Database& database, std::int64_t pages);

/// Moves the write-ahead log into the file and cuts it to nothing. False: a reader still looks at an older state after
/// the connection's timeout, and the log stays.
[[nodiscard]] Result<bool> emptyLog(Database& database);

/// Leaves nothing of what was deleted: every free page is given back (an older workspace is written anew, and gives
/// back incrementally from then on), then the log is emptied. In short transactions, except for an older workspace.
/// False as above. Thread: the database's, outside of a transaction.
[[nodiscard]] Result<bool> scrub(Database& database, const CancellationToken& token);

}  // namespace pilothouse::workspace::space
