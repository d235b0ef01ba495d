// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/random.h"

#include <algorithm>

namespace pilothouse::statistics {

const Random::Ziggurat Random::kZiggurat;

namespace {
/// Where the tail begins and the area of each of 256 layers.
constexpr double kTail = 3.6541528853610088, kArea = 0.00492867323399;
double density(double z) { return std::exp(-z * z / 2); }
}  // namespace

Random::Ziggurat::Ziggurat() {
    width[0] = kArea / statistics::density(kTail);
    width[1] = kTail;
    for (std::size_t i = 2; i < 256; ++i)
        width[i] = std::sqrt(-2 * std::log(kArea / width[i - 1] + statistics::density(width[i - 1])));
    width[256] = 0;
    for (std::size_t i = 0; i < density.size(); ++i)
        density[i] = statistics::density(width[i]);
}

double Random::outsideLayer(std::size_t layer, double z) {
    if (layer == 0) {  // Marsaglia (1964)
        double beyond = 0, against = 0;
        do {
            beyond = -std::log(1 - uniform()) / kTail;
            against = -std::log(1 - uniform());
        } while (2 * against < beyond * beyond);
        return z < 0 ? -(kTail + beyond) : kTail + beyond;
    }
    const double low = kZiggurat.density[layer], high = kZiggurat.density[layer + 1];
    return low + uniform() * (high - low) < density(z) ? z : fastNormal();
}

std::uint64_t Random::binomial(std::uint64_t n, double p) {
    if (n == 0 || !(p > 0)) return 0;
    if (p >= 1) return n;
    if (p > 0.5) return n - binomial(n, 1 - p);
    const double size = static_cast<double>(n), mean = size * p;
    if (mean < 12) {
        const double odds = p / (1 - p);
        double mass = std::exp(size * std::log1p(-p)), u = uniform();
        std::uint64_t k = 0;
        while (u > mass && k < n) {
            u -= mass;
            ++k;
            mass *= odds * static_cast<double>(n - k + 1) / static_cast<double>(k);
            if (mass == 0) break;  // the rest of u is rounding
        }
        return k;
    }
    const double deviation = std::sqrt(mean * (1 - p));
    const double z = fastNormal();
    const double k = std::floor(mean + deviation * z + (1 - 2 * p) * (z * z - 1) / 6 + 0.5);
    return static_cast<std::uint64_t>(std::clamp(k, 0.0, size));
}

void multinomial(Random& random, std::uint64_t n, std::span<const double> shares, std::span<double> counts) {
    double left = 1;
    std::uint64_t rows = n;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        std::uint64_t k = rows;
        if (i + 1 < shares.size()) k = left > 0 ? random.binomial(rows, std::min(1.0, shares[i] / left)) : 0;
        counts[i] = static_cast<double>(k);
        rows -= k;
        left -= shares[i];
    }
}

}  // namespace pilothouse::statistics
