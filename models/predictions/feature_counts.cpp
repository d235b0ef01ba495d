// SPDX-License-Identifier: GPL-3.0-or-later
// Rows by bin of a feature.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "models/predictions/log_queries.h"
#include "models/predictions/parallel.h"
#include "models/predictions/scanner.h"
#include "models/statistics/binning.h"

namespace pilothouse::predictions {

using ports::ColumnType;
using statistics::BinFinder;
using workspace::Database;

namespace {

/// Rows that are not selected or have no number fall into a bin of their own, behind the others. Neighbours are counted
/// apart: most fall into one bin, and each count would wait for the one before.
template <class BinOf>
void countNumbers(const ColumnBlock& block, const Mask& mask, std::size_t bins, ports::FeatureCounts& counts,
                  const BinOf& binOf) {
    constexpr std::size_t kManyBins = 1'024;
    const std::size_t kinds = bins + 1, laneCount = bins < kManyBins ? 4 : 1;
    thread_local std::vector<std::uint32_t> lanes;
    lanes.assign(laneCount * kinds, 0);
    std::uint32_t* const counted = lanes.data();
    const double* const numbers = block.numbers.data();
    const std::uint8_t* const selected = mask.data();
    for (std::size_t i = 0; i < mask.size(); ++i) {
        const double value = numbers[i];
        const std::size_t bin = selected[i] != 0 && value == value ? binOf(value) : bins;
        ++counted[(i & (laneCount - 1)) * kinds + bin];
    }
    for (std::size_t bin = 0; bin < bins; ++bin) {
        std::uint64_t sum = 0;
        for (std::size_t lane = 0; lane < laneCount; ++lane)
            sum += lanes[lane * kinds + bin];
        counts.counts[bin] += sum;
        counts.missing -= sum;
    }
}

void countNumbers(const ColumnBlock& block, const Mask& mask, const BinFinder& finder, ports::FeatureCounts& counts) {
    if (finder.simple())
        countNumbers(block, mask, finder.bins(), counts, [&](double value) { return finder.simpleBinOf(value); });
    else
        countNumbers(block, mask, finder.bins(), counts, [&](double value) { return finder.binOf(value); });
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
