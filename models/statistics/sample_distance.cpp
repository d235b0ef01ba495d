// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/sample_distance.h"

#include <algorithm>
#include <cmath>

namespace pilothouse::statistics {

namespace {

/// Σ over the gaps between distinct values of gap · power(|F - G|).
template <class Power>
double integrate(const SortedSample& a, const SortedSample& b, Power power) {
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    double before = 0, difference = 0, sum = 0, f = 0, g = 0;
    forEachDistinct(a.values(), b.values(), [&](double x, std::size_t inA, std::size_t inB) {
        if (difference != 0) sum += power(difference) * (x - before);
        f += static_cast<double>(inA);
        g += static_cast<double>(inB);
        difference = std::abs(f / n - g / m);
        before = x;
    });
    return sum;
}

double sumOfSquares(const SortedSample& s) {
    const auto n = static_cast<double>(s.size());
    double mean = 0, squares = 0;
    for (const double x : s.values())
        mean += x / n;
    for (const double x : s.values())
        squares += (x - mean) * (x - mean);
    return squares;
}

Result<double> checked(double distance, const char* what) {
    if (!std::isfinite(distance)) return fail(Error::invalid(std::string(what) + " is beyond the range of numbers"));
    return distance;
}

}  // namespace

Result<double> wasserstein(const SortedSample& a, const SortedSample& b) {
    PH_TRY(requireFinite(a, b, "the Wasserstein distance"));
    return checked(integrate(a, b, [](double d) { return d; }), "the Wasserstein distance");
}

Result<double> wassersteinSigma(const SortedSample& reference, const SortedSample& current) {
    PH_ASSIGN(const double distance, wasserstein(reference, current));
    const double sigma = reference.values().front() == reference.values().back()
                             ? 0
                             : std::sqrt(sumOfSquares(reference) / (static_cast<double>(reference.size()) - 1));
    if (!(sigma > 0)) return fail(Error::invalid("the reference is constant: its spread cannot measure a shift"));
    return checked(distance / sigma, "the Wasserstein distance");
}

Result<double> wassersteinEvidently(const SortedSample& reference, const SortedSample& current) {
    PH_ASSIGN(const double distance, wasserstein(reference, current));
    const double sigma = std::sqrt(sumOfSquares(reference) / static_cast<double>(reference.size()));
    return checked(distance / std::max(sigma, 0.001), "the Wasserstein distance");
}

Result<double> energyDistance(const SortedSample& a, const SortedSample& b) {
    PH_TRY(requireFinite(a, b, "the energy distance"));
    return checked(std::sqrt(2 * integrate(a, b, [](double d) { return d * d; })), "the energy distance");
}

}  // namespace pilothouse::statistics
