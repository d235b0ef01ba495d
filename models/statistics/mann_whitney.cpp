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

/// Ranks of two sides, one group of equal values after the other.
struct Ranks {
    double n = 0, m = 0;
    double u = 0;     ///< pairs that the first side wins, ties half
    double ties = 0;  ///< Σ t³ - t
    void group(double inA, double inB) {
        u += inA * (m + inB / 2);
        n += inA;
        m += inB;
        const double t = inA + inB;
        ties += t * t * t - t;
    }
    [[nodiscard]] Result<TestResult> asymptotic() const {
        const double total = n + m, variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)));
        if (!(variance > 0)) return fail(Error::invalid("Mann-Whitney needs two distinct values"));
        const double z = (std::max(u, n * m - u) - n * m / 2 - 0.5) / std::sqrt(variance);
        return TestResult{u, std::min(1.0, 2 * normalTail(z))};
    }
};

}  // namespace

Result<TestResult> mannWhitney(const SortedSample& a, const SortedSample& b, PValue method) {
    Ranks ranks;
    forEachDistinct(a.values(), b.values(), [&](double, std::size_t inA, std::size_t inB) {
        ranks.group(static_cast<double>(inA), static_cast<double>(inB));
    });
    const std::size_t small = std::min(a.size(), b.size()), large = std::max(a.size(), b.size());
    const double pairs = ranks.n * ranks.m;
    if (method == PValue::Exact && ranks.ties > 0)
        return fail(Error::invalid("the exact Mann-Whitney p-value needs values without ties"));
    if (method == PValue::Exact && pairs > kExactPairs)
        return fail(ErrorKind::ResourceExhausted, "the exact Mann-Whitney p-value stops at a million pairs");
    const bool cheap = ranks.ties == 0 && small <= kAutoRows && pairs <= kAutoPairs;
    if (method == PValue::Asymptotic || (method == PValue::Auto && !cheap)) return ranks.asymptotic();
    const double lower = std::min(ranks.u, pairs - ranks.u);
    return TestResult{ranks.u, std::min(1.0, 2 * lowerTail(small, large, static_cast<std::size_t>(lower)))};
}

Result<TestResult> mannWhitneyOnBins(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
    if (a.size() != b.size()) return fail(Error::invalid("the two sides are counted on different bins"));
    Ranks ranks;
    for (std::size_t i = 0; i < a.size(); ++i)
        ranks.group(static_cast<double>(a[i]), static_cast<double>(b[i]));
    if (ranks.n == 0 || ranks.m == 0) return fail(Error::invalid("one side has no rows"));
    return ranks.asymptotic();
}

}  // namespace pilothouse::statistics
