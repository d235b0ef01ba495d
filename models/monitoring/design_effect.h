// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "models/monitoring/performance_metrics.h"

/// How much wider an interval is for rows that come in clusters. Pure, for any thread.
namespace pilothouse::monitoring {

/// The size of the cluster that a row lies in, on the mean over rows: Σ mᵢ² / Σ mᵢ. 1 of no clusters.
[[nodiscard]] double meanClusterSize(std::span<const std::uint32_t> clusters);

/// The variance of the metric over rows in `current` clusters, over that of as many independent rows: 1 + (m - 1) ρ
/// (Kish, Survey Sampling, 1965, 5.4), with m the mean cluster size there and ρ what the same formula gives for the
/// reference, whose metric is measured with its clusters and without. At least 1; NaN where the reference's clusters
/// are too few for an interval.
[[nodiscard]] Result<double> designEffect(const PerformanceMetric& metric, const PerformanceRows& reference,
                                          std::span<const std::uint32_t> current, const MeasureOptions& options);

}  // namespace pilothouse::monitoring
