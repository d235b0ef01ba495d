// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/engine.h"

#include <QSignalSpy>
#include <QThread>

#include "models/engine/report.h"
#include "models/workspace/lease.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::engine;
using Phase = EngineStatus::Phase;

/// The thread around the loop: pace, pause, stop, the lease, and what a window hears of it. On the recorded year.
class TestEngine : public QObject {
    Q_OBJECT

    std::unique_ptr<test::Folder> m_folder;

    std::shared_ptr<workspace::Workspace> demo(int days) {
        DemoOptions options;
        options.days = days;
        auto made = createDemo(m_folder->file(), options);
        if (!made) qFatal("%s", made.error().text().c_str());
        return *made;
    }
    static std::string digest(workspace::Workspace& workspace) {
        const auto database = workspace.connect(true);
        const auto digest = digestOf(**database, "delay");
        return digest ? *digest : digest.error().text();
    }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<test::Folder>();
    }

    void runsToTheEnd() {
        const auto workspace = demo(20);
        Engine engine(workspace);
        QSignalSpy finished(&engine, &Engine::finished), data(&engine, &Engine::dataChanged),
            status(&engine, &Engine::statusChanged);
        engine.start(kFullSpeed);
        QVERIFY(finished.wait(60'000));
        QVERIFY(finished.first().first().toBool());
        QVERIFY(engine.status().phase == Phase::Finished);
        QVERIFY(engine.status().error.empty());
        QCOMPARE(engine.status().rows, 17'314u);
        QVERIFY(data.count() + status.count() > 0);
        QVERIFY(workspace->now() == engine.status().span.end);
        engine.stop();
        QCOMPARE(finished.count(), 1);
        // It can be asked again, and there is nothing left to do.
        engine.start(kFullSpeed);
        QVERIFY(finished.wait(60'000));
        QVERIFY(engine.status().phase == Phase::Finished);
    }

    void stopsAndGoesOn() {
        const auto workspace = demo(40);
        for (int i = 0; i < 100; ++i) {
            Engine engine(workspace);
            QSignalSpy finished(&engine, &Engine::finished);
            engine.start(kFullSpeed);
            if (i < 3) {
                const Timestamp before = workspace->now();
                QTRY_VERIFY_WITH_TIMEOUT(workspace->now() > before, 60'000);
                engine.stop();
                QVERIFY(engine.status().phase == Phase::Idle || engine.status().phase == Phase::Finished);
                continue;
            }
            QVERIFY(finished.wait(60'000));
            break;
        }
        const std::string broken = digest(*workspace);
        m_folder = std::make_unique<test::Folder>();
        const auto other = demo(40);
        Engine engine(other);
        QSignalSpy finished(&engine, &Engine::finished);
        engine.start(kFullSpeed);
        QVERIFY(finished.wait(60'000));
        QCOMPARE(digest(*other), broken);
    }

    void pauses() {
        const auto workspace = demo(60);
        Engine engine(workspace);
        engine.setPaused(true);
        engine.start(kFullSpeed);
        QTRY_VERIFY_WITH_TIMEOUT(engine.status().phase == Phase::Paused, 60'000);
        const Timestamp stood = workspace->now();
        QThread::msleep(200);  // would be days
        QVERIFY(workspace->now() == stood);
        engine.setPaused(false);
        QTRY_VERIFY_WITH_TIMEOUT(workspace->now() > stood, 5'000);
        engine.stop();
    }

    void oneEngineAWorkspace() {
        const auto workspace = demo(10);
        const auto lease = workspace::Lease::take(*workspace);
        PH_VERIFY(lease);
        Engine engine(workspace);
        QSignalSpy finished(&engine, &Engine::finished);
        engine.start(kFullSpeed);
        QVERIFY(finished.wait(60'000));
        QVERIFY(!finished.first().first().toBool());
        QVERIFY(engine.status().phase == Phase::Failed);
        QVERIFY2(engine.status().error.find(std::to_string(QCoreApplication::applicationPid())) != std::string::npos,
                 engine.status().error.c_str());
        QVERIFY(workspace->now() == engine.status().simNow || engine.status().simNow == Timestamp{});
    }

    /// Somebody who holds the write lock for longer than a connection waits delays the year, and does not end it.
    void aLongLockIsWaitedFor() {
        const auto workspace = demo(60);
        Engine engine(workspace);
        QSignalSpy finished(&engine, &Engine::finished);
        engine.start(kFullSpeed);
        QTRY_VERIFY_WITH_TIMEOUT(engine.status().phase == Phase::Replaying, 60'000);
        {
            const auto database = workspace->connect();
            PH_VERIFY(database);
            auto held = workspace::Transaction::begin(**database);
            PH_VERIFY(held);
            QVERIFY(!finished.wait(12'000));
        }
        QVERIFY(finished.wait(120'000));
        QVERIFY2(finished.first().first().toBool(), engine.status().error.c_str());
    }

    void destroyedWhileItRuns() {
        const auto workspace = demo(90);
        auto engine = std::make_unique<Engine>(workspace);
        engine->start(kFullSpeed);
        const Timestamp before = workspace->now();
        QTRY_VERIFY_WITH_TIMEOUT(workspace->now() > before, 60'000);
        engine.reset();
        PH_VERIFY(workspace::Lease::take(*workspace));
    }

    void createDemoRefusesWhatIsThere() {
        const auto workspace = demo(5);
        PH_FAILS(createDemo(m_folder->file(), {}), ErrorKind::AlreadyExists, "there already");
        DemoOptions options;
        options.days = -1;
        PH_FAILS(createDemo(m_folder->file("other.pilothouse"), options), ErrorKind::InvalidInput, "-1 days");
        QVERIFY(!test::exists(m_folder->file("other.pilothouse")));
        // What a killed process left of a making is no obstacle.
        QVERIFY(test::writeBytes(m_folder->file("third.pilothouse.making"), "half"));
        PH_VERIFY(createDemo(m_folder->file("third.pilothouse"), {}));
        QVERIFY(!test::exists(m_folder->file("third.pilothouse.making")));
    }
};

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
