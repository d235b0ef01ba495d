// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "models/statistics/binning.h"
#include "models/statistics/clusters.h"
#include "models/statistics/drift.h"

namespace pilothouse::statistics {

namespace {

std::vector<std::uint32_t> denseIds(std::span<const std::uint32_t> clusters, std::size_t rows, std::size_t& number) {
    std::vector<std::uint32_t> ids(clusters.begin(),
                                   clusters.begin() + static_cast<std::ptrdiff_t>(std::min(clusters.size(), rows)));
    number = densify(ids);
    // A row without an id is a cluster of its own.
    while (!ids.empty() && ids.size() < rows)
        ids.push_back(static_cast<std::uint32_t>(number++));
    return ids;
}

}  // namespace

CurrentCounts countNumeric(const ColumnProfile& profile, std::span<const double> values,
                           std::span<const std::uint32_t> clusters) {
    CurrentCounts out;
    const std::size_t bins = profile.edges.size() + 1;
    out.counts.assign(bins, 0);
    out.binSums.assign(bins, 0);
    std::size_t number = 0;
    const std::vector<std::uint32_t> ids = denseIds(clusters, values.size(), number);
    out.clusterCounts.assign(number, std::vector<std::uint32_t>(bins, 0));
    out.clusterMissing.assign(number, 0);
    out.clusterOuterSums.assign(number, {0, 0});
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) {
            ++out.missing;
            if (number > 0) ++out.clusterMissing[ids[i]];
            continue;
        }
        const std::size_t bin = binOf(profile.edges, values[i]);
        const double clipped = std::clamp(values[i], profile.clipLow, std::max(profile.clipLow, profile.clipHigh));
        ++out.counts[bin];
        out.binSums[bin] += clipped;
        const bool lowest = bin == 0, highest = bin + 1 == bins;
        if ((lowest || highest) && profile.scale > 0 && !profile.edges.empty()) {
            const double d =
                clipped / profile.scale - (lowest ? profile.edges.front() : profile.edges.back()) / profile.scale;
            out.outerSquares[lowest ? 0 : 1] += d * d;
        }
        if (number == 0) continue;
        ++out.clusterCounts[ids[i]][bin];
        if (lowest) out.clusterOuterSums[ids[i]][0] += clipped;
        if (highest) out.clusterOuterSums[ids[i]][1] += clipped;
    }
    return out;
}

CurrentCounts countCategorical(const ColumnProfile& profile, std::span<const std::uint32_t> codes,
                               std::span<const std::string> dictionary, std::span<const std::uint32_t> clusters) {
    CurrentCounts out;
    const std::size_t bins = profile.categories.size() + 1, otherBin = bins - 1;
    out.counts.assign(bins, 0);
    std::unordered_map<std::string_view, std::uint32_t> known;
    for (std::size_t i = 0; i < profile.categories.size(); ++i)
        known.emplace(profile.categories[i], static_cast<std::uint32_t>(i));
    struct Place {
        std::uint32_t bin;
        bool unseen;
    };
    std::vector<Place> places;
    places.reserve(dictionary.size());
    for (const std::string& value : dictionary) {
        if (const auto it = known.find(value); it != known.end()) {
            places.push_back({it->second, false});
            continue;
        }
        const bool rare = std::binary_search(profile.rest.begin(), profile.rest.end(), value);
        const bool unseen = profile.kind == ColumnKind::Categorical && profile.restComplete && !rare;
        places.push_back({static_cast<std::uint32_t>(otherBin), unseen});
    }
    std::size_t number = 0;
    const std::vector<std::uint32_t> ids = denseIds(clusters, codes.size(), number);
    out.clusterCounts.assign(number, std::vector<std::uint32_t>(bins, 0));
    out.clusterMissing.assign(number, 0);
    out.clusterUnseen.assign(number, 0);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (codes[i] >= dictionary.size()) {
            ++out.missing;
            if (number > 0) ++out.clusterMissing[ids[i]];
            continue;
        }
        const Place place = places[codes[i]];
        ++out.counts[place.bin];
        if (place.unseen) ++out.unseen;
        if (number == 0) continue;
        ++out.clusterCounts[ids[i]][place.bin];
        if (place.unseen) ++out.clusterUnseen[ids[i]];
    }
    return out;
}

}  // namespace pilothouse::statistics
