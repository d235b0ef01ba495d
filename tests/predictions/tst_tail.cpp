// SPDX-License-Identifier: GPL-3.0-or-later
// The rows that are not sealed: few batches however small the appends were, and what a connection remembers of them.
#include <QTest>

#include "models/predictions/log_reader.h"
#include "models/predictions/tail_merge.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::test;
using workspace::Transaction;

namespace {

Row numbered(std::size_t i) {
    return test::row("R" + std::to_string(i), at(static_cast<std::int64_t>(i)),
                     {{"x", static_cast<double>(i) / 4}, {"carrier", std::string(i % 3 == 0 ? "UA" : "AA")}});
}

Result<predictions::Appended> add(workspace::Database& database, std::size_t from, std::size_t count) {
    std::vector<Row> rows;
    for (std::size_t i = from; i < from + count; ++i)
        rows.push_back(numbered(i));
    return predictions::append(database, rowSet(rows));
}

std::size_t partsOf(workspace::Database& database) {
    auto transaction = Transaction::begin(database, Transaction::Kind::Read);
    const auto reader = predictions::LogReader::open(database);
    if (!transaction || !reader) qFatal("the log cannot be read");
    return reader->parts().size();
}

}  // namespace

class TestTail : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    void smallBatchesBecomeLargerOnes_data() {
        QTest::addColumn<int>("group");
        QTest::newRow("one row at a time") << 1;
        QTest::newRow("in threes") << 3;
        QTest::newRow("in hundreds") << 100;
    }
    void smallBatchesBecomeLargerOnes() {
        QFETCH(int, group);
        Store store;
        constexpr std::size_t kRows = 2'100;
        for (std::size_t i = 0; i < kRows; i += static_cast<std::size_t>(group)) {
            const auto added = add(store.database(), i, static_cast<std::size_t>(group));
            PH_VERIFY(added);
            QCOMPARE(added->added, static_cast<std::size_t>(group));
        }
        // At most kMergedBatches - 1 of each of three sizes.
        QVERIFY(store.count("SELECT count(*) FROM prediction_batch") < 3 * std::int64_t{predictions::kMergedBatches});
        const auto all = predictions::collect(store.database(), {{}, TimeRange::all(), {"request_id", "x"}}, {});
        PH_VERIFY(all);
        QCOMPARE(all->rows, kRows);
        for (std::size_t i = 0; i < kRows; ++i) {
            QCOMPARE(all->columns[0].text(i), std::string_view("R" + std::to_string(i)));
            QCOMPARE(all->columns[1].numbers[i], static_cast<double>(i) / 4);
        }
        const auto repeated = add(store.database(), 0, kRows);
        PH_VERIFY(repeated);
        QCOMPARE(repeated->added, std::size_t{0});
    }

    /// A batch that cannot be read any more is left alone, and rows go on to arrive.
    void aDamagedBatchStopsNoAppend() {
        Store store;
        PH_VERIFY(add(store.database(), 0, 1));
        PH_VERIFY(store.database().execute("UPDATE prediction_batch SET directory = x'00'"));
        for (std::size_t i = 1; i < 40; ++i)
            PH_VERIFY(add(store.database(), i, 1));
        QCOMPARE(store.count("SELECT sum(rows) FROM prediction_batch"), 40);
    }

    void anotherConnectionsRowsAreSeen() {
        Store store;
        PH_VERIFY(add(store.database(), 0, 1));
        QCOMPARE(partsOf(store.database()), std::size_t{1});
        const auto other = *store.workspace()->connect();
        PH_VERIFY(add(*other, 1, 1));
        QCOMPARE(partsOf(store.database()), std::size_t{2});
        PH_VERIFY(add(store.database(), 2, 1));
        QCOMPARE(partsOf(*other), std::size_t{3});
        QCOMPARE(*store.ids(""), (std::vector<std::string>{"R0", "R1", "R2"}));
    }

    void aSnapshotStays() {
        Store store;
        PH_VERIFY(add(store.database(), 0, 1));
        const auto other = *store.workspace()->connect();
        auto snapshot = Transaction::begin(*other, Transaction::Kind::Read);
        QCOMPARE(partsOf(*other), std::size_t{1});
        PH_VERIFY(add(store.database(), 1, 1));
        QCOMPARE(partsOf(*other), std::size_t{1});
        PH_VERIFY(snapshot->commit());
        QCOMPARE(partsOf(*other), std::size_t{2});
    }

    void whatIsRolledBackIsForgotten() {
        Store store;
        PH_VERIFY(add(store.database(), 0, 2));
        {
            auto transaction = Transaction::begin(store.database());
            PH_VERIFY(add(store.database(), 2, 1));
            QCOMPARE(partsOf(store.database()), std::size_t{2});
        }
        QCOMPARE(partsOf(store.database()), std::size_t{1});
        PH_VERIFY(add(store.database(), 5, 1));  // takes the id and the ordinal of the one that was rolled back
        QCOMPARE(*store.ids(""), (std::vector<std::string>{"R0", "R1", "R5"}));
        {
            auto transaction = Transaction::begin(store.database());
            PH_VERIFY(store.database().execute("DELETE FROM prediction_batch"));
            QCOMPARE(partsOf(store.database()), std::size_t{0});
        }
        QCOMPARE(partsOf(store.database()), std::size_t{2});
        PH_VERIFY(store.database().execute("DELETE FROM prediction_batch"));
        QCOMPARE(partsOf(store.database()), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(TestTail)
#include "tst_tail.moc"
