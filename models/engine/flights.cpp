// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/flights.h"

#include <algorithm>
#include <cmath>

#include "models/pipelines/csv_reader.h"
#include "models/statistics/random.h"
#include "resources/resources.h"

namespace pilothouse::engine {

using ports::Column;
using ports::ColumnType;
using ports::RowSet;

namespace {

constexpr double kLateMinutes = 15;
constexpr double kTaxiMinutes = 25;
constexpr std::int64_t kMinute = 60'000'000'000;

constexpr const char* kTime = "scheduled_departure";
/// Columns of the log beside the reserved ones, in this order.
constexpr const char* kText[] = {"carrier", "origin", "dest", "flight", "tailnum", "plane_engine"};
constexpr const char* kNumbers[] = {"distance_mi",  "hour",          "weekday",        "temp_f",        "dewpoint_f",
                                    "humidity_pct", "wind_dir_deg",  "wind_speed_mph", "wind_gust_mph", "precip_in",
                                    "pressure_mb",  "visibility_mi", "plane_year",     "plane_seats"};
constexpr const char* kAfter[] = {"dep_delay_min", "air_time_min", "arr_delay_min"};

void appendPadded(std::string& out, int value, int digits) {
    const std::string text = std::to_string(value);
    for (int i = static_cast<int>(text.size()); i < digits; ++i)
        out += '0';
    out += text;
}

/// Rows [first, last) of a text column with a dictionary of just the values that occur there.
Column slice(const Column& from, std::size_t first, std::size_t last) {
    Column out;
    out.name = from.name;
    out.type = from.type;
    if (from.type == ColumnType::Number) {
        out.numbers.assign(from.numbers.begin() + static_cast<std::ptrdiff_t>(first),
                           from.numbers.begin() + static_cast<std::ptrdiff_t>(last));
        return out;
    }
    std::vector<std::uint32_t> codes(from.dictionary.size(), Column::kMissingCode);
    out.codes.reserve(last - first);
    for (std::size_t row = first; row < last; ++row) {
        const std::uint32_t code = from.codes[row];
        if (code != Column::kMissingCode && codes[code] == Column::kMissingCode) {
            codes[code] = static_cast<std::uint32_t>(out.dictionary.size());
            out.dictionary.push_back(from.dictionary[code]);
        }
        out.codes.push_back(code == Column::kMissingCode ? code : codes[code]);
    }
    return out;
}

}  // namespace

Result<Flights> Flights::load(const ReplaySettings& settings, const CancellationToken& token) {
    resources::init();
    pipelines::CsvOptions csv;
    csv.types[kTime] = ColumnType::Time;
    for (const char* name : kText)
        csv.types[name] = ColumnType::Text;
    for (const char* name : kNumbers)
        csv.types[name] = ColumnType::Number;
    for (const char* name : kAfter)
        csv.types[name] = ColumnType::Number;
    Flights out;
    out.m_model = settings.model;
    PH_ASSIGN(out.m_rows, pipelines::readCsv(settings.options.data, csv, token));
    out.m_times = out.m_rows.find(kTime)->times;
    if (!std::is_sorted(out.m_times.begin(), out.m_times.end()))
        return fail(Error::invalid("the rows are not sorted by scheduled departure", settings.options.data));
    if (!out.m_times.empty() && out.m_times.front() < settings.span.start.ns)
        return fail(
            Error::invalid("there are rows before the replay's start or without a time", settings.options.data));
    out.m_times.resize(out.rowAt(settings.span.end));
    PH_TRY(out.prepareOutcomes(settings));
    if (settings.options.shuffleOutcomes) out.shuffle(settings.options.seed);
    if (settings.options.addTemperature != 0) {
        Column* temperature = out.m_rows.find("temp_f");
        for (std::size_t row = out.rowAt(settings.options.addTemperatureFrom); row < out.size(); ++row)
            temperature->numbers[row] += settings.options.addTemperature;
    }
    return out;
}

Status Flights::prepareOutcomes(const ReplaySettings& settings) {
    const auto& departure = m_rows.find("dep_delay_min")->numbers;
    const auto& air = m_rows.find("air_time_min")->numbers;
    const auto& arrival = m_rows.find("arr_delay_min")->numbers;
    for (std::size_t row = 0; row < size(); ++row) {
        if (std::isnan(arrival[row]) || std::isnan(departure[row]) || std::isnan(air[row]))
            continue;  // cancelled, diverted
        const double minutes = departure[row] + air[row] + kTaxiMinutes;
        const std::int64_t known = m_times[row] + static_cast<std::int64_t>(minutes * kMinute);
        if (minutes <= 0 || known >= settings.end.ns)
            return fail(Error::invalid("row " + std::to_string(row + 1) +
                                           ": its outcome is known before its departure or "
                                           "after the replay's end",
                                       settings.options.data));
        m_outcomes.push_back({known, static_cast<std::uint32_t>(row), arrival[row] > kLateMinutes});
    }
    std::sort(m_outcomes.begin(), m_outcomes.end(),
              [](const Outcome& a, const Outcome& b) { return std::pair(a.known, a.row) < std::pair(b.known, b.row); });
    return {};
}

/// Fisher and Yates over the rows with an outcome: what the features say of the outcome is lost, and nothing else.
void Flights::shuffle(std::uint64_t seed) {
    statistics::Random random(seed);
    for (std::size_t i = m_outcomes.size(); i > 1; --i)
        std::swap(m_outcomes[i - 1].late, m_outcomes[random.below(i)].late);
}

std::size_t Flights::rowAt(Timestamp t) const {
    return static_cast<std::size_t>(std::lower_bound(m_times.begin(), m_times.end(), t.ns) - m_times.begin());
}

std::size_t Flights::outcomeAt(Timestamp t) const {
    const auto place = std::lower_bound(m_outcomes.begin(), m_outcomes.end(), t.ns,
                                        [](const Outcome& o, std::int64_t ns) { return o.known < ns; });
    return static_cast<std::size_t>(place - m_outcomes.begin());
}

std::string Flights::requestId(std::size_t row) const {
    std::string id(m_rows.find("carrier")->text(row));
    id += m_rows.find("flight")->text(row);
    id += '-';
    constexpr std::int64_t kDayMinutes = 24 * 60;
    const std::int64_t minutes = m_times[row] / kMinute;
    const CivilDate date = civilFromDays(minutes / kDayMinutes);
    appendPadded(id, date.year, 4);
    appendPadded(id, date.month, 2);
    appendPadded(id, date.day, 2);
    appendPadded(id, static_cast<int>(minutes % kDayMinutes / 60), 2);
    appendPadded(id, static_cast<int>(minutes % 60), 2);
    return id;
}

RowSet Flights::rows(std::size_t first, std::size_t last) const {
    RowSet out;
    out.rows = last - first;
    Column time, model, id;
    time.name = ports::field::time;
    time.type = ColumnType::Time;
    time.times.assign(m_times.begin() + static_cast<std::ptrdiff_t>(first),
                      m_times.begin() + static_cast<std::ptrdiff_t>(last));
    model.name = ports::field::model;
    model.type = ColumnType::Text;
    model.dictionary = {m_model};
    model.codes.assign(out.rows, 0);
    id.name = ports::field::requestId;
    id.type = ColumnType::Text;
    for (std::size_t row = first; row < last; ++row) {
        id.codes.push_back(static_cast<std::uint32_t>(row - first));
        id.dictionary.push_back(requestId(row));
    }
    out.columns = {std::move(time), std::move(model), std::move(id)};
    for (const char* name : kText)
        out.columns.push_back(slice(*m_rows.find(name), first, last));
    for (const char* name : kNumbers)
        out.columns.push_back(slice(*m_rows.find(name), first, last));
    return out;
}

std::vector<predictions::Truth> Flights::outcomes(std::size_t first, std::size_t last) const {
    std::vector<predictions::Truth> out;
    out.reserve(last - first);
    for (std::size_t i = first; i < last; ++i)
        out.push_back({requestId(m_outcomes[i].row), static_cast<double>(m_outcomes[i].late), {m_outcomes[i].known}});
    return out;
}

}  // namespace pilothouse::engine
