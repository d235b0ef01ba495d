// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/cluster_ids.h"

#include <bit>
#include <cmath>

namespace pilothouse::monitoring {

void ClusterIds::begin(std::size_t rows, std::span<const std::uint8_t> selected) {
    m_ids.assign(rows, 0);
    m_selected = selected;
    m_column = 0;
}

std::uint32_t ClusterIds::value(std::string_view coded) {
    const auto [place, added] = m_values.try_emplace(std::string(coded), static_cast<std::uint32_t>(m_coded.size()));
    if (added) m_coded.push_back(&place->first);
    return place->second;
}

std::uint32_t ClusterIds::value(char kind, std::uint64_t bits) {
    char text[9] = {kind};
    for (int i = 0; i < 8; ++i)
        text[i + 1] = static_cast<char>(bits >> (8 * i));
    return value(std::string_view(text, sizeof text));
}

template <class ValueOf>
void ClusterIds::add(const ValueOf& valueOf) {
    if (m_levels.size() <= m_column) m_levels.emplace_back();
    Level& level = m_levels[m_column];
    const Level* const before = m_column > 0 ? &m_levels[m_column - 1] : nullptr;
    for (std::size_t row = 0; row < m_ids.size(); ++row) {
        if (!m_selected.empty() && m_selected[row] == 0) continue;
        const std::uint32_t of = valueOf(row);
        const auto [place, added] = level.children.try_emplace(std::uint64_t{m_ids[row]} << 32 | of,
                                                               static_cast<std::uint32_t>(level.keys.size()));
        if (added) level.keys.push_back((before ? before->keys[m_ids[row]] : std::string()) + *m_coded[of]);
        m_ids[row] = place->second;
    }
    ++m_column;
}

void ClusterIds::addDates(std::span<const std::int64_t> times) {
    TimeRange day{};
    std::uint32_t id = 0;
    add([&](std::size_t row) {
        const Timestamp t{times[row]};
        if (!day.contains(t)) {
            day = {m_zone->startOfDay(t), m_zone->nextMidnight(t)};
            id = value('d', static_cast<std::uint64_t>(day.start.ns));
        }
        return id;
    });
}

void ClusterIds::addTimes(std::span<const std::int64_t> times) {
    add([&](std::size_t row) { return value('t', static_cast<std::uint64_t>(times[row])); });
}

void ClusterIds::addNumbers(std::span<const double> values) {
    add([&](std::size_t row) {
        return std::isnan(values[row]) ? value("m") : value('n', std::bit_cast<std::uint64_t>(values[row] + 0.0));
    });
}

void ClusterIds::addTexts(std::span<const std::uint32_t> codes, std::size_t texts,
                          const std::function<std::string_view(std::size_t)>& text) {
    constexpr std::uint32_t kUnknown = UINT32_MAX;
    std::vector<std::uint32_t> known(texts, kUnknown);
    const std::uint32_t missing = value("m");
    std::string coded;
    add([&](std::size_t row) {
        if (codes[row] >= texts) return missing;
        std::uint32_t& id = known[codes[row]];
        if (id == kUnknown) {
            const std::string_view is = text(codes[row]);
            coded = "s" + std::to_string(is.size()) + ":";
            coded += is;
            id = value(coded);
        }
        return id;
    });
}

void ClusterIds::addMissing() {
    const std::uint32_t missing = value("m");
    add([&](std::size_t) { return missing; });
}

std::size_t ClusterIds::size() const { return m_levels.empty() ? 0 : m_levels.back().keys.size(); }

const std::string& ClusterIds::key(std::size_t id) const { return m_levels.back().keys[id]; }

std::vector<std::uint32_t> clustersOf(ClusterIds& ids, const std::vector<std::string>& columns,
                                      const ports::RowSet& rows) {
    ids.begin(rows.rows, {});
    for (const std::string& name : columns) {
        const bool date = name == "date";
        const ports::Column* const column = rows.find(date ? ports::field::time : std::string_view(name));
        if (!column)
            ids.addMissing();
        else if (date)
            ids.addDates(column->times);
        else if (column->type == ports::ColumnType::Text)
            ids.addTexts(column->codes, column->dictionary.size(),
                         [&](std::size_t code) -> std::string_view { return column->dictionary[code]; });
        else if (column->type == ports::ColumnType::Number)
            ids.addNumbers(column->numbers);
        else
            ids.addTimes(column->times);
    }
    return {ids.ids().begin(), ids.ids().end()};
}

}  // namespace pilothouse::monitoring
