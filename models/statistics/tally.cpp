// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/tally.h"

#include <algorithm>
#include <cmath>

#include "models/statistics/clusters.h"

namespace pilothouse::statistics {

namespace {

constexpr double kSteps = 4294967296.0;  // 2^32
constexpr double kNear = 0x1p18, kRounding = 0x1.8p52;

bool isSelected(std::span<const std::uint8_t> selected, std::size_t row) {
    return selected.empty() || selected[row] != 0;
}

ClusterTally* clusterOf(ColumnTally& tally, std::span<const std::uint32_t> clusters, std::size_t row) {
    if (clusters.empty()) return nullptr;
    const std::uint32_t id = clusters[row];
    if (id >= tally.clusters.size()) tally.clusters.resize(id + 1);
    ClusterTally& cluster = tally.clusters[id];
    if (cluster.counts.empty()) cluster.counts.resize(tally.counts.size());
    return &cluster;
}

}  // namespace

void ExactSum::add(double value) {
    if (std::isnan(value)) return;
    if (std::abs(value) < kNear) {
        // Adding and taking away 1.5 x 2^52 rounds to the nearest whole number (ties to even), as nearbyint does,
        // without a call; nearly every value takes this way.
        m_steps += static_cast<std::int64_t>((value * kSteps + kRounding) - kRounding);
        return;
    }
    const double held = std::clamp(value, -0x1p80, 0x1p80);
    m_steps += static_cast<Steps>(std::nearbyint(held * kSteps));
}

double ExactSum::value() const { return static_cast<double>(m_steps) / kSteps; }

std::uint64_t ColumnTally::rows() const {
    std::uint64_t sum = missing;
    for (const std::uint64_t count : counts)
        sum += count;
    return sum;
}

void ColumnTally::merge(const ColumnTally& other, std::span<const std::uint32_t> placeOf) {
    for (std::size_t b = 0; b < counts.size() && b < other.counts.size(); ++b)
        counts[b] += other.counts[b];
    missing += other.missing;
    foreign += other.foreign;
    unseen += other.unseen;
    for (std::size_t side = 0; side < 2; ++side) {
        outer[side].merge(other.outer[side]);
        outerSquares[side].merge(other.outerSquares[side]);
        beyond[side] += other.beyond[side];
    }
    for (std::size_t c = 0; c < other.clusters.size() && c < placeOf.size(); ++c) {
        if (placeOf[c] >= clusters.size()) clusters.resize(placeOf[c] + 1);
        const ClusterTally& from = other.clusters[c];
        ClusterTally& to = clusters[placeOf[c]];
        to.counts.resize(counts.size());
        for (std::size_t b = 0; b < from.counts.size() && b < to.counts.size(); ++b)
            to.counts[b] += from.counts[b];
        to.missing += from.missing;
        to.unseen += from.unseen;
        for (std::size_t side = 0; side < 2; ++side)
            to.outer[side].merge(from.outer[side]);
    }
}

ColumnCounter::ColumnCounter(const ColumnProfile& profile)
    : m_profile(&profile),
      m_finder(profile.edges),
      m_bins(profile.kind == ColumnKind::Numeric ? profile.edges.size() + 1 : profile.categories.size() + 1),
      m_outer(profile.kind == ColumnKind::Numeric && profile.scale > 0 && !profile.edges.empty()) {
    for (std::size_t i = 0; i < profile.categories.size(); ++i)
        m_categories.emplace(profile.categories[i], static_cast<std::uint32_t>(i));
}

ColumnCounter::Place ColumnCounter::placeOf(std::string_view category) const {
    if (const auto known = m_categories.find(category); known != m_categories.end()) return {known->second, false};
    const bool rare = std::binary_search(m_profile->rest.begin(), m_profile->rest.end(), category);
    const bool unseen = m_profile->kind == ColumnKind::Categorical && m_profile->restComplete && !rare;
    return {static_cast<std::uint32_t>(m_bins - 1), unseen};
}

ColumnTally ColumnCounter::empty() const {
    ColumnTally tally;
    tally.counts.assign(m_bins, 0);
    return tally;
}

void ColumnCounter::addOuter(ColumnTally& tally, double value, bool highest, ClusterTally* cluster) const {
    const ColumnProfile& p = *m_profile;
    const double clipped = std::clamp(value, p.clipLow, std::max(p.clipLow, p.clipHigh));
    const double d = clipped / p.scale - (highest ? p.edges.back() : p.edges.front()) / p.scale;
    const std::size_t side = highest ? 1 : 0;
    tally.outer[side].add(d);
    tally.outerSquares[side].add(d * d);
    tally.beyond[side] += highest ? value > p.max : value < p.min;
    if (cluster) cluster->outer[side].add(d);
}

/// Rows that are not selected or have no number fall into a bin of their own, behind the others. Neighbours are counted
/// apart: most fall into one bin, and each count would wait for the one before.
template <class BinOf>
void ColumnCounter::countNumbers(ColumnTally& tally, std::span<const double> values,
                                 std::span<const std::uint8_t> selected, const BinOf& binOf) const {
    constexpr std::size_t kLanes = 4;
    thread_local std::vector<std::uint32_t> lanes;
    thread_local std::vector<std::uint32_t> outside;  // rows in the outer bins
    const std::size_t kinds = m_bins + 2, highest = m_bins - 1;
    lanes.assign(kLanes * kinds, 0);
    outside.resize(values.size() + 1);
    std::size_t outsiders = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double value = values[i];
        const bool in = isSelected(selected, i), number = value == value;
        const std::size_t bin = !in ? m_bins + 1 : !number ? m_bins : binOf(value);
        ++lanes[(i & (kLanes - 1)) * kinds + bin];
        outside[outsiders] = static_cast<std::uint32_t>(i);
        outsiders += bin == 0 || bin == highest ? 1 : 0;
    }
    for (std::size_t bin = 0; bin <= m_bins; ++bin) {
        std::uint64_t sum = 0;
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            sum += lanes[lane * kinds + bin];
        (bin < m_bins ? tally.counts[bin] : tally.missing) += sum;
    }
    for (std::size_t k = 0; m_outer && k < outsiders; ++k) {
        const double value = values[outside[k]];
        addOuter(tally, value, !(value < m_profile->edges.front()), nullptr);
    }
}

void ColumnCounter::addNumbers(ColumnTally& tally, std::span<const double> values,
                               std::span<const std::uint8_t> selected, std::span<const std::uint32_t> clusters) const {
    if (clusters.empty()) {
        if (m_finder.simple())
            countNumbers(tally, values, selected, [this](double value) { return m_finder.simpleBinOf(value); });
        else
            countNumbers(tally, values, selected, [this](double value) { return m_finder.binOf(value); });
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!isSelected(selected, i)) continue;
        ClusterTally& cluster = *clusterOf(tally, clusters, i);
        if (std::isnan(values[i])) {
            ++tally.missing;
            ++cluster.missing;
            continue;
        }
        const std::size_t bin = m_finder.binOf(values[i]);
        ++tally.counts[bin];
        ++cluster.counts[bin];
        if (m_outer && (bin == 0 || bin + 1 == m_bins)) addOuter(tally, values[i], bin != 0, &cluster);
    }
}

void ColumnCounter::addCodes(ColumnTally& tally, std::span<const std::uint32_t> codes, std::span<const Place> places,
                             std::span<const std::uint8_t> selected, std::span<const std::uint32_t> clusters) const {
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (!isSelected(selected, i)) continue;
        ClusterTally* const cluster = clusterOf(tally, clusters, i);
        if (codes[i] >= places.size()) {
            ++tally.missing;
            if (cluster) ++cluster->missing;
            continue;
        }
        const Place place = places[codes[i]];
        ++tally.counts[place.bin];
        tally.unseen += place.unseen;
        if (!cluster) continue;
        ++cluster->counts[place.bin];
        cluster->unseen += place.unseen;
    }
}

void ColumnCounter::addMissing(ColumnTally& tally, std::span<const std::uint8_t> selected, std::size_t rows,
                               bool foreign, std::span<const std::uint32_t> clusters) const {
    for (std::size_t i = 0; i < rows; ++i) {
        if (!isSelected(selected, i)) continue;
        ++tally.missing;
        tally.foreign += foreign;
        if (ClusterTally* const cluster = clusterOf(tally, clusters, i)) ++cluster->missing;
    }
}

CurrentCounts ColumnCounter::finish(const ColumnTally& tally, std::span<const std::uint32_t> order) const {
    const ColumnProfile& p = *m_profile;
    CurrentCounts out;
    out.counts = tally.counts;
    out.missing = tally.missing;
    out.unseen = tally.unseen;
    out.beyond = tally.beyond;
    const bool numeric = p.kind == ColumnKind::Numeric;
    const auto sumOf = [&](const ExactSum& sum, std::uint64_t rows, bool highest) {
        return (highest ? p.edges.back() : p.edges.front()) * static_cast<double>(rows) + sum.value() * p.scale;
    };
    if (numeric) out.binSums.assign(m_bins, 0);
    if (m_outer) {
        out.binSums.front() = sumOf(tally.outer[0], tally.counts.front(), false);
        out.binSums.back() = sumOf(tally.outer[1], tally.counts.back(), true);
        out.outerSquares = {tally.outerSquares[0].value(), tally.outerSquares[1].value()};
    }
    for (std::size_t c = 0; c < (order.empty() ? tally.clusters.size() : order.size()); ++c) {
        const ClusterTally& cluster = tally.clusters[order.empty() ? c : order[c]];
        out.clusterCounts.push_back(cluster.counts);
        out.clusterCounts.back().resize(m_bins);
        out.clusterMissing.push_back(cluster.missing);
        if (!numeric) {
            out.clusterUnseen.push_back(cluster.unseen);
            continue;
        }
        const auto& rows = out.clusterCounts.back();
        out.clusterOuterSums.push_back(m_outer ? std::array<double, 2>{sumOf(cluster.outer[0], rows.front(), false),
                                                                       sumOf(cluster.outer[1], rows.back(), true)}
                                               : std::array<double, 2>{});
    }
    return out;
}

}  // namespace pilothouse::statistics
