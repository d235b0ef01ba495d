// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/quantile_counts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace pilothouse::statistics {

namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
constexpr std::uint64_t kInfinity = std::uint64_t{0x7ff} << 52;
constexpr unsigned kMantissaBits = 52;
constexpr std::size_t kLeastSlots = 16;
constexpr int kMaxPlaces = 9;
constexpr std::array<double, kMaxPlaces + 1> kPowersOfTen{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

/// The fewest places with which the value is a decimal, bit by bit; more than kMaxPlaces where there are none.
int placesOf(double value) {
    constexpr double kMaxExact = 4503599627370496.0;  // 2^52
    int places = 0;
    for (; places <= kMaxPlaces; ++places) {
        const double power = kPowersOfTen[static_cast<std::size_t>(places)], scaled = value * power;
        if (!(std::abs(scaled) < kMaxExact)) return kMaxPlaces + 1;
        const auto whole = static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        if (static_cast<double>(whole) / power == value) break;
    }
    return places;
}

/// The place of a decimal's whole number among `count` ones from `least` on; false where it has none, bit by bit.
inline bool findWhole(double value, double power, std::int64_t least, std::size_t count, std::size_t& place) {
    const double scaled = value * power, first = static_cast<double>(least);
    if (!(scaled >= first && scaled < first + static_cast<double>(count))) return false;
    const auto whole = static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    place = static_cast<std::size_t>(whole - least);
    return place < count && static_cast<double>(whole) / power == value;
}

/// Whole numbers in the order of the values; negative zero is zero.
std::uint64_t keyOf(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
    return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

}  // namespace

QuantileCounts::QuantileCounts(std::size_t most) : m_most(std::clamp(most, kLeastValues, kMostValues)) {}

void QuantileCounts::add(double value) {
    m_sorted.clear();
    ++m_count;
    if (!addWhole(value, 1)) addOther(value, 1);
}

bool QuantileCounts::addWhole(double value, std::uint64_t count) {
    std::size_t place = 0;
    if (m_table.empty() || !findWhole(value, m_power, leastWhole(), m_most, place)) return false;
    m_table[place] += static_cast<std::uint32_t>(count);
    return true;
}

void QuantileCounts::addOther(double value, std::uint64_t count) {
    // What is too large for the table even without places says nothing of the others.
    if (m_decimals && std::abs(value) < static_cast<double>(m_most)) {
        const int places = placesOf(value);
        std::size_t place = 0;
        if (places > kMaxPlaces) {
            leaveTable();
        } else if ((m_table.empty() || places > m_places) &&
                   findWhole(value, kPowersOfTen[static_cast<std::size_t>(places)], leastWhole(), m_most, place)) {
            setPlaces(places);
            if (addWhole(value, count)) return;
        }
    }
    addKey(keyOf(value) >> m_dropped, count);
}

void QuantileCounts::setPlaces(int places) {
    const std::vector<std::uint32_t> old = std::exchange(m_table, {});
    std::vector<std::pair<double, std::uint32_t>> moved;
    for (std::size_t i = 0; i < old.size(); ++i)
        if (old[i] > 0) moved.emplace_back(valueOfWhole(i), old[i]);
    m_places = places;
    m_power = kPowersOfTen[static_cast<std::size_t>(places)];
    m_table.assign(m_most, 0);
    for (const auto& [value, count] : moved)
        if (!addWhole(value, count)) addKey(keyOf(value) >> m_dropped, count);
}

void QuantileCounts::leaveTable() {
    m_decimals = false;
    const std::vector<std::uint32_t> old = std::exchange(m_table, {});
    for (std::size_t i = 0; i < old.size(); ++i)
        if (old[i] > 0) addKey(keyOf(valueOfWhole(i)) >> m_dropped, old[i]);
}

double QuantileCounts::valueOfWhole(std::size_t index) const {
    return static_cast<double>(static_cast<std::int64_t>(index) + leastWhole()) / m_power;
}

std::size_t QuantileCounts::placeOf(std::uint64_t key) const {
    const std::size_t mask = m_slots.size() - 1;
    std::size_t place = static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> 32) & mask;
    while (m_slots[place].count != 0 && m_slots[place].key != key)
        place = (place + 1) & mask;
    return place;
}

void QuantileCounts::addKey(std::uint64_t key, std::uint64_t count) {
    if (m_slots.empty()) m_slots.resize(kLeastSlots);
    const std::size_t place = placeOf(key);
    Slot& slot = m_slots[place];
    if (slot.count == 0) {
        slot.key = key;
        ++m_used;
    }
    slot.count += count;
    if (m_used > m_most && m_decimals) leaveTable();  // bins that hold many values are not beside exact ones
    while (m_used > m_most)
        rebuild(m_slots.size(), m_dropped + 1);
    if (m_used * 2 > m_slots.size()) rebuild(m_slots.size() * 4, m_dropped);
}

void QuantileCounts::rebuild(std::size_t slots, unsigned dropped) {
    const std::vector<Slot> old = std::exchange(m_slots, std::vector<Slot>(slots));
    const unsigned shift = dropped - m_dropped;
    m_dropped = dropped;
    m_used = 0;
    for (const Slot& slot : old) {
        if (slot.count == 0) continue;
        Slot& target = m_slots[placeOf(slot.key >> shift)];
        if (target.count == 0) ++m_used;
        target.key = slot.key >> shift;
        target.count += slot.count;
    }
}

void QuantileCounts::merge(const QuantileCounts& other) {
    m_sorted.clear();
    m_count += other.m_count;
    if (!other.m_decimals && m_decimals) leaveTable();
    if (other.m_dropped > m_dropped && !m_slots.empty()) rebuild(m_slots.size(), other.m_dropped);
    m_dropped = std::max(m_dropped, other.m_dropped);
    for (const Slot& slot : other.m_slots)
        if (slot.count != 0) addKey(slot.key >> (m_dropped - other.m_dropped), slot.count);
    if (m_decimals && !other.m_table.empty() && (m_table.empty() || other.m_places > m_places))
        setPlaces(other.m_places);
    for (std::size_t i = 0; i < other.m_table.size(); ++i) {
        if (other.m_table[i] == 0) continue;
        const double value = other.valueOfWhole(i);
        if (!addWhole(value, other.m_table[i])) addKey(keyOf(value) >> m_dropped, other.m_table[i]);
    }
}

double QuantileCounts::valueOf(std::uint64_t key) const {
    const bool negative = (key << m_dropped & kSign) == 0;
    const std::uint64_t high = key << m_dropped, low = m_dropped == 0 ? 0 : (std::uint64_t{1} << m_dropped) - 1;
    std::uint64_t magnitude = (negative ? ~high & ~low : high) & ~kSign;  // the bin's edge that is nearer to zero
    const bool normal = magnitude >= std::uint64_t{1} << kMantissaBits && magnitude < kInfinity;
    if (normal && m_dropped > 0) magnitude |= std::uint64_t{1} << (m_dropped - 1);  // the middle
    return std::bit_cast<double>(magnitude | (negative ? kSign : 0));
}

double QuantileCounts::at(std::uint64_t rank) const {
    const auto place = std::ranges::upper_bound(m_sorted, rank, {}, &Slot::count);
    return valueOf(place->key);
}

void QuantileCounts::sort() const {
    if (!m_sorted.empty()) return;
    for (const Slot& slot : m_slots)
        if (slot.count != 0) m_sorted.push_back(slot);
    for (std::size_t i = 0; i < m_table.size(); ++i)  // no bit is dropped while there is a table
        if (m_table[i] > 0) m_sorted.push_back({keyOf(valueOfWhole(i)), m_table[i]});
    std::ranges::sort(m_sorted, {}, &Slot::key);
    std::uint64_t sum = 0;
    for (Slot& slot : m_sorted)
        slot.count = sum += slot.count;
}

std::vector<ValueRun> QuantileCounts::runs() const {
    sort();
    std::vector<ValueRun> out;
    std::uint64_t before = 0;
    for (const Slot& slot : m_sorted)
        out.push_back({valueOf(slot.key), slot.count - std::exchange(before, slot.count)});
    return out;
}

double QuantileCounts::quantile(double q) const {
    if (m_count == 0) return std::numeric_limits<double>::quiet_NaN();
    sort();
    const double place = static_cast<double>(m_count - 1) * std::clamp(q, 0.0, 1.0);
    const auto below = static_cast<std::uint64_t>(place);
    const double low = at(below), share = place - static_cast<double>(below);
    if (share == 0) return low;
    const double high = at(std::min(below + 1, m_count - 1));
    return low == high ? low : low + share * (high - low);  // equal infinities have no difference
}

double QuantileCounts::relativeError() const {
    return m_dropped == 0 ? 0 : std::ldexp(1.0, static_cast<int>(m_dropped) - 1 - static_cast<int>(kMantissaBits));
}

}  // namespace pilothouse::statistics
