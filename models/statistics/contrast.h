// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace pilothouse::statistics {

/// How a share among some rows differs from that among the rest, all intervals simultaneously 95 % over so many
/// comparisons (Bonferroni).
struct ShareContrast {
    double share = 0, rest = 0;                ///< NaN where there are no rows
    double difference = 0, low = 0, high = 0;  ///< share - rest, and its interval (Newcombe 1998, method 10)
    double lift = 0;                           ///< share / rest; infinite where the rest has none
    /// The lift nearest to 1 that the two Wilson (1927) intervals allow: what is safe to say. 1 where they overlap.
    double safeLift = 1;
    bool clear = false;  ///< the interval of the difference does not hold 0
};
/// k of n rows against kRest of nRest. Rows are taken as independent: neighbours in time that are alike narrow the
/// intervals too much.
[[nodiscard]] ShareContrast contrastShares(std::uint64_t k, std::uint64_t n, std::uint64_t kRest, std::uint64_t nRest,
                                           std::size_t comparisons);

}  // namespace pilothouse::statistics
