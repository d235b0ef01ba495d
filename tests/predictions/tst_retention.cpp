// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that grow old, a log that grows large, and a file that is kept in shape.
#include <QTest>

#include "models/predictions/log_queries.h"
#include "models/predictions/retention.h"
#include "models/workspace/registry_store.h"
#include "models/workspace/space.h"
#include "tests/predictions/lifecycle.h"

using namespace pilothouse;
using namespace pilothouse::test;
using predictions::appendTruth;
using predictions::RetentionPolicy;
using predictions::Truth;
using Ids = std::vector<std::string>;

namespace {
constexpr std::int64_t kDay = 86'400;

std::uint64_t count(Store& store, const std::string& query = "") {
    return *predictions::countInLog(store.database(), *predictions::parseQuery(query), TimeRange::all(), {});
}
}  // namespace

class TestRetention : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    void thePolicyIsKept() {
        Store store;
        QVERIFY(*predictions::retentionPolicy(store.database()) == RetentionPolicy{});
        PH_VERIFY(predictions::setRetentionPolicy(store.database(), {30, 1'000'000}));
        QVERIFY(*predictions::retentionPolicy(store.database()) == (RetentionPolicy{30, 1'000'000}));
        PH_VERIFY(predictions::setRetentionPolicy(store.database(), {{}, 5}));
        QVERIFY(*predictions::retentionPolicy(store.database()) == (RetentionPolicy{{}, 5}));
        PH_FAILS(predictions::setRetentionPolicy(store.database(), {0, {}}), ErrorKind::InvalidInput, "1 to 36,500");
        PH_VERIFY(workspace::Workspace::setSetting(store.database(), "retention.days", "many"));
        PH_FAILS(predictions::retentionPolicy(store.database()), ErrorKind::Corrupt, "retention.days is \"many\"");
    }

    /// Exactly the rows that are too old: whole parts, and the older rows of those between.
    void byAge() {
        Store store;
        auto& db = store.database();
        PH_VERIFY(appendSegment(db, "S", 0, 20'000));
        PH_VERIFY(appendSegment(db, "S", 20'000, 40'000));
        PH_VERIFY(appendRange(db, "T", 29'990, 30'010));
        PH_VERIFY(appendRange(db, "T", 100, 110));
        PH_VERIFY(appendTruth(db, "delay", std::vector<Truth>{{"S5", 1, at(6)}}));
        PH_VERIFY(appendTruth(db, "delay", std::vector<Truth>{{"S30001", 1, at(39'000)}}));
        for (const auto seen : {at(29'999), at(30'000)})
            PH_VERIFY(
                db.run("INSERT INTO quarantine (seen, file, line, reason, raw) VALUES (?1, 'f', 3, 'r', x'00')", seen));
        const Timestamp now = at(30'000 + kDay);
        const auto counted = predictions::retain(db, {1, {}}, now, false, {});
        PH_VERIFY(counted);
        QCOMPARE(count(store), std::uint64_t{40'030});
        const auto done = predictions::retain(db, {1, {}}, now, true, {});
        PH_VERIFY(done);
        QCOMPARE(counted->rows, std::uint64_t{30'020});
        QCOMPARE(done->rows, std::uint64_t{30'020});
        QCOMPARE(done->parts, std::size_t{4});
        QCOMPARE(done->truths, std::uint64_t{1});
        QCOMPARE(done->quarantined, std::uint64_t{1});
        QVERIFY(done->before == at(30'000));
        QCOMPARE(count(store), std::uint64_t{10'010});
        QCOMPARE(store.ids("")->front(), std::string("S30000"));
        QCOMPARE(store.ids("")->back(), std::string("T30009"));
        QCOMPARE(*store.ids("labelled"), Ids{"S30001"});
        QCOMPARE(*store.ids("request_id:S39999"), Ids{"S39999"});
        QCOMPARE(problemsOf(store), std::string());
        QCOMPARE(workspace::auditTrail(db, 1)->front().action, std::string("predictions.retain"));
        // Nothing is left to do; and nothing is recorded for nothing.
        QCOMPARE(predictions::retain(db, {1, {}}, now, true, {})->rows, std::uint64_t{0});
        QCOMPARE(workspace::auditTrail(db, 9)->size(), std::size_t{1});
    }

    /// The oldest by event time go first, whatever order they came in.
    void bySize() {
        Store store;
        auto& db = store.database();
        PH_VERIFY(appendSegment(db, "C", 40'000, 60'000));
        PH_VERIFY(appendSegment(db, "A", 0, 20'000));
        PH_VERIFY(appendSegment(db, "B", 20'000, 40'000));
        const auto whole = predictions::retain(db, {}, at(0), false, {});
        PH_VERIFY(whole);
        QCOMPARE(whole->rows, std::uint64_t{0});
        QVERIFY(whole->bytesBefore > 100'000 && whole->bytesAfter == whole->bytesBefore);
        const RetentionPolicy policy{{}, whole->bytesBefore / 2};
        const auto done = predictions::retain(db, policy, at(0), true, {});
        PH_VERIFY(done);
        QCOMPARE(done->rows, std::uint64_t{40'000});
        QVERIFY(done->bytesAfter <= *policy.bytes);
        QCOMPARE(count(store, "request_id:C*"), std::uint64_t{20'000});
        QCOMPARE(count(store), std::uint64_t{20'000});
        QCOMPARE(predictions::retain(db, policy, at(0), false, {})->bytesBefore, done->bytesAfter);
        QCOMPARE(problemsOf(store), std::string());
    }

    void smallSegmentsBecomeOne() {
        Store store;
        auto& db = store.database();
        for (std::size_t i = 0; i < 5; ++i)
            PH_VERIFY(appendSegment(db, "S", i * 10'000, (i + 1) * 10'000));
        PH_VERIFY(appendSegment(db, "L", 0, 40'000));  // more than half full
        PH_VERIFY(appendSegment(db, "S", 50'000, 51'000));
        PH_VERIFY(appendRange(db, "T", 0, 100));
        const auto before = *store.ids("");
        const auto one = store.ids("request_id:(S39999 OR S50007 OR T5) x>=0");
        const auto done = predictions::compact(db, {});
        PH_VERIFY(done);
        QCOMPARE(done->merged, std::size_t{5});
        QCOMPARE(store.count(
                     "SELECT group_concat(rows) = '50000,40000,1000' FROM (SELECT rows FROM prediction_segment ORDER "
                     "BY first_ordinal)"),
                 1);
        QVERIFY(*store.ids("") == before);
        QVERIFY(one && *store.ids("request_id:(S39999 OR S50007 OR T5) x>=0") == *one);
        QCOMPARE(problemsOf(store), std::string());
        const auto again = predictions::compact(db, {});
        PH_VERIFY(again);
        QCOMPARE(again->merged, std::size_t{0});
        // Repeated rows are still known.
        PH_VERIFY(appendRange(db, "T", 0, 100));
        QCOMPARE(count(store), static_cast<std::uint64_t>(before.size()));
    }

    void cancelled() {
        Store store;
        PH_VERIFY(appendSegment(store.database(), "S", 0, 1'000));
        CancellationSource source;
        source.cancel();
        QVERIFY(isCancelled(predictions::compact(store.database(), source.token())));
        QVERIFY(isCancelled(predictions::retain(store.database(), {1, {}}, at(99 * kDay), true, source.token())));
        QCOMPARE(count(store), std::uint64_t{1'000});
    }

    /// Free pages go back to the file system, some at a time, and the log is cut.
    void freePagesAreGivenBack() {
        Store store;
        auto& db = store.database();
        QVERIFY(workspace::space::usage(db)->incremental);
        PH_VERIFY(
            db.execute("CREATE TABLE filler (b BLOB); INSERT INTO filler VALUES (randomblob(4000000));"
                       "DELETE FROM filler; DROP TABLE filler;"));
        const auto before = *workspace::space::usage(db);
        QVERIFY(before.freeBytes() > 3'600'000);
        const auto some = workspace::space::giveBack(db, 100);
        PH_VERIFY(some);
        QCOMPARE(*some, std::int64_t{100});
        QCOMPARE(workspace::space::usage(db)->free, before.free - 100);
        QVERIFY(*workspace::space::scrub(db, {}));
        QCOMPARE(workspace::space::usage(db)->free, std::int64_t{0});
        QVERIFY(bytesOf(store.workspace()->path()).size() < 1'000'000);
        QCOMPARE(problemsOf(store), std::string());
    }

    void whatTheEngineDoes() {
        Store store;
        auto& db = store.database();
        PH_VERIFY(appendSegment(db, "S", 0, 2'000));
        PH_VERIFY(appendSegment(db, "S", 2'000, 4'000));
        PH_VERIFY(predictions::maintain(db, at(3'000 + kDay), {}));
        QCOMPARE(count(store), std::uint64_t{4'000});
        QCOMPARE(store.count("SELECT count(*) FROM prediction_segment"), 1);
        PH_VERIFY(predictions::setRetentionPolicy(db, {1, {}}));
        PH_VERIFY(predictions::maintain(db, at(3'000 + kDay), {}));
        QCOMPARE(count(store), std::uint64_t{1'000});
        QCOMPARE(problemsOf(store), std::string());
    }
};

QTEST_GUILESS_MAIN(TestRetention)
#include "tst_retention.moc"
