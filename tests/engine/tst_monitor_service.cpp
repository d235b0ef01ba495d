// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/monitor_service.h"

#include <QSemaphore>
#include <atomic>

#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::engine;
using namespace std::chrono_literals;

/// The loop of an engine, with an evaluation that only counts.
class TestMonitorService : public QObject {
    Q_OBJECT

    std::unique_ptr<test::Folder> m_folder;
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<MonitorService> m_service;
    CancellationSource m_cancel;
    std::thread m_thread;
    Status m_result;
    QSemaphore m_looks;
    std::optional<Duration> m_next;  ///< from each look to the one that is asked for
    std::function<Result<EvaluationStep>()> m_step;

    void open(MonitorServiceOptions options) {
        auto made = MonitorService::open(m_workspace, {}, std::move(options));
        PH_VERIFY(made);
        m_service = std::move(*made);
    }
    void start(MonitorServiceOptions options = quick()) {
        open(std::move(options));
        m_thread = std::thread([this] {
            m_result = m_service->run(
                [this](Timestamp now, const CancellationToken&, const std::function<void()>& between) {
                    between();
                    auto step = m_step ? m_step() : Result<EvaluationStep>(EvaluationStep{});
                    if (step && m_next) step->next = now + *m_next;
                    m_looks.release();
                    return step;
                },
                m_cancel.token());
        });
    }
    static MonitorServiceOptions quick() {
        MonitorServiceOptions options;
        options.look = 5ms;
        options.evaluateGap = 1ms;
        options.retry = 10ms;
        options.beat = 10ms;
        return options;
    }
    bool looked(int times = 1) { return m_looks.tryAcquire(times, 20'000); }
    void stop() {
        m_cancel.cancel();
        if (m_service) m_service->wake();
        if (m_thread.joinable()) m_thread.join();
    }
    std::string metrics() const {
        MetricsText text;
        m_service->addMetrics(text);
        return text.text(false);
    }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<test::Folder>();
        auto made = workspace::Workspace::create(m_folder->file(), ClockKind::Real, "UTC");
        PH_VERIFY(made);
        m_workspace = *made;
        m_cancel = CancellationSource();
        m_next.reset();
        m_step = {};
        m_looks.tryAcquire(m_looks.available());
    }
    void cleanup() {
        stop();
        m_service.reset();
        m_workspace.reset();
    }

    void endsWhenCancelled() {
        start();
        QVERIFY(looked());
        stop();
        PH_VERIFY(m_result);
        const auto database = m_workspace->connect(true);
        QVERIFY(workspace::Lease::holder(**database)->has_value());
        m_service.reset();
        QVERIFY(!workspace::Lease::holder(**database)->has_value());
    }

    void looksWhenSomethingIsDue() {
        m_next = 10ms;
        start();
        QVERIFY(looked(5));
    }

    /// Neither its own heartbeat nor a silence is a reason to judge; rows and monitors are.
    void looksWhenOthersCommit() {
        start();
        QVERIFY(looked());
        const auto database = std::move(*m_workspace->connect());
        PH_VERIFY(database->run(
            "INSERT INTO silence (id, matchers, starts, ends, author, comment) VALUES ('s', '[]', 0, 1, '', '')"));
        // Several heartbeats and looks at data_version pass before another look would be missed.
        QVERIFY(!m_looks.tryAcquire(1, 200));
        PH_VERIFY(database->run(
            "INSERT INTO monitor (name, kind, model, definition, created) VALUES ('m', 'drift', 'delay', '', 0)"));
        QVERIFY(looked());
        PH_VERIFY(
            database->run("INSERT INTO truth_batch (model, rows, first_known, last_known, checksum, directory, data) "
                          "VALUES ('delay', 1, 0, 0, 0, x'', x'')"));
        QVERIFY(looked());
    }

    void aFailureIsTriedAgain() {
        std::atomic<int> calls = 0;
        m_step = [&]() -> Result<EvaluationStep> {
            if (++calls < 3) return fail(ErrorKind::Unavailable, "disk is full");
            return EvaluationStep{4, {}, {}};
        };
        start();
        QVERIFY(looked(3));
        stop();
        PH_VERIFY(m_result);
        const std::string text = metrics();
        QVERIFY2(text.find("pilothouse_engine_failed_looks_total 2\n") != std::string::npos, text.c_str());
        QVERIFY(text.find("pilothouse_engine_evaluations_total 4\n") != std::string::npos);
        QVERIFY(text.find("pilothouse_engine_looks_total 3\n") != std::string::npos);
    }

    /// The lease is beaten also while an evaluation takes its time; whoever takes it over ends this engine.
    void theLease() {
        start();
        QVERIFY(looked());
        QCOMPARE(MonitorService::open(m_workspace, {}).error().kind, ErrorKind::Conflict);
        const auto database = std::move(*m_workspace->connect());
        const auto heartbeat = [&] { return workspace::Lease::holder(*database)->value().heartbeat; };
        const std::int64_t before = heartbeat();
        QTRY_VERIFY_WITH_TIMEOUT(heartbeat() > before, 20'000);
        PH_VERIFY(m_service->fence()(*database));
        PH_VERIFY(database->run("UPDATE lease SET token = 'another'"));
        PH_FAILS(m_service->fence()(*database), ErrorKind::Conflict, "");
        m_thread.join();
        PH_FAILS(m_result, ErrorKind::Conflict, "");
    }

    void aSimulatedClockHasAnEngineOfItsOwn() {
        const test::Folder folder;
        const auto demo = workspace::Workspace::create(folder.file(), ClockKind::Simulated, "UTC");
        PH_VERIFY(demo);
        PH_FAILS(MonitorService::open(*demo, {}), ErrorKind::Unsupported, "simulated clock");
    }
};

QTEST_GUILESS_MAIN(TestMonitorService)
#include "tst_monitor_service.moc"
