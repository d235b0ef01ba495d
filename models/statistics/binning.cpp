// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/binning.h"

#include <algorithm>
#include <cmath>

namespace pilothouse::statistics {

namespace {

double between(double low, double high) {
    const double middle = low / 2 + high / 2;  // halves first: the sum may overflow
    return middle > low && middle <= high ? middle : high;
}

}  // namespace

std::vector<double> equalMassEdges(std::span<const ValueRun> runs, std::size_t bins) {
    std::vector<double> edges;
    if (runs.empty()) return edges;
    if (runs.size() == 1) {
        const double v = runs.front().value;
        return {v, std::nextafter(v, HUGE_VAL)};
    }
    std::uint64_t left = countOf(runs), inBin = 0;
    std::size_t wanted = std::max<std::size_t>(bins, 2);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (i > 0 && inBin > 0 && wanted > 1) {
            // Close the bin before this run when it is full, or when taking the run would overshoot by more than is
            // lacking.
            const double target = static_cast<double>(left) / static_cast<double>(wanted);
            const double now = static_cast<double>(inBin), next = now + static_cast<double>(runs[i].count);
            if (runs.size() <= bins || now >= target || next - target > target - now) {
                edges.push_back(between(runs[i - 1].value, runs[i].value));
                left -= inBin;
                inBin = 0;
                --wanted;
            }
        }
        inBin += runs[i].count;
    }
    if (edges.empty()) edges.push_back(between(runs[runs.size() - 2].value, runs.back().value));
    return edges;
}

std::size_t binOf(std::span<const double> edges, double value) {
    return static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), value) - edges.begin());
}

BinFinder::BinFinder(std::span<const double> edges) : m_edges(edges) {
    if (!edges.empty()) m_first = edges.front();
    if (edges.size() > 1) m_perUnit = kCells / (edges.back() - edges.front());
    if (!(m_perUnit > 0) || !std::isfinite(m_perUnit)) m_perUnit = 0;
    // A greater number never has a lesser cell, so what lies between two cells' edges is right however they are
    // rounded.
    for (const double edge : edges)
        ++m_cells[cellOf(edge)].compared;
    std::uint32_t below = 0;
    for (Cell& cell : m_cells) {
        cell.below = below;
        below += cell.compared;
        m_compared = std::max(m_compared, cell.compared);
        if (cell.compared > 0) cell.edge = edges[cell.below];
    }
}

double quantile(std::span<const double> sorted, double q) {
    if (sorted.empty()) return 0;
    const double at = q * static_cast<double>(sorted.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    if (low + 1 >= sorted.size()) return sorted.back();
    const double part = at - static_cast<double>(low);
    return sorted[low] * (1 - part) + sorted[low + 1] * part;
}

std::vector<double> binGaps(const ColumnProfile& profile) {
    std::vector<double> gaps;
    for (std::size_t i = 0; i + 1 < profile.binMeans.size(); ++i)
        gaps.push_back(profile.binMeans[i + 1] / profile.scale - profile.binMeans[i] / profile.scale);
    return gaps;
}

}  // namespace pilothouse::statistics
