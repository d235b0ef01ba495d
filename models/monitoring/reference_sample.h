// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/monitoring/evaluate_kinds.h"

/// Rows drawn from a window or from the reference, where counts are not enough. Inside of the folder.
namespace pilothouse::monitoring {

inline constexpr std::size_t kSampledRows = 10'000;

struct SampledRows {
    ports::RowSet rows;       ///< in order of arrival; columns as asked for, others' types are missing
    std::uint64_t total = 0;  ///< rows there are
};
/// The model's rows (of a label-free monitor those of its version) within the range, of more than kSampledRows those
/// with the smallest hashes of their request ids: the same ones however the log is cut, in bounded memory. `types`: the
/// columns wanted; the time is always among them.
[[nodiscard]] Result<SampledRows> sampleRows(const Judging& j, TimeRange range, const predictions::Arrivals& arrivals,
                                             const std::map<std::string, ports::ColumnType>& types);

/// The monitor's columns (none: the version's features) that the reference's profile can tell apart, as `features`, and
/// their types with those of the columns of clusters.
[[nodiscard]] std::map<std::string, ports::ColumnType> featureTypes(const Judging& j,
                                                                    std::vector<std::string>& features);
/// Trees read single precision and refuse infinities: what is beyond 10³⁸ lies there.
[[nodiscard]] ports::RowSet clipped(const ports::RowSet& rows);

}  // namespace pilothouse::monitoring
