// SPDX-License-Identifier: GPL-3.0-or-later
// Rows by bin of a feature.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/predictions/log_queries.h"
#include "models/predictions/parallel.h"
#include "models/predictions/scanner.h"

namespace pilothouse::predictions {

using ports::ColumnType;
using workspace::Database;

namespace {

/// Finds bin i, [edge i-1, edge i), of a number: a table over the span of the edges leads to the first edge to compare
/// with.
class BinFinder {
public:
    explicit BinFinder(const std::vector<double>& edges) : m_edges(edges) {
        if (edges.size() < 2) return;
        const double width = (edges.back() - edges.front()) / kCells;
        m_perUnit = 1 / width;
        if (!(width > 0) || !std::isfinite(width) || !std::isfinite(m_perUnit)) return;
        // One cell lower, so that rounding never leads past an edge.
        for (std::size_t c = 0; c < m_start.size(); ++c) {
            const double low = edges.front() + (static_cast<double>(c) - 1) * width;
            m_start[c] = static_cast<std::uint32_t>(std::ranges::lower_bound(edges, low) - edges.begin());
        }
    }
    [[nodiscard]] std::size_t binOf(double value) const {
        const std::size_t n = m_edges.size();
        if (n == 0 || value < m_edges.front()) return 0;
        if (value >= m_edges.back()) return n;
        const double cell = (value - m_edges.front()) * m_perUnit;
        std::size_t bin = m_start[cell < kCells ? static_cast<std::size_t>(cell) : kCells - 1];
        while (value >= m_edges[bin])
            ++bin;  // ends before the last edge, which is greater
        return bin;
    }

private:
    static constexpr std::size_t kCells = 512;
    const std::vector<double>& m_edges;
    double m_perUnit = 0;
    std::array<std::uint32_t, kCells> m_start{};
};

void countNumbers(const ColumnBlock& block, const Mask& mask, const BinFinder& bins, ports::FeatureCounts& counts) {
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!mask[i] || std::isnan(block.numbers[i])) continue;
        ++counts.counts[bins.binOf(block.numbers[i])];
        --counts.missing;
    }
}

void countCategories(const ColumnBlock& block, const Mask& mask, const std::vector<std::string>& categories,
                     ports::FeatureCounts& counts) {
    const auto binOf = [&](std::string_view text) {
        return static_cast<std::size_t>(std::ranges::find(categories, text) - categories.begin());
    };
    std::vector<std::size_t> bins(block.pool.size());
    for (std::size_t code = 0; code < bins.size(); ++code)
        bins[code] = binOf(block.pool.at(code));
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!mask[i] || block.missing(i)) continue;
        ++counts.counts[block.type == ColumnType::Text ? bins[block.codes[i]] : binOf(numberText(block.numbers[i]))];
        --counts.missing;
    }
}

Status countFeature(BlockView& view, const Mask& mask, const ports::FeatureBins& bins, const BinFinder& finder,
                    ports::FeatureCounts& counts) {
    const std::uint64_t selected = countSelected(mask);
    counts.rows += selected;
    counts.missing += selected;  // less what has a value
    PH_ASSIGN(const TypedBlocks* blocks, view.field(bins.field));
    for (const auto& block : *blocks) {
        if (block->type == ColumnType::Time) continue;
        if (!bins.categories.empty()) {
            countCategories(*block, mask, bins.categories, counts);
        } else if (block->type == ColumnType::Number) {
            countNumbers(*block, mask, finder, counts);
        }
    }
    return {};
}

void addCounts(const ports::FeatureCounts& from, ports::FeatureCounts& to) {
    to.rows += from.rows;
    to.missing += from.missing;
    for (std::size_t b = 0; b < to.counts.size(); ++b)
        to.counts[b] += from.counts[b];
}

}  // namespace

Result<std::vector<ports::FeatureCounts>> featureCountsOfLog(Database& database,
                                                             const ports::FeatureCountsRequest& request,
                                                             const CancellationToken& token) {
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database));
    std::vector<ports::FeatureCounts> result;
    std::vector<BinFinder> finders;
    for (const ports::FeatureBins& bins : request.features) {
        PH_TRY(checkField(reader, bins.field));
        if (bins.edges.size() >= 65'535 || !std::ranges::is_sorted(bins.edges))
            return fail(
                Error::invalid("the bin edges of \"" + bins.field + "\" do not ascend, or are more than 65,534"));
        const std::size_t n = bins.categories.empty() ? bins.edges.size() : bins.categories.size();
        result.push_back({bins.field, std::vector<std::uint64_t>(n + 1), 0, 0});
        finders.emplace_back(bins.edges);
    }
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, request.range, kTimestampMax, token));
    std::vector<std::vector<ports::FeatureCounts>> parts(kWindow, result);
    const Status done = scanner.eachAtOnce([&](std::size_t slot, BlockView& view, const Mask& mask) -> Status {
        for (std::size_t f = 0; f < result.size(); ++f)
            PH_TRY(countFeature(view, mask, request.features[f], finders[f], parts[slot][f]));
        return {};
    });
    PH_TRY(done);
    for (const auto& part : parts)
        for (std::size_t f = 0; f < result.size(); ++f)
            addCounts(part[f], result[f]);
    PH_TRY(transaction.commit());
    return result;
}

}  // namespace pilothouse::predictions
