// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/statistics/profile.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

/// The current window's counts on a column profile's frozen bins. With clusters, one row of counts a cluster.
struct CurrentCounts {
    std::vector<std::uint64_t> counts;     ///< as ColumnProfile::counts
    std::vector<double> binSums;           ///< numeric: sum of the values in each bin (for outer bins beyond the reference)
    std::uint64_t missing = 0;
    std::uint64_t unseen = 0;              ///< categorical: rows with a value the reference never held
    /// [cluster][bin], rows without a missing value only; empty: rows are independent.
    std::vector<std::vector<std::uint32_t>> clusterCounts;
    std::vector<std::uint32_t> clusterMissing;  ///< missing values a cluster
    [[nodiscard]] std::uint64_t n() const {
        std::uint64_t total = missing;
        for (const std::uint64_t c : counts) total += c;
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
    int resamples = 400;                 ///< of null and interval
    std::uint64_t seed = 1;
};

struct ColumnDrift {
    std::string column;
    Verdict distribution;   ///< of the values that are there
    Verdict missing;        ///< of the missing share
};

/// Judges all columns of one window together. Deterministic for a seed, whatever the machine.
/// Method a kind of column: numeric Wasserstein-1 over σ of the reference on frozen bins, categorical total variation.
[[nodiscard]] std::vector<ColumnDrift> judgeDrift(std::span<const ColumnProfile> reference,
                                                  std::span<const CurrentCounts> current, const DriftOptions& options);

/// The effect alone (no verdict), for a picture.
[[nodiscard]] double driftEffect(const ColumnProfile& reference, const CurrentCounts& current);

/// q-values of Benjamini and Hochberg (1995); NaN p-values keep NaN and do not count.
[[nodiscard]] std::vector<double> benjaminiHochberg(std::span<const double> pValues);

}  // namespace pilothouse::statistics
