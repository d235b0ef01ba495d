// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>
#include <memory>

#include "models/items/session.h"
#include "models/predictions/embedded_prediction_log.h"
#include "models/predictions/prediction_store.h"

namespace pilothouse::test {

/// A workspace with a log of made-up flights: one a minute from 8 July 2013, New York, on.
struct LogFixture {
    static constexpr const char* kStart = "2013-07-08T04:00:00Z";

    QTemporaryDir folder;
    std::shared_ptr<workspace::Workspace> workspace;
    std::unique_ptr<items::Session> session;
    std::size_t rows = 0;

    explicit LogFixture(std::size_t count) {
        auto made = workspace::Workspace::create(folder.filePath(QStringLiteral("t.pilothouse")).toStdString(),
                                                 ClockKind::Simulated, "America/New_York");
        if (!made) qFatal("%s", made.error().text().c_str());
        workspace = *made;
        workspace->setSimulatedNow(start() + std::chrono::hours(24 * 28));
        if (count > 0) append(count);
        items::Session::Ports ports;
        ports.predictions = std::make_shared<predictions::EmbeddedPredictionLog>(workspace);
        session = std::make_unique<items::Session>(workspace, ports);
        items::LensState state = session->lens().state();
        state.model = "delay";
        state.range.fixed = TimeRange{start(), start() + std::chrono::hours(24 * 7)};
        session->lens().set(state);
    }
    [[nodiscard]] static Timestamp start() { return *Timestamp::parseIso(kStart); }

    /// Carriers UA, B6, EV in turn; temp_f 60 to 99; every fifth flight late; gust missing in nine of ten.
    void append(std::size_t count) {
        ports::RowSet set;
        set.rows = count;
        const auto text = [](const char* name) { return ports::Column{name, ports::ColumnType::Text, {}, {}, {}, {}}; };
        const auto number = [](const char* name) {
            return ports::Column{name, ports::ColumnType::Number, {}, {}, {}, {}};
        };
        ports::Column time{"time", ports::ColumnType::Time, {}, {}, {}, {}};
        ports::Column model = text("model"), version = text("version"), id = text("request_id"),
                      carrier = text("carrier"), flight = text("flight"), origin = text("origin"), dest = text("dest"),
                      status = text("status");
        ports::Column score = number("score"), latency = number("latency_ms"), temp = number("temp_f"),
                      gust = number("wind_gust_mph");
        model.dictionary = {"delay"};
        version.dictionary = {"v1"};
        status.dictionary = {"ok"};
        carrier.dictionary = {"UA", "B6", "EV"};
        origin.dictionary = {"EWR", "JFK"};
        dest.dictionary = {"BOS", "LAX", "ORD", "SFO"};
        std::vector<predictions::Truth> truths;
        for (std::size_t i = rows; i < rows + count; ++i) {
            time.times.push_back((start() + std::chrono::minutes(i)).ns);
            model.codes.push_back(0);
            version.codes.push_back(0);
            status.codes.push_back(0);
            id.codes.push_back(static_cast<std::uint32_t>(id.dictionary.size()));
            id.dictionary.push_back("r" + std::to_string(i));
            carrier.codes.push_back(static_cast<std::uint32_t>(i % 3));
            flight.codes.push_back(static_cast<std::uint32_t>(flight.dictionary.size()));
            flight.dictionary.push_back(std::to_string(100 + i));
            origin.codes.push_back(static_cast<std::uint32_t>(i % 2));
            dest.codes.push_back(static_cast<std::uint32_t>(i % 4));
            score.numbers.push_back(static_cast<double>(i % 100) / 100);
            latency.numbers.push_back(1.0 + static_cast<double>(i % 7) / 10);
            temp.numbers.push_back(60.0 + static_cast<double>(i % 40));
            gust.numbers.push_back(i % 10 == 0 ? 25.0 : std::nan(""));
            if (i % 7 != 0)
                truths.push_back(
                    {"r" + std::to_string(i), i % 5 == 0 ? 1.0 : 0.0, start() + std::chrono::minutes(i + 90)});
        }
        set.columns = {time, model, version, id, carrier, flight, origin, dest, status, score, latency, temp, gust};
        auto written = workspace->write([&](workspace::Database& database) -> Status {
            PH_TRY(predictions::append(database, set));
            return predictions::appendTruth(database, "delay", truths);
        });
        written.waitForFinished();
        if (!written.result()) qFatal("%s", written.result().error().text().c_str());
        rows += count;
    }
};

}  // namespace pilothouse::test
