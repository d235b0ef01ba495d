// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "models/statistics/binning.h"
#include "models/statistics/clusters.h"
#include "models/statistics/profile_builder.h"
#include "models/statistics/profile_summary.h"

namespace pilothouse::statistics {

void setEffective(ColumnProfile& p, const ClusterTable& values, const ClusterTable& missing) {
    p.effectiveN = static_cast<double>(p.n - p.missing);
    p.commonMotion = 1;
    p.effectiveRows = static_cast<double>(p.n);
    const ClusterSizes sizes = clusterSizes(values);
    p.clusters = sizes.clusters;
    p.clusterSize = sizes.mean;
    if (values.clusters == 0 || p.n == p.missing) return;
    const bool numeric = p.kind == ColumnKind::Numeric;
    if (p.kind != ColumnKind::Identifier && (!numeric || p.scale > 0)) {
        const std::vector<double> weights = numeric ? binGaps(p) : std::vector<double>(p.counts.size(), 1);
        p.effectiveN /= designEffect(values, weights, numeric);
        if (!numeric) p.commonMotion = commonMotion(values);
    }
    if (p.missing == 0) return;
    const double weight[] = {1, 1};
    p.effectiveRows /= designEffect(missing, weight, false);
}

namespace {

constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kClipSigmas = 8;

struct Moments {
    double mean = 0, deviation = 0;
};

/// In two passes, of values scaled by a power of two so that squares of huge ones do not overflow. `divisor` is of the
/// sum of squares.
template <class Value>
Moments moments(std::span<const ValueRun> runs, double largest, double divisor, Value value) {
    const int exponent = largest > 1e140 || (largest > 0 && largest < 1e-140) ? std::ilogb(largest) : 0;
    double mean = 0, squares = 0, n = 0;
    for (const ValueRun& run : runs) {
        const double count = static_cast<double>(run.count);
        n += count;
        mean += (std::scalbn(value(run.value), -exponent) - mean) * count / n;
    }
    for (const ValueRun& run : runs) {
        const double d = std::scalbn(value(run.value), -exponent) - mean;
        squares += d * d * static_cast<double>(run.count);
    }
    const double deviation = divisor > 0 ? std::sqrt(squares / divisor) : 0;
    return {std::scalbn(mean, exponent), std::min(kLargest, std::scalbn(deviation, exponent))};
}

double bounded(double x) { return std::isnan(x) ? 0 : std::clamp(x, -kLargest, kLargest); }

/// Moments, quantiles, edges, scale and clip bounds of the finite values; p.min and p.max are known.
void describe(ColumnProfile& p, std::span<const ValueRun> runs, std::size_t bins) {
    static constexpr double kAt[] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};
    const double largest = std::max(std::abs(p.min), std::abs(p.max)), divisor = static_cast<double>(countOf(runs)) - 1;
    const bool constant = p.min == p.max;
    const Moments all = moments(runs, largest, divisor, [](double v) { return v; });
    p.mean = constant ? p.min : all.mean;
    p.variance = constant ? 0 : bounded(all.deviation * all.deviation);
    for (const double q : kAt)
        p.quantiles.push_back(quantile(runs, q));
    p.edges = equalMassEdges(runs, bins);
    const double median = p.quantiles[3], spread = p.quantiles[6] - p.quantiles[0];
    double low = p.min, high = p.max;
    if (spread > 0) {
        low = std::max(low, bounded(p.quantiles[0] - spread));
        high = std::min(high, bounded(p.quantiles[6] + spread));
    }
    if (!constant) {
        const bool fenced = low > p.min || high < p.max;
        p.scale =
            !fenced ? all.deviation : moments(runs, std::max(std::abs(low), std::abs(high)), divisor, [&](double v) {
                                          return std::clamp(v, low, high);
                                      }).deviation;
    }
    p.clipLow = std::min(low, bounded(median - kClipSigmas * p.scale));
    p.clipHigh = std::max(high, bounded(median + kClipSigmas * p.scale));
}

/// Counts, bin means and outer deviations; infinite values lie in the outer bins, at the clip bounds.
void fillBins(ColumnProfile& p, std::span<const ValueRun> runs, std::uint64_t below, std::uint64_t above) {
    p.counts.assign(p.edges.size() + 1, 0);
    p.binMeans.assign(p.edges.size() + 1, 0);
    std::size_t from = 0;
    for (std::size_t b = 0; b < p.counts.size(); ++b) {
        std::size_t to = runs.size();
        if (b < p.edges.size())
            to = static_cast<std::size_t>(std::ranges::lower_bound(runs, p.edges[b], {}, &ValueRun::value) -
                                          runs.begin());
        const std::span<const ValueRun> here = runs.subspan(from, to - from);
        p.counts[b] = countOf(here);
        const double largest = here.empty() ? 0 : std::max(std::abs(here.front().value), std::abs(here.back().value));
        const Moments m = moments(here, largest, static_cast<double>(p.counts[b]) - 1,
                                  [&](double v) { return std::clamp(v, p.clipLow, p.clipHigh); });
        // An empty bin (beside a constant) lies where it begins.
        p.binMeans[b] = here.empty() ? p.edges[b == 0 ? 0 : b - 1] : m.mean;
        if (b == 0) p.outerDeviation[0] = m.deviation;
        if (b + 1 == p.counts.size()) p.outerDeviation[1] = m.deviation;
        from = to;
    }
    p.counts.front() += below;
    p.counts.back() += above;
}

/// From the bin of each row; kNoBin where missing.
void fillEffective(ColumnProfile& p, std::span<const std::uint32_t> binOfRow, std::span<const std::uint32_t> clusters) {
    std::vector<std::uint32_t> present(binOfRow.size());
    for (std::size_t i = 0; i < present.size(); ++i)
        present[i] = binOfRow[i] == kNoBin ? 0 : 1;
    setEffective(p, tabulate(binOfRow, p.counts.size(), clusters), tabulate(present, 2, clusters));
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

ColumnProfile profileOfRuns(std::string name, const NumericSummary& summary, std::size_t bins) {
    ColumnProfile p;
    p.name = std::move(name);
    p.kind = ColumnKind::Numeric;
    p.infinite = summary.below + summary.above;
    p.missing = summary.missing;
    p.n = countOf(summary.runs) + p.infinite + p.missing;
    if (summary.runs.empty()) {
        p.quantiles.assign(7, 0);
        p.edges = {0};  // infinite values still need a place
    } else {
        p.min = summary.min;
        p.max = summary.max;
        describe(p, summary.runs, std::clamp<std::size_t>(bins, 2, 1000));
    }
    fillBins(p, summary.runs, summary.below, summary.above);
    setEffective(p, {}, {});
    return p;
}

ColumnProfile profileNumeric(std::string name, std::span<const double> values, std::span<const std::uint32_t> clusters,
                             const ProfileOptions& options) {
    NumericSummary summary;
    std::vector<double> sorted;
    sorted.reserve(values.size());
    for (const double v : values) {
        if (std::isnan(v))
            ++summary.missing;
        else if (std::isinf(v))
            ++(v < 0 ? summary.below : summary.above);
        else
            sorted.push_back(v == 0 ? 0.0 : v);  // one zero only
    }
    std::sort(sorted.begin(), sorted.end());
    summary.runs = runsOf(sorted);
    if (!sorted.empty()) {
        summary.min = sorted.front();
        summary.max = sorted.back();
    }
    ColumnProfile p = profileOfRuns(std::move(name), summary, options.bins);
    if (clusters.empty()) return p;
    std::vector<std::uint32_t> bins;
    bins.reserve(values.size());
    for (const double v : values)
        bins.push_back(std::isnan(v) ? kNoBin : static_cast<std::uint32_t>(binOf(p.edges, v)));
    fillEffective(p, bins, clusters);
    return p;
}

ColumnProfile profileOfTexts(std::string name, std::vector<TextCount> texts, std::uint64_t missing, bool complete,
                             std::size_t categories) {
    ColumnProfile p;
    p.name = std::move(name);
    p.kind = ColumnKind::Categorical;
    p.missing = missing;
    std::erase_if(texts, [](const TextCount& t) { return t.count == 0; });
    std::ranges::sort(texts, [](const TextCount& a, const TextCount& b) {
        return a.count != b.count ? a.count > b.count : a.text < b.text;
    });
    std::uint64_t values = 0;
    std::vector<std::uint64_t> falling;
    for (const TextCount& t : texts) {
        values += t.count;
        falling.push_back(t.count);
    }
    p.n = values + missing;
    if (!complete || (values >= 20 && static_cast<double>(texts.size()) > 0.9 * static_cast<double>(values)))
        p.kind = ColumnKind::Identifier;
    p.singletons = static_cast<std::uint64_t>(std::count(falling.begin(), falling.end(), 1u));
    const std::size_t wanted = std::clamp<std::size_t>(categories, 1, 10'000);
    const bool identifier = p.kind == ColumnKind::Identifier;
    const std::size_t named = identifier ? 0 : namedCategories(falling, wanted, static_cast<double>(values));
    p.counts.assign(named + 1, 0);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i < named)
            p.categories.emplace_back(texts[i].text);
        else if (!identifier && p.rest.size() < ColumnProfile::kRest)
            p.rest.emplace_back(texts[i].text);
        else
            p.restComplete = false;
        p.counts[std::min(i, named)] += texts[i].count;
    }
    std::sort(p.rest.begin(), p.rest.end());
    p.other = p.counts.back();
    setEffective(p, {}, {});
    return p;
}

ColumnProfile profileCategorical(std::string name, std::span<const std::uint32_t> codes,
                                 std::span<const std::string> dictionary, std::span<const std::uint32_t> clusters,
                                 const ProfileOptions& options) {
    // A dictionary may name a value twice: the first code stands for it.
    std::vector<std::uint32_t> canonical(dictionary.size());
    std::unordered_map<std::string_view, std::uint32_t> known;
    for (std::size_t i = 0; i < dictionary.size(); ++i)
        canonical[i] = known.try_emplace(dictionary[i], static_cast<std::uint32_t>(i)).first->second;
    std::vector<TextCount> texts;
    for (const std::string& text : dictionary)
        texts.push_back({text, 0});
    std::uint64_t missing = 0;
    for (const std::uint32_t code : codes) {
        if (code < dictionary.size())
            ++texts[canonical[code]].count;
        else
            ++missing;
    }
    ColumnProfile p = profileOfTexts(std::move(name), std::move(texts), missing, true, options.categories);
    if (clusters.empty()) return p;
    std::unordered_map<std::string_view, std::uint32_t> binOfText;
    for (std::size_t i = 0; i < p.categories.size(); ++i)
        binOfText.emplace(p.categories[i], static_cast<std::uint32_t>(i));
    std::vector<std::uint32_t> bin;
    for (const std::string& text : dictionary) {
        const auto place = binOfText.find(text);
        bin.push_back(place == binOfText.end() ? static_cast<std::uint32_t>(p.categories.size()) : place->second);
    }
    std::vector<std::uint32_t> bins;
    bins.reserve(codes.size());
    for (const std::uint32_t code : codes)
        bins.push_back(code < dictionary.size() ? bin[code] : kNoBin);
    fillEffective(p, bins, clusters);
    return p;
}

}  // namespace pilothouse::statistics
