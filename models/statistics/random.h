// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pilothouse::statistics {

/// SplitMix64 (Steele, Lea, Flood 2014): small, seedable, the same on every machine. Not for secrets.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (m_state += 0x9E3779B97F4A7C15ull);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }
    /// In [0, 1).
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    /// In [0, n), n > 0; multiply-shift, bias below n / 2^64.
    std::uint64_t below(std::uint64_t n) {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * n) >> 64);
    }

    /// Standard normal, by Marsaglia's polar method.
    double normal() {
        if (m_hasSpare) {
            m_hasSpare = false;
            return m_spare;
        }
        double u = 0, v = 0, s = 0;
        do {
            u = 2 * uniform() - 1;
            v = 2 * uniform() - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        const double factor = std::sqrt(-2 * std::log(s) / s);
        m_spare = v * factor;
        m_hasSpare = true;
        return u * factor;
    }
    /// Standard normal, by the ziggurat of 256 layers (Marsaglia and Tsang 2000): a third of the cost of normal(), for
    /// the many that resampling takes. Other numbers than normal()'s.
    double fastNormal() {
        const std::uint64_t bits = next();
        const std::size_t layer = bits & 255;  // the mantissa comes of bits 11 to 63
        const double z = (2 * (static_cast<double>(bits >> 11) * 0x1.0p-53) - 1) * kZiggurat.width[layer];
        return std::abs(z) < kZiggurat.width[layer + 1] ? z : outsideLayer(layer, z);
    }
    /// Binomial: by inversion where the smaller expectation is below 12, else a normal with the skewness corrected
    /// (Cornish-Fisher) and rounded.
    std::uint64_t binomial(std::uint64_t n, double p);

private:
    /// Layer i spans [0, width[i]) and heights density[i] to density[i + 1] of exp(-z² / 2); layer 0 is the base with
    /// the tail beyond width[1], as wide as its area asks for.
    struct Ziggurat {
        Ziggurat();
        std::array<double, 257> width, density;
    };
    static const Ziggurat kZiggurat;
    /// What is left where z is not within the layer above, one in a hundred.
    double outsideLayer(std::size_t layer, double z);

    std::uint64_t m_state;
    double m_spare = 0;
    bool m_hasSpare = false;
};

/// Counts of n draws from `shares` (which sum to 1), by conditional binomials.
void multinomial(Random& random, std::uint64_t n, std::span<const double> shares, std::span<double> counts);

}  // namespace pilothouse::statistics
