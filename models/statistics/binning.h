// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "models/statistics/profile.h"
#include "models/statistics/value_runs.h"

namespace pilothouse::statistics {

/// Inner edges of about `bins` bins of equal mass over finite values. Equal values are never parted; with no
/// more distinct values than bins each gets its own. An edge lies midway between two neighbours, so that a value that
/// differs in its last bits still meets its bin. Constant values get an edge on either side.
[[nodiscard]] std::vector<double> equalMassEdges(std::span<const ValueRun> runs, std::size_t bins);

/// Bin of a value that is not NaN: bin i is [edges[i-1], edges[i]), the outer bins are open.
[[nodiscard]] std::size_t binOf(std::span<const double> edges, double value);

/// Finds the bin of a number (as binOf() does, which is the definition) by a table over the span of the edges: it gives
/// the edges that are below a number for certain, and those that it has to be compared with. A NaN has no bin; it gets
/// some number below bins(). The edges must outlive it.
class BinFinder {
public:
    explicit BinFinder(std::span<const double> edges);
    [[nodiscard]] std::size_t bins() const { return m_edges.size() + 1; }
    /// Not more than one edge in a cell.
    [[nodiscard]] bool simple() const { return m_compared <= 1; }
    [[nodiscard]] std::size_t simpleBinOf(double value) const {
        const Cell& cell = m_cells[cellOf(value)];
        return cell.below + (value >= cell.edge ? 1u : 0u);
    }
    [[nodiscard]] std::size_t binOf(double value) const {
        const Cell& cell = m_cells[cellOf(value)];
        const auto first = m_edges.begin() + cell.below;
        return static_cast<std::size_t>(std::upper_bound(first, first + cell.compared, value) - m_edges.begin());
    }

private:
    static constexpr std::uint32_t kCells = 1'024;
    struct Cell {
        double edge = std::numeric_limits<double>::quiet_NaN();  ///< the first one to compare with; NaN: none
        std::uint32_t below = 0, compared = 0;
    };
    [[nodiscard]] std::size_t cellOf(double value) const {
        const double cell = (value - m_first) * m_perUnit;
        return cell >= kCells ? kCells : cell > 0 ? static_cast<std::size_t>(cell) : 0;  // NaN: the first one
    }
    std::span<const double> m_edges;
    double m_first = 0, m_perUnit = 0;
    std::uint32_t m_compared = 0;
    std::array<Cell, kCells + 1> m_cells{};
};

/// Type 7 of Hyndman and Fan (1996) over ascending values, the default of R and NumPy.
[[nodiscard]] double quantile(std::span<const double> sorted, double q);

/// Distance that a shift by one bin covers, in `scale`: between neighbouring bin means. One less than there are bins.
[[nodiscard]] std::vector<double> binGaps(const ColumnProfile& profile);

}  // namespace pilothouse::statistics
