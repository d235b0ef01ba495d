// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "models/statistics/sample.h"
#include "tests/bench/statistics_sources.h"

namespace pilothouse::bench {

/// What Evidently (0.7) does by default with more than 1,000 reference rows: the Wasserstein distance over NumPy's σ of
/// a numeric column, the Jensen-Shannon distance of a categorical one, drift from 0.1 on. By our own functions, which
/// tests/statistics holds to Evidently's; --peers asks Evidently itself about a part of the rows.
class EvidentlyDefault {
public:
    EvidentlyDefault(const ColumnKindSource& kind, const SourceRows& reference);
    [[nodiscard]] bool alarms(const SourceRows& current) const { return statistic(current) >= 0.1; }
    [[nodiscard]] double statistic(const SourceRows& current) const;

private:
    std::optional<statistics::SortedSample> m_sorted;
    std::vector<double> m_shares;
};

/// Counts of the codes, missing ones left out.
[[nodiscard]] std::vector<std::uint64_t> codeCounts(const SourceRows& rows, std::size_t words);

}  // namespace pilothouse::bench
