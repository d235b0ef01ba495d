// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/window_counts.h"

#include <xxhash.h>

#include <QCryptographicHash>
#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <numeric>
#include <unordered_map>

#include "models/monitoring/cluster_ids.h"
#include "models/predictions/parallel.h"
#include "models/predictions/scanner.h"
#include "models/predictions/value_table.h"

namespace pilothouse::monitoring {

using ports::ColumnType;
using predictions::BlockView;
using predictions::ColumnBlock;
using predictions::Mask;
using statistics::ColumnCounter;
using statistics::ColumnKind;
using statistics::ColumnTally;

namespace {

constexpr int kFormat = 4;

std::uint32_t foldedPlace(std::string_view key) {
    return static_cast<std::uint32_t>(XXH3_64bits(key.data(), key.size()) % WindowCounts::kMostClusters);
}

/// Keys of folded clusters: their places.
std::vector<std::string> foldedKeys() {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < WindowCounts::kMostClusters; ++i)
        keys.push_back(std::to_string(i));
    return keys;
}

std::uint64_t outsideOf(std::span<const double> values, const Mask& mask, std::pair<double, double> range,
                        std::uint64_t& numbers) {
    std::uint64_t outside = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool number = mask[i] != 0 && values[i] == values[i];
        numbers += number;
        outside += number && (values[i] < range.first || values[i] > range.second);
    }
    return outside;
}

/// Of a value: the same for the same value, whatever block it lies in.
std::uint64_t hashOf(const ColumnBlock& block, std::size_t row) {
    if (block.type == ColumnType::Text) {
        const std::string_view text = block.text(row);
        return XXH3_64bits_withSeed(text.data(), text.size(), 1);
    }
    const std::int64_t bits = block.type == ColumnType::Number
                                  ? std::bit_cast<std::int64_t>(block.numbers[row] + 0.0)  // -0 is 0
                                  : block.times[row];
    return XXH3_64bits_withSeed(&bits, sizeof bits, block.type == ColumnType::Number ? 2 : 3);
}

/// Calls use(row, hash, whether it is the first of its kind as far as is known) for the rows that have a value.
template <class Use>
void eachHash(const ColumnBlock& block, const Mask& mask, const Use& use) {
    const bool text = block.type == ColumnType::Text;
    std::vector<std::uint64_t> ofCode(text ? block.pool.size() : 0, 0);
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!mask[i] || block.missing(i)) continue;
        if (!text) {
            use(i, hashOf(block, i), true);
            continue;
        }
        std::uint64_t& hash = ofCode[block.codes[i]];
        const bool first = hash == 0;
        if (first) hash = hashOf(block, i);
        use(i, hash, first);
    }
}

Mask without(const Mask& mask, const ColumnBlock& block) {
    Mask rest = mask;
    for (std::size_t i = 0; i < rest.size(); ++i)
        if (!block.missing(i)) rest[i] = 0;
    return rest;
}

/// What one thread counts; its blocks may be of any parts.
class Counting {
public:
    Counting(const Zone& zone, const CountingPlan& plan, const std::vector<std::unique_ptr<ColumnCounter>>& counters)
        : m_plan(plan), m_counters(counters), m_ids(zone), m_counts(emptyCounts(plan)) {}

    Status add(BlockView& view, const Mask& mask) {
        m_counts.rows += predictions::countSelected(mask);
        if (m_plan.times) PH_TRY(findNewest(view, mask));
        PH_TRY(findClusters(view, mask));
        if (!m_plan.alike.empty()) PH_TRY(findDifferent(view, mask));
        for (std::size_t c = 0; c < m_plan.columns.size(); ++c)
            PH_TRY(addColumn(view, mask, c));
        return {};
    }

    [[nodiscard]] WindowCounts take() {
        if (!m_counts.folded)
            for (std::size_t id = 0; id < m_ids.size(); ++id)
                m_counts.clusters.push_back(m_ids.key(id));
        return std::move(m_counts);
    }

private:
    Status findNewest(BlockView& view, const Mask& mask) {
        PH_ASSIGN(const ColumnBlock* times, view.field(std::string(ports::field::time), ColumnType::Time));
        for (std::size_t i = 0; times && i < mask.size(); ++i)
            if (mask[i]) m_counts.newest = std::max(m_counts.newest, times->times[i]);
        return {};
    }

    Status findDifferent(BlockView& view, const Mask& mask) {
        m_hashes.assign(mask.size(), 0);
        std::uint64_t place = 0;  // of the column: rows with the same values in other columns differ
        for (const std::string& name : m_plan.alike) {
            ++place;
            PH_ASSIGN(const predictions::TypedBlocks* blocks, view.field(name));
            for (const auto& block : *blocks)
                eachHash(*block, mask, [&](std::size_t row, std::uint64_t hash, bool) {
                    const std::array<std::uint64_t, 3> all{m_hashes[row], hash, place};
                    m_hashes[row] = XXH3_64bits(all.data(), sizeof all);
                });
        }
        for (std::size_t row = 0; row < mask.size(); ++row)
            if (mask[row]) m_counts.different.add(m_hashes[row]);
        return {};
    }

    Status findClusters(BlockView& view, const Mask& mask) {
        if (m_plan.cluster.empty()) return {};
        m_ids.begin(view.rows(), mask);
        if (std::ranges::find(m_plan.cluster, "date") != m_plan.cluster.end()) {
            PH_ASSIGN(const ColumnBlock* times, view.field(std::string(ports::field::time), ColumnType::Time));
            if (times)
                m_ids.addDates(times->times);
            else
                m_ids.addMissing();
        }
        for (const std::string& name : m_plan.cluster)
            if (name != "date") PH_TRY(addClusterColumn(view, name));
        m_places.assign(m_ids.ids().begin(), m_ids.ids().end());
        foldWhereMany();
        return {};
    }

    void foldWhereMany() {
        if (!m_counts.folded && m_ids.size() > WindowCounts::kMostClusters) {
            for (std::size_t id = 0; id < m_ids.size(); ++id)
                m_counts.clusters.push_back(m_ids.key(id));
            m_counts.fold();
        }
        if (m_counts.folded) {
            for (std::size_t id = m_foldedPlaces.size(); id < m_ids.size(); ++id)
                m_foldedPlaces.push_back(foldedPlace(m_ids.key(id)));
            for (std::uint32_t& place : m_places)
                place = m_foldedPlaces[place];
        }
    }

    Status addClusterColumn(BlockView& view, const std::string& name) {
        PH_ASSIGN(const predictions::TypedBlocks* blocks, view.field(name));
        // A field that changed its type within a part is rare: its first type tells the clusters apart there.
        if (blocks->empty()) {
            m_ids.addMissing();
            return {};
        }
        const ColumnBlock& block = *blocks->front();
        if (block.type == ColumnType::Text)
            m_ids.addTexts(block.codes, block.pool.size(), [&](std::size_t code) { return block.pool.at(code); });
        else if (block.type == ColumnType::Number)
            m_ids.addNumbers(block.numbers);
        else
            m_ids.addTimes(block.times);
        return {};
    }

    Status addColumn(BlockView& view, const Mask& mask, std::size_t index) {
        const CountedColumn& column = m_plan.columns[index];
        ColumnCounts& counts = m_counts.columns[index];
        PH_ASSIGN(const predictions::TypedBlocks* blocks, view.field(column.name));
        for (const auto& block : *blocks)
            if (column.range && block->type == ColumnType::Number)
                counts.outside += outsideOf(block->numbers, mask, *column.range, counts.numbers);
        for (const auto& block : *blocks)
            if (column.distinct)
                eachHash(*block, mask, [&](std::size_t, std::uint64_t hash, bool first) {
                    if (first) counts.distinct.add(hash);
                });
        if (!column.profile) {
            std::uint64_t present = 0;
            for (const auto& block : *blocks)
                for (std::size_t i = 0; i < mask.size(); ++i)
                    present += mask[i] != 0 && !block->missing(i);
            counts.tally.missing += predictions::countSelected(mask) - present;
            return {};
        }
        addValues(*blocks, mask, *m_counters[index], counts.tally);
        return {};
    }

    /// A row has a value in one of the blocks at most; those of the profile's type count.
    void addValues(const predictions::TypedBlocks& blocks, const Mask& mask, const ColumnCounter& counter,
                   ColumnTally& tally) {
        const bool numeric = counter.profile().kind == ColumnKind::Numeric;
        const std::span<const std::uint32_t> clusters =
            m_plan.cluster.empty() ? std::span<const std::uint32_t>() : std::span<const std::uint32_t>(m_places);
        if (blocks.size() == 1 && numeric && blocks.front()->type == ColumnType::Number) {
            counter.addNumbers(tally, blocks.front()->numbers, mask, clusters);
            return;
        }
        if (blocks.size() == 1 && !numeric && blocks.front()->type == ColumnType::Text) {
            counter.addCodes(tally, blocks.front()->codes, placesOf(*blocks.front(), counter), mask, clusters);
            return;
        }
        Mask rest = mask;
        for (const auto& block : blocks) {
            const Mask empty = without(rest, *block);
            Mask here = rest;
            for (std::size_t i = 0; i < here.size(); ++i)
                here[i] = here[i] != 0 && empty[i] == 0;
            addOtherwise(*block, here, numeric, counter, tally, clusters);
            rest = empty;
        }
        counter.addMissing(tally, rest, rest.size(), false, clusters);
    }

    /// Rows that have a value in a block of any type.
    static void addOtherwise(const ColumnBlock& block, const Mask& here, bool numeric, const ColumnCounter& counter,
                             ColumnTally& tally, std::span<const std::uint32_t> clusters) {
        if (numeric && block.type == ColumnType::Number) {
            counter.addNumbers(tally, block.numbers, here, clusters);
        } else if (!numeric && block.type == ColumnType::Text) {
            counter.addCodes(tally, block.codes, placesOf(block, counter), here, clusters);
        } else if (!numeric && block.type == ColumnType::Number) {
            std::vector<std::uint32_t> rows(block.rows());
            std::iota(rows.begin(), rows.end(), 0u);
            std::vector<ColumnCounter::Place> places(block.rows());
            for (std::size_t i = 0; i < rows.size(); ++i)
                if (here[i]) places[i] = counter.placeOf(predictions::numberText(block.numbers[i]));
            counter.addCodes(tally, rows, places, here, clusters);
        } else {
            counter.addMissing(tally, here, here.size(), true, clusters);
        }
    }

    static std::vector<ColumnCounter::Place> placesOf(const ColumnBlock& block, const ColumnCounter& counter) {
        std::vector<ColumnCounter::Place> places(block.pool.size());
        for (std::size_t code = 0; code < places.size(); ++code)
            places[code] = counter.placeOf(block.pool.at(code));
        return places;
    }

    const CountingPlan& m_plan;
    const std::vector<std::unique_ptr<ColumnCounter>>& m_counters;
    ClusterIds m_ids;
    std::vector<std::uint32_t> m_places;        ///< of the block's rows
    std::vector<std::uint32_t> m_foldedPlaces;  ///< by id
    std::vector<std::uint64_t> m_hashes;        ///< of what the block's rows hold in the columns of `alike`
    WindowCounts m_counts;
};

}  // namespace

std::string CountingPlan::identity(const Zone& zone) const {
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto add = [&](const std::string& text) {
        const std::string sized = std::to_string(text.size()) + ":" + text;
        hash.addData(QByteArrayView(sized.data(), static_cast<qsizetype>(sized.size())));
    };
    add(std::to_string(kFormat));
    add(query.text);
    if (times) add("times");
    if (!alike.empty()) add("alike");
    for (const std::string& name : alike)
        add(name);
    for (const std::string& name : cluster)
        add(name);
    if (!cluster.empty()) add(zone.name());
    for (const CountedColumn& column : columns) {
        add(column.name);
        if (column.profile) {
            statistics::Profile alone;
            alone.columns.push_back(*column.profile);
            add(statistics::toJson(alone));
        }
        if (column.distinct) add("distinct");
        if (column.range) add(std::to_string(column.range->first) + ".." + std::to_string(column.range->second));
    }
    return hash.result().toHex().left(32).toStdString();
}

WindowCounts emptyCounts(const CountingPlan& plan) {
    WindowCounts out;
    if (!plan.alike.empty()) out.different = statistics::DistinctSample(WindowCounts::kMostDifferent);
    for (const CountedColumn& column : plan.columns)
        out.columns.push_back({column.profile ? ColumnCounter(*column.profile).empty() : ColumnTally{}, 0, 0,
                               statistics::DistinctSample(column.distinct ? ColumnCounts::kMostDistinct : 0)});
    return out;
}

void WindowCounts::fold() {
    if (folded) return;
    std::vector<std::uint32_t> places;
    for (const std::string& key : clusters)
        places.push_back(foldedPlace(key));
    for (ColumnCounts& column : columns) {
        ColumnTally all;
        all.counts.resize(column.tally.counts.size());
        all.merge(column.tally, places);
        column.tally = std::move(all);
    }
    clusters = foldedKeys();
    folded = true;
}

void WindowCounts::merge(WindowCounts other) {
    std::unordered_map<std::string_view, std::uint32_t> known;
    clusters.reserve(clusters.size() + other.clusters.size());  // known keys are looked at where they lie
    std::size_t together = clusters.size();
    if (!folded && !other.folded) {
        for (std::size_t i = 0; i < clusters.size(); ++i)
            known.emplace(clusters[i], static_cast<std::uint32_t>(i));
        for (const std::string& key : other.clusters)
            together += !known.contains(key);
    }
    if (folded || other.folded || together > kMostClusters) {
        fold();
        other.fold();
    }
    std::vector<std::uint32_t> places(other.clusters.size());
    if (folded) {
        std::iota(places.begin(), places.end(), 0u);
    } else {
        for (std::size_t i = 0; i < places.size(); ++i) {
            const auto place = known.find(other.clusters[i]);
            places[i] = place == known.end() ? static_cast<std::uint32_t>(clusters.size()) : place->second;
            if (place == known.end()) clusters.push_back(other.clusters[i]);
        }
    }
    rows += other.rows;
    newest = std::max(newest, other.newest);
    different.merge(other.different);
    for (std::size_t c = 0; c < columns.size() && c < other.columns.size(); ++c) {
        columns[c].tally.merge(other.columns[c].tally, places);
        columns[c].numbers += other.columns[c].numbers;
        columns[c].outside += other.columns[c].outside;
        columns[c].distinct.merge(other.columns[c].distinct);
    }
}

std::vector<std::uint32_t> WindowCounts::clusterOrder() const {
    std::vector<std::uint32_t> order;
    const auto counted = std::ranges::find_if(columns, [](const ColumnCounts& c) { return !c.tally.clusters.empty(); });
    if (counted == columns.end()) return order;
    for (std::uint32_t i = 0; i < counted->tally.clusters.size(); ++i) {
        const statistics::ClusterTally& cluster = counted->tally.clusters[i];
        const bool any = cluster.missing > 0 || std::ranges::any_of(cluster.counts, [](auto n) { return n > 0; });
        if (any) order.push_back(i);  // some places of folded clusters have no rows
    }
    std::ranges::sort(order, {}, [&](std::uint32_t i) -> const std::string& { return clusters[i]; });
    return order;
}

Result<WindowCounts> countWindow(workspace::Database& database, const Zone& zone, const CountingPlan& plan,
                                 TimeRange range, const predictions::Arrivals& arrivals, const CancellationToken& token,
                                 std::size_t* parts) {
    PH_ASSIGN(auto snapshot, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, predictions::LogReader::open(database, predictions::LogReader::Damaged::Include));
    PH_TRY(reader.limitTruth(arrivals.lastTruth));
    PH_ASSIGN(auto scanner, predictions::Scanner::open(reader, plan.query, range, kTimestampMax, token));
    scanner.limitArrival(arrivals.from, arrivals.before);
    std::vector<std::unique_ptr<ColumnCounter>> counters;
    for (const CountedColumn& column : plan.columns)
        counters.push_back(column.profile ? std::make_unique<ColumnCounter>(*column.profile) : nullptr);
    std::array<std::unique_ptr<Counting>, predictions::kWindow> slots;
    PH_TRY(scanner.eachAtOnce([&](std::size_t slot, BlockView& view, const Mask& mask) {
        if (!slots[slot]) slots[slot] = std::make_unique<Counting>(zone, plan, counters);
        return slots[slot]->add(view, mask);
    }));
    WindowCounts out = emptyCounts(plan);
    for (const auto& slot : slots)
        if (slot) out.merge(slot->take());
    if (parts) *parts += scanner.stats.segmentsDecoded;
    PH_TRY(snapshot.commit());
    return out;
}

}  // namespace pilothouse::monitoring
