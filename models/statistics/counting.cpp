// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "models/statistics/clusters.h"
#include "models/statistics/drift.h"
#include "models/statistics/tally.h"

namespace pilothouse::statistics {

namespace {

std::vector<std::uint32_t> denseIds(std::span<const std::uint32_t> clusters, std::size_t rows) {
    std::vector<std::uint32_t> ids(clusters.begin(),
                                   clusters.begin() + static_cast<std::ptrdiff_t>(std::min(clusters.size(), rows)));
    std::size_t number = densify(ids);
    // A row without an id is a cluster of its own.
    while (!ids.empty() && ids.size() < rows)
        ids.push_back(static_cast<std::uint32_t>(number++));
    return ids;
}

}  // namespace

CurrentCounts countNumeric(const ColumnProfile& profile, std::span<const double> values,
                           std::span<const std::uint32_t> clusters) {
    const ColumnCounter counter(profile);
    ColumnTally tally = counter.empty();
    counter.addNumbers(tally, values, {}, denseIds(clusters, values.size()));
    return counter.finish(tally, {});
}

CurrentCounts countCategorical(const ColumnProfile& profile, std::span<const std::uint32_t> codes,
                               std::span<const std::string> dictionary, std::span<const std::uint32_t> clusters) {
    const ColumnCounter counter(profile);
    std::vector<ColumnCounter::Place> places;
    places.reserve(dictionary.size());
    for (const std::string& value : dictionary)
        places.push_back(counter.placeOf(value));
    ColumnTally tally = counter.empty();
    counter.addCodes(tally, codes, places, {}, denseIds(clusters, codes.size()));
    return counter.finish(tally, {});
}

}  // namespace pilothouse::statistics
