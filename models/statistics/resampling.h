// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "models/statistics/distance.h"
#include "models/statistics/evidence.h"
#include "models/statistics/null_distribution.h"

namespace pilothouse::statistics {

/// The statistics without drift, at the comparison's effective n.
struct Nulls {
    PearsonThree distance;
    std::vector<PearsonThree> evidence;  ///< as asked for
};
[[nodiscard]] Nulls nullsOf(const Comparison& comparison, std::span<const Evidence> asked, int resamples,
                            std::uint64_t seed);

/// Which clusters were drawn how often in each resample. One table serves all columns of a window, which keeps the
/// columns' dependence too.
class ClusterDraws {
public:
    struct Draw {
        std::uint32_t cluster = 0;
        float times = 0;
    };
    ClusterDraws(int resamples, std::uint64_t seed) : m_resamples(resamples), m_seed(seed) {}
    /// One list a resample, of the clusters that were drawn at all. From any thread; what it returns stays.
    [[nodiscard]] const std::vector<std::vector<Draw>>& of(std::size_t clusters);

private:
    int m_resamples;
    std::uint64_t m_seed;
    std::mutex m_guard;
    std::map<std::size_t, std::vector<std::vector<Draw>>> m_draws;
};

struct EffectInterval {
    double low = 0, high = 0;
};
/// 95 % percentile interval of the effect over resampled clusters (rows when there are none) and a resampled reference.
[[nodiscard]] EffectInterval effectInterval(const Comparison& comparison, const CurrentCounts& current,
                                            ClusterDraws& draws, int resamples, std::uint64_t seed);

}  // namespace pilothouse::statistics
