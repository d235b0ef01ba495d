// SPDX-License-Identifier: GPL-3.0-or-later
// What an answer says it cost is what a naive count says had to be read.
#include <QTest>
#include <functional>
#include <set>

#include "models/predictions/log_queries.h"
#include "models/predictions/part_format.h"
#include "models/predictions/segment_writer.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::test;
using predictions::kBlockRows;

namespace {

constexpr std::size_t kSegments = 4, kRows = 20'000;  // a segment; its last block is short

/// Row i: second i; x climbs through a segment; one word a thousand rows; one id a row.
struct Made {
    std::string id, message;
    double x;
    std::int64_t second;
};
Made rowAt(std::size_t i) {
    return {"R" + std::to_string(i), "scored part" + std::to_string(i / 1000), static_cast<double>(i % kRows),
            static_cast<std::int64_t>(i)};
}

void fill(Store& store) {
    for (std::size_t s = 0; s < kSegments; ++s) {
        predictions::SegmentBuilder builder;
        for (std::size_t i = s * kRows; i < (s + 1) * kRows; ++i) {
            const Made made = rowAt(i);
            builder.column("time", ports::ColumnType::Time).appendTime(at(made.second).ns);
            builder.column("model", ports::ColumnType::Text).appendText("delay");
            builder.column("request_id", ports::ColumnType::Text).appendText(made.id);
            builder.column("message", ports::ColumnType::Text).appendText(made.message);
            builder.column("x", ports::ColumnType::Number).appendNumber(made.x);
            builder.finishRow(at(made.second).ns, predictions::requestHash(made.id));
        }
        const auto segment = builder.finish();
        auto reader = predictions::LogReader::open(store.database());
        PH_VERIFY(reader);
        PH_VERIFY(predictions::updateFields(store.database(), *reader, predictions::fieldValues(segment)));
        PH_VERIFY(predictions::insertSegment(store.database(), segment, reader->nextOrdinal()));
    }
}

struct Cost {
    std::set<std::size_t> segments;
    std::size_t blocks = 0;
    std::uint64_t rows = 0;
};

/// The blocks with a row that `needed` wants looked at.
Cost naive(const std::function<bool(const Made&)>& needed) {
    Cost cost;
    for (std::size_t s = 0; s < kSegments; ++s) {
        for (std::size_t from = 0; from < kRows; from += kBlockRows) {
            const std::size_t rows = std::min(kBlockRows, kRows - from);
            bool any = false;
            for (std::size_t i = 0; i < rows && !any; ++i)
                any = needed(rowAt(s * kRows + from + i));
            if (!any) continue;
            cost.segments.insert(s);
            ++cost.blocks;
            cost.rows += rows;
        }
    }
    return cost;
}

}  // namespace

class TestScanStats : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }
    void initTestCase() { fill(m_store); }

    void costIsWhatHadToBeRead_data() {
        QTest::addColumn<QString>("query");
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("to");
        QTest::addColumn<std::function<bool(const Made&)>>("needed");
        const int all = kSegments * kRows;
        using Needed = std::function<bool(const Made&)>;
        QTest::newRow("every row") << "" << 0 << all << Needed([](const Made&) { return true; });
        QTest::newRow("a range of time") << "" << 25'000 << 30'000 << Needed([](const Made& m) {
            return m.second >= 25'000 && m.second < 30'000;
        });
        QTest::newRow("bounds of a number")
            << "x>18000" << 0 << all << Needed([](const Made& m) { return m.x > 18'000; });
        QTest::newRow("both") << "x<100" << 39'000 << 41'000 << Needed([](const Made& m) {
            return m.second >= 40'000 && m.second < 41'000 && m.x < 100;
        });
        QTest::newRow("an id") << "request_id:R33333" << 0 << all
                               << Needed([](const Made& m) { return m.id == "R33333"; });
        QTest::newRow("no such id") << "request_id:nobody" << 0 << all << Needed([](const Made&) { return false; });
        QTest::newRow("a word") << "message~part41" << 0 << all
                                << Needed([](const Made& m) { return m.message == "scored part41"; });
        QTest::newRow("a word in any text")
            << "part41" << 0 << all << Needed([](const Made& m) { return m.message == "scored part41"; });
        QTest::newRow("a word that no text holds") << "quorum" << 0 << all << Needed([](const Made&) { return false; });
        QTest::newRow("a whole text") << "message:\"scored part41\"" << 0 << all
                                      << Needed([](const Made& m) { return m.message == "scored part41"; });
        QTest::newRow("either") << "x>19999 OR request_id:R1" << 0 << all
                                << Needed([](const Made& m) { return m.id == "R1"; });
        QTest::newRow("not") << "NOT x>=8192" << 0 << all << Needed([](const Made& m) { return m.x < 8'192; });
        QTest::newRow("missing") << "missing:x" << 0 << all << Needed([](const Made&) { return false; });
    }
    void costIsWhatHadToBeRead() {
        QFETCH(QString, query);
        QFETCH(int, from);
        QFETCH(int, to);
        QFETCH(std::function<bool(const Made&)>, needed);
        const Cost cost = naive(needed);
        const auto parsed = predictions::parseQuery(query.toStdString());
        PH_VERIFY(parsed);
        const auto check = [&](const ports::ScanStats& stats) {
            QCOMPARE(stats.segments, kSegments);
            QCOMPARE(stats.blocks, cost.blocks);
            QCOMPARE(stats.rowsSeen, cost.rows);
            QCOMPARE(stats.segmentsDecoded, cost.segments.size());
        };
        const auto counts = predictions::timeCountsOfLog(m_store.database(), {*parsed, {at(from), at(to)}, ""}, {});
        PH_VERIFY(counts);
        check(counts->stats);
        QCOMPARE(counts->stats.segmentsPruned, kSegments - cost.segments.size());
        ports::SearchRequest request;
        request.query = *parsed;
        request.range = {at(from), at(to)};
        request.limit = kSegments * kRows;
        const auto page = predictions::searchLog(m_store.database(), request, {});
        PH_VERIFY(page);
        check(page->stats);
        QCOMPARE(page->rows.rows, counts->counts[0][0]);
    }

    /// The newest rows: the last block, and with more rows wanted than it holds the one before.
    void aSearchEndsEarly() {
        const std::size_t last = kRows % kBlockRows;
        for (const auto& [limit, blocks] : {std::pair<std::size_t, std::size_t>{10, 1}, {last - 1, 1}, {last, 2}}) {
            ports::SearchRequest request;
            request.limit = limit;
            const auto page = predictions::searchLog(m_store.database(), request, {});
            PH_VERIFY(page);
            QCOMPARE(page->rows.rows, limit);
            QCOMPARE(page->stats.blocks, blocks);
            QCOMPARE(page->stats.rowsSeen, last + (blocks - 1) * kBlockRows);
            QCOMPARE(page->stats.segmentsDecoded, std::size_t{1});
        }
    }

    void aCancelledAnswerIsCancelled() {
        CancellationSource source;
        source.cancel();
        const auto count = predictions::countInLog(m_store.database(), {}, TimeRange::all(), source.token());
        QVERIFY(!count && count.error().kind == ErrorKind::Cancelled);
    }

private:
    Store m_store;
};

QTEST_GUILESS_MAIN(TestScanStats)
#include "tst_scan_stats.moc"
