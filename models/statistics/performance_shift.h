// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/base/result.h"
#include "models/statistics/performance.h"

namespace pilothouse::statistics {

/// Losses (or any measure whose mean is the metric: 1 for a right answer, a squared or a logarithmic error) of rows
/// with a known outcome. NaN: not known yet.
struct LossRows {
    std::span<const double> losses;
    std::span<const std::uint32_t> clusters;  ///< empty, or one id a row
};

/// Why a metric changed between a reference and a current window, as far as the inputs can say. The reference's losses
/// reweighted to the current inputs (Shimodaira 2000) are what the same model would lose there if nothing but the
/// inputs had moved: that difference is covariate drift; the rest of the change is concept drift. (Cai, Namkoong and
/// Yadlowsky 2023 take it apart in the same way on a shared distribution.)
struct PerformanceShift {
    double reference = 0, reweighted = 0, current = 0;  ///< mean losses
    Interval total;                                     ///< current - reference
    Interval covariate;                                 ///< reweighted - reference
    Interval conceptual;                                ///< current - reweighted
    /// Kish's (1965) effective number of reference rows after weighting, (Σ w)² / Σ w²: where it is small, the current
    /// inputs lie where the reference has few rows, and neither part is known well.
    double effectiveRows = 0;
    double largestWeight = 0;  ///< share of all weight that one row has
    std::uint64_t referenceRows = 0, currentRows = 0, currentLabelled = 0;
    [[nodiscard]] double maturity() const {  ///< share of the current rows whose outcome is known
        return currentRows == 0 ? 0 : static_cast<double>(currentLabelled) / static_cast<double>(currentRows);
    }
};

/// `weights`: the density ratio current / reference of each reference row's inputs, up to a factor; at least 0.
/// Intervals are 95 %, normal, from linearised standard errors over clusters (rows without any); the weights are taken
/// as known, which leaves their own error out. Fails when lengths differ, a weight is negative or not finite, no weight
/// is positive, a loss is infinite, or either side has fewer than two rows or clusters with a known outcome.
[[nodiscard]] Result<PerformanceShift> explainShift(const LossRows& reference, std::span<const double> weights,
                                                    const LossRows& current);

/// (Σ w)² / Σ w²; NaN without weight.
[[nodiscard]] double effectiveSampleSize(std::span<const double> weights);

}  // namespace pilothouse::statistics
