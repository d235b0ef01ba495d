// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "models/base/result.h"
#include "models/predictions/truth_index.h"
#include "models/statistics/profile.h"

namespace pilothouse::predictions {

/// The request ids of the rows that are not sealed yet, so that an append finds a repeated row without reading the
/// tail. Thread: one at a time (StoreState::tailMutex).
class TailIds {
public:
    struct Batch {
        std::int64_t id = 0;
        std::uint64_t checksum = 0;
        bool operator==(const Batch&) const = default;
    };
    /// How many leading batches of `tail` are in already. A tail that does not go on from what is here (it was sealed
    /// or rolled back) starts anew.
    [[nodiscard]] std::size_t keep(const std::vector<Batch>& tail);
    void add(std::uint64_t hash, std::int64_t ordinal);
    void finish(Batch batch) { m_batches.push_back(batch); }
    /// The last `count` batches became this one, with the same rows.
    void merge(std::size_t count, Batch batch);
    void find(std::uint64_t hash, const std::function<void(std::int64_t)>& use) const;
    [[nodiscard]] bool mayHold(std::uint64_t hash) const;

private:
    struct Slot {
        std::uint64_t hash = 0;
        std::int64_t ordinal = -1;  ///< -1: free
    };
    void grow();
    std::vector<Slot> m_slots;
    std::size_t m_used = 0;
    std::vector<Batch> m_batches;
};

/// Batches and segments that failed their checks while they were read. A reader reports them; once adopted, answers
/// leave them out and say so. Known by checksum: a part that was written anew is not meant. Thread: any.
class DamagedParts {
public:
    void report(std::uint64_t checksum, std::string what);
    /// From now on answers do without what was reported. False when nothing new was.
    [[nodiscard]] bool adopt();
    [[nodiscard]] bool skips(std::uint64_t checksum) const;
    [[nodiscard]] bool any() const;
    /// "segment 3, column "temp_f": the block fails its checksum", one a part.
    [[nodiscard]] std::vector<std::string> notes() const;

private:
    mutable std::mutex m_mutex;
    std::map<std::uint64_t, std::string> m_reported, m_skipped;
};

/// What the process keeps in memory for one workspace file beside the block cache: shared by its connections. The four
/// files used last are kept. Thread: any.
class StoreState {
public:
    static std::shared_ptr<StoreState> of(const std::string& path);

    /// The ground truth that the snapshot of the database's transaction holds.
    [[nodiscard]] Result<TruthView> truth(workspace::Database& database);
    /// Drops what is held of it; readers in hand keep theirs.
    void forgetTruth();

    std::mutex tailMutex;
    TailIds tail;
    DamagedParts damaged;

    /// A reference profile by its digest, read once from the artifacts beside the file.
    [[nodiscard]] Result<std::shared_ptr<const statistics::Profile>> profile(const std::string& path,
                                                                             const std::string& digest);

private:
    std::mutex m_truthMutex;
    std::shared_ptr<TruthIndex> m_truth = std::make_shared<TruthIndex>();
    std::mutex m_profileMutex;
    std::map<std::string, std::shared_ptr<const statistics::Profile>> m_profiles;
};

}  // namespace pilothouse::predictions
