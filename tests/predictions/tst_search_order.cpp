// SPDX-License-Identifier: GPL-3.0-or-later
// Rows in the order that was asked for, page by page, against a plain sort.
#include <QTest>
#include <algorithm>

#include "models/predictions/log_queries.h"
#include "tests/predictions/segments.h"

using namespace pilothouse;
using namespace pilothouse::test;
using predictions::kBlockRows;

namespace {

struct Known {
    std::string id;
    Timestamp time;
    std::size_t arrival = 0;
    double value = std::nan("");
};

bool ahead(const ports::RowOrder& order, const Known& a, const Known& b) {
    if (order.field.empty() && order.ascending) return std::pair(a.time, a.arrival) < std::pair(b.time, b.arrival);
    if (!order.field.empty()) {
        if (std::isnan(a.value) != std::isnan(b.value)) return std::isnan(b.value);
        if (!std::isnan(a.value) && a.value != b.value) return order.ascending ? a.value < b.value : a.value > b.value;
    }
    return std::pair(a.time, a.arrival) > std::pair(b.time, b.arrival);
}

/// Few distinct values and times, so that ties are common; some rows have no value, some a text in its place.
std::vector<Known> fill(Store& store, unsigned seed, std::size_t count) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    const std::vector<double> values{-std::numeric_limits<double>::infinity(), -2.5, -0.0, 0.0, 1, 1.25, 7,
                                     std::numeric_limits<double>::infinity()};
    std::vector<Known> known;
    while (known.size() < count) {
        const std::size_t size = std::min(count - known.size(), 1 + below(count / 4));
        const bool texts = below(5) == 0;
        std::vector<Row> batch;
        for (std::size_t i = 0; i < size; ++i) {
            Known k{"R" + std::to_string(known.size()), at(static_cast<std::int64_t>(below(50))), known.size()};
            Row r = test::row(k.id, k.time, {{"score", static_cast<double>(below(10))}});
            if (texts) {
                r["x"] = std::string("fast");
            } else if (below(6) != 0) {
                k.value = values[below(values.size())];
                r["x"] = k.value;
            }
            batch.push_back(std::move(r));
            known.push_back(std::move(k));
        }
        if (below(2) == 0) {
            if (auto status = appendSegment(store.database(), rowSet(batch)); !status)
                qFatal("%s", status.error().text().c_str());
        } else if (auto added = predictions::append(store.database(), rowSet(batch)); !added) {
            qFatal("%s", added.error().text().c_str());
        }
    }
    return known;
}

Result<std::vector<std::string>> pages(Store& store, const ports::RowOrder& order, const std::string& query,
                                       std::size_t limit) {
    std::vector<std::string> ids;
    ports::SearchRequest request;
    PH_ASSIGN(request.query, predictions::parseQuery(query));
    request.order = order;
    request.limit = limit;
    for (bool more = true; more;) {
        PH_ASSIGN(const ports::SearchPage page, predictions::searchLog(store.database(), request, {}));
        for (std::size_t i = 0; i < page.rows.rows; ++i)
            ids.emplace_back(page.rows.find("request_id")->text(i));
        more = page.more;
        if (page.positions.empty()) break;
        request.before = page.positions.back();
    }
    return ids;
}

}  // namespace

class TestSearchOrder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    void pagesFollowThePlainSort_data() {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 6; ++seed)
            QTest::addRow("seed %u", seed) << seed;
    }
    void pagesFollowThePlainSort() {
        QFETCH(unsigned, seed);
        Store store;
        std::vector<Known> rows = fill(store, seed, 300);
        for (const char* field : {"", "x"}) {
            for (const bool ascending : {false, true}) {
                const ports::RowOrder order{field, ascending};
                std::ranges::sort(rows, [&](const Known& a, const Known& b) { return ahead(order, a, b); });
                std::vector<std::string> expected, zeros;
                for (const Known& row : rows) {
                    expected.push_back(row.id);
                    if (row.value == 0) zeros.push_back(row.id);
                }
                for (const std::size_t limit : {std::size_t{1}, std::size_t{7}, std::size_t{100}, rows.size()}) {
                    const auto got = pages(store, order, "", limit);
                    PH_VERIFY(got);
                    QCOMPARE(*got, expected);
                }
                const auto some = pages(store, order, "x:0", 7);
                PH_VERIFY(some);
                QCOMPARE(*some, zeros);
            }
        }
    }

    /// Bounds rule out what cannot hold one of the greatest, or least, values.
    void onlyBlocksThatCanHoldTheFirstRowsAreRead() {
        Store store;
        constexpr std::size_t kBlocks = 5;
        std::vector<std::size_t> heights{3, 1, 4, 0, 2};  // of the blocks, in order of arrival
        std::vector<Row> rows;
        for (std::size_t i = 0; i < kBlocks * kBlockRows; ++i)
            rows.push_back(
                test::row("R" + std::to_string(i), at(static_cast<std::int64_t>(i)),
                          {{"latency_ms", static_cast<double>(heights[i / kBlockRows] * kBlockRows + i % 100)}}));
        PH_VERIFY(appendSegment(store.database(), rowSet(rows)));
        for (const auto& [ascending, best] : {std::pair(false, 2), std::pair(true, 3)}) {
            ports::SearchRequest request;
            request.order = {"latency_ms", ascending};
            request.limit = 10;
            const auto page = predictions::searchLog(store.database(), request, {});
            PH_VERIFY(page);
            QCOMPARE(page->rows.rows, std::size_t{10});
            QCOMPARE(page->stats.blocks, std::size_t{1});
            for (const ports::RowPosition& position : page->positions)
                QCOMPARE(position.time.ns / 1'000'000'000 / static_cast<std::int64_t>(kBlockRows), std::int64_t{best});
        }
    }

    void orderByOutcome() {
        Store store;
        const std::vector<Row> rows{test::row("a", at(1)), test::row("b", at(2)), test::row("c", at(3))};
        PH_VERIFY(predictions::append(store.database(), rowSet(rows)));
        const std::vector<predictions::Truth> truths{{"a", 1, at(9)}, {"c", 0, at(9)}};
        PH_VERIFY(predictions::appendTruth(store.database(), "delay", truths));
        QCOMPARE(*pages(store, {"outcome", false}, "", 10), (std::vector<std::string>{"a", "c", "b"}));
        QCOMPARE(*pages(store, {"outcome", true}, "", 1), (std::vector<std::string>{"c", "a", "b"}));
    }

    void whatHoldsNoNumbersIsRefused() {
        Store store;
        const std::vector<Row> rows{test::row("a", at(1), {{"carrier", std::string("UA")}})};
        PH_VERIFY(predictions::append(store.database(), rowSet(rows)));
        for (const char* field : {"carrier", "request_id", "time", "nothing"}) {
            const auto got = pages(store, {field, false}, "", 10);
            QVERIFY2(!got && got.error().kind == ErrorKind::InvalidInput, field);
        }
    }
};

QTEST_GUILESS_MAIN(TestSearchOrder)
#include "tst_search_order.moc"
