// SPDX-License-Identifier: GPL-3.0-or-later
// Which categories came, went or changed over the rows that were replayed.
#include <QJsonObject>
#include <algorithm>
#include <map>
#include <unordered_map>

#include "models/engine/report_parts.h"
#include "models/predictions/log_contents.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/query_parser.h"
#include "models/statistics/contrast.h"
#include "models/workspace/registry_store.h"

namespace pilothouse::engine {

using ports::Column;
using ports::ColumnType;

namespace {

/// So many rows say that something came; so many expected and none there say that it went (the chance of none is e⁻³⁰).
constexpr double kFewestRows = 30;
/// A share changed when the intervals leave at least this factor between it and the history's, and it is seen in this
/// share of a month's rows at least.
constexpr double kLeastLift = 2, kLeastShare = 0.002;
/// Pairs of columns with more combinations than this are not looked at.
constexpr std::size_t kMostValues = 4096;
constexpr std::size_t kMostColumns = 12;

struct Value {
    std::uint64_t history = 0;
    std::vector<std::uint64_t> months;  ///< rows of each month after the history
    Timestamp first = kTimestampMax, last = kTimestampMin;
    std::uint64_t before = 0;  ///< rows of everything, up to its last one

    [[nodiscard]] std::uint64_t after() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t n : months)
            sum += n;
        return sum;
    }
};

/// Rows by the value of a column, or by the values of two.
struct Values {
    std::string first, second;  ///< columns; second is empty for one
    std::map<std::pair<std::string, std::string>, Value> of;
    bool tooMany = false;
};

/// How many rows there are at all.
struct Totals {
    std::uint64_t rows = 0, history = 0;
    std::vector<std::uint64_t> months;
    std::vector<QString> names;
};

class Counting {
public:
    Counting(const Zone& zone, const ReplaySettings& settings, const std::vector<std::string>& columns)
        : m_zone(zone), m_settings(settings) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            values.push_back({columns[i], {}, {}});
            for (std::size_t k = i + 1; k < columns.size(); ++k)
                values.push_back({columns[i], columns[k], {}});
        }
    }

    void take(const ports::RowSet& rows) {
        const Column* const times = rows.find(ports::field::time);
        if (!times) return;
        std::vector<std::size_t> month(rows.rows, kHistory);
        for (std::size_t row = 0; row < rows.rows; ++row)
            if (times->times[row] >= m_settings.historyEnd.ns) month[row] = monthOf({times->times[row]});
        for (std::size_t row = 0; row < rows.rows; ++row)
            ++(month[row] == kHistory ? totals.history : totals.months[month[row]]);
        for (Values& v : values)
            if (!v.tooMany) count(v, rows, *times, month);
        totals.rows += rows.rows;
    }

    std::vector<Values> values;
    Totals totals;

private:
    static constexpr std::size_t kHistory = SIZE_MAX;

    std::size_t monthOf(Timestamp t) {
        if (!m_month.contains(t)) {
            const CivilDate d = m_zone.date(t);
            m_month.start = m_zone.midnight({d.year, d.month, 1});
            m_month.end = m_zone.addMonths(m_month.start, 1);
            const QString name = calendarDay(m_zone, m_month.start).first(7);
            m_index = static_cast<std::size_t>(std::ranges::find(totals.names, name) - totals.names.begin());
            if (m_index == totals.names.size()) {
                totals.names.push_back(name);
                totals.months.push_back(0);
            }
        }
        return m_index;
    }

    void count(Values& to, const ports::RowSet& rows, const Column& times, const std::vector<std::size_t>& month) {
        const Column* const a = rows.find(to.first);
        const Column* const b = to.second.empty() ? nullptr : rows.find(to.second);
        if (!a || a->type != ColumnType::Text || (!to.second.empty() && (!b || b->type != ColumnType::Text))) return;
        std::unordered_map<std::uint64_t, Value*> places;  // of this part's codes
        for (std::size_t row = 0; row < rows.rows; ++row) {
            if (a->missing(row) || (b && b->missing(row))) continue;
            Value*& place = places[std::uint64_t{a->codes[row]} << 32 | (b ? b->codes[row] : 0)];
            if (!place) {
                place = &to.of[{a->dictionary[a->codes[row]], b ? b->dictionary[b->codes[row]] : std::string()}];
                if (to.of.size() > kMostValues) {
                    to.tooMany = true;
                    return;
                }
            }
            Value& value = *place;
            if (month[row] == kHistory) {
                ++value.history;
            } else {
                value.months.resize(std::max(value.months.size(), month[row] + 1));
                ++value.months[month[row]];
            }
            const Timestamp t{times.times[row]};
            value.first = std::min(value.first, t);
            value.last = std::max(value.last, t);
            value.before = totals.rows + row + 1;
        }
    }

    const Zone& m_zone;
    const ReplaySettings& m_settings;
    TimeRange m_month;
    std::size_t m_index = 0;
};

struct Change {
    const Values* columns = nullptr;
    std::pair<std::string, std::string> value;
    const char* what = "";
    QString day, month;
    std::uint64_t rows = 0;
    double expected = 0;
    statistics::ShareContrast shares;
};

/// The month whose share lies farthest from the history's, as far as is safe to say.
void changed(Change& change, const Value& value, const Totals& totals, std::size_t comparisons) {
    double farthest = 1;
    for (std::size_t m = 0; m < totals.months.size(); ++m) {
        const std::uint64_t n = m < value.months.size() ? value.months[m] : 0;
        const auto shares = statistics::contrastShares(n, totals.months[m], value.history, totals.history, comparisons);
        const double lift = shares.safeLift >= 1 ? shares.safeLift : 1 / shares.safeLift;
        if (std::max(shares.share, shares.rest) < kLeastShare || !(lift >= kLeastLift) || lift <= farthest) continue;
        farthest = lift;
        change.what = shares.difference > 0 ? "more" : "fewer";
        change.month = totals.names[m];
        change.rows = n;
        change.shares = shares;
        change.expected = shares.rest * static_cast<double>(totals.months[m]);
    }
}

Change changeOf(const Values& columns, const std::pair<std::string, std::string>& name, const Value& value,
                const Counting& counted, const Zone& zone, std::size_t comparisons) {
    const Totals& totals = counted.totals;
    Change out{&columns, name, "", {}, {}, 0, 0, {}};
    const std::uint64_t after = value.after(), replayed = totals.rows - totals.history;
    const double gone = static_cast<double>(totals.rows - value.before) * static_cast<double>(value.history + after) /
                        static_cast<double>(value.before);
    if (value.history == 0 && static_cast<double>(after) >= kFewestRows) {
        out.what = "came";
        out.day = calendarDay(zone, value.first);
        out.rows = after;
        out.shares = statistics::contrastShares(after, replayed, 0, totals.history, comparisons);
    } else if (gone >= kFewestRows && static_cast<double>(value.history + after) >= kFewestRows) {
        out.what = "went";
        out.day = calendarDay(zone, value.last);
        out.rows = value.history + after;
        out.expected = gone;
        out.shares = statistics::contrastShares(0, totals.rows - value.before, out.rows, value.before, comparisons);
    } else {
        changed(out, value, totals, comparisons);
    }
    return out;
}

QJsonObject toJson(const Change& c) {
    QString column = jsonText(c.columns->first), value = jsonText(c.value.first);
    if (!c.columns->second.empty()) {
        column += QStringLiteral(" and ") + jsonText(c.columns->second);
        value += QStringLiteral(" and ") + jsonText(c.value.second);
    }
    return {{QStringLiteral("column"), column},
            {QStringLiteral("value"), value},
            {QStringLiteral("change"), QLatin1String(c.what)},
            {QStringLiteral("since"), c.day.isEmpty() ? c.month : c.day},
            {QStringLiteral("rows"), jsonCount(c.rows)},
            {QStringLiteral("expected"), jsonReal(std::round(c.expected))},
            {QStringLiteral("share"), jsonReal(c.shares.share)},
            {QStringLiteral("share_before"), jsonReal(c.shares.rest)},
            {QStringLiteral("difference"), jsonReal(c.shares.difference)},
            {QStringLiteral("interval"), QJsonArray{jsonReal(c.shares.low), jsonReal(c.shares.high)}}};
}

/// A pair says nothing new where one of its parts came, went or changed the same way in the same month.
bool explained(const Change& pair, const std::vector<Change>& singles) {
    return std::ranges::any_of(singles, [&](const Change& single) {
        const bool part = (single.columns->first == pair.columns->first && single.value.first == pair.value.first) ||
                          (single.columns->first == pair.columns->second && single.value.first == pair.value.second);
        return part && std::string_view(single.what) == pair.what;
    });
}

/// Features of the newest version; codes that only say which row it is (a tail number) are none of them.
Result<std::vector<std::string>> textFeatures(workspace::Database& database, const std::string& model) {
    PH_ASSIGN(const auto versions, workspace::registry::versions(database, model));
    PH_ASSIGN(const auto contents, predictions::contentsOf(database));
    std::vector<std::string> out;
    if (versions.empty()) return out;
    const std::vector<std::string>& features = versions.front().features;
    for (const predictions::LogField& field : contents->fields)
        if (field.info.type == ColumnType::Text && out.size() < kMostColumns &&
            std::ranges::find(features, field.info.name) != features.end())
            out.push_back(field.info.name);
    return out;
}

}  // namespace

Result<QJsonArray> categoriesJson(workspace::Database& database, const Zone& zone, const ReplaySettings& settings) {
    PH_ASSIGN(const auto columns, textFeatures(database, settings.model));
    Counting counted(zone, settings, columns);
    predictions::ScanRequest request;
    request.columns = columns;
    request.columns.emplace_back(ports::field::time);
    PH_ASSIGN(request.query, predictions::parseQuery(predictions::equalsClause(ports::field::model, settings.model)));
    PH_TRY(predictions::scan(database, request, {}, [&](const ports::RowSet& rows) -> Status {
        counted.take(rows);
        return {};
    }));
    std::size_t comparisons = 0;
    for (const Values& v : counted.values)
        comparisons += v.of.size() * std::max<std::size_t>(counted.totals.months.size(), 1);
    std::vector<Change> singles, pairs;
    for (const Values& v : counted.values)
        for (const auto& [name, value] : v.of) {
            if (v.tooMany) break;
            Change change = changeOf(v, name, value, counted, zone, comparisons);
            if (*change.what) (v.second.empty() ? singles : pairs).push_back(std::move(change));
        }
    std::erase_if(pairs, [&](const Change& pair) {
        // That a share grows or shrinks is told of single categories; of pairs there are too many to read.
        const std::string_view what = pair.what;
        return (what != "came" && what != "went") || explained(pair, singles);
    });
    singles.insert(singles.end(), pairs.begin(), pairs.end());
    std::ranges::stable_sort(singles, std::greater(), [](const Change& c) { return std::abs(c.shares.difference); });
    QJsonArray out;
    for (const Change& change : singles)
        out.append(toJson(change));
    return out;
}

}  // namespace pilothouse::engine
