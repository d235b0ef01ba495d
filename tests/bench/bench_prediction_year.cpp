// SPDX-License-Identifier: GPL-3.0-or-later
// The prediction log at the size of the demo's year (or --rows N): what an append, a seal and the questions of a view
// cost. One line a figure; medians of nine where a question is repeated, on one thread.
#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFileInfo>
#include <QTemporaryDir>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>

#include "models/predictions/block_cache.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/query_parser.h"
#include "models/predictions/verify_predictions.h"
#include "tests/bench/measuring.h"

using namespace pilothouse;
using namespace pilothouse::predictions;
using bench::elapsed;
using bench::median;
using bench::need;
using ports::ColumnType;

namespace {

constexpr std::size_t kBatch = 923;  // a day of the flights
constexpr std::int64_t kMinute = 60'000'000'000;
const Timestamp kStart = *Timestamp::parseIso("2013-01-01T05:00:00Z");

void print(const char* what, double value, const char* unit) { std::printf("%-58s %10.2f %s\n", what, value, unit); }

/// Rows of the shape of the demo's: 14 numbers and 6 texts as features, ids, score and latency.
class Maker {
public:
    ports::RowSet rows(std::size_t from, std::size_t count) {
        ports::RowSet set;
        set.rows = count;
        ports::Column time{"time", ColumnType::Time, {}, {}, {}, {}};
        ports::Column id{"request_id", ColumnType::Text, {}, {}, {}, {}};
        for (std::size_t i = from; i < from + count; ++i) {
            time.times.push_back(timeOf(i).ns);
            id.codes.push_back(static_cast<std::uint32_t>(i - from));
            id.dictionary.push_back(idOf(i));
        }
        set.columns.push_back(std::move(time));
        set.columns.push_back(std::move(id));
        text(set, "model", {"delay"}, 0);
        text(set, "version", {from < 80'789 ? "v1" : from < 200'000 ? "v2" : "v3"}, 0);
        text(set, "status", {"ok", "ok", "ok", "ok", "timeout"}, 0);
        text(set, "carrier",
             {"UA", "AA", "DL", "B6", "EV", "MQ", "US", "WN", "VX", "FL", "9E", "F9", "HA", "YV", "AS", "OO"}, 0);
        text(set, "origin", {"EWR", "JFK", "LGA"}, 0);
        text(set, "plane_engine", {"Turbo-fan", "Turbo-jet", "Turbo-prop", "Reciprocating"}, 0.17);
        many(set, "dest", "D", 105);
        many(set, "flight", "", 3'800);
        many(set, "tailnum", "N", 4'043);
        number(set, "score", 1, 0, 0, true);
        number(set, "latency_ms", 0.05, 0.02, 0, true);
        number(set, "distance_mi", 2'500, 80, 0, false, 1);
        number(set, "hour", 19, 5, 0, false, 1);
        number(set, "weekday", 6, 1, 0, false, 1);
        number(set, "temp_f", 90, 10, 0.005, false);
        number(set, "dewpoint_f", 80, -5, 0.005, false);
        number(set, "humidity_pct", 88, 12, 0.005, false);
        number(set, "wind_dir_deg", 360, 0, 0.02, false, 0.1);
        number(set, "wind_speed_mph", 40, 0, 0.005, false);
        number(set, "wind_gust_mph", 50, 16, 0.7, false);
        number(set, "precip_in", 0.3, 0, 0.005, false);
        number(set, "pressure_mb", 60, 980, 0.1, false, 10);
        number(set, "visibility_mi", 10, 0, 0.005, false);
        number(set, "plane_year", 57, 1956, 0.17, false, 1);
        number(set, "plane_seats", 448, 2, 0.17, false, 1);
        return set;
    }
    static Timestamp timeOf(std::size_t i) {
        return kStart + Duration(static_cast<std::int64_t>(i) * 365 * 1'440 / 336'776 / 5 * 5 * kMinute);
    }
    static std::string idOf(std::size_t i) { return "UA" + std::to_string(i) + "-201301011015"; }

private:
    void text(ports::RowSet& set, const char* name, std::vector<std::string> values, double missing) {
        ports::Column column{name, ColumnType::Text, {}, {}, std::move(values), {}};
        for (std::size_t i = 0; i < set.rows; ++i)
            column.codes.push_back(unit() < missing
                                       ? ports::Column::kMissingCode
                                       : static_cast<std::uint32_t>(m_random() % column.dictionary.size()));
        set.columns.push_back(std::move(column));
    }
    void many(ports::RowSet& set, const char* name, const std::string& prefix, std::size_t distinct) {
        std::vector<std::string> values;
        for (std::size_t i = 0; i < distinct; ++i)
            values.push_back(prefix + std::to_string(i));
        text(set, name, std::move(values), 0);
    }
    void number(ports::RowSet& set, const char* name, double width, double low, double missing, bool full,
                double scale = 100) {
        ports::Column column{name, ColumnType::Number, {}, {}, {}, {}};
        for (std::size_t i = 0; i < set.rows; ++i) {
            const double v = low + width * unit();
            column.numbers.push_back(unit() < missing ? std::nan("")
                                     : full           ? static_cast<double>(static_cast<float>(v))
                                                      : std::round(v * scale) / scale);
        }
        set.columns.push_back(std::move(column));
    }
    double unit() { return static_cast<double>(m_random() >> 11) * 0x1.0p-53; }
    std::mt19937_64 m_random{7};
};

void fill(workspace::Database& database, std::size_t rows) {
    Maker maker;
    std::vector<double> appends;
    double seals = 0;
    std::size_t sealed = 0;
    for (std::size_t from = 0; from < rows; from += kBatch) {
        const ports::RowSet batch = maker.rows(from, std::min(kBatch, rows - from));
        auto transaction = need(workspace::Transaction::begin(database));
        appends.push_back(elapsed([&] { need(append(database, batch)); }));
        seals += elapsed([&] { sealed += need(seal(database)); });
        need(transaction.commit());
    }
    double total = 0;
    for (const double ms : appends)
        total += ms;
    print("append, 923 rows of 27 columns, median", median(appends), "ms");
    print("append, all", total, "ms");
    print("seal, all", seals, "ms");
    print("seal, a segment of 65,536 rows", sealed == 0 ? 0 : seals / static_cast<double>(sealed / kSegmentRows), "ms");

    std::vector<std::vector<Truth>> days;
    for (std::size_t i = 0; i < rows; ++i) {
        if (i % kBatch == 0) days.emplace_back();
        if (i % 4 != 0)
            days.back().push_back({Maker::idOf(i), i % 4 == 1 ? 1.0 : 0.0, Maker::timeOf(i) + std::chrono::hours(4)});
    }
    double truths = 0;
    auto transaction = need(workspace::Transaction::begin(database));
    for (const auto& day : days)
        truths += elapsed([&] { need(appendTruth(database, "delay", day)); });
    need(transaction.commit());
    print("ground truth of three rows in four, all", truths, "ms");
}

std::vector<Timestamp> edges(std::size_t rows, std::size_t buckets) {
    const Duration whole = Maker::timeOf(rows) - kStart;
    std::vector<Timestamp> result;
    for (std::size_t b = 0; b <= buckets; ++b)
        result.push_back(kStart +
                         Duration(whole.count() / static_cast<std::int64_t>(buckets) * static_cast<std::int64_t>(b)));
    return result;
}

/// First without anything decoded, then the median of nine.
void ask(const char* what, const std::function<void()>& question) {
    BlockCache::instance().clear();
    const double cold = elapsed(question);
    std::vector<double> warm;
    for (int i = 0; i < 9; ++i)
        warm.push_back(elapsed(question));
    std::printf("%-58s %10.2f ms   cold %.2f ms\n", what, median(warm), cold);
}

void questions(workspace::Database& database, std::size_t rows) {
    const auto query = [](const char* text) { return need(parseQuery(text)); };
    const auto days = edges(rows, 365);
    ask("newest 200, whole rows", [&] { (void)need(searchLog(database, {}, {})); });
    ports::SearchRequest middle;
    middle.range = {kStart, days[180]};
    middle.query = query("carrier:UA score>0.9");
    ask("newest 200 of two clauses, in the middle", [&] { (void)need(searchLog(database, middle, {})); });
    ports::SearchRequest one;
    one.query = query(("request_id:" + Maker::idOf(rows / 3)).c_str());
    ask("one request id", [&] { (void)need(searchLog(database, one, {})); });
    ports::SearchRequest none;
    none.query = query("request_id:nobody");
    ask("a request id that is not there", [&] { (void)need(searchLog(database, none, {})); });
    ports::SearchRequest word;
    word.query = query("timeout");
    ask("newest 200 with a word in any text", [&] { (void)need(searchLog(database, word, {})); });
    ask("count of a word in any text, all rows",
        [&] { (void)need(countInLog(database, query("nowhere"), TimeRange::all(), {})); });
    ask("count of wrong", [&] { (void)need(countInLog(database, query("wrong"), TimeRange::all(), {})); });
    ask("time counts, 365 buckets, by outcome", [&] {
        (void)need(timeCountsOfLog(database, {{}, days, "outcome"}, {}));
    });
    ask("time counts of a clause, by version", [&] {
        (void)need(timeCountsOfLog(database, {query("temp_f>80"), days, "version"}, {}));
    });
    using ports::Measure;
    ports::AggregateRequest tiles{{},
                                  days,
                                  {{Measure::Count, "", 0},
                                   {Measure::ErrorShare, "", 0},
                                   {Measure::Mean, "score", 0},
                                   {Measure::Quantile, "latency_ms", 0.99},
                                   {Measure::PositiveShare, "", 0}},
                                  ""};
    ask("aggregate, five measures, 365 buckets", [&] { (void)need(aggregateLog(database, tiles, {})); });
    ask("top values of dest", [&] { (void)need(topValuesOfLog(database, {{}, TimeRange::all(), "dest", 10}, {})); });
    ports::FeatureCountsRequest bins;
    std::vector<double> inner;
    for (int i = 1; i < 20; ++i)
        inner.push_back(i * 5);
    for (const char* name :
         {"temp_f", "dewpoint_f", "humidity_pct", "wind_dir_deg", "wind_speed_mph", "wind_gust_mph", "precip_in",
          "pressure_mb", "visibility_mi", "hour", "weekday", "distance_mi", "plane_year", "plane_seats"})
        bins.features.push_back({name, inner, {}});
    for (const char* name : {"carrier", "origin", "dest", "plane_engine"})
        bins.features.push_back({name, {}, {"UA", "JFK", "D1"}});
    ask("histograms of all 18 features, all rows", [&] { (void)need(featureCountsOfLog(database, bins, {})); });
    ports::FeatureCountsRequest single;
    single.features = {{"temp_f", inner, {}}};
    ask("histogram of one feature, all rows", [&] { (void)need(featureCountsOfLog(database, single, {})); });
    ScanRequest training{query("labelled"), {kStart, days[90]}, {}, kTimestampMax};
    for (const auto& f : bins.features)
        training.columns.push_back(f.field);
    training.columns.push_back("outcome");
    ask("training rows of 90 days, 18 features and outcome", [&] { (void)need(collect(database, training, {})); });
    print("verify, all", elapsed([&] {
              if (!need(verifyPredictions(database)).empty()) qFatal("the log is damaged");
          }),
          "ms");
}

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addOption(
        {QStringLiteral("rows"), QStringLiteral("Rows to log."), QStringLiteral("n"), QStringLiteral("336776")});
    parser.addHelpOption();
    parser.process(app);
    const auto rows = static_cast<std::size_t>(parser.value(QStringLiteral("rows")).toULongLong());
    if (rows < 1'000) qFatal("--rows wants 1000 or more");
    QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("bench.pilothouse")).toStdString();
    const auto workspace = need(workspace::Workspace::create(path, ClockKind::Logical, "UTC"));
    const auto database = need(workspace->connect());
    std::printf("%zu rows\n", rows);
    fill(*database, rows);
    need(database->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    print("file", static_cast<double>(QFileInfo(QString::fromStdString(path)).size()) / static_cast<double>(rows),
          "bytes a row");
    questions(*database, rows);
    return 0;
}
