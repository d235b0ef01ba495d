// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::statistics {

/// Isotonic regression: the non-decreasing function of the score that is nearest to the outcomes in squares, found by
/// pooling adjacent violators (Ayer et al. 1955; Best and Chakravarti 1990). Between scores it is interpolated, beyond
/// them it stays at the ends, as scikit-learn's IsotonicRegression(out_of_bounds="clip").
class Isotonic {
public:
    /// Fails when lengths differ, nothing is there, or a score is not finite.
    [[nodiscard]] static Result<Isotonic> fit(std::span<const double> scores, std::span<const std::uint8_t> outcomes);
    /// The outcome's probability at a score; NaN stays NaN.
    [[nodiscard]] double operator()(double score) const;

private:
    std::vector<double> m_scores, m_shares;  ///< corners of the function
};

/// Would an isotonic map, fitted on nine tenths of the rows and applied to the rest, lower the calibration error there?
/// NannyML's rule: ten stratified splits, all held-out rows pooled, the error over ten bins of equal count. Its splits
/// come from scikit-learn's generator and ours from a seed, so rows near the border may be judged differently. False
/// with one class only, with scores that part the classes (AUC above 0.999), or with fewer than forty rows.
[[nodiscard]] bool needsCalibration(std::span<const double> scores, std::span<const std::uint8_t> outcomes,
                                    std::uint64_t seed);

}  // namespace pilothouse::statistics
