// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/constant_column.h"

#include <algorithm>

namespace pilothouse::statistics {

namespace {

/// A constant's bins: below it, itself, above it.
constexpr std::size_t kBins = 3, kItself = 1;

template <class Count>
std::vector<Count> parted(const std::vector<Count>& counts) {
    return {counts[kItself], counts[0] + counts[2]};
}

}  // namespace

std::optional<ConstantForm> constantForm(const ColumnProfile& reference, const CurrentCounts& current) {
    if (reference.kind != ColumnKind::Numeric || reference.scale > 0 || reference.infinite > 0) return {};
    if (reference.counts.size() != kBins || reference.counts[kItself] < 2 || current.counts.size() != kBins) return {};
    if (std::ranges::any_of(current.clusterCounts, [](const auto& row) { return row.size() != kBins; })) return {};
    ConstantForm out;
    out.reference.name = reference.name;
    out.reference.kind = ColumnKind::Categorical;
    out.reference.n = reference.n;
    out.reference.missing = reference.missing;
    out.reference.categories = {"the constant"};
    out.reference.counts = {reference.counts[kItself], 0};
    out.reference.effectiveN = reference.effectiveN;
    out.reference.clusters = reference.clusters;
    out.reference.clusterSize = reference.clusterSize;
    out.reference.commonMotion = reference.commonMotion;
    out.reference.effectiveRows = reference.effectiveRows;
    out.current.missing = current.missing;
    out.current.counts = parted(current.counts);
    out.current.unseen = out.current.counts.back();
    out.current.clusterMissing = current.clusterMissing;
    for (const auto& row : current.clusterCounts) {
        out.current.clusterCounts.push_back(parted(row));
        out.current.clusterUnseen.push_back(out.current.clusterCounts.back().back());
    }
    return out;
}

}  // namespace pilothouse::statistics
