// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/bucketing.h"

#include <algorithm>

namespace pilothouse::predictions {

using ports::ColumnType;

namespace {

constexpr std::size_t kMaxBuckets = 100'000;

/// The bucket of each selected row; what is not selected stays as it was. Rows come nearly in order, so the bucket of
/// the row before is tried first.
void bucketsOf(const ColumnBlock& times, const Mask& mask, const std::vector<Timestamp>& edges,
               std::vector<std::uint32_t>& buckets) {
    std::size_t bucket = 0;
    buckets.resize(mask.size());
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!mask[i]) continue;
        const Timestamp t{times.times[i]};
        if (t < edges[bucket] || t >= edges[bucket + 1])
            bucket = static_cast<std::size_t>(std::ranges::upper_bound(edges, t) - edges.begin()) - 1;
        buckets[i] = static_cast<std::uint32_t>(bucket);
    }
}

}  // namespace

Status checkEdges(const std::vector<Timestamp>& edges) {
    if (edges.size() < 2 || edges.size() > kMaxBuckets + 1)
        return fail(Error::invalid("between 1 and 100,000 buckets of time can be counted, not " +
                                   std::to_string(edges.empty() ? 0 : edges.size() - 1)));
    if (std::ranges::adjacent_find(edges, std::greater_equal{}) != edges.end())
        return fail(Error::invalid("the edges of the buckets do not ascend"));
    return {};
}

Result<std::optional<std::uint32_t>> Bucketing::wholeBucket(BlockView& view) const {
    PH_ASSIGN(const auto directory, view.reader().directory(view.part()));
    const auto [first, last] = directory->range(ports::field::time);
    if (first == last) return fail(ErrorKind::Corrupt, view.part().name() + " has no times");
    const BlockInfo& info = directory->columns[first].header.blocks[view.block()];
    const auto after = std::ranges::upper_bound(*m_edges, Timestamp{info.lowTime()});
    if (after == m_edges->begin() || after == m_edges->end() || info.highTime() >= after->ns)
        return std::optional<std::uint32_t>{};
    return std::optional(static_cast<std::uint32_t>(after - m_edges->begin() - 1));
}

Status Bucketing::prepare(BlockView& view, const std::string& splitBy) const {
    PH_ASSIGN(const auto whole, wholeBucket(view));
    if (!whole) PH_TRY(view.decode(std::string(ports::field::time)));
    return splitBy.empty() ? Status{} : view.decode(splitBy);
}

Status Bucketing::run(BlockView& view, const Mask& mask) {
    PH_ASSIGN(const auto whole, wholeBucket(view));
    if (!whole) {
        PH_ASSIGN(const ColumnBlock* times, view.field(std::string(ports::field::time), ColumnType::Time));
        if (!times) return fail(ErrorKind::Corrupt, view.part().name() + " has no times");
        bucketsOf(*times, mask, *m_edges, m_buckets);
    }
    PH_TRY(m_groups->groupsOf(view, m_groupOfRow));
    selectedRows(mask, rows);
    cells.resize(rows.size());
    const auto width = static_cast<std::uint32_t>(buckets());
    for (std::size_t i = 0; i < rows.size(); ++i)
        cells[i] = m_groupOfRow[rows[i]] * width + (whole ? *whole : m_buckets[rows[i]]);
    return {};
}

}  // namespace pilothouse::predictions
