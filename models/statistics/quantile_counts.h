// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/statistics/value_runs.h"

namespace pilothouse::statistics {

/// Quantiles of any number of values in bounded memory: how often each value came. While there are at most `most`
/// distinct ones, quantiles are exact. Beyond that, the last bit that tells values apart is dropped, and again, so that
/// neighbours share a count: bins whose width is a fixed share of the value, as those of DDSketch (Masson, Rim, Lee,
/// 2019) with its uniform collapse (UDDSketch: Epicoco et al., 2020), cut linearly within a power of two as in
/// HdrHistogram. Unlike a t-digest, the error has a bound that holds for every order and every distribution:
/// relativeError().
///
/// Values that are decimals of a few places are first counted as whole numbers in a table, which is faster by far.
///
/// What is counted depends on the values alone, not on their order nor on how they were split before merge(): the bits
/// that are kept are the most with which the distinct values fit. Threads: one at a time.
class QuantileCounts {
public:
    /// At least 2^13 are kept: sign, exponent and a bit of the value always fit.
    static constexpr std::size_t kLeastValues = std::size_t{1} << 13, kMostValues = std::size_t{1} << 17;
    explicit QuantileCounts(std::size_t most = kMostValues);

    /// Not NaN. Infinities count as what they are.
    void add(double value);
    void merge(const QuantileCounts& other);  ///< made with the same `most`
    [[nodiscard]] std::uint64_t count() const { return m_count; }
    /// The values, where none was dropped a bit of; otherwise a value within each bin stands for it.
    [[nodiscard]] std::vector<ValueRun> runs() const;
    /// Type 7 (Hyndman and Fan, 1996): between the order statistics around (n - 1) q; NaN of no values. O(distinct) the
    /// first time after a change.
    [[nodiscard]] double quantile(double q) const;
    /// An order statistic that quantile() is made from is wrong by at most this share of itself (of normal numbers;
    /// what is smaller than 2.3e-308 may come as 0). 0: exact.
    [[nodiscard]] double relativeError() const;

private:
    struct Slot {
        std::uint64_t key = 0, count = 0;  ///< count 0: free
    };
    // Below 2^32 of one value; a log has fewer rows.
    /// False: the table does not hold the value.
    [[nodiscard]] bool addWhole(double value, std::uint64_t count);
    void addOther(double value, std::uint64_t count);
    void setPlaces(int places);
    void leaveTable();
    [[nodiscard]] double valueOfWhole(std::size_t index) const;
    [[nodiscard]] std::int64_t leastWhole() const { return -static_cast<std::int64_t>(m_most / 8); }
    void addKey(std::uint64_t key, std::uint64_t count);
    [[nodiscard]] std::size_t placeOf(std::uint64_t key) const;
    void rebuild(std::size_t slots, unsigned dropped);
    [[nodiscard]] double valueOf(std::uint64_t key) const;
    [[nodiscard]] double at(std::uint64_t rank) const;
    void sort() const;

    std::size_t m_most;
    bool m_decimals = true;  ///< no value came that the table is of no use for; else it stays empty
    int m_places = 0;
    double m_power = 1;
    std::vector<std::uint32_t> m_table;  ///< counts by whole number, from leastWhole(); empty before the first one
    unsigned m_dropped = 0;              ///< bits
    std::size_t m_used = 0;
    std::uint64_t m_count = 0;
    std::vector<Slot> m_slots;
    mutable std::vector<Slot> m_sorted;  ///< count: of this key and all below; empty: not known
};

}  // namespace pilothouse::statistics
