// SPDX-License-Identifier: GPL-3.0-or-later
// Ground truth over time: late, out of order, more than once, for sealed rows; its history, its end.
#include <QTest>

#include "models/predictions/log_queries.h"
#include "models/predictions/truth_history.h"
#include "models/predictions/verify_predictions.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::test;
using predictions::append;
using predictions::appendTruth;
using predictions::Truth;
using Ids = std::vector<std::string>;

namespace {

/// "value@second" of each record.
std::vector<std::string> history(Store& store, const std::string& id, const std::string& model = "delay") {
    const auto records = predictions::truthHistory(store.database(), model, id);
    if (!records) return {records.error().text()};
    std::vector<std::string> out;
    for (const auto& r : *records)
        out.push_back(std::to_string(static_cast<int>(r.value)) + "@" + std::to_string(r.known.ns / 1'000'000'000));
    return out;
}

bool sound(Store& store) {
    const auto problems = predictions::verifyPredictions(store.database());
    return problems && problems->empty();
}

}  // namespace

class TestTruth : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    void historyBeginsWithWhatCounts() {
        Store store;
        PH_VERIFY(appendTruth(store.database(), "delay",
                              std::vector<Truth>{{"a", 1, at(10)}, {"b", 0, at(20)}, {"a", 2, at(10)}}));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 5, at(5)}}));
        PH_VERIFY(appendTruth(store.database(), "other", std::vector<Truth>{{"a", 9, at(99)}}));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 7, at(30)}, {"c", 1, at(1)}}));
        QCOMPARE(history(store, "a"), (Ids{"7@30", "2@10", "1@10", "5@5"}));
        QCOMPARE(history(store, "a", "other"), Ids{"9@99"});
        QCOMPARE(history(store, "nobody"), Ids{});
    }

    /// A segment is sealed first; what becomes known afterwards shows on its rows.
    void sealedRowsGetLateTruth() {
        Store store;
        for (std::size_t from = 0; from < predictions::kSegmentRows; from += 1'024) {
            std::vector<Row> rows;
            for (std::size_t i = from; i < from + 1'024; ++i)
                rows.push_back(row("R" + std::to_string(i), at(static_cast<std::int64_t>(i))));
            PH_VERIFY(append(store.database(), rowSet(rows)));
        }
        QCOMPARE(*predictions::seal(store.database()), predictions::kSegmentRows);
        QCOMPARE(*store.ids("labelled"), Ids{});
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"R9", 1, at(70)}, {"R8", 1, at(70)}}));
        QCOMPARE(*store.ids("outcome:1"), (Ids{"R8", "R9"}));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"R9", 0, at(71)}, {"R8", 0, at(69)}}));
        QCOMPARE(*store.ids("outcome:1"), Ids{"R8"});
        QCOMPARE(history(store, "R9"), (Ids{"0@71", "1@70"}));
    }

    /// What is erased is gone for new readers, and the chain of checksums holds; an older snapshot keeps what it saw.
    void erasedTruthIsGone() {
        Store store;
        PH_VERIFY(
            append(store.database(), rowSet(std::vector<Row>{row("a", at(1)), row("b", at(1)), row("c", at(1))})));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 1, at(2)}, {"b", 1, at(2)}}));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 0, at(3)}}));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"c", 1, at(3)}}));
        const auto reader = *store.workspace()->connect(true);
        const auto labelled = [](workspace::Database& db) {
            return *predictions::countInLog(db, *predictions::parseQuery("labelled"), TimeRange::all(), {});
        };
        auto snapshot = workspace::Transaction::begin(*reader, workspace::Transaction::Kind::Read);
        QCOMPARE(labelled(*reader), std::uint64_t{3});

        const auto batches = predictions::truthBatchesOf(store.database(), "delay", "a");
        PH_VERIFY(batches);
        QCOMPARE(*batches, (std::vector<std::int64_t>{1, 2}));
        {
            auto transaction = workspace::Transaction::begin(store.database());
            const auto erased =
                predictions::eraseTruth(store.database(), *batches, [](const Truth& t) { return t.requestId == "a"; });
            PH_VERIFY(erased);
            QCOMPARE(*erased, std::size_t{2});
            PH_VERIFY(transaction->commit());
        }
        QCOMPARE(store.count("SELECT count(*) FROM truth_batch"), 2);
        QCOMPARE(*store.ids("labelled"), (Ids{"b", "c"}));
        QCOMPARE(history(store, "a"), Ids{});
        QCOMPARE(labelled(*reader), std::uint64_t{3});
        QVERIFY(sound(store));
        PH_VERIFY(snapshot->commit());
        QCOMPARE(labelled(*reader), std::uint64_t{2});
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 1, at(9)}}));
        QCOMPARE(*store.ids("labelled"), (Ids{"a", "b", "c"}));
        QVERIFY(sound(store));
    }

    void oldTruthIsDropped() {
        Store store;
        PH_VERIFY(
            append(store.database(), rowSet(std::vector<Row>{row("a", at(1)), row("b", at(5)), row("c", at(5))})));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 1, at(2)}}));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"b", 1, at(6)}}));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 1, at(3)}}));  // behind a newer one
        QCOMPARE(*predictions::dropTruthBefore(store.database(), at(5)), std::size_t{1});
        QVERIFY(sound(store));
        QCOMPARE(history(store, "a"), Ids{"1@3"});
        QCOMPARE(*predictions::dropTruthBefore(store.database(), at(5)), std::size_t{0});
        QCOMPARE(*predictions::dropTruthBefore(store.database(), at(50)), std::size_t{2});
        QCOMPARE(store.count("SELECT count(*) FROM truth_batch"), 0);
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"c", 1, at(60)}}));
        QCOMPARE(*store.ids("labelled"), Ids{"c"});
        QVERIFY(sound(store));
    }
};

QTEST_GUILESS_MAIN(TestTruth)
#include "tst_truth.moc"
