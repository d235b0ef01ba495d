// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/time_zone.h"
#include "models/ports/query.h"
#include "models/predictions/prediction_store.h"
#include "models/statistics/distinct_sample.h"
#include "models/statistics/tally.h"
#include "models/workspace/database.h"

/// What a window's rows come to on frozen bins: the one thing that drift, scores, quality and traffic are judged by.
/// Counts of any pieces of a window add up to the same bits, so what was counted once is not read again.
namespace pilothouse::monitoring {

struct CountedColumn {
    std::string name;
    const statistics::ColumnProfile* profile = nullptr;   ///< null: only whether there is a value
    std::optional<std::pair<double, double>> range = {};  ///< how many numbers lie outside (both ends are within)
    bool distinct = false;                                ///< how many different values there are
};

/// What is counted.
struct CountingPlan {
    ports::Query query;
    std::vector<CountedColumn> columns;
    std::vector<std::string> cluster;     ///< "date" and columns; empty: rows are independent
    bool times = false;                   ///< whether the newest row's time is wanted
    std::vector<std::string> alike = {};  ///< rows with the same values in all of these are alike; empty: not wanted
    /// Digest of all of it: counts of the same identity go on from each other.
    [[nodiscard]] std::string identity(const Zone& zone) const;
};

struct ColumnCounts {
    statistics::ColumnTally tally;           ///< without bins where there is no profile
    std::uint64_t numbers = 0, outside = 0;  ///< of a column with a range
    static constexpr std::size_t kMostDistinct = 4'096;
    statistics::DistinctSample distinct = statistics::DistinctSample();  ///< of a column where that is wanted
    bool operator==(const ColumnCounts&) const = default;
};

struct WindowCounts {
    std::uint64_t rows = 0;
    std::int64_t newest = kTimestampMin.ns;  ///< the newest row's time, where the plan wants it
    std::vector<ColumnCounts> columns;       ///< as the plan lists them
    /// Keys of the clusters; of more than kMostClusters each is put with others, by its hash.
    std::vector<std::string> clusters;
    bool folded = false;
    static constexpr std::size_t kMostClusters = 4'096;
    /// Rows that differ, where the plan wants them: of more, their number is known to 0.4 %.
    static constexpr std::size_t kMostDifferent = 65'536;
    statistics::DistinctSample different;
    bool operator==(const WindowCounts&) const = default;

    void merge(WindowCounts other);
    /// Places of the clusters that have rows, in the order of their keys, which does not depend on that of the rows.
    [[nodiscard]] std::vector<std::uint32_t> clusterOrder() const;
    void fold();
};
[[nodiscard]] WindowCounts emptyCounts(const CountingPlan& plan);

/// Counts the rows of [range) that arrived within `arrivals`, on all cores. `parts`, if given: how many batches and
/// segments had to be looked into is added to it.
[[nodiscard]] Result<WindowCounts> countWindow(workspace::Database& database, const Zone& zone,
                                               const CountingPlan& plan, TimeRange range,
                                               const predictions::Arrivals& arrivals, const CancellationToken& token,
                                               std::size_t* parts = nullptr);

/// Counts as bytes; decodeCounts() gives nothing for what encodeCounts() of the same plan did not write.
[[nodiscard]] std::vector<std::uint8_t> encodeCounts(const WindowCounts& counts);
[[nodiscard]] std::optional<WindowCounts> decodeCounts(std::span<const std::uint8_t> bytes, const CountingPlan& plan);

}  // namespace pilothouse::monitoring
