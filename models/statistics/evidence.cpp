// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace pilothouse::statistics {

namespace {

constexpr std::size_t kFewCategories = 10;

/// The outer bins hold one value each, so all do.
bool fewValues(const ColumnProfile& p) {
    return p.counts.size() <= 20 && p.outerDeviation[0] == 0 && p.outerDeviation[1] == 0;
}

/// The span of 98 % of the values over that of the middle half: 3.4 of a normal, 4.2 of an exponential, 5.9 of
/// Student's t with three degrees of freedom.
bool heavyTailed(const ColumnProfile& p) {
    constexpr double kHeavy = 5.5;
    return p.quantiles.size() == 7 && p.quantiles[6] - p.quantiles[0] > kHeavy * (p.quantiles[4] - p.quantiles[2]);
}

bool mostlyOneValue(const ColumnProfile& p) { return p.quantiles.size() == 7 && p.quantiles[2] == p.quantiles[4]; }

bool score(const ColumnProfile& p) { return p.min >= 0 && p.max <= 1; }

/// A tenth of a current row: less would let one row of a value that the reference never held decide by itself.
constexpr double kLeastRows = 0.1;

/// Calls visit((p - q)² / h, h), h the pooled share, for each bin.
template <class Visit>
void standardised(const Comparison& c, std::span<const double> p, std::span<const double> q, Visit visit) {
    const double part = c.effectiveReference / (c.effectiveReference + c.effectiveCurrent);
    const double least = kLeastRows / c.effectiveCurrent;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double d = p[i] - q[i], pooled = std::max(part * p[i] + (1 - part) * q[i], least);
        visit(d * d / pooled, pooled);
    }
}

double chiSquare(const Comparison& c, std::span<const double> p, std::span<const double> q) {
    double sum = 0;
    standardised(c, p, q, [&](double term, double) { sum += term; });
    return sum;
}

double largestResidual(const Comparison& c, std::span<const double> p, std::span<const double> q) {
    double most = 0;
    standardised(c, p, q, [&](double term, double pooled) {
        if (pooled < 1) most = std::max(most, term / (1 - pooled));
    });
    return std::sqrt(most);
}

double andersonDarling(const Comparison& c, std::span<const double> p, std::span<const double> q) {
    const double part = c.effectiveReference / (c.effectiveReference + c.effectiveCurrent);
    double difference = 0, below = 0, sum = 0;
    for (std::size_t i = 0; i + 1 < p.size(); ++i) {
        const double pooled = part * p[i] + (1 - part) * q[i];
        difference += p[i] - q[i];
        below += pooled;
        if (below > 0 && below < 1) sum += difference * difference * pooled / (below * (1 - below));
    }
    return sum;
}

double largestDifference(std::span<const double> p, std::span<const double> q) {
    double most = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        most = std::max(most, std::abs(p[i] - q[i]));
    return most;
}

}  // namespace

std::vector<Evidence> evidenceOf(const ColumnProfile& reference, const Comparison& comparison) {
    const bool clustered =
        comparison.effectiveReference < comparison.nReference || comparison.effectiveCurrent < comparison.nCurrent;
    if (clustered) return {Evidence::Distance};
    if (!comparison.numeric) {
        if (reference.categories.size() <= kFewCategories) return {Evidence::ChiSquare};
        return {Evidence::ChiSquare, Evidence::LargestDifference, Evidence::LargestResidual};
    }
    if (fewValues(reference)) return {Evidence::Distance, Evidence::ChiSquare};
    if (mostlyOneValue(reference)) return {Evidence::Distance, Evidence::AndersonDarling};
    if (heavyTailed(reference) || score(reference)) return {Evidence::AndersonDarling};
    return {Evidence::Distance};
}

double evidence(Evidence what, const Comparison& comparison, std::span<const double> p, std::span<const double> q,
                OuterPlaces at) {
    switch (what) {
        case Evidence::Distance:
            return comparison.distance(p, q, at);
        case Evidence::ChiSquare:
            return chiSquare(comparison, p, q);
        case Evidence::LargestDifference:
            return largestDifference(p, q);
        case Evidence::LargestResidual:
            return largestResidual(comparison, p, q);
        case Evidence::AndersonDarling:
            return andersonDarling(comparison, p, q);
    }
    return comparison.distance(p, q, at);
}

double combinedPValue(std::span<const double> pValues) {
    if (pValues.empty()) return 1;
    if (pValues.size() == 1) return pValues.front();
    constexpr double kPi = std::numbers::pi, kSmall = 1e-10;
    double sum = 0;
    for (const double p : pValues) {
        // A p-value of nearly 1 would outweigh any small one.
        const double bounded = std::clamp(p, std::numeric_limits<double>::min(), 0.95);
        sum += bounded < kSmall ? 1 / (kPi * bounded) : std::tan(kPi * (0.5 - bounded));
    }
    const double mean = sum / static_cast<double>(pValues.size());
    const double p = mean > 1 / (kPi * kSmall) ? 1 / (kPi * mean) : 0.5 - std::atan(mean) / kPi;
    return std::clamp(p, std::numeric_limits<double>::min(), 1.0);
}

double beyondPValue(const std::array<std::uint64_t, 2>& beyond, double reference, double current) {
    double least = 1;
    for (const std::uint64_t k : beyond) {
        if (k < 2) continue;
        double chance = 1;
        for (double i = 0; i < static_cast<double>(k) && i < current && chance > 1e-300; ++i)
            chance *= (current - i) / (reference + current - i);
        least = std::min(least, chance);
    }
    return std::clamp(2 * least, std::numeric_limits<double>::min(), 1.0);
}

double withBeyond(double pValue, double beyond) {
    constexpr double kWeight = 0.05;
    return std::min({1.0, pValue / (1 - kWeight), beyond / kWeight});
}

}  // namespace pilothouse::statistics
