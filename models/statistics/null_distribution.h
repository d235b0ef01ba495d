// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace pilothouse::statistics {

/// The Pearson type III (three-parameter gamma) distribution with the moments of a resampled null. Sums of absolute
/// deviations, such as Wasserstein-1 and total variation, follow it closely far into the upper tail; a fit of two
/// moments is wrong there by factors of three to ten, and the resamples' own ranks end at one over their number.
class PearsonThree {
public:
    PearsonThree() = default;
    /// Skewness below 0.05 (which resampling noise may give) is taken as 0.05.
    PearsonThree(double mean, double deviation, double skewness);
    static PearsonThree fit(std::span<const double> sample);

    [[nodiscard]] double upperTail(double x) const;     ///< P(X ≥ x), never exactly 0
    [[nodiscard]] double critical(double alpha) const;  ///< x with P(X ≥ x) = alpha
    /// About the same mean, `factor` (at least 1) times as wide, because part of the variance is common to all that is
    /// summed up and so has the skewness of one |normal|, about 1.
    [[nodiscard]] PearsonThree widened(double factor) const;
    [[nodiscard]] double mean() const { return m_mean; }
    [[nodiscard]] double deviation() const { return m_deviation; }

private:
    double m_mean = 0, m_deviation = 0, m_skewness = 0.05;
};

/// Upper tail and quantile of the standard normal.
[[nodiscard]] double normalTail(double z);
[[nodiscard]] double normalCritical(double alpha);

/// Fisher's exact test of k of n against kReference of nReference, two-sided by doubling, mid-p (Lancaster 1961).
[[nodiscard]] double fisherMidP(double k, double n, double kReference, double nReference);

struct ShareInterval {
    double low = 0, high = 0;
};
/// Newcombe's (1998, method 10) 95 % interval of the difference of two shares, first less second; n need not be whole.
[[nodiscard]] ShareInterval newcombe(double share, double n, double shareReference, double nReference);

}  // namespace pilothouse::statistics
