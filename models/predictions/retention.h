// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "models/base/cancellation.h"
#include "models/workspace/workspace.h"

/// How long rows stay, and how the file is kept in shape. Callers hold the engine lease (workspace/lease.h) except for
/// what only reads. Every change is a short transaction of its own; readers are never waited for.
namespace pilothouse::predictions {

/// A workspace's own rule; nothing: rows stay.
struct RetentionPolicy {
    std::optional<std::int64_t> days;   ///< rows whose event time is older go; at least 1
    std::optional<std::int64_t> bytes;  ///< the oldest batches and segments go until the log takes no more than this
    bool operator==(const RetentionPolicy&) const = default;
};
[[nodiscard]] Result<RetentionPolicy> retentionPolicy(workspace::Database& database);
/// InvalidInput for less than a day or than a byte.
[[nodiscard]] Status setRetentionPolicy(workspace::Database& database, const RetentionPolicy& policy);

struct Retention {
    std::uint64_t rows = 0;
    std::uint64_t truths = 0;         ///< values of ground truth known before the oldest row that may stay
    std::uint64_t quarantined = 0;    ///< rows that could not be used, seen before that moment
    std::size_t parts = 0;            ///< batches and segments written anew or removed
    std::int64_t bytesBefore = 0;     ///< of the log: rows and ground truth, without free pages
    std::int64_t bytesAfter = 0;      ///< when only counted: an estimate
    std::optional<Timestamp> before;  ///< rows older than this went by age
};
/// `apply` false: counts only. `now` is the workspace's. What goes is recorded in the audit trail as "retention".
[[nodiscard]] Result<Retention> retain(workspace::Database& database, const RetentionPolicy& policy, Timestamp now,
                                       bool apply, const CancellationToken& token);

struct Compaction {
    std::uint64_t sealedRows = 0;
    std::size_t merged = 0;           ///< segments that became part of another
    std::int64_t bytesGivenBack = 0;  ///< to the file system
};
/// Seals what waits, merges segments that are less than half full with their like beside them, and gives back free
/// pages beyond a reserve, a few megabytes at a time.
[[nodiscard]] Result<Compaction> compact(workspace::Database& database, const CancellationToken& token);

/// What the engine does once a day: the workspace's retention, then compaction.
[[nodiscard]] Status maintain(workspace::Database& database, Timestamp now, const CancellationToken& token);

}  // namespace pilothouse::predictions
