// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/workspace/workspace.h"

/// A person's right to be forgotten, and a model's end. What is erased is gone from the file and its write-ahead log,
/// not only hidden; the audit trail records that something was erased, never what.
namespace pilothouse::predictions {

struct Erasure {
    std::uint64_t rows = 0;
    std::uint64_t truths = 0;       ///< values of ground truth
    std::uint64_t quarantined = 0;  ///< rows that could not be used, and halves of pairs that wait
    std::size_t parts = 0;          ///< batches and segments that were written anew or removed
    /// False: a reader looked at an older state for longer than the connection waits. What was erased is invisible to
    /// new readers; its bytes go with the next erasure, retention or when the last connection closes.
    bool bytesGone = false;
    /// Copies beside the file that were made before a migration and may still hold it.
    std::vector<std::string> backups;
};

/// What eraseRequest() and eraseModel() would take. Thread: the database's.
[[nodiscard]] Result<Erasure> countRequest(workspace::Database& database, const std::string& requestId);
[[nodiscard]] Result<Erasure> countModel(workspace::Database& database, const std::string& model,
                                         const CancellationToken& token);

/// Every row and every value of ground truth of the request id, of all models and versions, and what was quarantined
/// with that id in it: one transaction, all or nothing. Then the bytes. `actor` and `at` go into the audit trail.
/// Corrupt where a part that may hold the id cannot be read: nothing is erased then.
[[nodiscard]] Result<Erasure> eraseRequest(workspace::Database& database, const std::string& requestId,
                                           const std::string& actor, Timestamp at, const CancellationToken& token);
/// The model's rows and ground truth; its versions, monitors and runs stay. One short transaction a part, so that
/// others can write meanwhile; after a cancellation or a kill the same call goes on.
[[nodiscard]] Result<Erasure> eraseModel(workspace::Database& database, const std::string& model,
                                         const std::string& actor, Timestamp at, const CancellationToken& token);

}  // namespace pilothouse::predictions
