// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

#include "models/workspace/workspace.h"
#include "widgets/runs/dot_layout.h"
#include "widgets/runs/run_graph.h"
#include "widgets/runs/run_grid.h"
#include "widgets/runs/runs_view.h"

using namespace pilothouse;

namespace {

template <class T>
QFuture<Result<T>> ready(T value) {
    return QtFuture::makeReadyFuture(Result<T>(std::move(value)));
}

ports::Task task(const char* name, std::vector<std::string> after, ports::TaskState state, double ms) {
    ports::Task t;
    t.name = t.step = name;
    t.after = std::move(after);
    t.state = state;
    t.wallMs = ms;
    t.outputs = {{"rows", "80,789", "rows"}};
    return t;
}

/// Three runs: one that succeeded, one that its gate refused, one in progress.
class FakeOrchestrator final : public ports::Orchestrator {
public:
    FakeOrchestrator() {
        add("1", ports::RunState::Succeeded, ports::TaskState::Succeeded);
        add("2", ports::RunState::Refused, ports::TaskState::Refused);
        add("3", ports::RunState::Running, ports::TaskState::Waiting);
        known[2].tasks[1].state = ports::TaskState::Running;
    }
    void add(const char* id, ports::RunState state, ports::TaskState last) {
        ports::Run run;
        run.id = id;
        run.pipeline = "train-delay";
        run.state = state;
        run.started = Timestamp::fromSeconds(1'364'788'800);
        run.cause = "drift of features firing";
        run.tasks = {task("ingest", {}, ports::TaskState::Succeeded, 100),
                     task("profile", {"ingest"}, ports::TaskState::Succeeded, 20),
                     task("train", {"ingest"}, ports::TaskState::Succeeded, 900),
                     task("gate", {"profile", "train"}, last, 5)};
        if (last == ports::TaskState::Refused)
            run.tasks[3].error = "AUC difference 0.002 (−0.009 – 0.013), limit: above 0";
        known.push_back(run);
    }
    QFuture<Result<std::vector<ports::PipelineInfo>>> pipelines(CancellationToken) override {
        return ready(std::vector<ports::PipelineInfo>{});
    }
    QFuture<Result<std::vector<ports::Run>>> runs(std::size_t, CancellationToken) override {
        std::vector<ports::Run> list(known.rbegin(), known.rend());
        for (ports::Run& run : list)
            run.tasks.clear();
        return ready(std::move(list));
    }
    QFuture<Result<ports::Run>> run(std::string id, CancellationToken) override {
        for (const ports::Run& run : known)
            if (run.id == id) return ready(ports::Run(run));
        return QtFuture::makeReadyFuture(Result<ports::Run>(fail(ErrorKind::NotFound, "no run " + id)));
    }
    QFuture<Result<std::vector<ports::LogLine>>> log(std::string run, std::string name, std::int64_t after,
                                                     CancellationToken) override {
        std::vector<ports::LogLine> lines;
        if (after < 1) lines.push_back({1, {}, "info", "log of " + name + " in run " + run});
        return ready(std::move(lines));
    }
    QFuture<Result<std::string>> trigger(std::string, std::map<std::string, std::string>, std::string) override {
        return ready(std::string("4"));
    }
    QFuture<Result<void>> cancel(std::string) override { return QtFuture::makeReadyFuture(Result<void>()); }

    std::vector<ports::Run> known;
};

}  // namespace

class RunsViewTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    int m_count = 0;
    std::shared_ptr<FakeOrchestrator> m_orchestrator;
    std::unique_ptr<items::Session> m_session;

private Q_SLOTS:
    void init() {
        const std::string path = m_dir.filePath(QStringLiteral("%1.pilothouse").arg(m_count++)).toStdString();
        auto workspace = workspace::Workspace::create(path, ClockKind::Simulated, "America/New_York");
        QVERIFY2(workspace.has_value(), workspace ? "" : workspace.error().text().c_str());
        m_orchestrator = std::make_shared<FakeOrchestrator>();
        items::Session::Ports ports;
        ports.orchestrator = m_orchestrator;
        m_session = std::make_unique<items::Session>(*workspace, ports);
    }
    void cleanup() { m_session.reset(); }

    void showsTheNewestRunAndLaysItOut() {
        runs::RunsView view(*m_session);
        auto* model = view.findChild<QTableView*>(QStringLiteral("runsTable"))->model();
        QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        view.resize(1200, 800);
        view.show();
        QTRY_VERIFY(view.settled());
        QCOMPARE(model->rowCount(), 3);
        QCOMPARE(view.findChild<QTableView*>(QStringLiteral("runsTable"))->currentIndex().row(), 0);
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("runTitle"))->text().startsWith(QStringLiteral("Run 3")));
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("runsSummary"))
                    ->text()
                    .contains(QStringLiteral("1 stopped at a gate")));
        // What runs is what is shown.
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("taskTitle"))->text().startsWith(QStringLiteral("profile")));
        QCOMPARE(view.findChild<QPlainTextEdit*>(QStringLiteral("taskLog"))->toPlainText(),
                 QStringLiteral("log of profile in run 3"));
        QCOMPARE(view.findChild<QTableWidget*>(QStringLiteral("taskValues"))->rowCount(), 1);
    }

    void arrowsMoveFromRunToRunAndFromTaskToTask() {
        runs::RunsView view(*m_session);
        view.resize(1200, 800);
        view.show();
        QTRY_VERIFY(view.settled());
        auto* table = view.findChild<QTableView*>(QStringLiteral("runsTable"));
        QTest::keyClick(table, Qt::Key_Down);
        QTRY_VERIFY(view.settled());
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("runTitle"))->text().startsWith(QStringLiteral("Run 2")));
        // The same task is looked at in every run, until a person chooses another.
        auto* graph = view.findChild<runs::RunGraph*>();
        QTest::keyClick(graph, Qt::Key_Right);
        QTest::keyClick(graph, Qt::Key_Right);
        QTest::keyClick(graph, Qt::Key_Right);
        QCOMPARE(graph->currentTask(), QStringLiteral("gate"));
        QTRY_VERIFY(view.settled());
        QVERIFY(
            view.findChild<QLabel*>(QStringLiteral("taskState"))->text().contains(QStringLiteral("limit: above 0")));
    }

    void aClickInTheGridChoosesRunAndTask() {
        runs::RunsView view(*m_session);
        view.resize(1200, 800);
        view.show();
        QTRY_VERIFY(view.settled());
        auto* grid = view.findChild<runs::RunGrid*>();
        QSignalSpy chosen(grid, &runs::RunGrid::chosen);
        // Columns are runs, oldest first; rows are tasks below a header.
        QTest::mouseClick(grid, Qt::LeftButton, {}, {12 + 96 + 18, 12 + 28 + 3 * 24 + 12});
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen.first().at(0).toString(), QStringLiteral("1"));
        QCOMPARE(chosen.first().at(1).toString(), QStringLiteral("gate"));
        QTRY_VERIFY(view.findChild<QLabel*>(QStringLiteral("runTitle"))->text().startsWith(QStringLiteral("Run 1")));
    }

    void aSelectionElsewhereLeadsHere() {
        runs::RunsView view(*m_session);
        m_session->select({"task", "1/train"});
        view.show();
        QTRY_VERIFY(view.settled());
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("taskTitle"))->text().startsWith(QStringLiteral("train")));
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("runTitle"))->text().startsWith(QStringLiteral("Run 1")));
    }

    void nothingYetIsSaidInWords() {
        m_orchestrator->known.clear();
        runs::RunsView view(*m_session);
        view.show();
        QTRY_VERIFY(view.settled());
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("runsEmpty"))->isVisible());
    }

    void newRunsComeOnTopWithoutMovingTheChoice() {
        items::RunListModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        std::vector<ports::Run> two{m_orchestrator->known[1], m_orchestrator->known[0]};
        model.setRuns(two);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset), inserted(&model, &QAbstractItemModel::rowsInserted);
        two.insert(two.begin(), m_orchestrator->known[2]);
        model.setRuns(two);
        QCOMPARE(inserted.count(), 1);
        QCOMPARE(reset.count(), 0);
        QCOMPARE(model.rowOf(QStringLiteral("1")), 2);
    }

    void theCriticalPathIsTheLongestChain() {
        QCOMPARE(items::criticalPath(m_orchestrator->known[0]), (std::vector<std::string>{"ingest", "train", "gate"}));
    }

    void layoutsThatAreNotTheFormatAreRefused_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no stop") << QByteArray("graph 1 2 2\nnode n0 1 1 1 1\n");
        QTest::newRow("unknown box") << QByteArray("graph 1 2 2\nnode n7 1 1 1 1\nstop\n");
        QTest::newRow("box missing") << QByteArray("graph 1 2 2\nstop\n");
        QTest::newRow("too few points") << QByteArray("graph 1 2 2\nnode n0 1 1 1 1\nedge n0 n0 4 1 1\nstop\n");
        QTest::newRow("not a number") << QByteArray("graph 1 2 2\nnode n0 x 1 1 1\nstop\n");
        QTest::newRow("infinite") << QByteArray("graph 1 inf 2\nnode n0 1 1 1 1\nstop\n");
    }
    void layoutsThatAreNotTheFormatAreRefused() {
        QFETCH(QByteArray, text);
        QVERIFY(!runs::parsePlain(text, 1));
    }
    void aLayoutIsReadInPixelsDownwards() {
        const auto layout =
            runs::parsePlain("graph 1 3 2\nnode n0 0.5 1.5 1 0.5 \"\" solid box black lightgrey\nstop\n", 1);
        QVERIFY(layout.has_value());
        QCOMPARE(layout->boxes[0], QRectF(0, 18, 72, 36));
    }
};

QTEST_MAIN(RunsViewTest)
#include "tst_runs_view.moc"
