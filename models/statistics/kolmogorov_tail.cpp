// SPDX-License-Identifier: GPL-3.0-or-later
// The distribution of the one-sample Kolmogorov statistic; see kolmogorov_smirnov.h.
#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "models/base/vector_state.h"
#include "models/statistics/kolmogorov_smirnov.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

/// A square matrix times 2^exponent, so that powers stay within range.
struct Scaled {
    std::size_t size = 0;
    std::vector<double> cells;
    int exponent = 0;
};

Scaled multiply(const Scaled& a, const Scaled& b) {
    const std::size_t m = a.size;
    Scaled out{m, std::vector<double>(m * m, 0.0), a.exponent + b.exponent};
    for (std::size_t i = 0; i < m; ++i)
        for (std::size_t k = 0; k < m; ++k) {
            const double x = a.cells[i * m + k];
            for (std::size_t j = 0; j < m; ++j)
                out.cells[i * m + j] += x * b.cells[k * m + j];
        }
    int shift = 0;
    (void)std::frexp(out.cells[(m / 2) * m + m / 2], &shift);
    if (std::abs(shift) > 100) {
        for (double& x : out.cells)
            x = std::ldexp(x, -shift);
        out.exponent += shift;
    }
    return out;
}

/// Durbin's matrix: n!/n^n times the middle of H^n is P(D_n < d).
double durbin(std::uint64_t n, double d) {
    const double nd = static_cast<double>(n) * d;
    const auto k = static_cast<std::size_t>(std::ceil(nd));
    const double h = static_cast<double>(k) - nd;
    const std::size_t m = 2 * k - 1;
    std::vector<double> factorial(m + 1, 1.0), edge(m);  // 1 / j!
    for (std::size_t j = 1; j <= m; ++j)
        factorial[j] = factorial[j - 1] / static_cast<double>(j);
    for (std::size_t j = 0; j < m; ++j)
        edge[j] = (1 - std::pow(h, static_cast<double>(j + 1))) * factorial[j + 1];
    const auto power = static_cast<double>(m);
    edge[m - 1] = (1 - 2 * std::pow(h, power) + std::pow(std::max(0.0, 2 * h - 1), power)) * factorial[m];
    Scaled base{m, std::vector<double>(m * m, 0.0), 0};
    for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 1; j < std::min(m, i + 2); ++j)
            base.cells[i * m + j] = factorial[i + 1 - j];
    for (std::size_t i = 0; i < m; ++i)
        base.cells[i * m] = edge[i];
    for (std::size_t j = 0; j < m; ++j)
        base.cells[(m - 1) * m + j] = edge[m - 1 - j];
    Scaled result{m, std::vector<double>(m * m, 0.0), 0};
    for (std::size_t i = 0; i < m; ++i)
        result.cells[i * m + i] = 1;
    for (std::uint64_t left = n; left > 0; left /= 2) {
        if (left % 2 == 1) result = multiply(result, base);
        if (left > 1) base = multiply(base, base);
    }
    double p = result.cells[(k - 1) * m + k - 1];
    int exponent = result.exponent;
    for (std::uint64_t i = 1; i <= n; ++i) {
        p *= static_cast<double>(i) / static_cast<double>(n);
        if (p < 1e-140) {
            p = std::ldexp(p, 400);
            exponent -= 400;
        }
    }
    return std::clamp(std::ldexp(p, exponent), 0.0, 1.0);
}

/// Smirnov's P(D+_n >= d) = d Σ_j C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j): every term is positive.
double smirnov(std::uint64_t rows, double d) {
    clearVectorState();
    const auto n = static_cast<double>(rows);
    double sum = 0, logBinomial = 0, lost = 0;
    const auto last = static_cast<std::uint64_t>(std::floor(n * (1 - d)));
    for (std::uint64_t i = 0; i <= last && i < rows; ++i) {
        const auto j = static_cast<double>(i);
        if (i > 0) {
            // Kahan: a million small steps would lose the digits that the exponential then magnifies.
            const double step = std::log((n - j + 1) / j) - lost, next = logBinomial + step;
            lost = (next - logBinomial) - step;
            logBinomial = next;
        }
        const double rest = 1 - d - j / n;
        if (rest <= 0) break;
        sum += std::exp(logBinomial + (j - 1) * std::log(d + j / n) + (n - j) * std::log1p(-(d + j / n)));
    }
    return std::min(1.0, d * sum);
}

/// P(D_n < d) by Pelz and Good's expansion in 1/sqrt(n), their equation (2).
double pelzGood(double n, double d) {
    constexpr double kPi = std::numbers::pi, kPi2 = kPi * kPi, kPi4 = kPi2 * kPi2, kPi6 = kPi4 * kPi2;
    const double z = std::sqrt(n) * d, z2 = z * z, z4 = z2 * z2, z6 = z4 * z2, z8 = z4 * z4;
    const double logQ = -kPi2 / 8 / z2;
    if (logQ < -708) return 0;
    double k0 = 0, k1 = 0, k2 = 0, k3 = 0, even2 = 0, even3 = 0;
    const int terms = static_cast<int>(std::ceil(16 * z / kPi));
    for (int k = terms; k > 0; --k) {
        const double m = 2.0 * k - 1, m2 = m * m, m4 = m2 * m2, m6 = m4 * m2, q = std::exp(logQ * m2);
        k0 += q;
        k1 += q * (-z2 + kPi2 / 4 * m2);
        k2 += q * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * kPi2 / 4 * m2 + kPi4 * (1 - 2 * z2) / 16 * m4);
        k3 += q * (-30 * z6 - 90 * z8 + kPi2 * (135 * z4 - 96 * z6) / 4 * m2 + kPi4 * (-60 * z2 + 212 * z4) / 16 * m4 +
                   kPi6 * (5 - 30 * z2) / 64 * m6);
        const double whole = k, w2 = whole * whole, e = std::exp(-kPi2 / 2 / z2 * w2);
        even2 += w2 * e;
        even3 += (3 * z2 - kPi2 * w2) * w2 * e;
    }
    const double root = std::sqrt(2 * kPi);
    k0 *= root / z;
    k1 *= root / (6 * z4);
    k2 = k2 * root / (72 * z6 * z) - even2 * kPi2 * root / (36 * z2 * z);
    k3 = k3 * root / (6480 * z8 * z2) + even3 * kPi2 * root / (216 * z6);
    return std::clamp(k0 + k1 / std::sqrt(n) + k2 / n + k3 / (n * std::sqrt(n)), 0.0, 1.0);
}

}  // namespace

double kolmogorovTail(std::uint64_t n, double d) {
    if (n == 0 || std::isnan(d)) return kNaN;
    const auto rows = static_cast<double>(n);
    const double t = rows * d;
    if (t <= 0.5) return 1;
    if (d >= 1) return 0;
    if (t <= 1) {  // Ruben and Gambino: P(D < d) = n! (2d - 1/n)^n
        return -std::expm1(boost::math::lgamma(rows + 1) + rows * std::log(2 * d - 1 / rows));
    }
    if (t >= rows - 1) return 2 * std::pow(1 - d, rows);
    const double nd2 = t * d;
    if (d >= 0.5) return std::min(1.0, 2 * smirnov(n, d));
    if (n <= 140) return nd2 <= 4 ? 1 - durbin(n, d) : 2 * smirnov(n, d);
    if (nd2 >= 370) return 0;
    if (nd2 >= 2.2) return std::min(1.0, 2 * smirnov(n, d));
    if (n <= 100'000 && t * std::sqrt(d) <= 1.4) return 1 - durbin(n, d);
    return 1 - pelzGood(rows, d);
}

}  // namespace pilothouse::statistics
