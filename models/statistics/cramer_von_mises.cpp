// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <boost/math/special_functions/bessel.hpp>
#include <boost/math/special_functions/binomial.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

#include "models/statistics/rank_tests.h"

namespace pilothouse::statistics {

namespace {

constexpr std::size_t kAutoRows = 20, kExactRows = 25;

/// How many orders have which value, ascending by value. Counts stay below C(50, 25) < 2^53: exact.
using Frequencies = std::vector<std::pair<std::int64_t, double>>;

Frequencies sumOf(const Frequencies& a, const Frequencies& b, std::int64_t shift) {
    Frequencies out;
    out.reserve(a.size() + b.size());
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (j == b.size() || (i < a.size() && a[i].first < b[j].first))
            out.push_back(a[i++]);
        else if (i == a.size() || b[j].first < a[i].first)
            out.push_back(b[j++]);
        else {
            out.emplace_back(a[i].first, a[i].second + b[j].second);
            ++i;
            ++j;
        }
        out.back().first += shift;
    }
    return out;
}

/// P(T >= t) over all orders of m and n distinct values; u is Anderson's U.
double exactTail(double u, std::int64_t m, std::int64_t n) {
    const std::int64_t lcm = std::lcm(m, n), a = lcm / m, b = lcm / n;
    const auto mn = static_cast<double>(m * n), scale = static_cast<double>(lcm * lcm * (m + n));
    const double zeta = std::floor(scale * (6 * u - mn * (4 * mn - 1)) / (6 * mn * mn));
    std::vector<Frequencies> row(static_cast<std::size_t>(m) + 1);
    for (std::int64_t y = 0; y <= n; ++y) {
        Frequencies left;
        for (std::int64_t x = 0; x <= m; ++x) {
            Frequencies& cell = row[static_cast<std::size_t>(x)];
            const std::int64_t step = (a * x - b * y) * (a * x - b * y);
            if (x == 0 && y == 0)
                cell = {{0, 1.0}};
            else
                cell = sumOf(left, cell, step);
            left = cell;
        }
    }
    double above = 0, all = 0;
    for (const auto& [value, count] : row.back()) {
        all += count;
        if (static_cast<double>(value) >= zeta) above += count;
    }
    return above / all;
}

/// The limiting distribution function of the one-sample statistic, Csörgő and Faraway (1996), equation 1.3.
double limitingCdf(double x) {
    double sum = 0;
    for (int k = 0; k < 400; ++k) {
        const double y = 4.0 * k + 1, q = y * y / (16 * x);
        if (q > 350) break;  // exp(-q) · K(q) has vanished
        const double factor = std::exp(boost::math::lgamma(k + 0.5) - boost::math::lgamma(k + 1.0)) /
                              (std::pow(std::numbers::pi, 1.5) * std::sqrt(x));
        const double term = factor * std::sqrt(y) * std::exp(-q) * boost::math::cyl_bessel_k(0.25, q);
        sum += term;
        if (term < 1e-17) break;
    }
    return std::min(sum, 1.0);
}

double asymptoticTail(double t, double n, double m) {
    const double total = n + m, k = n * m, mean = (1 + 1 / total) / 6;
    const double variance = (total + 1) * (4 * k * total - 3 * (n * n + m * m) - 2 * k) / (45 * total * total * 4 * k);
    const double normed = 1.0 / 6 + (t - mean) / std::sqrt(45 * variance);
    return normed < 0.003 ? 1 : std::max(0.0, 1 - limitingCdf(normed));
}

}  // namespace

Result<TestResult> cramerVonMises(const SortedSample& a, const SortedSample& b, PValue method) {
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    const std::size_t larger = std::max(a.size(), b.size());
    if (std::min(a.size(), b.size()) < 2)
        return fail(Error::invalid("Cramér-von Mises needs two values in each sample"));
    if (method == PValue::Exact && larger > kExactRows)
        return fail(ErrorKind::ResourceExhausted, "the exact Cramér-von Mises p-value stops at 25 values a side");
    double before = 0, f = 0, g = 0, u = 0;
    forEachDistinct(a.values(), b.values(), [&](double, std::size_t inA, std::size_t inB) {
        const double rank = before + (static_cast<double>(inA + inB) + 1) / 2;
        for (std::size_t i = 0; i < inA; ++i) {
            f += 1;
            u += n * (rank - f) * (rank - f);
        }
        for (std::size_t i = 0; i < inB; ++i) {
            g += 1;
            u += m * (rank - g) * (rank - g);
        }
        before += static_cast<double>(inA + inB);
    });
    const double t = u / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m));
    if (method == PValue::Exact || (method == PValue::Auto && larger <= kAutoRows))
        return TestResult{t, exactTail(u, static_cast<std::int64_t>(a.size()), static_cast<std::int64_t>(b.size()))};
    return TestResult{t, asymptoticTail(t, n, m)};
}

}  // namespace pilothouse::statistics
