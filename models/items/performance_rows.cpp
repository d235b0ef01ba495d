// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/performance_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "models/predictions/log_queries.h"
#include "models/predictions/prediction_store.h"
#include "models/statistics/verdict.h"

namespace pilothouse::items {

using ports::Column;
using ports::ColumnType;

namespace {

constexpr std::size_t kMostSegmentValues = 100'000;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash ^= value + 0x9E3779B97F4A7C15u + (hash << 6) + (hash >> 2);
    hash *= 0xFF51AFD7ED558CCDu;
    return hash ^ (hash >> 33);
}

/// Ids of clusters, over all parts of a reading. Keys are 64-bit hashes: two of a million clusters meet once in ten
/// million readings, and then count as one.
class ClusterIds {
public:
    ClusterIds(const Zone& zone, const std::vector<std::string>& names) : m_zone(zone), m_columns(names) {
        m_date = std::erase(m_columns, "date") > 0;
    }
    [[nodiscard]] bool any() const { return m_date || !m_columns.empty(); }
    [[nodiscard]] const std::vector<std::string>& columns() const { return m_columns; }
    void begin(const ports::RowSet& rows) {
        m_found.clear();
        for (const std::string& name : m_columns)
            if (const Column* c = rows.find(name)) m_found.push_back(c);
    }
    [[nodiscard]] std::uint32_t of(Timestamp time, std::size_t row) {
        std::uint64_t key = m_date ? static_cast<std::uint64_t>(dayOf(time)) : 0;
        for (const Column* c : m_found)
            key = mix(key, c->type == ColumnType::Text     ? std::hash<std::string_view>{}(c->text(row))
                           : c->type == ColumnType::Number ? std::bit_cast<std::uint64_t>(c->numbers[row])
                                                           : static_cast<std::uint64_t>(c->times[row]));
        return m_ids.try_emplace(key, static_cast<std::uint32_t>(m_ids.size())).first->second;
    }

private:
    /// Rows come nearly in order of time: the calendar is asked once a day.
    [[nodiscard]] std::int64_t dayOf(Timestamp time) {
        if (!m_day.contains(time)) m_day = {m_zone.startOfDay(time), m_zone.nextMidnight(time)};
        return m_day.start.ns;
    }
    const Zone& m_zone;
    std::vector<std::string> m_columns;
    bool m_date = false;
    TimeRange m_day;
    std::vector<const Column*> m_found;
    std::unordered_map<std::uint64_t, std::uint32_t> m_ids;
};

/// Puts parts of rows where their versions are.
class Gathering {
public:
    Gathering(const Zone& zone, const ScoredRequest& request) : m_request(request), m_clusters(zone, request.cluster) {}

    Status take(const ports::RowSet& rows) {
        const Column *time = rows.find(ports::field::time), *version = rows.find(ports::field::version),
                     *score = rows.find(ports::field::score), *outcome = rows.find(ports::field::outcome),
                     *segment = m_request.segment.empty() ? nullptr : rows.find(m_request.segment);
        if (!time || !version || !score || !outcome || version->type != ColumnType::Text ||
            score->type != ColumnType::Number || outcome->type != ColumnType::Number)
            return {};  // nothing here was scored
        m_clusters.begin(rows);
        const auto codes = segment ? segmentCodes(*segment) : std::vector<std::uint32_t>{};
        std::vector<ScoredRows*> places(version->dictionary.size(), nullptr);
        for (std::size_t i = 0; i < rows.rows; ++i) {
            if (version->missing(i)) continue;  // history that nobody scored
            ScoredRows*& to = places[version->codes[i]];
            if (!to) to = &out.versions[version->dictionary[version->codes[i]]];
            if (score->missing(i)) {
                ++to->unscored;
                continue;
            }
            if (++out.rows > kMostPerformanceRows)
                return fail(ErrorKind::ResourceExhausted,
                            "more than 6,000,000 scored rows: choose a shorter range, or a filter");
            to->times.push_back(time->times[i]);
            to->scores.push_back(score->numbers[i]);
            to->outcomes.push_back(outcome->numbers[i]);
            out.labelled += !outcome->missing(i);
            if (m_clusters.any()) to->clusters.push_back(m_clusters.of({time->times[i]}, i));
            if (segment) to->segments.push_back(segment->missing(i) ? kNoSegment : codes[i]);
            if (m_first == kTimestampMax.ns) m_first = time->times[i];
            m_last = std::max(m_last, time->times[i]);
        }
        return {};
    }
    [[nodiscard]] bool enough() const {
        return (m_request.enough > 0 && out.labelled >= m_request.enough) ||
               (m_request.enoughTime.count() > 0 && m_first != kTimestampMax.ns &&
                m_last - m_first > m_request.enoughTime.count());
    }

    ScoredLog out;

private:
    /// Text: codes that hold over all parts. Numbers: kept in a list of their own.
    std::vector<std::uint32_t> segmentCodes(const Column& column) {
        std::vector<std::uint32_t> codes(column.size(), kNoSegment);
        if (column.type == ColumnType::Number) {
            for (std::size_t i = 0; i < codes.size(); ++i) {
                codes[i] = static_cast<std::uint32_t>(out.segmentNumbers.size());
                out.segmentNumbers.push_back(column.numbers[i]);
            }
            return codes;
        }
        if (column.type != ColumnType::Text) return codes;
        out.segmentIsText = true;
        std::vector<std::uint32_t> ids;
        for (const std::string& value : column.dictionary) {
            const auto place = m_values.find(value);
            if (place != m_values.end()) {
                ids.push_back(place->second);
            } else if (m_values.size() < kMostSegmentValues) {
                ids.push_back(m_values.emplace(value, static_cast<std::uint32_t>(m_values.size())).first->second);
                out.segmentValues.push_back(value);
            } else {
                ids.push_back(kNoSegment);
            }
        }
        for (std::size_t i = 0; i < codes.size(); ++i)
            if (column.codes[i] != Column::kMissingCode) codes[i] = ids[column.codes[i]];
        return codes;
    }
    const ScoredRequest& m_request;
    ClusterIds m_clusters;
    std::unordered_map<std::string, std::uint32_t> m_values;
    std::int64_t m_first = kTimestampMax.ns, m_last = kTimestampMin.ns;
};

template <class T>
std::vector<T> pick(const std::vector<T>& from, const std::vector<std::uint32_t>& places) {
    std::vector<T> out;
    if (from.empty()) return out;
    out.reserve(places.size());
    for (const std::uint32_t p : places)
        out.push_back(from[p]);
    return out;
}

}  // namespace

ScoredRows ScoredRows::picked(const std::vector<std::uint32_t>& places) const {
    return {pick(times, places),    pick(scores, places),   pick(outcomes, places),
            pick(clusters, places), pick(segments, places), 0};
}

Result<ScoredLog> readScored(workspace::Database& database, const Zone& zone, const ScoredRequest& request,
                             const CancellationToken& token) {
    PH_ASSIGN(const auto fields, predictions::fieldsOfLog(database));
    const auto there = [&](std::string_view name) {
        return std::any_of(fields.begin(), fields.end(), [&](const ports::FieldInfo& f) { return f.name == name; });
    };
    if (!there(ports::field::score) || !there(ports::field::version)) return ScoredLog{};
    predictions::ScanRequest scan{request.query, request.range, {}, kTimestampMax};
    for (const std::string_view name :
         {ports::field::time, ports::field::version, ports::field::score, ports::field::outcome})
        scan.columns.emplace_back(name);
    ScoredRequest kept = request;
    std::erase_if(kept.cluster, [&](const std::string& name) { return name != "date" && !there(name); });
    if (!there(kept.segment)) kept.segment.clear();
    for (const std::string& name : kept.cluster)
        if (name != "date") scan.columns.push_back(name);
    if (!kept.segment.empty()) scan.columns.push_back(kept.segment);
    std::sort(scan.columns.begin(), scan.columns.end());
    scan.columns.erase(std::unique(scan.columns.begin(), scan.columns.end()), scan.columns.end());
    Gathering gathering(zone, kept);
    bool stopped = false;
    const Status done = predictions::scan(database, scan, token, [&](const ports::RowSet& rows) -> Status {
        PH_TRY(gathering.take(rows));
        if (!gathering.enough()) return {};
        stopped = true;
        return fail(Error::cancelled());  // ends the scan: the rest is not wanted
    });
    if (!done && !stopped) return fail(done.error());
    return std::move(gathering.out);
}

}  // namespace pilothouse::items
