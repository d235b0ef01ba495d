// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/predictions/cloud_events.h"
#include "models/workspace/database.h"

/// What the workspace remembers of bulk loading: files, quarantine, events that wait. All within the caller's
/// transaction.
namespace pilothouse::predictions {

/// How far a file was loaded. Offsets and digests are of the unpacked bytes.
struct IngestedFile {
    std::int64_t id = 0;  ///< 0: not stored yet
    std::string path;
    std::uint64_t headBytes = 0, head = 0;  ///< XXH3 of its first bytes
    std::uint64_t bytes = 0, digest = 0;    ///< what was loaded, and the XXH3 of it
    std::uint64_t lines = 0, rows = 0, repeated = 0, truths = 0, quarantined = 0;
    std::map<std::string, std::uint64_t> reasons;
    std::uint64_t mapping = 0;  ///< XXH3 of the mapping's YAML
};
[[nodiscard]] Result<std::vector<IngestedFile>> ingestedFiles(workspace::Database& database, std::uint64_t mapping);
/// Inserts or updates; sets the id.
[[nodiscard]] Status storeIngestedFile(workspace::Database& database, IngestedFile& file, Timestamp now);

[[nodiscard]] Status addQuarantine(workspace::Database& database, const std::string& path,
                                   std::span<const Quarantined> rows, Timestamp now);
/// The newest first, and how many there are by reason.
struct QuarantineEntry {
    std::string file;
    Quarantined row;
    Timestamp seen;
    std::int64_t id = 0;  ///< grows with arrival
};
struct QuarantineQuery {
    std::string text;    ///< in file, reason, detail or the row as it came, whatever the case of ASCII letters
    std::string reason;  ///< empty: any
    std::size_t limit = 20;
    std::int64_t before = std::numeric_limits<std::int64_t>::max();  ///< ids below this, to go on
};
[[nodiscard]] Result<std::vector<QuarantineEntry>> quarantineEntries(workspace::Database& database,
                                                                     const QuarantineQuery& query,
                                                                     const CancellationToken& token = {});
[[nodiscard]] Result<std::map<std::string, std::uint64_t>> quarantineCounts(workspace::Database& database);

[[nodiscard]] Result<std::vector<PendingEvent>> pendingEvents(workspace::Database& database);
[[nodiscard]] Status storePending(workspace::Database& database, const PendingChanges& changes, Timestamp now);

[[nodiscard]] Result<std::vector<std::string>> knownFeatures(workspace::Database& database);

}  // namespace pilothouse::predictions
