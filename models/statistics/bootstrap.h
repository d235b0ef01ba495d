// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "models/statistics/binning.h"
#include "models/statistics/clusters.h"
#include "models/statistics/performance.h"
#include "models/statistics/random.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

/// 95 % percentile interval of `statistic(weight)` over resampled clusters (ids a row; empty: rows), where
/// `weight(row)` says how often a row was drawn; a statistic may be NaN. Low and high are NaN when `value` is, with
/// fewer than two clusters, when the ids are not one a row, or when half the resamples have no statistic.
/// Deterministic for a seed; resamples are bounded to 100 … 10,000.
template <class Statistic>
Interval clusterBootstrap(double value, std::size_t rows, std::span<const std::uint32_t> clusters, int resamples,
                          std::uint64_t seed, Statistic statistic) {
    Interval out{value, kNaN, kNaN};
    if (std::isnan(value) || (!clusters.empty() && clusters.size() != rows)) return out;
    std::vector<std::uint32_t> ids(clusters.begin(), clusters.end());
    if (ids.empty()) {
        ids.resize(rows);
        std::iota(ids.begin(), ids.end(), 0u);
    }
    const std::size_t number = densify(ids);
    // Ids that no row has would be drawn too, and make the resamples smaller than the sample.
    std::vector<std::uint32_t> used;
    std::vector<std::uint8_t> seen(number, 0);
    for (const std::uint32_t id : ids)
        seen[id] = 1;
    for (std::uint32_t id = 0; id < number; ++id)
        if (seen[id]) used.push_back(id);
    if (used.size() < 2) return out;
    Random random(seed);
    const int count = std::clamp(resamples, 100, 10'000);
    std::vector<double> times(number), values;
    for (int r = 0; r < count; ++r) {
        std::fill(times.begin(), times.end(), 0);
        for (std::size_t c = 0; c < used.size(); ++c)
            ++times[used[random.below(used.size())]];
        const double x = statistic([&](std::uint32_t row) { return times[ids[row]]; });
        if (!std::isnan(x)) values.push_back(x);
    }
    // A class so rare that half the resamples lack it does not carry an interval.
    if (values.size() * 2 < static_cast<std::size_t>(count)) return out;
    std::sort(values.begin(), values.end());
    out.low = quantile(values, 0.025);
    out.high = quantile(values, 0.975);
    return out;
}

}  // namespace pilothouse::statistics
