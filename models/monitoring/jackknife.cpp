// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/jackknife.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "models/statistics/random.h"
#include "models/statistics/verdict.h"

namespace pilothouse::monitoring {

JackknifeGroups jackknifeGroups(std::size_t rows, std::span<const std::uint32_t> clusters, std::size_t most,
                                std::uint64_t seed) {
    JackknifeGroups out;
    if (rows == 0) return out;
    const std::size_t units = clusters.empty() ? rows : std::ranges::max(clusters) + std::size_t{1};
    std::vector<std::uint32_t> place(units);
    std::iota(place.begin(), place.end(), 0u);
    statistics::Random random(seed);
    for (std::size_t i = units; i > 1; --i)
        std::swap(place[i - 1], place[random.below(i)]);
    out.groups = std::min(most, units);
    out.ofRow.resize(rows);
    for (std::size_t row = 0; row < rows; ++row)
        out.ofRow[row] = static_cast<std::uint32_t>(place[clusters.empty() ? row : clusters[row]] % out.groups);
    return out;
}

statistics::Interval jackknifeInterval(double value, std::span<const double> withoutGroup) {
    statistics::Interval out{value, statistics::kNaN, statistics::kNaN};
    if (!std::isfinite(value) || withoutGroup.size() < 2) return out;
    const auto groups = static_cast<double>(withoutGroup.size());
    double mean = 0, squares = 0;
    for (const double x : withoutGroup)
        mean += x / groups;
    for (const double x : withoutGroup)
        squares += (x - mean) * (x - mean);
    if (!std::isfinite(squares)) return out;
    const double half =
        boost::math::quantile(boost::math::students_t(groups - 1), 0.975) * std::sqrt((groups - 1) / groups * squares);
    out.low = value - half;
    out.high = value + half;
    return out;
}

}  // namespace pilothouse::monitoring
