// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that are erased: gone from answers, from the file's bytes and from its write-ahead log.
#include <QTest>

#include "models/predictions/erasure.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/truth_history.h"
#include "models/workspace/registry_store.h"
#include "tests/predictions/lifecycle.h"

using namespace pilothouse;
using namespace pilothouse::test;
using predictions::append;
using predictions::appendTruth;
using predictions::Truth;
using Ids = std::vector<std::string>;

namespace {

// Nothing that a codec makes smaller, so that they lie in the file as they are.
const std::string kId = "q7Zp-91kVx+wTt0LmE4c";
const std::string kText = "Hx3/uGd8#Yw5~Ns2(Bk6";

Row person(const std::string& id = kId) {
    return row(id, at(50), {{"note", kText}, {"version", std::string("v1")}, {"x", 0.123456789012345}});
}

std::uint64_t count(Store& store, const std::string& query) {
    return *predictions::countInLog(store.database(), *predictions::parseQuery(query), TimeRange::all(), {});
}

}  // namespace

class TestErasure : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    void aRequestIsGoneFromTheFile() {
        Store store;
        auto& db = store.database();
        // In a segment, in the tail, of two models and versions; with outcomes; in quarantine.
        std::size_t next = 0;
        for (; next < 30'000; next += 1'000)
            PH_VERIFY(appendRange(db, "R", next, next + 1'000));
        PH_VERIFY(append(db, rowSet(std::vector<Row>{person(), row("other", at(3), {{"note", std::string("n")}})})));
        for (; next < 66'000; next += 1'000)
            PH_VERIFY(appendRange(db, "R", next, next + 1'000));
        PH_VERIFY(predictions::seal(db));
        QCOMPARE(store.count("SELECT count(*) FROM prediction_segment"), 1);
        Row again = person();
        again["model"] = std::string("fraud");
        Row version = person();
        version["version"] = std::string("v2");
        PH_VERIFY(append(db, rowSet(std::vector<Row>{again, version, row("last", at(9))})));
        PH_VERIFY(appendTruth(db, "delay", std::vector<Truth>{{"R1", 1, at(60)}, {kId, 1, at(60)}}));
        PH_VERIFY(appendTruth(db, "fraud", std::vector<Truth>{{kId, 0, at(61)}}));
        PH_VERIFY(appendTruth(db, "delay", std::vector<Truth>{{"R2", 0, at(62)}}));
        auto quarantine =
            *db.prepare("INSERT INTO quarantine (seen, file, line, reason, raw) VALUES (1, 'f', 2, 'r', ?1)");
        const std::string raw = "{\"id\":\"" + kId + "\", broken";
        quarantine.bindBlob(1, std::span(reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()));
        PH_VERIFY(quarantine.run());
        PH_VERIFY(db.run("INSERT INTO quarantine (seen, file, line, reason, raw) VALUES (1, 'f', 3, 'r', x'00')"));
        QVERIFY(onDisk(store, kId) && onDisk(store, kText));  // or the end of this test would prove nothing
        const std::uint64_t rows = count(store, "");

        const auto expected = predictions::countRequest(db, kId);
        PH_VERIFY(expected);
        const auto erased = predictions::eraseRequest(db, kId, "user", at(100), {});
        PH_VERIFY(erased);
        for (const auto* e : {&*expected, &*erased}) {
            QCOMPARE(e->rows, std::uint64_t{3});
            QCOMPARE(e->truths, std::uint64_t{2});
            QCOMPARE(e->quarantined, std::uint64_t{1});
            QCOMPARE(e->parts, std::size_t{2});
        }
        QVERIFY(erased->bytesGone && !expected->bytesGone);

        QVERIFY(!onDisk(store, kId));
        QVERIFY(!onDisk(store, kText));
        QCOMPARE(bytesOf(store.workspace()->path() + "-wal").size(), 0);
        QCOMPARE(store.count("PRAGMA freelist_count"), 0);
        QCOMPARE(count(store, ""), rows - 3);
        QCOMPARE(*store.ids("request_id:\"" + kId + "\""), Ids{});
        QVERIFY(predictions::truthHistory(db, "delay", kId)->empty());
        // The others are as they were: by id, by value, in order, with their outcomes.
        QCOMPARE(*store.ids("request_id:(R29999 OR R30000 OR last OR other)"),
                 (Ids{"R29999", "other", "R30000", "last"}));
        QCOMPARE(*store.ids("labelled"), (Ids{"R1", "R2"}));
        QCOMPARE(store.count("SELECT count(*) FROM quarantine"), 1);
        QCOMPARE(problemsOf(store), std::string());
        // The trail says that, not what.
        const auto trail = workspace::auditTrail(db, 1);
        QCOMPARE(trail->front().action, std::string("predictions.erase"));
        QCOMPARE(trail->front().detail, std::string(R"({"quarantined":1,"rows":3,"truths":2})"));
        // A second time there is nothing to erase, and new rows are taken.
        QCOMPARE(predictions::eraseRequest(db, kId, "user", at(101), {})->rows, std::uint64_t{0});
        PH_VERIFY(append(db, rowSet(std::vector<Row>{person("new"), row("last", at(9))})));
        QCOMPARE(count(store, ""), rows - 2);
    }

    void theLastRowOfAPartTakesItAlong() {
        Store store;
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("a", at(1))})));
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("b", at(2)), row("b", at(3))})));
        const auto erased = predictions::eraseRequest(store.database(), "b", "user", at(9), {});
        PH_VERIFY(erased);
        QCOMPARE(erased->rows, std::uint64_t{2});
        QCOMPARE(store.count("SELECT count(*) FROM prediction_batch"), 1);
        // Ordinals and the tail's memory begin again where they were.
        PH_VERIFY(
            append(store.database(), rowSet(std::vector<Row>{row("b", at(2)), row("a", at(1)), row("c", at(4))})));
        QCOMPARE(*store.ids(""), (Ids{"a", "b", "c"}));
        QCOMPARE(problemsOf(store), std::string());
    }

    void aModelIsErased() {
        Store store;
        auto& db = store.database();
        PH_VERIFY(appendSegment(db, "S", 0, 20'000));  // model delay
        PH_VERIFY(appendRange(db, "D", 0, 10));
        PH_VERIFY(appendRange(db, "F", 0, 10, "fraud"));
        std::vector<Row> mixed;
        for (int i = 0; i < 6; ++i)
            mixed.push_back(row("M" + std::to_string(i), at(i), {{"model", std::string(i % 2 ? "fraud" : "delay")}}));
        PH_VERIFY(append(db, rowSet(mixed)));
        PH_VERIFY(appendTruth(db, "fraud", std::vector<Truth>{{"F1", 1, at(60)}}));
        PH_VERIFY(appendTruth(db, "delay", std::vector<Truth>{{"D1", 1, at(60)}, {"M0", 1, at(60)}}));
        QCOMPARE(predictions::countModel(db, "delay", {})->rows, std::uint64_t{20'013});
        const auto erased = predictions::eraseModel(db, "delay", "user", at(100), {});
        PH_VERIFY(erased);
        QCOMPARE(erased->rows, std::uint64_t{20'013});
        QCOMPARE(erased->truths, std::uint64_t{2});
        QVERIFY(erased->bytesGone);
        QCOMPARE(count(store, "model:delay"), std::uint64_t{0});
        QCOMPARE(*store.ids("request_id:M*"), (Ids{"M1", "M3", "M5"}));
        QCOMPARE(*store.ids("labelled"), Ids{"F1"});
        QCOMPARE(problemsOf(store), std::string());
    }

    /// A reader with an older snapshot is not disturbed; the answer says that the bytes are still there.
    void aReaderKeepsItsSnapshot() {
        Store store;
        auto& db = store.database();
        PH_VERIFY(appendSegment(db, "S", 0, 20'000));
        const auto reader = *store.workspace()->connect(true);
        PH_VERIFY(db.execute("PRAGMA busy_timeout = 20"));
        auto snapshot = workspace::Transaction::begin(*reader, workspace::Transaction::Kind::Read);
        const auto all = [&] { return *predictions::countInLog(*reader, {}, TimeRange::all(), {}); };
        QCOMPARE(all(), std::uint64_t{20'000});
        const auto erased = predictions::eraseRequest(db, "S77", "user", at(1), {});
        PH_VERIFY(erased);
        QVERIFY(!erased->bytesGone);
        QCOMPARE(*predictions::countInLog(*reader, *predictions::parseQuery("request_id:S77"), TimeRange::all(), {}),
                 std::uint64_t{1});
        QCOMPARE(all(), std::uint64_t{20'000});
        QCOMPARE(count(store, ""), std::uint64_t{19'999});
        PH_VERIFY(snapshot->commit());
        QCOMPARE(all(), std::uint64_t{19'999});
        QVERIFY(predictions::eraseRequest(db, "S77", "user", at(2), {})->bytesGone);
    }

    void cancelledBetweenParts() {
        Store store;
        PH_VERIFY(appendRange(store.database(), "R", 0, 10));
        CancellationSource source;
        source.cancel();
        QVERIFY(isCancelled(predictions::eraseRequest(store.database(), "R1", "user", at(1), source.token())));
        QVERIFY(isCancelled(predictions::eraseModel(store.database(), "delay", "user", at(1), source.token())));
        QCOMPARE(count(store, ""), std::uint64_t{10});
        PH_FAILS(predictions::eraseRequest(store.database(), "", "user", at(1), {}), ErrorKind::InvalidInput,
                 "request id");
        const auto reader = store.workspace()->connect(true);
        PH_FAILS(predictions::eraseRequest(**reader, "R1", "user", at(1), {}), ErrorKind::PermissionDenied,
                 "read-only");
    }
};

QTEST_GUILESS_MAIN(TestErasure)
#include "tst_erasure.moc"
