// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "models/predictions/value_groups.h"

namespace pilothouse::predictions {

/// InvalidInput for edges that do not ascend, or too many of them.
[[nodiscard]] Status checkEdges(const std::vector<Timestamp>& edges);

/// Rows in buckets of time and groups: what is counted and measured is made from it. Thread:
/// one at a time.
class Bucketing {
public:
    /// Both must outlive it.
    Bucketing(const std::vector<Timestamp>& edges, const Groups& groups) : m_edges(&edges), m_groups(&groups) {}
    [[nodiscard]] std::size_t buckets() const { return m_edges->size() - 1; }
    [[nodiscard]] std::size_t cellCount() const { return m_groups->names().size() * buckets(); }
    /// Decodes what run() needs. Thread: any.
    [[nodiscard]] Status prepare(BlockView& view, const std::string& splitBy) const;
    /// rows: those selected; cells: group × buckets + bucket of each of them.
    [[nodiscard]] Status run(BlockView& view, const Mask& mask);
    std::vector<std::uint32_t> rows, cells;

private:
    /// The bucket that holds all rows of the block, as its bounds say.
    [[nodiscard]] Result<std::optional<std::uint32_t>> wholeBucket(BlockView& view) const;

    const std::vector<Timestamp>* m_edges;
    const Groups* m_groups;
    std::vector<std::uint32_t> m_buckets;
    std::vector<std::uint8_t> m_groupOfRow;
};

}  // namespace pilothouse::predictions
