// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/reference_sample.h"

#include <xxhash.h>

#include <algorithm>
#include <queue>
#include <unordered_map>

#include "models/predictions/prediction_store.h"

namespace pilothouse::monitoring {

using ports::Column;
using ports::ColumnType;

namespace {

std::uint64_t hashOf(const Column* ids, std::size_t row) {
    const std::string_view id = ids && !ids->missing(row) ? ids->text(row) : std::string_view();
    return XXH3_64bits(id.data(), id.size());
}

/// Appends rows of parts, whose dictionaries differ, to one column.
class Gathered {
public:
    Gathered(std::string name, ColumnType type) {
        m_column.name = std::move(name);
        m_column.type = type;
    }

    void add(const Column* from, std::size_t row) {
        const bool missing = !from || from->type != m_column.type || from->missing(row);
        switch (m_column.type) {
            case ColumnType::Number:
                m_column.numbers.push_back(missing ? statistics::kNaN : from->numbers[row]);
                break;
            case ColumnType::Time:
                m_column.times.push_back(missing ? kTimestampMin.ns : from->times[row]);
                break;
            case ColumnType::Text:
                m_column.codes.push_back(missing ? Column::kMissingCode : codeOf(from->text(row)));
                break;
        }
    }
    [[nodiscard]] const std::string& name() const { return m_column.name; }
    [[nodiscard]] Column take() { return std::move(m_column); }

private:
    std::uint32_t codeOf(std::string_view text) {
        const auto [place, added] =
            m_codes.try_emplace(std::string(text), static_cast<std::uint32_t>(m_column.dictionary.size()));
        if (added) m_column.dictionary.emplace_back(text);
        return place->second;
    }

    Column m_column;
    std::unordered_map<std::string, std::uint32_t> m_codes;
};

Result<predictions::ScanRequest> requestOf(const Judging& j, TimeRange range, const predictions::Arrivals& arrivals) {
    predictions::ScanRequest request;
    request.range = range;
    request.arrivals = arrivals;
    request.truthKnownBefore = j.context.now;
    request.columns = {std::string(ports::field::requestId)};
    // A loss is that of one version; inputs come whatever is in production.
    const bool oneVersion = j.monitor.kind == MonitorKind::LabelFree;
    PH_ASSIGN(request.query, queryOf(j, oneVersion ? j.context.champion->version.version : std::string()));
    return request;
}

/// The largest hash that is drawn, and how many rows there are.
Result<std::pair<std::uint64_t, std::uint64_t>> largestDrawn(const Judging& j,
                                                             const predictions::ScanRequest& request) {
    std::priority_queue<std::uint64_t> smallest;
    std::uint64_t total = 0;
    PH_TRY(predictions::scan(j.context.database, request, j.context.token, [&](const ports::RowSet& part) -> Status {
        const Column* ids = part.find(ports::field::requestId);
        total += part.rows;
        for (std::size_t row = 0; row < part.rows; ++row) {
            smallest.push(hashOf(ids, row));
            if (smallest.size() > kSampledRows) smallest.pop();
        }
        return {};
    }));
    return std::pair{smallest.empty() ? 0 : smallest.top(), total};
}

}  // namespace

Result<SampledRows> sampleRows(const Judging& j, TimeRange range, const predictions::Arrivals& arrivals,
                               const std::map<std::string, ColumnType>& types) {
    PH_ASSIGN(auto request, requestOf(j, range, arrivals));
    PH_ASSIGN(const auto drawn, largestDrawn(j, request));
    SampledRows out;
    out.total = drawn.second;
    std::vector<Gathered> columns;
    columns.emplace_back(std::string(ports::field::time), ColumnType::Time);
    for (const auto& [name, type] : types)
        if (name != ports::field::time) columns.emplace_back(name, type);
    for (const Gathered& column : columns)
        if (column.name() != ports::field::requestId) request.columns.push_back(column.name());
    PH_TRY(keepKnownColumns(j.context.database, request.columns));
    PH_TRY(predictions::scan(j.context.database, request, j.context.token, [&](const ports::RowSet& part) -> Status {
        const Column* ids = part.find(ports::field::requestId);
        std::vector<const Column*> from;
        for (const Gathered& column : columns)
            from.push_back(part.find(column.name()));
        for (std::size_t row = 0; row < part.rows; ++row) {
            // Rows of one request share a hash, and may be a few more than asked for.
            if (hashOf(ids, row) > drawn.first || out.rows.rows >= 2 * kSampledRows) continue;
            for (std::size_t c = 0; c < columns.size(); ++c)
                columns[c].add(from[c], row);
            ++out.rows.rows;
        }
        return {};
    }));
    for (Gathered& column : columns)
        out.rows.columns.push_back(column.take());
    return out;
}

std::map<std::string, ColumnType> featureTypes(const Judging& j, std::vector<std::string>& features) {
    std::map<std::string, ColumnType> out;
    const Champion& champion = *j.context.champion;
    for (const std::string& name : j.monitor.columns.empty() ? champion.version.features : j.monitor.columns) {
        const statistics::ColumnProfile* profile = champion.profile.find(name);
        if (!profile || profile->kind == statistics::ColumnKind::Identifier) continue;
        features.push_back(name);
        out[name] = profile->kind == statistics::ColumnKind::Numeric ? ColumnType::Number : ColumnType::Text;
    }
    for (const std::string& name : clusterColumns(j.monitor)) {
        const statistics::ColumnProfile* profile = champion.profile.find(name);
        out.try_emplace(
            name, profile && profile->kind == statistics::ColumnKind::Numeric ? ColumnType::Number : ColumnType::Text);
    }
    return out;
}

ports::RowSet clipped(const ports::RowSet& rows) {
    constexpr double kMost = 1e38;
    ports::RowSet out = rows;
    for (Column& column : out.columns)
        for (double& x : column.numbers)
            if (!std::isnan(x)) x = std::clamp(x, -kMost, kMost);
    return out;
}

}  // namespace pilothouse::monitoring
