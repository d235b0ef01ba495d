// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/null_distribution.h"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

namespace pilothouse::statistics {

namespace {

using namespace boost::math::policies;
using Quiet = policy<domain_error<ignore_error>, pole_error<ignore_error>, overflow_error<ignore_error>,
                     underflow_error<ignore_error>, evaluation_error<ignore_error>, denorm_error<ignore_error>,
                     rounding_error<ignore_error>, promote_double<false>>;

double logChoose(double n, double k) {
    return boost::math::lgamma(n + 1, Quiet()) - boost::math::lgamma(k + 1, Quiet()) -
           boost::math::lgamma(n - k + 1, Quiet());
}

/// P(X > k) + P(X = k) / 2 (`upwards`) or the mirror image, X hypergeometric: n drawn of `all`, `marked` among them.
double hypergeometricMidTail(double k, double n, double marked, double all, bool upwards) {
    const double first = std::max(0.0, n - (all - marked)), last = std::min(n, marked);
    if (k < first) return upwards ? 1 : 0;
    if (k > last) return upwards ? 0 : 1;
    double mass = std::exp(logChoose(marked, k) + logChoose(all - marked, n - k) - logChoose(all, n));
    double sum = mass / 2;
    for (double i = k; upwards ? i < last : i > first;) {
        if (upwards) {
            mass *= (marked - i) * (n - i) / ((i + 1) * (all - marked - n + i + 1));
            i += 1;
        } else {
            mass *= i * (all - marked - n + i) / ((marked - i + 1) * (n - i + 1));
            i -= 1;
        }
        sum += mass;
        // Past the mode the terms fall faster than a geometric series; what is left does not show.
        if (mass < sum * 1e-17 || mass == 0) break;
    }
    return std::min(1.0, sum);
}

struct Wilson {
    double low, high;
};

Wilson wilson(double share, double n) {
    constexpr double z = 1.959963984540054;
    const double centre = share + z * z / (2 * n), half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    const double divisor = 1 + z * z / n;
    return {std::max(0.0, (centre - half) / divisor), std::min(1.0, (centre + half) / divisor)};
}

}  // namespace

PearsonThree::PearsonThree(double mean, double deviation, double skewness)
    : m_mean(mean), m_deviation(deviation), m_skewness(std::isfinite(skewness) ? std::max(0.05, skewness) : 0.05) {}

PearsonThree PearsonThree::fit(std::span<const double> sample) {
    const double n = static_cast<double>(sample.size());
    if (sample.size() < 2) return {};
    double mean = 0, square = 0, cube = 0;
    for (const double x : sample)
        mean += x;
    mean /= n;
    for (const double x : sample) {
        const double d = x - mean;
        square += d * d;
        cube += d * d * d;
    }
    const double deviation = std::sqrt(square / n);
    return {mean, deviation, deviation > 0 ? cube / n / (deviation * deviation * deviation) : 0};
}

PearsonThree PearsonThree::widened(double factor) const {
    if (!(factor > 1)) return *this;
    // Third cumulants add up: of what was, and of the common part with variance factor² - 1.
    const double common = (m_skewness + std::pow(factor * factor - 1, 1.5)) / (factor * factor * factor);
    return {m_mean, m_deviation * factor, std::max(m_skewness * factor, common)};
}

double PearsonThree::upperTail(double x) const {
    if (!(m_deviation > 0)) return x > m_mean ? std::numeric_limits<double>::min() : 1;
    const double shape = 4 / (m_skewness * m_skewness), y = (x - m_mean) / m_deviation * std::sqrt(shape) + shape;
    if (y <= 0) return 1;
    const double p = boost::math::gamma_q(shape, y, Quiet());
    return std::clamp(std::isfinite(p) ? p : 0.0, std::numeric_limits<double>::min(), 1.0);
}

double PearsonThree::critical(double alpha) const {
    if (!(m_deviation > 0)) return m_mean;
    const double shape = 4 / (m_skewness * m_skewness);
    const double y = boost::math::gamma_q_inv(shape, std::clamp(alpha, 1e-300, 1.0), Quiet());
    return m_mean + (y - shape) / std::sqrt(shape) * m_deviation;
}

double normalTail(double z) { return boost::math::erfc(z / std::sqrt(2.0), Quiet()) / 2; }

double normalCritical(double alpha) {
    return std::sqrt(2.0) * boost::math::erfc_inv(2 * std::clamp(alpha, 1e-300, 1.0 - 1e-16), Quiet());
}

double fisherMidP(double k, double n, double kReference, double nReference) {
    k = std::round(k);
    n = std::round(n);
    kReference = std::round(kReference);
    nReference = std::round(nReference);
    if (n < 1 || nReference < 1) return 1;
    const double marked = k + kReference, all = n + nReference;
    const bool upwards = k * nReference >= kReference * n;
    return std::min(1.0, 2 * hypergeometricMidTail(k, n, marked, all, upwards));
}

ShareInterval newcombe(double share, double n, double shareReference, double nReference) {
    const Wilson a = wilson(share, n), b = wilson(shareReference, nReference);
    const double d = share - shareReference;
    return {d - std::hypot(share - a.low, b.high - shareReference),
            d + std::hypot(a.high - share, shareReference - b.low)};
}

}  // namespace pilothouse::statistics
