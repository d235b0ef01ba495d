// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/performance_rows.h"

/// What a version's outcomes were when it was new: what its performance without labels is estimated from. Inside of the
/// folder.
namespace pilothouse::monitoring {

/// Where those rows may lie (of a multivariate monitor: those of any version): the time that the version's profile was
/// made of, else MonitorDefinition::referenceTime from the first row on. Rows or labels that come later, there or
/// before, change every estimate.
[[nodiscard]] Result<std::vector<TimeRange>> outcomeReferenceRanges(const Judging& j);

struct OutcomeReference {
    TimeRange range;
    PerformanceRows rows;
    std::string problem;  ///< why there is none; empty: there is one
};
/// The first 50,000 of those rows in order of arrival that have an outcome; at least 300 (of a binary model with 30 of
/// each class), with the monitor's clusters.
[[nodiscard]] Result<OutcomeReference> outcomeReference(const Judging& j, Task task);

}  // namespace pilothouse::monitoring
