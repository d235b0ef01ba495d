// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "models/statistics/drift.h"
#include "models/statistics/verdict.h"

/// Judging a window's count or share against the windows before it. The spread *between* windows is what a new window
/// is measured with, because windows differ by more than the chance of their rows (weather, holidays, storms).
namespace pilothouse::monitoring {

/// Rows of one earlier window; `group` is what it is compared within (the weekday).
struct CountBefore {
    int group = 0;
    std::uint64_t rows = 0;
    bool drifted = false;
};

/// Traffic: the count against the mean of the earlier windows of its group, a Poisson count with a dispersion estimated
/// by Pearson's χ² over all groups (never below 1), so a prediction test with Student's t (McCullagh and Nelder,
/// Generalized Linear Models, 1989, 4.5 and 6.2). Effect: share above or below what was expected, with its 95 %
/// prediction interval. Insufficient with fewer than two windows of the group, or fewer than `wanted` windows at all.
[[nodiscard]] statistics::Verdict judgeCount(std::uint64_t rows, int group, std::span<const CountBefore> before,
                                             int wanted, const statistics::DriftOptions& options);

/// Rows of one earlier window, and how many of them had the property.
struct ShareBefore {
    double share = 0;
    std::uint64_t rows = 0;
    bool drifted = false;
};

/// A share (missing values, rows without an outcome) against the mean share of the earlier windows: one-sided (only a
/// rise is a fault), Student's t with the variance between windows, never below the binomial one (Jeffreys' estimate of
/// the share, so that a reference of none is not a certainty). Insufficient with fewer than half of the `wanted`
/// windows. Effect: difference of the shares, with its 95 % prediction interval. The state is only settled by settle(),
/// once the p-values of all columns are known.
[[nodiscard]] statistics::Verdict measureShare(std::uint64_t hits, std::uint64_t rows,
                                               std::span<const ShareBefore> before, int wanted, double minimumEffect,
                                               const statistics::DriftOptions& options);

/// A positive number of one earlier window, such as a quantile of its latencies.
struct LevelBefore {
    double level = 0;
    std::uint64_t rows = 0;
    bool drifted = false;
};

/// A level against those of the earlier windows, on the scale of its logarithm, where levels spread alike however high
/// they are: a prediction test with Student's t (only a rise is a fault). Effect: how much higher than the geometric
/// mean of the windows before, in parts of it, with its 95 % prediction interval. Insufficient with fewer than half of
/// the `wanted` windows. Levels that are not positive count as the least positive double.
[[nodiscard]] statistics::Verdict judgeLevel(double level, std::span<const LevelBefore> before, int wanted,
                                             const statistics::DriftOptions& options);

/// How many different values a column has, against the earlier windows (level: that number; rows: those with a value):
/// a prediction test with Student's t of its logarithm, less what the number of rows explains: with n times the rows of
/// the windows' geometric mean, anything from as many values (a city) to n times as many (an id). Two-sided; the
/// deviation is never below that of one value more or less. Effect: how many more or fewer there are, in parts, with
/// its 95 % prediction interval. Insufficient, and settled, as measureShare().
[[nodiscard]] statistics::Verdict measureDistinct(double values, std::uint64_t rows,
                                                  std::span<const LevelBefore> before, int wanted,
                                                  const statistics::DriftOptions& options);

/// Sets q-values (Benjamini and Hochberg over all of them) and states of verdicts from measureShare() or
/// measureDistinct() of one window: drift where q is at most the false-alarm rate and the effect, up or down, at least
/// the minimum.
void settle(std::span<statistics::Verdict*> verdicts, const statistics::DriftOptions& options);

/// A fixed rule: drift when the share exceeds `limit`.
[[nodiscard]] statistics::Verdict judgeLimit(const char* method, std::uint64_t hits, std::uint64_t rows, double limit);

}  // namespace pilothouse::monitoring
