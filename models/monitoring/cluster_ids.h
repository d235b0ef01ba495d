// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/base/time_zone.h"
#include "models/ports/rows.h"

namespace pilothouse::monitoring {

/// Ids (dense, from 0) of rows with the same values in some columns, for rows that come in pieces. A cluster's key says
/// those values, so that ids of different pieces can be matched. One thread at a time.
class ClusterIds {
public:
    explicit ClusterIds(const Zone& zone) : m_zone(&zone) {}

    /// A piece: begin(), then the columns, always the same ones in the same order, then ids(). Rows whose byte in
    /// `selected` is 0 get no cluster, and the id 0 (empty: all are selected). It must outlive the piece.
    void begin(std::size_t rows, std::span<const std::uint8_t> selected);
    void addDates(std::span<const std::int64_t> times);  ///< the calendar's day
    void addTimes(std::span<const std::int64_t> times);  ///< the moment itself
    void addNumbers(std::span<const double> values);     ///< NaN: missing
    /// Codes index a dictionary of `texts`; a code beyond is missing.
    void addTexts(std::span<const std::uint32_t> codes, std::size_t texts,
                  const std::function<std::string_view(std::size_t)>& text);
    void addMissing();
    [[nodiscard]] std::span<const std::uint32_t> ids() const { return m_ids; }

    [[nodiscard]] std::size_t size() const;  ///< clusters so far, of all pieces
    [[nodiscard]] const std::string& key(std::size_t id) const;

private:
    template <class ValueOf>
    void add(const ValueOf& valueOf);
    [[nodiscard]] std::uint32_t value(std::string_view coded);
    [[nodiscard]] std::uint32_t value(char kind, std::uint64_t bits);

    const Zone* m_zone;
    std::span<const std::uint8_t> m_selected;
    std::vector<std::uint32_t> m_ids;
    std::unordered_map<std::string, std::uint32_t> m_values;  ///< what columns held, coded
    std::vector<const std::string*> m_coded;                  ///< the keys of m_values
    /// What the columns up to one make of the rows.
    struct Level {
        std::unordered_map<std::uint64_t, std::uint32_t> children;  ///< (cluster so far, value) → cluster
        std::vector<std::string> keys;
    };
    std::vector<Level> m_levels;
    std::size_t m_column = 0;
};

/// Clusters of one piece of rows by the columns named; "date" is the calendar's day of the rows' times. A column that
/// the piece does not have is missing in all of its rows.
[[nodiscard]] std::vector<std::uint32_t> clustersOf(ClusterIds& ids, const std::vector<std::string>& columns,
                                                    const ports::RowSet& rows);

}  // namespace pilothouse::monitoring
