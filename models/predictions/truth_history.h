// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/predictions/prediction_store.h"

namespace pilothouse::predictions {

/// One value that a request's outcome had.
struct TruthRecord {
    double value = 0;
    Timestamp known;
    std::int64_t batch = 0;  ///< what it came in; counts up with arrival
};

/// Every value that arrived for a request, the one that counts first: latest known first, of those known at the same
/// moment the later arrival first. Read from the batches that hold one, not from the others.
[[nodiscard]] Result<std::vector<TruthRecord>> truthHistory(workspace::Database& database, const std::string& model,
                                                            const std::string& requestId);

/// Batches of ground truth that may hold a value for the request, ascending.
[[nodiscard]] Result<std::vector<std::int64_t>> truthBatchesOf(workspace::Database& database, const std::string& model,
                                                               const std::string& requestId);

/// Writes the given batches anew without the values for which `erase` is true, and the chain of checksums behind them.
/// Returns the values erased. Within the caller's transaction.
[[nodiscard]] Result<std::size_t> eraseTruth(workspace::Database& database, std::span<const std::int64_t> batches,
                                             const std::function<bool(const Truth&)>& erase);
/// Removes the model's batches. Returns the values erased. Within the caller's transaction.
[[nodiscard]] Result<std::size_t> eraseTruthOfModel(workspace::Database& database, const std::string& model);
/// Removes the leading batches that hold only what was known before the moment. Returns the values removed. Within the
/// caller's transaction.
[[nodiscard]] Result<std::size_t> dropTruthBefore(workspace::Database& database, Timestamp moment);

}  // namespace pilothouse::predictions
