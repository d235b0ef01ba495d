// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/statistics/binning.h"
#include "models/statistics/drift.h"
#include "models/statistics/profile.h"

namespace pilothouse::statistics {

/// A sum in whole steps of 2^-32, so that it comes to the same bits in whatever order and pieces it was added up.
class ExactSum {
public:
    __extension__ using Steps = __int128;
    /// Rounds to a step. Numbers beyond ±2^80 count as that, NaN as 0: 2^14 sums of 2^31 such numbers fit.
    void add(double value);
    void merge(const ExactSum& other) { m_steps += other.m_steps; }
    [[nodiscard]] double value() const;
    [[nodiscard]] Steps steps() const { return m_steps; }
    [[nodiscard]] static ExactSum fromSteps(Steps steps) {
        ExactSum out;
        out.m_steps = steps;
        return out;
    }
    bool operator==(const ExactSum&) const = default;

private:
    Steps m_steps = 0;
};

/// A cluster's part of a tally.
struct ClusterTally {
    std::vector<std::uint32_t> counts;
    std::uint32_t missing = 0, unseen = 0;
    std::array<ExactSum, 2> outer;  ///< numeric: of the values in the lowest and the highest bin
    bool operator==(const ClusterTally&) const = default;
};

/// A column's values on its profile's frozen bins. Tallies of any pieces of a window add up to the same bits.
struct ColumnTally {
    std::vector<std::uint64_t> counts;  ///< as ColumnProfile::counts
    std::uint64_t missing = 0;          ///< values of another type than the profile's included
    std::uint64_t foreign = 0;          ///< those of another type
    std::uint64_t unseen = 0;
    /// Numeric, lowest and highest bin: Σ (clipped value - nearest edge) / scale, and of its squares.
    std::array<ExactSum, 2> outer, outerSquares;
    std::array<std::uint64_t, 2> beyond{};  ///< numeric: values below the reference's least, above its greatest
    std::vector<ClusterTally> clusters;
    bool operator==(const ColumnTally&) const = default;

    [[nodiscard]] std::uint64_t rows() const;
    /// `placeOf`: where each of the other's clusters goes here.
    void merge(const ColumnTally& other, std::span<const std::uint32_t> placeOf);
};

/// Puts values into tallies of one column. Immutable: any number of threads may use it. The profile must outlive it.
class ColumnCounter {
public:
    explicit ColumnCounter(const ColumnProfile& profile);

    /// A category's bin, and whether the reference never held it.
    struct Place {
        std::uint32_t bin = 0;
        bool unseen = false;
    };
    [[nodiscard]] const ColumnProfile& profile() const { return *m_profile; }
    [[nodiscard]] Place placeOf(std::string_view category) const;

    [[nodiscard]] ColumnTally empty() const;
    /// Rows whose byte in `selected` is 0 are left out (empty: none is). `clusters`: empty or an id a row, the tally
    /// grows to hold them.
    void addNumbers(ColumnTally& tally, std::span<const double> values, std::span<const std::uint8_t> selected,
                    std::span<const std::uint32_t> clusters) const;
    /// Codes index `places`; a code beyond is missing.
    void addCodes(ColumnTally& tally, std::span<const std::uint32_t> codes, std::span<const Place> places,
                  std::span<const std::uint8_t> selected, std::span<const std::uint32_t> clusters) const;
    /// Selected rows that have no value of the profile's type.
    void addMissing(ColumnTally& tally, std::span<const std::uint8_t> selected, std::size_t rows, bool foreign,
                    std::span<const std::uint32_t> clusters) const;

    /// What judgeDrift() takes, with these clusters in this order (empty: all, as they are).
    [[nodiscard]] CurrentCounts finish(const ColumnTally& tally, std::span<const std::uint32_t> order) const;

private:
    void addOuter(ColumnTally& tally, double value, bool highest, ClusterTally* cluster) const;
    template <class BinOf>
    void countNumbers(ColumnTally& tally, std::span<const double> values, std::span<const std::uint8_t> selected,
                      const BinOf& binOf) const;

    const ColumnProfile* m_profile;
    BinFinder m_finder;
    std::size_t m_bins;
    bool m_outer;  ///< there are outer bins, and a scale to measure in
    std::unordered_map<std::string_view, std::uint32_t> m_categories;
};

}  // namespace pilothouse::statistics
