// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/pipelines/step.h"
#include "models/ports/rows.h"

namespace pilothouse::pipelines {

/// Where a run's rows come from. What ingest wrote down suffices to read the same rows again in another process.
struct DataSource {
    std::string file;  ///< a CSV; empty: the prediction log
    TimeRange range = TimeRange::all();
    Timestamp knownBefore = kTimestampMax;  ///< outcomes that became known later do not exist yet
};

/// Labelled rows, in order of time and then of request id, with dictionaries in alphabetical order: the same rows give
/// the same Dataset, however they were stored.
struct Dataset {
    ports::RowSet rows;
    std::vector<std::uint8_t> outcomes;  ///< 1: the positive class
    std::vector<std::int64_t> times;     ///< ns; empty: the rows have no time
    std::size_t unlabelled = 0;          ///< rows left out, for want of an outcome
    std::size_t repeated = 0;            ///< log: rows left out, because another version scored the same request
    std::string digest;                  ///< of all the above
};

[[nodiscard]] Result<std::shared_ptr<const Dataset>> readDataset(StepContext& context, const DataSource& source);
/// The rows that this run's ingest task read: from memory, or read again and compared by digest (Conflict when they are
/// not the same any more).
[[nodiscard]] Result<std::shared_ptr<const Dataset>> dataset(StepContext& context);

/// The first rows are for training, the rest is held out.
struct SplitRows {
    std::size_t training = 0, all = 0;
    [[nodiscard]] std::vector<std::size_t> trainingIndices() const;
    [[nodiscard]] std::vector<std::size_t> heldOutIndices() const;
};
[[nodiscard]] Result<SplitRows> splitOf(StepContext& context, const Dataset& data);

/// Dense ids, from 0, of what these columns' values have in common, for the rows [first, last). "date" is the calendar
/// date of the row's time in the workspace's zone. Unknown columns are InvalidInput.
[[nodiscard]] Result<std::vector<std::uint32_t>> clusterIds(const Dataset& data, const Zone& zone,
                                                            const std::vector<std::string>& columns, std::size_t first,
                                                            std::size_t last);
/// A number that is the same for two rows exactly if these columns hold the same values (but for a chance of 2^-64).
class RowKey {
public:
    static Result<RowKey> of(const Dataset& data, const Zone& zone, const std::vector<std::string>& columns);
    [[nodiscard]] std::uint64_t operator()(std::size_t row) const;

private:
    std::vector<const ports::Column*> m_columns;
    std::vector<std::int64_t> m_days;  ///< a row each; empty unless "date" is asked for
};

// Texts of a run's values.
[[nodiscard]] std::string grouped(std::uint64_t count);           ///< "80,789"
[[nodiscard]] std::string shown(double value, int decimals = 4);  ///< with U+2212 for minus
[[nodiscard]] std::string percent(double share);                  ///< "23.1 %"

}  // namespace pilothouse::pipelines
