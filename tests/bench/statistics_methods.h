// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/statistics_sources.h"

namespace pilothouse::bench {

/// A statistic of two windows: larger says more of a change.
struct MethodValue {
    std::string name;
    bool ours = false;  ///< on frozen bins, so that a profile suffices; otherwise as Evidently or NannyML compute it
    double value = 0;
};
/// Every method's statistic of the kind, the default's first, always in the same order.
[[nodiscard]] std::vector<MethodValue> methodValues(const ColumnKindSource& kind, const SourceRows& reference,
                                                    const SourceRows& current);

}  // namespace pilothouse::bench
