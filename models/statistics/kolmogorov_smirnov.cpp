// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/kolmogorov_smirnov.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace pilothouse::statistics {

namespace {

constexpr std::uint64_t kAutoRows = 10'000, kExactRows = 100'000;
/// P(D >= d) is at most C exp(-2 n_effective d²) with C below 3 (Wei and Dudley 2012): from here on no double holds it.
constexpr double kBeyondNumbers = 375;

/// P(D >= h / lcm) for n values a side, in closed form.
double outsideSquare(std::uint64_t n, std::uint64_t h) {
    // Σ (-1)^k C(2n, n - kh) / C(2n, n), by Horner so that nothing cancels.
    double p = 0;
    for (std::uint64_t k = n / h + 1; k-- > 0;) {
        double term = 1;
        for (std::uint64_t j = 0; j < h; ++j)
            term *= (static_cast<double>(n) - static_cast<double>(k * h) - static_cast<double>(j)) /
                    static_cast<double>(n + k * h + j + 1);
        p = term * (1 - p);
    }
    return 2 * p;
}

/// P(D >= h / lcm): the chance that a random path from (0, 0) to (m, n) leaves the band |x·ng - y·mg| < h. One column
/// of the band is kept; what lies outside counts as left.
double outsideBand(std::uint64_t m, std::uint64_t n, std::uint64_t g, std::uint64_t h) {
    if (m < n) std::swap(m, n);
    const auto mg = static_cast<std::int64_t>(m / g), ng = static_cast<std::int64_t>(n / g);
    const auto band = static_cast<std::int64_t>(h), top = static_cast<std::int64_t>(n) + 1;
    const auto firstOf = [&](std::int64_t x) {  // smallest y with x·ng - y·mg < h
        const std::int64_t over = x * ng - band;
        return over < 0 ? 0 : over / mg + 1;
    };
    const auto endOf = [&](std::int64_t x) { return std::min((x * ng + band + mg - 1) / mg, top); };
    std::int64_t first = 0, end = endOf(0);
    std::vector<double> column(static_cast<std::size_t>(end), 0.0), next;
    for (std::int64_t x = 1; x <= static_cast<std::int64_t>(m); ++x) {
        const std::int64_t from = firstOf(x), to = endOf(x);
        if (to <= from) return 1;
        next.assign(static_cast<std::size_t>(to - from), 1.0);
        double below = from == 0 ? 0 : 1;
        for (std::int64_t y = from; y < to; ++y) {
            const double left = y >= first && y < end ? column[static_cast<std::size_t>(y - first)] : 1;
            below = (left * static_cast<double>(x) + below * static_cast<double>(y)) / static_cast<double>(x + y);
            next[static_cast<std::size_t>(y - from)] = below;
        }
        column.swap(next);
        first = from;
        end = to;
    }
    return column.back();
}

double exactTail(std::uint64_t m, std::uint64_t n, double d) {
    const std::uint64_t g = std::gcd(m, n);
    const auto h = static_cast<std::uint64_t>(std::llround(d * static_cast<double>(m / g) * static_cast<double>(n)));
    if (h == 0) return 1;
    return std::clamp(m == n ? outsideSquare(n, h) : outsideBand(m, n, g, h), 0.0, 1.0);
}

double differenceOf(const SortedSample& a, const SortedSample& b) {
    // Whole numbers until the end: n·m stays exact in a double far beyond what fits memory.
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    double f = 0, g = 0, most = 0;
    forEachDistinct(a.values(), b.values(), [&](double, std::size_t inA, std::size_t inB) {
        f += static_cast<double>(inA);
        g += static_cast<double>(inB);
        most = std::max(most, std::abs(f * m - g * n));
    });
    return most / (n * m);
}

}  // namespace

Result<TestResult> kolmogorovSmirnov(const SortedSample& a, const SortedSample& b, PValue method) {
    const std::uint64_t n = a.size(), m = b.size(), larger = std::max(n, m);
    if (method == PValue::Exact && larger > kExactRows)
        return fail(ErrorKind::ResourceExhausted,
                    "the exact Kolmogorov-Smirnov p-value stops at 100,000 values a side");
    const double d = differenceOf(a, b);
    const double effective = static_cast<double>(n) * static_cast<double>(m) / static_cast<double>(n + m);
    if (effective * d * d >= kBeyondNumbers) return TestResult{d, 0};
    if (method == PValue::Exact || (method == PValue::Auto && larger <= kAutoRows))
        return TestResult{d, exactTail(n, m, d)};
    const auto rows = static_cast<std::uint64_t>(std::nearbyint(effective));  // to even, as NumPy rounds
    return TestResult{d, kolmogorovTail(std::max<std::uint64_t>(1, rows), d)};
}

Result<KolmogorovSmirnovBounds> kolmogorovSmirnovOnBins(std::span<const std::uint64_t> a,
                                                        std::span<const std::uint64_t> b) {
    if (a.size() != b.size()) return fail(Error::invalid("the two sides are counted on different bins"));
    const auto total = [](std::span<const std::uint64_t> counts) {
        return std::accumulate(counts.begin(), counts.end(), 0.0,
                               [](double sum, std::uint64_t c) { return sum + static_cast<double>(c); });
    };
    const double n = total(a), m = total(b);
    if (n == 0 || m == 0) return fail(Error::invalid("one side has no rows"));
    KolmogorovSmirnovBounds out;
    double f = 0, g = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double nextF = f + static_cast<double>(a[i]) / n, nextG = g + static_cast<double>(b[i]) / m;
        out.low = std::max(out.low, std::abs(nextF - nextG));
        out.high = std::max({out.high, nextF - g, nextG - f});
        f = nextF;
        g = nextG;
    }
    out.low = std::min(out.low, 1.0);
    out.high = std::min(std::max(out.low, out.high), 1.0);
    return out;
}

}  // namespace pilothouse::statistics
