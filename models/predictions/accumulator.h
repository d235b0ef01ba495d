// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "models/predictions/bucketing.h"
#include "models/statistics/quantile_counts.h"

namespace pilothouse::predictions {

/// One measure over all cells. Thread: one at a time.
class Accumulator {
public:
    /// `distinct`: of the values that a quantile counts, in each cell (statistics::QuantileCounts).
    Accumulator(const ports::MeasureSpec& spec, std::size_t cells, std::size_t distinct);

    /// Sums of numbers depend on the order in which they are added: those come in order of arrival, so that the cut
    /// into batches does not show. All other measures may be accumulated in parts, in any order, and merged.
    [[nodiscard]] static bool anyOrder(ports::Measure measure) {
        return measure != ports::Measure::Mean && measure != ports::Measure::Sum;
    }

    /// The block's rows that were bucketed last.
    [[nodiscard]] Status add(BlockView& view, const Bucketing& rows);
    /// Of the same measure and cells.
    void merge(const Accumulator& other);
    /// NaN where no row counts. `q`: of a quantile; one accumulator serves all quantiles of its field.
    [[nodiscard]] double result(std::size_t cell, double q) const;
    /// Of a quantile; 0: exact.
    [[nodiscard]] double relativeError(std::size_t cell) const;

private:
    template <class Counts, class Use>
    void each(const Bucketing& rows, Counts&& counts, Use&& use);
    void addIf(std::size_t cell, bool counts) { m_value[cell] += counts ? 1 : 0; }
    [[nodiscard]] Status addErrors(BlockView& view, const Bucketing& rows);
    [[nodiscard]] Status addMissing(BlockView& view, const Bucketing& rows);
    [[nodiscard]] Status addOutcomes(BlockView& view, const Bucketing& rows);
    [[nodiscard]] Status addNumbers(BlockView& view, const Bucketing& rows);

    ports::MeasureSpec m_spec;
    std::vector<std::uint64_t> m_n;
    std::vector<double> m_value;
    std::vector<statistics::QuantileCounts> m_quantiles;
};

}  // namespace pilothouse::predictions
