// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "models/predictions/prediction_store.h"
#include "models/predictions/query_parser.h"
#include "tests/workspace/support.h"

namespace pilothouse::test {

/// A row as a person would write it down: what has no entry is missing.
using Value = std::variant<double, std::string, Timestamp>;
using Row = std::map<std::string, Value>;

inline ports::ColumnType typeOf(const Value& value) {
    constexpr ports::ColumnType kTypes[]{ports::ColumnType::Number, ports::ColumnType::Text, ports::ColumnType::Time};
    return kTypes[value.index()];
}

/// Rows as columns. A field must have one type within the rows; one that no row has is left out.
inline ports::RowSet rowSet(std::span<const Row> rows) {
    ports::RowSet set;
    set.rows = rows.size();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (const auto& [name, value] : rows[i]) {
            ports::Column* column = set.find(name);
            if (!column) {
                set.columns.push_back({name, typeOf(value), {}, {}, {}, {}});
                column = &set.columns.back();
                column->numbers.assign(column->type == ports::ColumnType::Number ? rows.size() : 0, std::nan(""));
                column->codes.assign(column->type == ports::ColumnType::Text ? rows.size() : 0,
                                     ports::Column::kMissingCode);
                column->times.assign(column->type == ports::ColumnType::Time ? rows.size() : 0, kTimestampMin.ns);
            }
            switch (value.index()) {
                case 0:
                    column->numbers[i] = std::get<double>(value);
                    break;
                case 1: {
                    const auto& text = std::get<std::string>(value);
                    auto place = std::ranges::find(column->dictionary, text);
                    if (place == column->dictionary.end()) place = column->dictionary.insert(place, text);
                    column->codes[i] = static_cast<std::uint32_t>(place - column->dictionary.begin());
                    break;
                }
                default:
                    column->times[i] = std::get<Timestamp>(value).ns;
            }
        }
    }
    return set;
}

/// The value of a row set's cell, or nothing where it is missing.
inline std::optional<Value> cell(const ports::RowSet& rows, std::string_view name, std::size_t row) {
    const ports::Column* column = rows.find(name);
    if (!column || column->missing(row)) return {};
    switch (column->type) {
        case ports::ColumnType::Number:
            return column->numbers[row];
        case ports::ColumnType::Text:
            return std::string(column->text(row));
        case ports::ColumnType::Time:
            return Timestamp{column->times[row]};
    }
    return {};
}

/// What "now" means in queries of tests.
inline const Timestamp kNow = *Timestamp::parseIso("2013-04-12T00:00:00Z");

/// A new workspace file with a connection to it.
class Store {
public:
    Store() {
        auto workspace = workspace::Workspace::create(m_folder.file(), ClockKind::Logical, "UTC");
        if (!workspace) qFatal("%s", workspace.error().text().c_str());
        m_workspace = *workspace;
        m_database = std::move(*m_workspace->connect());
    }
    [[nodiscard]] workspace::Database& database() { return *m_database; }
    [[nodiscard]] const std::shared_ptr<workspace::Workspace>& workspace() const { return m_workspace; }
    [[nodiscard]] std::int64_t count(const std::string& sql) { return m_database->integer(sql)->value_or(-1); }

    /// The request ids of the rows that match, in order of arrival.
    [[nodiscard]] Result<std::vector<std::string>> ids(const std::string& query, TimeRange range = TimeRange::all(),
                                                       Timestamp known = kTimestampMax) {
        PH_ASSIGN(auto parsed, predictions::parseQuery(query));
        parsed.now = kNow;
        PH_ASSIGN(const auto rows, predictions::collect(database(), {parsed, range, {"request_id"}, known}, {}));
        std::vector<std::string> out;
        for (std::size_t i = 0; i < rows.rows; ++i)
            out.emplace_back(rows.columns[0].text(i));
        return out;
    }

private:
    Folder m_folder;
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<workspace::Database> m_database;
};

inline Row row(const std::string& id, Timestamp time, Row more = {}) {
    more["request_id"] = id;
    more["time"] = time;
    more.try_emplace("model", std::string("delay"));
    return more;
}

inline Timestamp at(std::int64_t seconds) { return Timestamp::fromSeconds(seconds); }

}  // namespace pilothouse::test
