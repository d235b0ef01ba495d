// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/quantile_counts.h"

#include <algorithm>
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

/// Whole numbers in the order of the values; negative zero is zero.
std::uint64_t keyOf(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
    return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

}  // namespace

QuantileCounts::QuantileCounts(std::size_t most) : m_most(std::clamp(most, kLeastValues, kMostValues)) {}

void QuantileCounts::add(double value) { addKey(keyOf(value) >> m_dropped, 1); }

std::size_t QuantileCounts::placeOf(std::uint64_t key) const {
    const std::size_t mask = m_slots.size() - 1;
    std::size_t place = static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> 32) & mask;
    while (m_slots[place].count != 0 && m_slots[place].key != key)
        place = (place + 1) & mask;
    return place;
}

void QuantileCounts::addKey(std::uint64_t key, std::uint64_t count) {
    if (m_slots.empty()) m_slots.resize(kLeastSlots);
    m_sorted.clear();
    m_count += count;
    const std::size_t place = placeOf(key);
    Slot& slot = m_slots[place];
    if (slot.count == 0) {
        slot.key = key;
        ++m_used;
    }
    slot.count += count;
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
    if (other.m_dropped > m_dropped && !m_slots.empty()) rebuild(m_slots.size(), other.m_dropped);
    m_dropped = std::max(m_dropped, other.m_dropped);
    for (const Slot& slot : other.m_slots)
        if (slot.count != 0) addKey(slot.key >> (m_dropped - other.m_dropped), slot.count);
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

double QuantileCounts::quantile(double q) const {
    if (m_count == 0) return std::numeric_limits<double>::quiet_NaN();
    if (m_sorted.empty()) {
        for (const Slot& slot : m_slots)
            if (slot.count != 0) m_sorted.push_back(slot);
        std::ranges::sort(m_sorted, {}, &Slot::key);
        std::uint64_t sum = 0;
        for (Slot& slot : m_sorted)
            slot.count = sum += slot.count;
    }
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
