// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/workspace.h"

#include <pthread.h>
#include <sys/resource.h>

#include <QElapsedTimer>
#include <QSemaphore>

#include "models/workspace/migrations.h"
#include "models/workspace/worker_pool.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::workspace;
using pilothouse::test::Folder;

/// Opening, creating, reading and writing a workspace that is sound.
class TestWorkspace : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void createsAndOpens() {
        const Folder folder;
        {
            const auto made = Workspace::create(folder.file(), ClockKind::Simulated, "America/New_York");
            PH_VERIFY(made);
            QCOMPARE((*made)->path(), folder.file());
            QVERIFY(!(*made)->readOnly());
        }
        QVERIFY(!test::exists(folder.file() + "-wal"));  // the last one to close empties the log
        const auto opened = Workspace::open(folder.file());
        PH_VERIFY(opened);
        QCOMPARE((*opened)->clockKind(), ClockKind::Simulated);
        QCOMPARE((*opened)->zone().name(), std::string("America/New_York"));
        auto database = (*opened)->connect();
        PH_VERIFY(database);
        QCOMPARE(*(*database)->integer("PRAGMA application_id"), std::optional<std::int64_t>(kApplicationId));
        QCOMPARE(*(*database)->integer("PRAGMA user_version"),
                 std::optional<std::int64_t>(migrations::bundled()->back().number));
        QCOMPARE(*(*database)->text("PRAGMA journal_mode"), std::optional<std::string>("wal"));
        QCOMPARE(*(*database)->integer("PRAGMA synchronous"), std::optional<std::int64_t>(2));
        QCOMPARE(*(*database)->integer("PRAGMA foreign_keys"), std::optional<std::int64_t>(1));
        QCOMPARE(
            QDir(QString::fromStdString(folder.path())).entryList(QDir::Files).filter(QStringLiteral(".part")).size(),
            0);
    }

    void createRefusals() {
        const Folder folder;
        PH_VERIFY(Workspace::create(folder.file(), ClockKind::Real, "UTC"));
        const QByteArray before = test::bytesOf(folder.file());
        PH_FAILS(Workspace::create(folder.file(), ClockKind::Real, "UTC"), ErrorKind::AlreadyExists, "exists already");
        QCOMPARE(test::bytesOf(folder.file()), before);
        PH_FAILS(Workspace::create(folder.file("no/such/w.pilothouse"), ClockKind::Real, "UTC"), ErrorKind::NotFound,
                 "there is no folder");
        PH_FAILS(Workspace::create(folder.file("zone.pilothouse"), ClockKind::Real, "Mars/Olympus"),
                 ErrorKind::NotFound, "Mars/Olympus");
        QVERIFY(!test::exists(folder.file("zone.pilothouse")));
    }

    void settings() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const auto written =
            workspace->write([](Database& database) { return Workspace::setSetting(database, "a", "1"); });
        PH_VERIFY(written.result());
        PH_VERIFY(workspace->write([](Database& d) { return Workspace::setSetting(d, "a", "2"); }).result());
        const auto value = workspace->read({}, [](Database& d) { return Workspace::setting(d, "a"); }).result();
        PH_VERIFY(value);
        QCOMPARE(*value, std::optional<std::string>("2"));
        QCOMPARE(*workspace->read({}, [](Database& d) { return Workspace::setting(d, "none"); }).result(),
                 std::optional<std::string>());
    }

    void simulatedClockFollows() {
        const Folder folder;
        const auto one = *Workspace::create(folder.file(), ClockKind::Simulated, "UTC");
        const auto two = *Workspace::open(folder.file());
        const Timestamp t = *Timestamp::parseIso("2013-04-01T00:00:00Z");
        PH_VERIFY(one->write([&](Database& d) { return one->storeSimulatedNow(d, t); }).result());
        one->setSimulatedNow(t);
        QCOMPARE(one->now(), t);
        QCOMPARE(two->now(), Timestamp{});
        PH_VERIFY(two->read({}, [&](Database& d) { return two->refreshClock(d); }).result());
        QCOMPARE(two->now(), t);
        // Ahead of what is committed: it does not go back.
        two->setSimulatedNow(t + std::chrono::hours(1));
        PH_VERIFY(two->read({}, [&](Database& d) { return two->refreshClock(d); }).result());
        QCOMPARE(two->now(), t + std::chrono::hours(1));
        QCOMPARE((*Workspace::open(folder.file()))->now(), t);
    }

    void realClockCannotBeSet() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        workspace->setSimulatedNow(Timestamp{5});
        QVERIFY(workspace->now() > *Timestamp::parseIso("2024-01-01"));
    }

    void failedWriteRollsBack() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        for (int round = 0; round < 3; ++round) {  // the connection must come back each time
            const auto failed = workspace->write([](Database& d) -> Status {
                PH_TRY(Workspace::setSetting(d, "half", "done"));
                return fail(Error::invalid("no"));
            });
            PH_FAILS(failed.result(), ErrorKind::InvalidInput, "no");
            const auto threw = workspace->write([](Database& d) -> Status {
                PH_TRY(Workspace::setSetting(d, "half", "done"));
                throw std::runtime_error("out of luck");
            });
            PH_FAILS(threw.result(), ErrorKind::Internal, "out of luck");
        }
        QCOMPARE(*workspace->read({}, [](Database& d) { return Workspace::setting(d, "half"); }).result(),
                 std::optional<std::string>());
    }

    void readersCannotWrite() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const auto refused = workspace->read({}, [](Database& d) { return Workspace::setSetting(d, "a", "1"); });
        PH_FAILS(refused.result(), ErrorKind::PermissionDenied, "read-only");
    }

    void readSeesOneSnapshot() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        QSemaphore first, go;
        const auto counts = workspace->read({}, [&](Database& d) -> Result<bool> {
            PH_ASSIGN(const auto before, d.integer("SELECT count(*) FROM setting"));
            first.release();
            go.acquire();
            PH_ASSIGN(const auto after, d.integer("SELECT count(*) FROM setting"));
            return before == after;
        });
        first.acquire();
        PH_VERIFY(workspace->write([](Database& d) { return Workspace::setSetting(d, "new", "1"); }).result());
        go.release();
        PH_VERIFY(counts.result());
        QVERIFY(*counts.result());
    }

    void threadsAreNamed() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const auto name = [](Database&) -> Result<QByteArray> {
            std::array<char, 16> text{};
            ::pthread_getname_np(::pthread_self(), text.data(), text.size());
            return QByteArray(text.data());
        };
        QCOMPARE(*workspace->read({}, name).result(), QByteArray("reader"));
        QCOMPARE(*workspace->write(name).result(), QByteArray("writer"));
    }

    void threadsGiveWayToAWindow() {
        const auto nice = [] {
            WorkerPool pool("nice", 1);
            int value = -1;
            pool.start([&] { value = ::getpriority(PRIO_PROCESS, 0); });
            pool.finish();
            return value;
        };
        const int before = ::getpriority(PRIO_PROCESS, 0);
        QCOMPARE(nice(), before);
        WorkerPool::giveWay(true);
        const int given = nice();
        WorkerPool::giveWay(false);
        QCOMPARE(given, std::min(before + 5, 19));
        QCOMPARE(nice(), before);
        QCOMPARE(::getpriority(PRIO_PROCESS, 0), before);  // the caller's is as it was
    }

    void cancelledReadEndsQuickly() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        CancellationSource source;
        QSemaphore started;
        auto endless = workspace->read(source.token(), [&](Database& d) {
            started.release();
            return d.integer("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
        });
        started.acquire();
        QTest::qWait(20);
        QVERIFY(!endless.isFinished());
        QElapsedTimer timer;
        timer.start();
        source.cancel();
        QVERIFY(isCancelled(endless.result()));
        QVERIFY2(timer.elapsed() < 2'000, qPrintable(QString::number(timer.elapsed())));
        // And one that was still waiting in the queue is not run at all.
        bool ran = false;
        QVERIFY(isCancelled(workspace
                                ->read(source.token(),
                                       [&](Database&) -> Result<int> {
                                           ran = true;
                                           return 1;
                                       })
                                .result()));
        QVERIFY(!ran);
        // The connection serves the next question.
        PH_VERIFY(workspace->read({}, [](Database& d) { return d.integer("SELECT 1"); }).result());
    }

    void futuresOutliveTheWorkspace() {
        const Folder folder;
        auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        QSemaphore started;
        std::vector<QFuture<Result<std::optional<std::int64_t>>>> reads;
        for (int i = 0; i < 4; ++i)
            reads.push_back(workspace->read({}, [&](Database& d) {
                started.release();
                return d.integer(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
            }));
        std::vector<QFuture<Status>> writes;
        for (int i = 0; i < 20; ++i)
            writes.push_back(
                workspace->write([i](Database& d) { return Workspace::setSetting(d, "k" + std::to_string(i), "v"); }));
        started.acquire(2);
        workspace.reset();
        for (auto& read : reads) {
            QVERIFY(read.isFinished());
            QVERIFY(isCancelled(read.result()));
        }
        for (auto& write : writes) {
            QVERIFY(write.isFinished());
            PH_VERIFY(write.result());
        }
        auto database = *(*Workspace::open(folder.file()))->connect();
        QCOMPARE(*database->integer("SELECT count(*) FROM setting WHERE key LIKE 'k%'"),
                 std::optional<std::int64_t>(20));
    }

    void lastReferenceMayGoOnItsOwnThread() {
        const Folder folder;
        QSemaphore go;
        QFuture<Result<int>> future;
        {
            auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
            future = workspace->read({}, [workspace, &go](Database&) -> Result<int> {
                go.acquire();
                return 7;
            });
        }
        go.release();
        QCOMPARE(*future.result(), 7);
        QTRY_VERIFY(!test::exists(folder.file() + "-wal"));  // closed in the end, without a deadlock
    }

    void workMayHoldWhatCanOnlyBeMoved() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        auto owned = std::make_unique<int>(3);
        QCOMPARE(*workspace->read({}, [owned = std::move(owned)](Database&) -> Result<int> { return *owned; }).result(),
                 3);
    }

    void freshWorkspaceVerifies() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const auto problems = workspace->verify({}, {});
        PH_VERIFY(problems);
        QCOMPARE(problems->size(), 0U);
        const auto extra = workspace->verify({[](Database&) -> Result<std::vector<Problem>> {
                                                 return std::vector<Problem>{{"undecodable", "segment 3"}};
                                             }},
                                             {});
        PH_VERIFY(extra);
        QCOMPARE(extra->size(), 1U);
        QCOMPARE(extra->front().where, std::string("segment 3"));
        CancellationSource cancelled;
        cancelled.cancel();
        QVERIFY(isCancelled(workspace->verify({}, cancelled.token())));
    }

    void verifyFindsAForeignTable() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        PH_VERIFY((*workspace->connect())->execute("CREATE TABLE smuggled (a); DROP INDEX alias_open"));
        const auto problems = workspace->verify({}, {});
        PH_VERIFY(problems);
        QCOMPARE(problems->size(), 2U);
        QCOMPARE(problems->at(0).where, std::string("index alias_open"));
        QCOMPARE(problems->at(1).where, std::string("table smuggled"));
    }
};

QTEST_GUILESS_MAIN(TestWorkspace)
#include "tst_workspace.moc"
