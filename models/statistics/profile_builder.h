// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "models/statistics/clusters.h"
#include "models/statistics/profile.h"
#include "models/statistics/quantile_counts.h"

/// Column profiles of any number of rows, in bounded memory, piece by piece. What a piece holds can be merged: the same
/// rows give the same profile, to the bit, in whatever order they came and however they were split. Rows are taken as
/// independent; setEffective() knows better, once they were counted by cluster. Threads: one at a time.
namespace pilothouse::statistics {

class NumericProfileBuilder {
public:
    void add(double value);  ///< NaN is missing
    void merge(const NumericProfileBuilder& other);
    /// As profileNumeric() while there are at most QuantileCounts::kMostValues distinct values; beyond that each value
    /// is known to QuantileCounts::relativeError(), but for the least and the greatest one, which stay exact.
    [[nodiscard]] ColumnProfile finish(std::string name, const ProfileOptions& options) const;

private:
    QuantileCounts m_counts;
    double m_min = 0, m_max = 0;
    std::uint64_t m_missing = 0, m_below = 0, m_above = 0;
};

class CategoricalProfileBuilder {
public:
    /// More distinct texts, or more bytes of them, make the column an identifier; they are not kept then.
    static constexpr std::size_t kMostTexts = std::size_t{1} << 20, kMostBytes = std::size_t{256} << 20;

    void add(std::string_view text, std::uint64_t rows = 1);
    void addMissing(std::uint64_t rows = 1) { m_missing += rows; }
    void merge(const CategoricalProfileBuilder& other);
    /// As profileCategorical().
    [[nodiscard]] ColumnProfile finish(std::string name, const ProfileOptions& options) const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> m_counts;
    std::size_t m_bytes = 0;
    std::uint64_t m_missing = 0, m_beyond = 0;  ///< rows without a text; rows of texts that were too many
};

/// The effective number of the reference's rows, from those rows themselves: their values on the profile's bins by
/// cluster, and their rows without and with a value by cluster (Kish, 1965; see designEffect()).
void setEffective(ColumnProfile& profile, const ClusterTable& values, const ClusterTable& missing);

}  // namespace pilothouse::statistics
