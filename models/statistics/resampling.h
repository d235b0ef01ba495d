// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/statistics/distance.h"
#include "models/statistics/null_distribution.h"

namespace pilothouse::statistics {

/// The statistic without drift, at the comparison's effective n.
[[nodiscard]] PearsonThree nullOf(const Comparison& comparison, int resamples, std::uint64_t seed);

/// How often each of `clusters` clusters was drawn in each resample, [resample][cluster]. One table serves all columns
/// of a window, which keeps the columns' dependence too.
class ClusterDraws {
public:
    ClusterDraws(int resamples, std::uint64_t seed) : m_resamples(resamples), m_seed(seed) {}
    [[nodiscard]] const std::vector<std::uint16_t>& of(std::size_t clusters);

private:
    int m_resamples;
    std::uint64_t m_seed;
    std::map<std::size_t, std::vector<std::uint16_t>> m_draws;
};

struct EffectInterval {
    double low = 0, high = 0;
};
/// 95 % percentile interval of the effect over resampled clusters (rows when there are none) and a resampled reference.
[[nodiscard]] EffectInterval effectInterval(const Comparison& comparison, const CurrentCounts& current,
                                            ClusterDraws& draws, int resamples, std::uint64_t seed);

}  // namespace pilothouse::statistics
