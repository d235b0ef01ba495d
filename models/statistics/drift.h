// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/statistics/profile.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

/// The current window's counts on a column profile's frozen bins. With clusters, one row of counts a cluster.
struct CurrentCounts {
    std::vector<std::uint64_t> counts;  ///< as ColumnProfile::counts
    /// Numeric: in the lowest and highest bin the sum of its values, clipped at the profile's clip bounds; else 0.
    std::vector<double> binSums;
    /// Numeric, lowest and highest bin: sum of squares of (clipped value - nearest edge) / scale, for the interval.
    std::array<double, 2> outerSquares{};
    std::array<std::uint64_t, 2> beyond{};  ///< numeric: values below the reference's least, above its greatest
    std::uint64_t missing = 0;
    std::uint64_t unseen = 0;  ///< categorical: rows with a value the reference never held (counted in the last bin)
    /// [cluster][bin], rows without a missing value only; empty: rows are independent.
    std::vector<std::vector<std::uint32_t>> clusterCounts;
    std::vector<std::uint32_t> clusterMissing;            ///< missing values a cluster
    std::vector<std::array<double, 2>> clusterOuterSums;  ///< numeric: each cluster's share of the outer bins' sums
    std::vector<std::uint32_t> clusterUnseen;             ///< categorical
    [[nodiscard]] std::uint64_t n() const {
        std::uint64_t total = missing;
        for (const std::uint64_t c : counts)
            total += c;
        return total;
    }
};

/// Counts on the profile's bins. `clusters`: empty or one id (dense, from 0) a value.
[[nodiscard]] CurrentCounts countNumeric(const ColumnProfile& profile, std::span<const double> values,
                                         std::span<const std::uint32_t> clusters);
[[nodiscard]] CurrentCounts countCategorical(const ColumnProfile& profile, std::span<const std::uint32_t> codes,
                                             std::span<const std::string> dictionary,
                                             std::span<const std::uint32_t> clusters);

struct DriftOptions {
    double falseAlarmRate = 0.01;        ///< q of Benjamini-Hochberg over all columns of the window
    double minimumEffect = 0.1;          ///< σ of the reference, or total variation
    double minimumMissingEffect = 0.01;  ///< share
    double power = 0.8;                  ///< at twice the minimum effect; below it an "ok" is "insufficient"
    int resamples = 400;  ///< of the interval (bounded to 100 … 10,000); the null takes up to five times as many
    std::uint64_t seed = 1;
};

struct ColumnDrift {
    std::string column;
    Verdict distribution;  ///< of the values that are there
    Verdict missing;       ///< of the missing share
};

/// Judges all columns of one window together, on all processors. Deterministic for a seed, whatever the number of
/// threads: own generators, numbers rounded to ten digits.
///
/// Statistic, by kind of column: numeric ("wasserstein_sigma") the Wasserstein-1 distance of the two histograms on the
/// frozen bins over `scale`, each bin's mass at the bin's reference mean, the current outer bins' mass at their own
/// clipped mean; categorical ("total_variation") half the L1 distance of the shares, unseen values a bin of their own;
/// missing share ("missing_share") the absolute difference. A numeric column that is constant in the reference is
/// categorical here: the constant, and all else.
///
/// p-value: of the statistics that see most in a column of its kind (evidenceOf()): the distance itself for a
/// continuous column or with clusters, χ², Anderson-Darling and the largest deviations for others; and, for a numeric
/// column without clusters, how many values lie beyond all of the reference's (beyondPValue()), with a twentieth of the
/// false alarms. `threshold` is of the distance.
///
/// Null: both samples drawn by multinomial resampling from the reference's shares (Jeffreys: 0.5 a bin) at the
/// effective (n_reference, n_current), where n over the larger of both windows' design effects (Kish 1965; of this very
/// statistic) is effective. A Pearson III distribution with the null's mean, variance and skewness gives p-values finer
/// than one over the number of resamples; tests/bench measures how well. Missing share: Fisher's exact test, two-sided
/// mid-p (Lancaster 1961).
///
/// Effect: the statistic less what noise alone contributes, sqrt(T² - E0²), E0 the null's expectation in closed form,
/// at least 0; so a small window does not look like a shifted one. Its 95 % interval: percentiles over resampled
/// clusters (or rows) and a resampled reference. Missing share: Newcombe's (1998) hybrid score interval at the
/// effective n.
///
/// Drift: rejected by Benjamini-Hochberg, and the interval clears the minimum effect. Insufficient: not drift, and the
/// chance to have called twice the minimum effect a drift is below `power` at this n.
[[nodiscard]] std::vector<ColumnDrift> judgeDrift(std::span<const ColumnProfile> reference,
                                                  std::span<const CurrentCounts> current, const DriftOptions& options);

/// The effect of the distribution alone (no verdict, no random numbers), for a picture: the same number as the
/// verdict's. NaN where the verdict would be unavailable.
[[nodiscard]] double driftEffect(const ColumnProfile& reference, const CurrentCounts& current);

/// q-values of Benjamini and Hochberg (1995); NaN p-values keep NaN and do not count.
[[nodiscard]] std::vector<double> benjaminiHochberg(std::span<const double> pValues);

}  // namespace pilothouse::statistics
