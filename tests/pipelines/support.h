// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <numeric>

#include "models/pipelines/csv_reader.h"
#include "models/pipelines/executor.h"
#include "models/predictions/prediction_store.h"
#include "models/statistics/random.h"
#include "models/workspace/registry_store.h"
#include "models/workspace/workspace.h"

namespace pilothouse::test {

inline std::string resourceText(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) qFatal("no resource %s", qPrintable(path));
    return file.readAll().toStdString();
}

/// The demo's data, up to a moment.
inline ports::RowSet flightsUntil(Timestamp end) {
    pipelines::CsvOptions options;
    for (const char* n : {"distance_mi", "hour", "weekday", "temp_f", "dewpoint_f", "humidity_pct", "wind_dir_deg",
                          "wind_speed_mph", "wind_gust_mph", "precip_in", "pressure_mb", "visibility_mi", "plane_year",
                          "plane_seats", "dep_delay_min", "air_time_min", "arr_delay_min"})
        options.types[n] = ports::ColumnType::Number;
    options.types["scheduled_departure"] = ports::ColumnType::Time;
    auto year = pipelines::readCsv(":/data/flights-2013.csv.zst", options, {});
    if (!year) qFatal("%s", year.error().text().c_str());
    const auto& times = year->find("scheduled_departure")->times;
    const auto rows = static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), end.ns) - times.begin());
    year->rows = rows;
    for (ports::Column& c : year->columns) {
        if (!c.numbers.empty()) c.numbers.resize(rows);
        if (!c.codes.empty()) c.codes.resize(rows);
        if (!c.times.empty()) c.times.resize(rows);
    }
    return std::move(*year);
}

/// Logs the flights as history: features as columns, outcomes as ground truth, known when the flight has landed.
/// `shuffleSeed` not 0: the outcomes change places.
inline Status logFlights(workspace::Database& database, ports::RowSet flights, std::uint64_t shuffleSeed = 0) {
    ports::Column id, model;
    id.name = "request_id";
    model.name = "model";
    id.type = model.type = ports::ColumnType::Text;
    model.dictionary = {"delay"};
    std::vector<predictions::Truth> truths;
    const auto& times = flights.find("scheduled_departure")->times;
    for (std::size_t r = 0; r < flights.rows; ++r) {
        id.codes.push_back(static_cast<std::uint32_t>(r));
        id.dictionary.push_back("F" + std::to_string(r));
        model.codes.push_back(0);
        const double arrival = flights.find("arr_delay_min")->numbers[r];
        if (std::isnan(arrival)) continue;
        const double minutes =
            flights.find("dep_delay_min")->numbers[r] + flights.find("air_time_min")->numbers[r] + 25;
        truths.push_back({id.dictionary.back(), arrival > 15 ? 1.0 : 0.0,
                          Timestamp{times[r]} + std::chrono::minutes(static_cast<std::int64_t>(minutes))});
    }
    if (shuffleSeed) {
        statistics::Random random(shuffleSeed);
        for (std::size_t i = truths.size(); i > 1; --i)
            std::swap(truths[i - 1].value, truths[random.below(i)].value);
    }
    flights.find("scheduled_departure")->name = "time";
    for (const char* after : {"dep_delay_min", "air_time_min", "arr_delay_min", "month"})
        std::erase_if(flights.columns, [&](const ports::Column& c) { return c.name == after; });
    flights.columns.push_back(std::move(id));
    flights.columns.push_back(std::move(model));
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database));
    PH_TRY(predictions::append(database, flights));
    PH_TRY(predictions::appendTruth(database, "delay", truths));
    return transaction.commit();
}

}  // namespace pilothouse::test
