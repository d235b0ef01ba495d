// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "models/statistics/binning.h"
#include "models/statistics/clusters.h"

namespace pilothouse::statistics {

namespace {

constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kClipSigmas = 8;

struct Moments {
    double mean = 0, deviation = 0;
};

/// In two passes, of values scaled by a power of two so that squares of huge ones do not overflow.
template <class Value>
Moments moments(std::size_t n, double largest, double divisor, Value value) {
    if (n == 0) return {};
    const int exponent = largest > 1e140 || (largest > 0 && largest < 1e-140) ? std::ilogb(largest) : 0;
    double mean = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i)
        mean += (std::scalbn(value(i), -exponent) - mean) / static_cast<double>(i + 1);
    for (std::size_t i = 0; i < n; ++i) {
        const double d = std::scalbn(value(i), -exponent) - mean;
        squares += d * d;
    }
    const double deviation = divisor > 0 ? std::sqrt(squares / divisor) : 0;
    return {std::scalbn(mean, exponent), std::min(kLargest, std::scalbn(deviation, exponent))};
}

double bounded(double x) { return std::isnan(x) ? 0 : std::clamp(x, -kLargest, kLargest); }

/// Moments, quantiles, edges, scale and clip bounds of the ascending finite values.
void describe(ColumnProfile& p, std::span<const double> sorted, std::size_t bins) {
    static constexpr double kAt[] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};
    p.min = sorted.front();
    p.max = sorted.back();
    const double largest = std::max(std::abs(p.min), std::abs(p.max)), divisor = static_cast<double>(sorted.size()) - 1;
    const bool constant = p.min == p.max;
    const Moments all = moments(sorted.size(), largest, divisor, [&](std::size_t i) { return sorted[i]; });
    p.mean = constant ? p.min : all.mean;
    p.variance = constant ? 0 : bounded(all.deviation * all.deviation);
    for (const double q : kAt)
        p.quantiles.push_back(quantile(sorted, q));
    p.edges = equalMassEdges(sorted, bins);
    const double median = p.quantiles[3], spread = p.quantiles[6] - p.quantiles[0];
    double low = p.min, high = p.max;
    if (spread > 0) {
        low = std::max(low, bounded(p.quantiles[0] - spread));
        high = std::min(high, bounded(p.quantiles[6] + spread));
    }
    if (!constant) {
        const bool fenced = low > p.min || high < p.max;
        p.scale = !fenced
                      ? all.deviation
                      : moments(sorted.size(), std::max(std::abs(low), std::abs(high)), divisor, [&](std::size_t i) {
                            return std::clamp(sorted[i], low, high);
                        }).deviation;
    }
    p.clipLow = std::min(low, bounded(median - kClipSigmas * p.scale));
    p.clipHigh = std::max(high, bounded(median + kClipSigmas * p.scale));
}

/// Counts, bin means and outer deviations; infinite values lie in the outer bins, at the clip bounds.
void fillBins(ColumnProfile& p, std::span<const double> sorted, std::uint64_t below, std::uint64_t above) {
    p.counts.assign(p.edges.size() + 1, 0);
    p.binMeans.assign(p.edges.size() + 1, 0);
    std::size_t from = 0;
    for (std::size_t b = 0; b < p.counts.size(); ++b) {
        std::size_t to = sorted.size();
        if (b < p.edges.size())
            to = static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), p.edges[b]) - sorted.begin());
        const std::size_t n = to - from;
        const double largest = n == 0 ? 0 : std::max(std::abs(sorted[from]), std::abs(sorted[to - 1]));
        const Moments m = moments(n, largest, static_cast<double>(n) - 1,
                                  [&](std::size_t i) { return std::clamp(sorted[from + i], p.clipLow, p.clipHigh); });
        p.counts[b] = n;
        // An empty bin (beside a constant) lies where it begins.
        p.binMeans[b] = n > 0 ? m.mean : p.edges[b == 0 ? 0 : b - 1];
        if (b == 0) p.outerDeviation[0] = m.deviation;
        if (b + 1 == p.counts.size()) p.outerDeviation[1] = m.deviation;
        from = to;
    }
    p.counts.front() += below;
    p.counts.back() += above;
}

/// The effective n of the values and of all rows. `binOfRow`: kNoBin where missing.
void fillEffective(ColumnProfile& p, std::span<const std::uint32_t> binOfRow, std::span<const std::uint32_t> clusters) {
    const double values = static_cast<double>(p.n - p.missing), rows = static_cast<double>(p.n);
    p.effectiveN = values;
    p.effectiveRows = rows;
    if (clusters.empty() || values == 0) return;
    const bool numeric = p.kind == ColumnKind::Numeric;
    if (p.kind != ColumnKind::Identifier && (!numeric || p.scale > 0)) {
        const std::vector<double> weights = numeric ? binGaps(p) : std::vector<double>(p.counts.size(), 1);
        p.effectiveN = values / designEffect(tabulate(binOfRow, p.counts.size(), clusters), weights, numeric);
    }
    if (p.missing == 0) return;
    std::vector<std::uint32_t> present(binOfRow.size());
    for (std::size_t i = 0; i < present.size(); ++i)
        present[i] = binOfRow[i] == kNoBin ? 0 : 1;
    const double weight[] = {1, 1};
    p.effectiveRows = rows / designEffect(tabulate(present, 2, clusters), weight, false);
}

/// By how much the shares of the `named` most frequent of `counts` (falling) overstate them together: of the values
/// whose counts the boundary does not tell apart, within one standard deviation, half were lucky, by 0.8 deviations on
/// average.
double selectionBias(const std::vector<std::uint64_t>& counts, std::size_t named, double rows) {
    if (named >= counts.size()) return 0;
    const double boundary = static_cast<double>(counts[named - 1] + counts[named]) / 2, deviation = std::sqrt(boundary);
    const auto near = std::count_if(counts.begin(), counts.end(), [&](std::uint64_t c) {
        return std::abs(static_cast<double>(c) - boundary) <= deviation;
    });
    return static_cast<double>(near) / 2 * 0.8 * deviation / rows;
}

std::size_t namedCategories(const std::vector<std::uint64_t>& counts, std::size_t wanted, double rows) {
    constexpr double kTolerated = 0.005;  // a twentieth of the default minimum effect
    constexpr std::size_t kMost = 1000;
    std::size_t named = std::min(counts.size(), wanted);
    if (named == 0 || selectionBias(counts, named, rows) <= kTolerated) return named;
    if (counts.size() <= kMost) return counts.size();
    while (named > 1 && selectionBias(counts, named, rows) > kTolerated)
        named /= 2;
    return named;
}

}  // namespace

ColumnProfile profileNumeric(std::string name, std::span<const double> values, std::span<const std::uint32_t> clusters,
                             const ProfileOptions& options) {
    ColumnProfile p;
    p.name = std::move(name);
    p.kind = ColumnKind::Numeric;
    p.n = values.size();
    std::vector<double> sorted;
    sorted.reserve(values.size());
    std::uint64_t below = 0, above = 0;
    for (const double v : values) {
        if (std::isnan(v))
            ++p.missing;
        else if (std::isinf(v))
            ++(v < 0 ? below : above);
        else
            sorted.push_back(v == 0 ? 0.0 : v);  // one zero only
    }
    p.infinite = below + above;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.empty()) {
        p.quantiles.assign(7, 0);
        p.edges = {0};  // infinite values still need a place
    } else {
        describe(p, sorted, std::clamp<std::size_t>(options.bins, 2, 1000));
    }
    fillBins(p, sorted, below, above);
    std::vector<std::uint32_t> bins;
    if (!clusters.empty()) {
        bins.reserve(values.size());
        for (const double v : values)
            bins.push_back(std::isnan(v) ? kNoBin : static_cast<std::uint32_t>(binOf(p.edges, v)));
    }
    fillEffective(p, bins, clusters);
    return p;
}

ColumnProfile profileCategorical(std::string name, std::span<const std::uint32_t> codes,
                                 std::span<const std::string> dictionary, std::span<const std::uint32_t> clusters,
                                 const ProfileOptions& options) {
    ColumnProfile p;
    p.name = std::move(name);
    p.kind = ColumnKind::Categorical;
    p.n = codes.size();
    // A dictionary may name a value twice: the first code stands for it.
    std::vector<std::uint32_t> canonical(dictionary.size());
    std::unordered_map<std::string_view, std::uint32_t> known;
    for (std::size_t i = 0; i < dictionary.size(); ++i)
        canonical[i] = known.try_emplace(dictionary[i], static_cast<std::uint32_t>(i)).first->second;
    std::vector<std::uint64_t> counts(dictionary.size(), 0);
    for (const std::uint32_t code : codes) {
        if (code < dictionary.size())
            ++counts[canonical[code]];
        else
            ++p.missing;
    }
    std::vector<std::uint32_t> order;
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i] > 0) order.push_back(static_cast<std::uint32_t>(i));
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return counts[a] != counts[b] ? counts[a] > counts[b] : dictionary[a] < dictionary[b];
    });
    const std::uint64_t values = p.n - p.missing;
    if (values >= 20 && static_cast<double>(order.size()) > 0.9 * static_cast<double>(values))
        p.kind = ColumnKind::Identifier;
    std::vector<std::uint64_t> falling;
    for (const std::uint32_t i : order)
        falling.push_back(counts[i]);
    p.singletons = static_cast<std::uint64_t>(std::count(falling.begin(), falling.end(), 1u));
    const std::size_t wanted = std::clamp<std::size_t>(options.categories, 1, 10'000);
    const bool identifier = p.kind == ColumnKind::Identifier;
    const std::size_t named = identifier ? 0 : namedCategories(falling, wanted, static_cast<double>(values));
    std::vector<std::uint32_t> bin(dictionary.size(), static_cast<std::uint32_t>(named));
    p.counts.assign(named + 1, 0);
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i < named) {
            p.categories.push_back(dictionary[order[i]]);
            bin[order[i]] = static_cast<std::uint32_t>(i);
        } else if (p.kind == ColumnKind::Categorical && p.rest.size() < ColumnProfile::kRest) {
            p.rest.push_back(dictionary[order[i]]);
        } else {
            p.restComplete = false;
        }
        p.counts[std::min(i, named)] += counts[order[i]];
    }
    std::sort(p.rest.begin(), p.rest.end());
    p.other = p.counts.back();
    std::vector<std::uint32_t> bins;
    if (!clusters.empty()) {
        bins.reserve(codes.size());
        for (const std::uint32_t code : codes)
            bins.push_back(code < dictionary.size() ? bin[canonical[code]] : kNoBin);
    }
    fillEffective(p, bins, clusters);
    return p;
}

}  // namespace pilothouse::statistics
