// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/peer_bins.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pilothouse::statistics {

namespace {

constexpr double kMostBins = 100'000;

Result<std::vector<double>> equalWidth(const SortedSample& sample, double width) {
    double low = sample.values().front(), high = sample.values().back(), bins = 1;
    if (low == high) {
        low -= 0.5;
        high += 0.5;
    } else if (width > 0) {
        bins = std::max(1.0, std::ceil((high - low) / width));
    }
    if (!std::isfinite(high - low)) return fail(Error::invalid("the range of the values is not a number"));
    if (bins > kMostBins) return fail(ErrorKind::ResourceExhausted, "more than 100,000 bins");
    const auto count = static_cast<std::size_t>(bins);
    std::vector<double> edges(count + 1);
    const double step = (high - low) / bins;  // as NumPy's linspace, to the last bit
    for (std::size_t i = 0; i < count; ++i)
        edges[i] = static_cast<double>(i) * step + low;
    edges[count] = high;
    return edges;
}

/// Counts in [edge i, edge i + 1), the last bin with its upper edge; values outside are not counted.
std::vector<double> histogram(std::span<const double> sorted, std::span<const double> edges) {
    std::vector<double> out;
    auto from = std::lower_bound(sorted.begin(), sorted.end(), edges.front());
    for (std::size_t i = 1; i < edges.size(); ++i) {
        const auto to = i + 1 == edges.size() ? std::upper_bound(from, sorted.end(), edges[i])
                                              : std::lower_bound(from, sorted.end(), edges[i]);
        out.push_back(static_cast<double>(to - from) / static_cast<double>(sorted.size()));
        from = to;
    }
    return out;
}

void fillEmpty(std::vector<double>& shares) {
    double smallest = 1;
    for (const double s : shares)
        if (s > 0) smallest = std::min(smallest, s);
    std::replace(shares.begin(), shares.end(), 0.0, smallest <= 0.0001 ? smallest / 1e6 : 0.0001);
}

std::vector<double> merged(const SortedSample& a, const SortedSample& b) {
    std::vector<double> all(a.size() + b.size());
    std::merge(a.values().begin(), a.values().end(), b.values().begin(), b.values().end(), all.begin());
    return all;
}

}  // namespace

Result<std::vector<double>> sturgesEdges(const SortedSample& sample) {
    PH_TRY(requireFinite(sample, sample, "a histogram"));
    const double range = sample.values().back() - sample.values().front();
    return equalWidth(sample, range / (std::log2(static_cast<double>(sample.size())) + 1));
}

Result<std::vector<double>> doaneEdges(const SortedSample& sample) {
    PH_TRY(requireFinite(sample, sample, "a histogram"));
    const auto values = sample.values();
    const auto n = static_cast<double>(values.size());
    if (n <= 2) return equalWidth(sample, 0);
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double second = 0;
    for (const double x : values)
        second += (x - mean) * (x - mean);
    const double sigma = std::sqrt(second / n);
    if (!(sigma > 0)) return equalWidth(sample, 0);
    double third = 0;
    for (const double x : values)
        third += std::pow((x - mean) / sigma, 3);
    const double spread = std::sqrt(6 * (n - 2) / ((n + 1) * (n + 3)));
    const double range = values.back() - values.front();
    return equalWidth(sample, range / (1 + std::log2(n) + std::log2(1 + std::abs(third / n) / spread)));
}

Result<Shares> sharesEvidently(const SortedSample& reference, const SortedSample& current, bool fillZeros) {
    PH_TRY(requireFinite(reference, current, "a histogram"));
    std::size_t distinct = 0;
    forEachDistinct(reference.values(), {}, [&](double, std::size_t, std::size_t) { ++distinct; });
    Shares out;
    if (distinct > 20) {
        PH_ASSIGN(const SortedSample both, SortedSample::ofSorted(merged(reference, current)));
        PH_ASSIGN(const std::vector<double> edges, sturgesEdges(both));
        out = {histogram(reference.values(), edges), histogram(current.values(), edges)};
    } else {
        const auto n = static_cast<double>(reference.size()), m = static_cast<double>(current.size());
        forEachDistinct(reference.values(), current.values(), [&](double, std::size_t inA, std::size_t inB) {
            out.reference.push_back(static_cast<double>(inA) / n);
            out.current.push_back(static_cast<double>(inB) / m);
        });
    }
    if (fillZeros) {
        fillEmpty(out.reference);
        fillEmpty(out.current);
    }
    return out;
}

Result<double> hellingerEvidently(const SortedSample& reference, const SortedSample& current) {
    PH_TRY(requireFinite(reference, current, "a histogram"));
    std::vector<double> keys;
    forEachDistinct(reference.values(), current.values(),
                    [&](double x, std::size_t, std::size_t) { keys.push_back(x); });
    PH_ASSIGN(const SortedSample distinct, SortedSample::ofSorted(std::move(keys)));
    PH_ASSIGN(const std::vector<double> edges, sturgesEdges(distinct));
    const std::vector<double> p = histogram(reference.values(), edges), q = histogram(current.values(), edges);
    double overlap = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        overlap += std::sqrt(p[i] * q[i]);
    return std::sqrt(1 - std::clamp(overlap, 0.0, 1.0));
}

Result<Shares> sharesNannyml(const SortedSample& reference, const SortedSample& current) {
    PH_TRY(requireFinite(reference, current, "a histogram"));
    PH_ASSIGN(const std::vector<double> edges, doaneEdges(reference));
    Shares out{histogram(reference.values(), edges), histogram(current.values(), edges)};
    const double outside = 1 - std::accumulate(out.current.begin(), out.current.end(), 0.0);
    if (outside > 0) {  // rounding may leave a little here, as it does there
        out.reference.push_back(0);
        out.current.push_back(outside);
    }
    return out;
}

}  // namespace pilothouse::statistics
