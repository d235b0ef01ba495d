// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/distance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/statistics/binning.h"
#include "models/statistics/clusters.h"
#include "models/statistics/constant_column.h"

namespace pilothouse::statistics {

double wassersteinOnBins(std::span<const double> p, std::span<const double> q, std::span<const double> places,
                         OuterPlaces outer) {
    const std::size_t last = places.size() - 1;
    // Between the two places of an outer bin only one side has mass below (above) the point.
    double sum = (outer.low < places[0] ? q[0] : p[0]) * std::abs(outer.low - places[0]);
    sum += (outer.high > places[last] ? q[last] : p[last]) * std::abs(outer.high - places[last]);
    sum = std::abs(sum);  // shares of a widened resample may be a little below 0
    double from = std::max(places[0], outer.low), below = 0;
    for (std::size_t i = 0; i < last; ++i) {
        below += p[i] - q[i];
        const double to = i + 1 == last ? std::min(places[last], outer.high) : places[i + 1];
        sum += std::abs(below) * (to - from);
        from = to;
    }
    return sum;
}

double totalVariation(std::span<const double> p, std::span<const double> q) {
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        sum += std::abs(p[i] - q[i]);
    return sum / 2;
}

double lessNoise(double distance, double noiseSquared) {
    return std::sqrt(std::max(0.0, distance * distance - noiseSquared));
}

double Comparison::noise() const {
    const double perRow = 1 / effectiveReference + 1 / effectiveCurrent, root = std::sqrt(perRow);
    const double half = std::sqrt(2 / std::acos(-1.0));  // E|Z| of a standard normal
    double sum = 0, below = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double share = (reference[i] + current[i]) / 2;
        below += share;
        if (numeric) {
            if (i + 1 < reference.size())
                sum += (places[i + 1] - places[i]) * std::sqrt(std::max(0.0, below * (1 - below))) * half * root;
            const bool lowest = i == 0, highest = i + 1 == reference.size();
            if (lowest || highest) sum += referenceSpread[lowest ? 0 : 1] * std::sqrt(share) * half * root;
        } else {
            // A bin with less than a row expected deviates by no more than twice its share.
            sum += std::min(std::sqrt(share * (1 - share)) * half * root, 2 * share * (1 - share)) / 2;
        }
    }
    return sum;
}

namespace {

std::uint64_t total(std::span<const std::uint64_t> counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::string shortNumber(double x) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", x);
    return text.data();
}

bool fits(const ColumnProfile& reference, const CurrentCounts& current) {
    const std::size_t bins = reference.counts.size();
    const bool numeric = reference.kind == ColumnKind::Numeric;
    if (bins != (numeric ? reference.edges.size() : reference.categories.size()) + 1 || current.counts.size() != bins)
        return false;
    if (numeric && reference.binMeans.size() != bins) return false;
    if (!numeric && current.unseen > current.counts.back()) return false;
    return std::all_of(current.clusterCounts.begin(), current.clusterCounts.end(),
                       [&](const auto& row) { return row.size() == bins; });
}

std::string whyUnavailable(const ColumnProfile& reference, const CurrentCounts& current) {
    if (reference.kind == ColumnKind::Identifier)
        return "identifier: " +
               (reference.note.empty() ? "nearly every row of the reference has a value of its own" : reference.note);
    if (current.n() == 0) return "no rows in this window";
    if (!fits(reference, current)) return "the counts do not fit the bins of the profile";
    const std::uint64_t values = total(current.counts), known = total(reference.counts);
    if (known == 0) return "the reference holds no value of this column";
    if (values == 0) return "all " + std::to_string(current.n()) + " values of this window are missing";
    if (reference.kind != ColumnKind::Numeric || (reference.scale > 0 && reference.counts.size() >= 2)) return {};
    if (known == reference.infinite) return "the reference holds no finite value of this column";
    std::string reason = known == 1 ? "the reference holds one value only (" : "constant in the reference (";
    reason += shortNumber(reference.mean) + "): no scale to measure a change by";
    const std::uint64_t same = current.counts.size() == 3 ? current.counts[1] : values;
    if (same < values)
        reason += "; " + std::to_string(values - same) + " of " + std::to_string(values) + " values differ from it";
    return reason;
}

/// Place and spread of the current rows in an outer bin.
void place(const ColumnProfile& reference, const CurrentCounts& current, bool lowest, Comparison& out) {
    const std::size_t bin = lowest ? 0 : reference.counts.size() - 1, side = lowest ? 0 : 1;
    double& at = lowest ? out.outer.low : out.outer.high;
    at = out.places[bin];
    out.currentSpread[side] = out.referenceSpread[side];
    const double n = static_cast<double>(current.counts[bin]);
    if (n == 0 || current.binSums.size() != current.counts.size() || !std::isfinite(current.binSums[bin])) return;
    const double edge = lowest ? reference.edges.front() : reference.edges.back();
    const double low = lowest ? reference.clipLow : std::min(edge, reference.clipHigh);
    const double high = lowest ? std::max(edge, reference.clipLow) : reference.clipHigh;
    // Sums that a store made without the clip bounds are held to them here as well as a mean can be.
    at = std::clamp(current.binSums[bin] / n, std::min(low, high), high) / reference.scale;
    const double fromEdge = at - edge / reference.scale, square = current.outerSquares[side] / n - fromEdge * fromEdge;
    if (current.outerSquares[side] > 0) out.currentSpread[side] = std::sqrt(std::max(0.0, square));
}

/// Counts of categories that noise does not tell apart (within two standard deviations), averaged: a sample's shares
/// are more uneven than those it was drawn from, and what is drawn from them once more would deviate too little.
std::vector<double> alikeTogether(std::span<const double> counts) {
    std::vector<double> sorted(counts.begin(), counts.end()), sums{0}, out;
    std::sort(sorted.begin(), sorted.end());
    for (const double c : sorted)
        sums.push_back(sums.back() + c);
    for (const double c : counts) {
        const double reach = 2 * std::sqrt(c) + 1;
        const auto from = std::lower_bound(sorted.begin(), sorted.end(), c - reach) - sorted.begin();
        const auto to = std::upper_bound(sorted.begin(), sorted.end(), c + reach) - sorted.begin();
        const double sum = sums[static_cast<std::size_t>(to)] - sums[static_cast<std::size_t>(from)];
        out.push_back(sum / static_cast<double>(to - from));
    }
    return out;
}

/// Good and Turing (1953): of the next rows, the share of values never seen is that of the values seen once. It is
/// taken from "other", where rare values are, then from all.
void expectUnseen(std::vector<double>& counts, double singletons) {
    const std::size_t unseen = counts.size() - 1;
    const double fromOther = std::min(singletons, counts[unseen - 1]);
    counts[unseen - 1] -= fromOther;
    double named = 0;
    for (std::size_t b = 0; b + 1 < unseen; ++b)
        named += counts[b];
    const double left = std::min(singletons - fromOther, named);
    if (left > 0)
        for (std::size_t b = 0; b + 1 < unseen; ++b)
            counts[b] *= 1 - left / named;
    counts[unseen] = fromOther + left;
}

}  // namespace

Comparison compare(const ColumnProfile& reference, const CurrentCounts& current) {
    Comparison out;
    out.numeric = reference.kind == ColumnKind::Numeric;
    out.nReference = static_cast<double>(total(reference.counts));
    out.nCurrent = static_cast<double>(total(current.counts));
    out.unavailable = whyUnavailable(reference, current);
    if (!out.unavailable.empty()) return out;
    for (const std::uint64_t c : reference.counts)
        out.reference.push_back(static_cast<double>(c));
    for (const std::uint64_t c : current.counts)
        out.current.push_back(static_cast<double>(c));
    if (!out.numeric) {
        out.reference.push_back(0);
        if (reference.restComplete) expectUnseen(out.reference, static_cast<double>(reference.singletons));
        out.current.back() -= static_cast<double>(current.unseen);
        out.current.push_back(static_cast<double>(current.unseen));
    }
    out.smoothed = out.reference;
    if (!out.numeric) {
        const std::size_t named = reference.categories.size();
        const std::vector<double> alike = alikeTogether(std::span(out.reference).first(named));
        std::copy(alike.begin(), alike.end(), out.smoothed.begin());
    }
    for (double& c : out.smoothed)
        c += 0.5;
    const double smoothed = std::accumulate(out.smoothed.begin(), out.smoothed.end(), 0.0);
    for (double& c : out.smoothed)
        c /= smoothed;
    for (double& c : out.reference)
        c /= out.nReference;
    for (double& c : out.current)
        c /= out.nCurrent;
    std::vector<double> weights(reference.counts.size(), 1);
    if (out.numeric) {
        weights = binGaps(reference);
        out.scale = reference.scale;
        for (const double m : reference.binMeans)
            out.places.push_back(m / reference.scale);
        for (std::size_t side = 0; side < 2; ++side)
            out.referenceSpread[side] = reference.outerDeviation[side] / reference.scale;
        place(reference, current, true, out);
        place(reference, current, false, out);
    }
    const double known = reference.effectiveN;
    out.effectiveReference = known > 0 ? std::clamp(known, 1.0, out.nReference) : out.nReference;
    if (!out.numeric) out.commonMotion = reference.commonMotion;
    double most = std::numeric_limits<double>::infinity();
    if (!current.clusterCounts.empty()) {
        const ClusterTable table = valuesByCluster(current);
        out.currentDesign = designEffect(table, weights, out.numeric);
        most = largestDesign(out.nReference / out.effectiveReference, {reference.clusters, reference.clusterSize},
                             clusterSizes(table));
        if (!out.numeric) out.commonMotion = std::max(out.commonMotion, commonMotion(table));
    }
    // The wider of what both windows say of the dependence: a window of few clusters cannot tell by itself. But one
    // that changed within looks more dependent than it is.
    const double design = std::max(std::min(out.currentDesign, most), out.nReference / out.effectiveReference);
    out.effectiveCurrent = std::max(1.0, out.nCurrent / design);
    return out;
}

double driftEffect(const ColumnProfile& reference, const CurrentCounts& current) {
    if (const auto constant = constantForm(reference, current))
        return driftEffect(constant->reference, constant->current);
    const Comparison comparison = compare(reference, current);
    if (!comparison.unavailable.empty()) return kNaN;
    const double noise = comparison.noise();
    return lessNoise(comparison.statistic(), noise * noise);
}

}  // namespace pilothouse::statistics
