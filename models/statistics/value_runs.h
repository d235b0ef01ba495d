// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pilothouse::statistics {

/// A value and how often it came. Lists of them ascend, without repetition.
struct ValueRun {
    double value = 0;
    std::uint64_t count = 0;
    bool operator==(const ValueRun&) const = default;
};

/// Of ascending values.
[[nodiscard]] std::vector<ValueRun> runsOf(std::span<const double> sorted);
[[nodiscard]] std::uint64_t countOf(std::span<const ValueRun> runs);
/// Type 7 of Hyndman and Fan (1996), the default of R and NumPy; 0 of no values.
[[nodiscard]] double quantile(std::span<const ValueRun> runs, double q);

}  // namespace pilothouse::statistics
