// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <vector>

#include "models/workspace/database.h"

namespace pilothouse::predictions {

/// Names a row's request within its model, for the join with ground truth. 64 bits: among ten million requests one
/// wrong join has a chance of 3 in a million.
[[nodiscard]] std::uint64_t truthKey(std::string_view model, std::string_view requestId);

/// All ground truth of one workspace file by request, shared by the threads that read it and loaded as it grows: 32
/// bytes an entry in a table that is a quarter to three quarters full. Of several values for a request the one known
/// last wins, and of those known at the same moment the one that arrived last.
///
/// The index may know more than a reader's snapshot holds, or than was committed in the end; a Stamp limits what is
/// seen. It only grows: where the file's ground truth does not go on from what it holds (erased or rolled back),
/// another index takes its place (StoreState::truth) and readers of older snapshots keep this one.
class TruthIndex {
public:
    /// The ground truth that one snapshot of the file holds.
    struct Stamp {
        std::uint32_t batches = 0;  ///< how many, in order of arrival
        std::uint64_t chain = 0;    ///< checksum over all of them
        bool operator==(const Stamp&) const = default;
    };
    /// Loads what is new in the snapshot of the database's transaction. Nothing when that does not go on from here.
    [[nodiscard]] Result<std::optional<Stamp>> refresh(workspace::Database& database);
    /// values[i] and times[i] of keys[i]; NaN and kTimestampMin where nothing was known before the moment.
    void join(std::span<const std::uint64_t> keys, const Stamp& stamp, Timestamp knownBefore, double* values,
              std::int64_t* times) const;
    /// The same, without the batches whose id is above `lastBatch`.
    [[nodiscard]] Stamp upTo(const Stamp& stamp, std::int64_t lastBatch) const;
    /// Ids of the batches that may hold a value for the key, ascending.
    [[nodiscard]] std::vector<std::int64_t> batchesOf(std::uint64_t key, const Stamp& stamp) const;
    [[nodiscard]] std::size_t requests() const;

private:
    struct Entry {
        std::uint64_t key = 0;  ///< 0: free
        double value = 0;
        std::int64_t known = 0;
        std::uint32_t batch = 0;  ///< number of the batch it came in, from 1
        std::uint32_t older = 0;  ///< place + 1 in m_older; 0: none
    };
    [[nodiscard]] Status load(workspace::Database& database, std::int64_t afterId);
    [[nodiscard]] Status loadBatch(workspace::Statement& row);
    void insert(Entry entry);
    void grow();
    [[nodiscard]] std::size_t slotOf(std::uint64_t key) const;

    mutable std::shared_mutex m_mutex;
    std::vector<Entry> m_slots;
    std::vector<Entry> m_older;
    std::size_t m_used = 0;
    std::uint64_t m_base = 0;                                       ///< what the first batch follows
    std::vector<std::pair<std::int64_t, std::uint64_t>> m_batches;  ///< id and chain
};

/// The ground truth of one snapshot.
struct TruthView {
    std::shared_ptr<const TruthIndex> index;
    TruthIndex::Stamp stamp;
};

}  // namespace pilothouse::predictions
