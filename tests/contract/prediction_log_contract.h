// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QEventLoop>
#include <QFutureWatcher>
#include <QTest>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <functional>

#include "models/ports/prediction_log.h"
#include "models/predictions/query_parser.h"

/// What every PredictionLog must do. A suite gives a log that holds the rows below, in any cut and any order of
/// storage.
namespace pilothouse::contract {

/// kRows rows of model "delay", one a minute from kStart, but arrived in this order: even minutes first, then odd ones.
///   request_id "R<i>", version "v1" below 60, then "v2"; none for i % 10 == 9; score (i % 100) / 100 where there is a
///   version carrier: i % 3 → "UA", "AA", missing; temp_f: i, missing for i % 7 == 0; status "ok", "timeout" for i % 20
///   == 5 latency_ms: i % 10; outcome for i % 4 != 0: 1 where i % 8 >= 5, else 0, known one hour after the row
struct LogRows {
    static constexpr int kRows = 120;
    static Timestamp start() { return *Timestamp::parseIso("2013-04-01T00:00:00Z"); }
    static Timestamp time(int i) { return start() + std::chrono::minutes(i); }
    static bool scored(int i) { return i % 10 != 9; }
    static bool labelled(int i) { return i % 4 != 0; }
    static double outcome(int i) { return i % 8 >= 5 ? 1 : 0; }

    /// In order of arrival, without the outcomes.
    static ports::RowSet rows() {
        using ports::ColumnType;
        std::vector<int> order;
        for (int i = 0; i < kRows; i += 2)
            order.push_back(i);
        for (int i = 1; i < kRows; i += 2)
            order.push_back(i);
        ports::RowSet set;
        set.rows = order.size();
        const auto number = [&](const char* name, const std::function<double(int)>& value) {
            ports::Column column{name, ColumnType::Number, {}, {}, {}, {}};
            for (const int i : order)
                column.numbers.push_back(value(i));
            set.columns.push_back(std::move(column));
        };
        const auto text = [&](const char* name, const std::function<std::string(int)>& value) {  // "" is missing here
            ports::Column column{name, ColumnType::Text, {}, {}, {}, {}};
            for (const int i : order) {
                const std::string v = value(i);
                auto place = std::ranges::find(column.dictionary, v);
                if (!v.empty() && place == column.dictionary.end()) place = column.dictionary.insert(place, v);
                column.codes.push_back(v.empty() ? ports::Column::kMissingCode
                                                 : static_cast<std::uint32_t>(place - column.dictionary.begin()));
            }
            set.columns.push_back(std::move(column));
        };
        ports::Column times{"time", ColumnType::Time, {}, {}, {}, {}};
        for (const int i : order)
            times.times.push_back(time(i).ns);
        set.columns.push_back(std::move(times));
        text("model", [](int) { return "delay"; });
        text("version", [](int i) { return !scored(i) ? "" : i < 60 ? "v1" : "v2"; });
        text("request_id", [](int i) { return "R" + std::to_string(i); });
        number("score", [](int i) { return scored(i) ? i % 100 / 100.0 : std::nan(""); });
        number("latency_ms", [](int i) { return i % 10; });
        text("status", [](int i) { return i % 20 == 5 ? "timeout" : "ok"; });
        text("carrier", [](int i) { return i % 3 == 0 ? "UA" : i % 3 == 1 ? "AA" : ""; });
        number("temp_f", [](int i) { return i % 7 == 0 ? std::nan("") : i; });
        return set;
    }
};

/// Runs the event loop until the answer is there: remote logs need it.
template <class T>
Result<T> awaitAnswer(QFuture<Result<T>> future) {
    QEventLoop loop;
    QFutureWatcher<Result<T>> watcher;
    QObject::connect(&watcher, &QFutureWatcherBase::finished, &loop, &QEventLoop::quit);
    QTimer::singleShot(30'000, &loop, &QEventLoop::quit);
    watcher.setFuture(future);
    if (!future.isFinished()) loop.exec();
    if (!future.isFinished()) return fail(Error::internal("no answer"));
    return future.result();
}

#define PH_ANSWER(name, question)            \
    const auto name = awaitAnswer(question); \
    QVERIFY2(name, name ? "" : name.error().text().c_str())

inline ports::Query queryOf(std::string_view text) { return *predictions::parseQuery(text); }

inline std::vector<int> idsOf(const ports::RowSet& rows) {
    std::vector<int> ids;
    const ports::Column* column = rows.find("request_id");
    for (std::size_t i = 0; column && i < rows.rows; ++i)
        ids.push_back(std::stoi(std::string(column->text(i).substr(1))));
    return ids;
}

inline void fieldsAreListed(ports::PredictionLog& log) {
    PH_ANSWER(fields, log.fields({}));
    const auto find = [&](const char* name) {
        return std::ranges::find(*fields, std::string(name), &ports::FieldInfo::name);
    };
    for (const char* name :
         {"time", "model", "version", "request_id", "score", "status", "outcome", "carrier", "temp_f"})
        QVERIFY2(find(name) != fields->end(), name);
    QVERIFY(find("temp_f")->feature && find("temp_f")->type == ports::ColumnType::Number);
    QVERIFY(find("carrier")->feature && find("carrier")->type == ports::ColumnType::Text);
    QVERIFY(!find("score")->feature && !find("outcome")->feature);
    QVERIFY(find("time")->type == ports::ColumnType::Time);
}

inline void searchIsNewestFirstAndPages(ports::PredictionLog& log) {
    std::vector<int> seen;
    std::optional<ports::RowPosition> before;
    for (bool more = true; more;) {
        ports::SearchRequest request;
        request.limit = 17;
        request.before = before;
        PH_ANSWER(page, log.search(request, {}));
        QCOMPARE(page->positions.size(), page->rows.rows);
        QVERIFY(page->rows.rows > 0);
        for (const int id : idsOf(page->rows))
            seen.push_back(id);
        before = page->positions.back();
        more = page->more;
    }
    std::vector<int> expected;
    for (int i = LogRows::kRows - 1; i >= 0; --i)
        expected.push_back(i);
    QCOMPARE(seen, expected);
}

inline void searchGivesWholeRows(ports::PredictionLog& log) {
    ports::SearchRequest request;
    request.query = queryOf("request_id:R61");
    PH_ANSWER(page, log.search(request, {}));
    QCOMPARE(page->rows.rows, std::size_t{1});
    QVERIFY(!page->more);
    const ports::RowSet& rows = page->rows;
    QCOMPARE(rows.find("version")->text(0), std::string_view("v2"));
    QCOMPARE(rows.find("score")->numbers[0], 0.61);
    QCOMPARE(rows.find("outcome")->numbers[0], 1.0);
    QCOMPARE(rows.find("outcome_time")->times[0], (LogRows::time(61) + std::chrono::hours(1)).ns);
    QCOMPARE(rows.find("time")->times[0], LogRows::time(61).ns);
    request.columns = {"temp_f", "carrier"};
    PH_ANSWER(narrow, log.search(request, {}));
    QCOMPARE(narrow->rows.columns.size(), std::size_t{2});
    QCOMPARE(narrow->rows.columns[0].name, std::string("temp_f"));
}

inline void rangesAreHalfOpen(ports::PredictionLog& log) {
    const TimeRange range{LogRows::time(10), LogRows::time(20)};
    PH_ANSWER(count, log.count({}, range, {}));
    QCOMPARE(*count, std::uint64_t{10});
    ports::SearchRequest request;
    request.range = range;
    PH_ANSWER(page, log.search(request, {}));
    QCOMPARE(idsOf(page->rows), (std::vector<int>{19, 18, 17, 16, 15, 14, 13, 12, 11, 10}));
}

/// Each query against a plain count.
inline void queriesCount(ports::PredictionLog& log) {
    const std::vector<std::pair<const char*, std::function<bool(int)>>> kCases{
        {"", [](int) { return true; }},
        {"carrier:UA", [](int i) { return i % 3 == 0; }},
        {"NOT carrier:UA", [](int i) { return i % 3 != 0; }},
        {"carrier:(UA OR AA)", [](int i) { return i % 3 != 2; }},
        {"missing:carrier", [](int i) { return i % 3 == 2; }},
        {"temp_f:[10 TO 20]", [](int i) { return i % 7 != 0 && i >= 10 && i <= 20; }},
        {"temp_f:{10 TO 20}", [](int i) { return i % 7 != 0 && i > 10 && i < 20; }},
        {"latency_ms>7 version:v2", [](int i) { return i % 10 > 7 && i >= 60 && i % 10 != 9; }},
        {"score~0.5±0.05", [](int i) { return LogRows::scored(i) && i % 100 >= 45 && i % 100 <= 55; }},
        {"status:t*", [](int i) { return i % 20 == 5; }},
        {"TIMEOUT", [](int i) { return i % 20 == 5; }},
        {"labelled", [](int i) { return LogRows::labelled(i); }},
        {"wrong",
         [](int i) {
             return LogRows::scored(i) && LogRows::labelled(i) && (i % 100 >= 50) != (LogRows::outcome(i) > 0.5);
         }},
        {"time<2013-04-01T00:30:00Z", [](int i) { return i < 30; }},
        {"outcome:1 OR carrier:UA",
         [](int i) { return (LogRows::labelled(i) && LogRows::outcome(i) == 1) || i % 3 == 0; }}};
    for (const auto& [text, matches] : kCases) {
        std::uint64_t expected = 0;
        for (int i = 0; i < LogRows::kRows; ++i)
            expected += matches(i) ? 1 : 0;
        PH_ANSWER(count, log.count(queryOf(text), TimeRange::all(), {}));
        QVERIFY2(*count == expected, text);
    }
}

inline void timeCountsByGroup(ports::PredictionLog& log) {
    ports::TimeCountsRequest request;
    request.edges = {LogRows::time(0), LogRows::time(30), LogRows::time(90)};
    PH_ANSWER(all, log.timeCounts(request, {}));
    QCOMPARE(all->groups, std::vector<std::string>{""});
    QCOMPARE(all->counts, (std::vector<std::vector<std::uint64_t>>{{30, 60}}));
    request.splitBy = "outcome";
    PH_ANSWER(outcomes, log.timeCounts(request, {}));
    QCOMPARE(outcomes->groups, (std::vector<std::string>{"1", "0", ""}));
    std::vector<std::vector<std::uint64_t>> expected(3, std::vector<std::uint64_t>(2));
    for (int i = 0; i < 90; ++i)
        ++expected[LogRows::labelled(i) ? (LogRows::outcome(i) == 1 ? 0 : 1) : 2][i < 30 ? 0 : 1];
    QCOMPARE(outcomes->counts, expected);
    request.splitBy = "version";  // v1: 54, v2: 27, none: 9
    PH_ANSWER(versions, log.timeCounts(request, {}));
    QCOMPARE(versions->groups, (std::vector<std::string>{"v1", "v2", ""}));
    QCOMPARE(versions->counts, (std::vector<std::vector<std::uint64_t>>{{27, 27}, {0, 27}, {3, 6}}));
}

inline void manyGroupsEndInOther(ports::PredictionLog& log) {
    ports::TimeCountsRequest request;
    request.edges = {LogRows::time(0), LogRows::time(LogRows::kRows)};
    request.splitBy = "request_id";
    PH_ANSWER(counts, log.timeCounts(request, {}));
    QCOMPARE(counts->groups,
             (std::vector<std::string>{"R0", "R1", "R10", "R100", "R101", "R102", "R103", "R104", "other"}));
    QCOMPARE(counts->counts.back(), std::vector<std::uint64_t>{112});
}

inline void aggregatesAreExact(ports::PredictionLog& log) {
    using ports::Measure;
    ports::AggregateRequest request;
    request.edges = {LogRows::time(-60), LogRows::time(-1), LogRows::time(20), LogRows::time(40)};
    request.measures = {{Measure::Count, "", 0},
                        {Measure::Mean, "temp_f", 0},
                        {Measure::Min, "temp_f", 0},
                        {Measure::Max, "temp_f", 0},
                        {Measure::Sum, "latency_ms", 0},
                        {Measure::Quantile, "latency_ms", 0.5},
                        {Measure::MissingShare, "carrier", 0},
                        {Measure::LabelledShare, "", 0},
                        {Measure::PositiveShare, "", 0},
                        {Measure::ErrorShare, "", 0}};
    PH_ANSWER(answer, log.aggregate(request, {}));
    QCOMPARE(answer->series.size(), request.measures.size());
    std::vector<double> temps;
    double labelled = 0, positive = 0, missing = 0, scored = 0, errors = 0;
    for (int i = 20; i < 40; ++i) {
        if (i % 7 != 0) temps.push_back(i);
        labelled += LogRows::labelled(i);
        positive += LogRows::labelled(i) && LogRows::outcome(i) > 0.5;
        missing += i % 3 == 2;
        scored += LogRows::scored(i);
        errors += LogRows::scored(i) && i % 20 == 5;
    }
    double sum = 0;
    for (const double t : temps)
        sum += t;
    const std::vector<double> expected{20,
                                       sum / double(temps.size()),
                                       temps.front(),
                                       temps.back(),
                                       90,
                                       4.5,
                                       missing / 20,
                                       labelled / 20,
                                       positive / labelled,
                                       errors / scored};
    for (std::size_t m = 0; m < expected.size(); ++m) {
        QCOMPARE(answer->series[m].measure, m);
        QCOMPARE(answer->series[m].values.size(), std::size_t{3});
        QVERIFY(std::isnan(answer->series[m].values[0]));  // before the log begins: not known, not zero
        QCOMPARE(answer->series[m].values[2], expected[m]);
    }
}

inline void topValuesAreOrdered(ports::PredictionLog& log) {
    PH_ANSWER(top, log.topValues({{}, TimeRange::all(), "carrier", 1}, {}));
    QCOMPARE(top->values.size(), std::size_t{1});
    QCOMPARE(top->values[0].value, std::string("AA"));  // 40 each: ties by value
    QCOMPARE(top->values[0].count, std::uint64_t{40});
    QCOMPARE(top->missing, std::uint64_t{40});
    QCOMPARE(top->other, std::uint64_t{40});
    QCOMPARE(top->total, std::uint64_t{120});
    PH_ANSWER(numbers, log.topValues({queryOf("latency_ms<2"), TimeRange::all(), "latency_ms", 5}, {}));
    QCOMPARE(numbers->values.size(), std::size_t{2});
    QCOMPARE(numbers->values[0].value, std::string("0"));
}

inline void featuresAreBinned(ports::PredictionLog& log) {
    ports::FeatureCountsRequest request;
    request.features = {{"temp_f", {10, 20}, {}}, {"carrier", {}, {"UA", "ZZ"}}};
    PH_ANSWER(counts, log.featureCounts(request, {}));
    QCOMPARE(counts->size(), std::size_t{2});
    std::vector<std::uint64_t> expected(3);
    std::uint64_t missing = 0;
    for (int i = 0; i < LogRows::kRows; ++i) {
        if (i % 7 == 0) {
            ++missing;
        } else {
            ++expected[i < 10 ? 0 : i < 20 ? 1 : 2];
        }
    }
    QCOMPARE((*counts)[0].counts, expected);
    QCOMPARE((*counts)[0].missing, missing);
    QCOMPARE((*counts)[0].rows, std::uint64_t{120});
    QCOMPARE((*counts)[1].counts, (std::vector<std::uint64_t>{40, 0, 40}));
    QCOMPARE((*counts)[1].missing, std::uint64_t{40});
}

inline void extentIsFirstAndLast(ports::PredictionLog& log) {
    PH_ANSWER(extent, log.extent({}));
    QCOMPARE(extent->rows, std::uint64_t{LogRows::kRows});
    QCOMPARE(extent->range.start.ns, LogRows::time(0).ns);
    QCOMPARE(extent->range.end.ns, LogRows::time(LogRows::kRows - 1).ns);
}

inline void unknownFieldsAreNamed(ports::PredictionLog& log) {
    const auto answer = awaitAnswer(log.count(queryOf("carier:UA"), TimeRange::all(), {}));
    QVERIFY(!answer);
    QVERIFY(answer.error().kind == ErrorKind::InvalidInput);
    QVERIFY2(answer.error().message.find("\"carier\"") != std::string::npos, answer.error().message.c_str());
    QVERIFY2(answer.error().message.find("\"carrier\"") != std::string::npos, answer.error().message.c_str());
}

inline void cancelledIsNoError(ports::PredictionLog& log) {
    CancellationSource source;
    source.cancel();
    const auto answer = awaitAnswer(log.search({}, source.token()));
    QVERIFY(isCancelled(answer));
}

/// Everything above.
inline void checkPredictionLog(ports::PredictionLog& log) {
    for (const auto& check :
         {fieldsAreListed, searchIsNewestFirstAndPages, searchGivesWholeRows, rangesAreHalfOpen, queriesCount,
          timeCountsByGroup, manyGroupsEndInOther, aggregatesAreExact, topValuesAreOrdered, featuresAreBinned,
          extentIsFirstAndLast, unknownFieldsAreNamed, cancelledIsNoError}) {
        check(log);
        if (QTest::currentTestFailed()) return;
    }
}

}  // namespace pilothouse::contract
