// SPDX-License-Identifier: GPL-3.0-or-later
// Bins, top values and quantiles over batches and segments, against plain counting.
#include <QTest>
#include <algorithm>

#include "models/predictions/log_queries.h"
#include "tests/predictions/segments.h"

using namespace pilothouse;
using namespace pilothouse::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Filled {
    std::vector<double> numbers;                 ///< NaN: missing
    std::map<std::string, std::uint64_t> texts;  ///< of the field that holds texts, and here and there numbers
    std::uint64_t missing = 0;
    std::map<std::string, std::vector<double>> byVersion;
};

Filled fill(Store& store, unsigned seed, std::size_t count) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    Filled filled;
    for (std::size_t done = 0; done < count;) {
        const std::size_t size = std::min(count - done, 1 + below(count / 3));
        const bool numbers = below(4) == 0;
        std::vector<Row> batch;
        for (std::size_t i = 0; i < size; ++i) {
            const std::string version = "v" + std::to_string(below(3));
            Row r = test::row("R" + std::to_string(done + i), at(static_cast<std::int64_t>(done + i)));
            r["version"] = version;
            const double x = below(20) == 0   ? std::nan("")
                             : below(50) == 0 ? (below(2) == 0 ? kInfinity : -kInfinity)
                                              : static_cast<double>(below(2'000)) / 8 - 100;
            filled.numbers.push_back(x);
            if (!std::isnan(x)) {
                r["x"] = x;
                filled.byVersion[version].push_back(x);
            }
            const std::size_t value = below(300);
            if (value == 0) {
                ++filled.missing;
            } else if (numbers) {
                r["shop"] = static_cast<double>(value / 3);
                ++filled.texts[std::to_string(value / 3)];
            } else {
                const std::string text = value < 5 ? std::string() : std::to_string(value / 3);
                r["shop"] = text;
                ++filled.texts[text];
            }
            batch.push_back(std::move(r));
        }
        done += size;
        if (below(2) == 0) {
            if (auto status = appendSegment(store.database(), rowSet(batch)); !status)
                qFatal("%s", status.error().text().c_str());
        } else if (auto added = predictions::append(store.database(), rowSet(batch)); !added) {
            qFatal("%s", added.error().text().c_str());
        }
    }
    return filled;
}

}  // namespace

class TestCounts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }
    void initTestCase() { m_filled = fill(m_store, 11, 20'000); }

    void binsOfNumbers_data() {
        QTest::addColumn<std::vector<double>>("edges");
        QTest::newRow("none") << std::vector<double>{};
        QTest::newRow("one") << std::vector<double>{12.5};
        QTest::newRow("regular") << std::vector<double>{-100, -50, 0, 50, 100, 150};
        QTest::newRow("close together") << std::vector<double>{-100, 0, 0.001, 0.002, 0.125, 0.126, 150};
        QTest::newRow("equal ones") << std::vector<double>{0, 0, 1, 1, 1, 2};
        QTest::newRow("infinite") << std::vector<double>{-kInfinity, 0, kInfinity};
        QTest::newRow("huge") << std::vector<double>{-1e308, 0, 1e308};
        std::vector<double> many;
        for (int i = 0; i < 5'000; ++i)
            many.push_back(-110 + i * 0.05);
        QTest::newRow("many") << many;
    }
    void binsOfNumbers() {
        QFETCH(std::vector<double>, edges);
        std::vector<std::uint64_t> expected(edges.size() + 1);
        std::uint64_t missing = 0;
        for (const double x : m_filled.numbers) {
            if (std::isnan(x))
                ++missing;
            else
                ++expected[static_cast<std::size_t>(std::ranges::upper_bound(edges, x) - edges.begin())];
        }
        ports::FeatureCountsRequest request;
        request.features = {{"x", edges, {}}};
        const auto counts = predictions::featureCountsOfLog(m_store.database(), request, {});
        PH_VERIFY(counts);
        QCOMPARE(counts->front().counts, expected);
        QCOMPARE(counts->front().missing, missing);
        QCOMPARE(counts->front().rows, m_filled.numbers.size());
    }

    void topValues() {
        std::vector<ports::ValueCount> expected;
        for (const auto& [value, count] : m_filled.texts)
            expected.push_back({value, count});
        std::ranges::stable_sort(expected, std::greater{}, &ports::ValueCount::count);
        for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{10}, std::size_t{1'000}}) {
            const auto top = predictions::topValuesOfLog(m_store.database(), {{}, TimeRange::all(), "shop", limit}, {});
            PH_VERIFY(top);
            QCOMPARE(top->values.size(), std::min(limit, expected.size()));
            std::uint64_t other = m_filled.numbers.size() - m_filled.missing;
            for (std::size_t i = 0; i < top->values.size(); ++i) {
                QCOMPARE(top->values[i].value, expected[i].value);
                QCOMPARE(top->values[i].count, expected[i].count);
                other -= expected[i].count;
            }
            QCOMPARE(top->missing, m_filled.missing);
            QCOMPARE(top->other, other);
            QCOMPARE(top->total, m_filled.numbers.size());
        }
    }

    /// Ties by value, however many there are.
    void valuesThatAllComeOnce() {
        const auto top = predictions::topValuesOfLog(m_store.database(), {{}, TimeRange::all(), "request_id", 3}, {});
        PH_VERIFY(top);
        QCOMPARE(top->values.size(), std::size_t{3});
        QCOMPARE(top->values[0].value, std::string("R0"));
        QCOMPARE(top->values[1].value, std::string("R1"));
        QCOMPARE(top->values[2].value, std::string("R10"));
        QCOMPARE(top->other, m_filled.numbers.size() - 3);
    }

    /// Few or many ties, among the first texts or behind them, in one part or over several.
    void tiesOfAnyCount() {
        std::mt19937 random(23);
        const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
        for (int round = 0; round < 12; ++round) {
            Store store;
            std::map<std::string, std::uint64_t> counts;
            const std::size_t values = 1 + below(400), repeats = 1 + below(3);
            for (int part = 0; part < 3; ++part) {
                std::vector<Row> batch;
                for (std::size_t v = 0; v < values; ++v) {
                    const std::string text = (v % 2 ? "a" : "b") + std::to_string(v);
                    // Mostly the later texts are the frequent ones.
                    const std::size_t times = round % 3 == 0 ? (part == 0 ? 1 : 0) : below(repeats) + (v % 2 ? 0 : 1);
                    for (std::size_t i = 0; i < times; ++i, ++counts[text]) {
                        const std::string id = std::to_string(part) + "-" + std::to_string(batch.size());
                        batch.push_back(test::row(id, at(static_cast<std::int64_t>(batch.size()))));
                        batch.back()["shop"] = text;
                    }
                }
                if (batch.empty()) continue;
                if (part == 1)
                    PH_VERIFY(predictions::append(store.database(), rowSet(batch)));
                else
                    PH_VERIFY(appendSegment(store.database(), rowSet(batch)));
            }
            std::vector<ports::ValueCount> expected;
            for (const auto& [value, count] : counts)
                expected.push_back({value, count});
            std::ranges::stable_sort(expected, std::greater{}, &ports::ValueCount::count);
            for (const std::size_t limit : {std::size_t{1}, std::size_t{10}, std::size_t{70}}) {
                const auto top =
                    predictions::topValuesOfLog(store.database(), {{}, TimeRange::all(), "shop", limit}, {});
                PH_VERIFY(top);
                QCOMPARE(top->values.size(), std::min(limit, expected.size()));
                for (std::size_t i = 0; i < top->values.size(); ++i) {
                    QCOMPARE(top->values[i].value, expected[i].value);
                    QCOMPARE(top->values[i].count, expected[i].count);
                }
            }
        }
    }

    void quantilesByVersion() {
        const std::vector<double> shares{0, 0.1, 0.5, 0.99, 1};
        ports::AggregateRequest request{{}, {at(0), at(1'000'000)}, {}, "version"};
        for (const double q : shares)
            request.measures.push_back({ports::Measure::Quantile, "x", q});
        request.measures.push_back({ports::Measure::Count, {}, 0});
        const auto at = predictions::aggregateLog(m_store.database(), request, {});
        // Sums are made in order of arrival: the other way through the rows.
        request.measures.push_back({ports::Measure::Sum, "latency_ms", 0});
        request.measures.back().field = "x";
        const auto inOrder = predictions::aggregateLog(m_store.database(), request, {});
        PH_VERIFY(at);
        PH_VERIFY(inOrder);
        for (const auto& answer : {*at, *inOrder}) {
            for (const ports::AggregateSeries& series : answer.series) {
                if (series.measure >= shares.size()) continue;
                std::vector<double> sorted = m_filled.byVersion[series.group];
                std::ranges::sort(sorted);
                const double place = static_cast<double>(sorted.size() - 1) * shares[series.measure];
                const auto below = static_cast<std::size_t>(place);
                const double low = sorted[below], high = sorted[std::min(below + 1, sorted.size() - 1)];
                QCOMPARE(series.values.front(),
                         low == high ? low : low + (place - static_cast<double>(below)) * (high - low));
                QCOMPARE(series.relativeError, 0.0);
            }
        }
    }

private:
    Store m_store;
    Filled m_filled;
};

QTEST_GUILESS_MAIN(TestCounts)
#include "tst_counts.moc"
