// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "models/base/result.h"

namespace pilothouse::statistics {

/// A test of counts on the same bins: statistic, degrees of freedom, upper tail of χ².
struct CountTest {
    double statistic = 0;
    std::size_t degrees = 0;
    double pValue = 1;
};

/// Two samples' counts a bin; bins that are empty on both sides do not count. All fail when the lengths differ, a side
/// has no rows, or fewer than two bins have rows.

/// Pearson's χ² of the 2 × k table, Σ (o - e)² / e. `yates` moves each cell of a 2 × 2 table by up to 0.5 towards what
/// is expected (Yates 1934; SciPy's default for one degree of freedom); larger tables are not touched.
[[nodiscard]] Result<CountTest> chiSquare(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b,
                                          bool yates);
/// The likelihood ratio 2 Σ o ln(o / e) of the same table (SciPy's lambda_="log-likelihood"), with `yates` as above.
[[nodiscard]] Result<CountTest> gTest(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b, bool yates);

/// Evidently's: the current counts against the reference's, which are taken as known without error and scaled to the
/// current number of rows. A value that the reference never held makes the statistic infinite and p 0; its false alarms
/// are too many unless the reference is far larger.
[[nodiscard]] Result<CountTest> chiSquareEvidently(std::span<const std::uint64_t> reference,
                                                   std::span<const std::uint64_t> current);

}  // namespace pilothouse::statistics
