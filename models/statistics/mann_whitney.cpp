// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <vector>

#include "models/statistics/null_distribution.h"
#include "models/statistics/rank_tests.h"

namespace pilothouse::statistics {

namespace {

constexpr std::size_t kAutoRows = 8;
constexpr double kAutoPairs = 1e5, kExactPairs = 1e6;

/// P(U <= u) for small <= large values without ties: the coefficients of the Gaussian binomial, one factor
/// (1 - x^(large + i)) / (1 - x^i) after the other, kept as probabilities so that nothing overflows.
double lowerTail(std::size_t small, std::size_t large, std::size_t u) {
    std::vector<double> ways(u + 1, 0.0);
    ways[0] = 1;
    for (std::size_t i = 1; i <= small; ++i) {
        for (std::size_t k = i; k <= u; ++k)
            ways[k] += ways[k - i];
        for (std::size_t k = u + 1; k-- > large + i;)
            ways[k] -= ways[k - large - i];
        const double share = static_cast<double>(i) / static_cast<double>(large + i);
        for (double& w : ways)
            w *= share;
    }
    double sum = 0;
    for (const double w : ways)
        sum += w;
    return sum;
}

}  // namespace

Result<TestResult> mannWhitney(const SortedSample& a, const SortedSample& b, PValue method) {
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size()), total = n + m;
    double below = 0, u = 0, ties = 0;
    forEachDistinct(a.values(), b.values(), [&](double, std::size_t inA, std::size_t inB) {
        u += static_cast<double>(inA) * (below + static_cast<double>(inB) / 2);
        below += static_cast<double>(inB);
        const auto t = static_cast<double>(inA + inB);
        ties += t * t * t - t;
    });
    const std::size_t small = std::min(a.size(), b.size()), large = std::max(a.size(), b.size());
    if (method == PValue::Exact && ties > 0)
        return fail(Error::invalid("the exact Mann-Whitney p-value needs values without ties"));
    if (method == PValue::Exact && n * m > kExactPairs)
        return fail(ErrorKind::ResourceExhausted, "the exact Mann-Whitney p-value stops at a million pairs");
    if (method == PValue::Exact || (method == PValue::Auto && ties == 0 && small <= kAutoRows && n * m <= kAutoPairs)) {
        const double lower = std::min(u, n * m - u);
        return TestResult{u, std::min(1.0, 2 * lowerTail(small, large, static_cast<std::size_t>(lower)))};
    }
    const double variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)));
    if (!(variance > 0)) return fail(Error::invalid("Mann-Whitney needs two distinct values"));
    const double z = (std::max(u, n * m - u) - n * m / 2 - 0.5) / std::sqrt(variance);
    return TestResult{u, std::min(1.0, 2 * normalTail(z))};
}

}  // namespace pilothouse::statistics
