// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/design_effect.h"

#include <algorithm>
#include <unordered_map>

#include "models/statistics/verdict.h"

namespace pilothouse::monitoring {

double meanClusterSize(std::span<const std::uint32_t> clusters) {
    std::unordered_map<std::uint32_t, double> sizes;
    for (const std::uint32_t cluster : clusters)
        ++sizes[cluster];
    double squares = 0;
    for (const auto& [cluster, size] : sizes)
        squares += size * size;
    return clusters.empty() ? 1 : squares / static_cast<double>(clusters.size());
}

Result<double> designEffect(const PerformanceMetric& metric, const PerformanceRows& reference,
                            std::span<const std::uint32_t> current, const MeasureOptions& options) {
    const double size = meanClusterSize(reference.clusters);
    if (size <= 1) return 1.0;
    PerformanceRows apart = reference;
    apart.clusters.clear();
    PH_ASSIGN(const auto together, measureMetric(metric, reference, options));
    PH_ASSIGN(const auto alone, measureMetric(metric, apart, options));
    const auto width = [](const statistics::Interval& i) { return i.high - i.low; };
    if (!(width(alone.value) > 0)) return width(alone.value) == 0 ? 1.0 : statistics::kNaN;
    const double ratio = width(together.value) / width(alone.value);
    const double correlation = std::max(0.0, (ratio * ratio - 1) / (size - 1));
    if (std::isnan(ratio)) return statistics::kNaN;
    return 1 + (meanClusterSize(current) - 1) * correlation;
}

}  // namespace pilothouse::monitoring
