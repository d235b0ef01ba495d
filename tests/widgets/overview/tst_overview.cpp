// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QLabel>
#include <QListView>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include "tests/widgets/overview/fake_ports.h"
#include "widgets/chart/time_series_chart.h"
#include "widgets/overview/models_delegate.h"
#include "widgets/overview/overview_view.h"
#include "widgets/overview/run_strip.h"

using namespace pilothouse;
using namespace pilothouse::test;
using overview::OverviewView;
using Columns = items::ModelHealthModel;

namespace {

/// The view and its details side by side, as the window shows them.
struct Shown {
    Desk desk;
    QWidget window;
    OverviewView view;
    explicit Shown(bool full = true, QSize size = {1520, 640}) : desk(full), view(*desk.session) {
        auto* layout = new QHBoxLayout(&window);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(&view, 2);
        view.details()->show();
        layout->addWidget(view.details(), 1);
        window.resize(size);
        window.show();
    }
    ~Shown() {
        window.layout()->removeWidget(&view);
        view.setParent(nullptr);
    }
    QTableView* table() { return view.findChild<QTableView*>(QStringLiteral("modelsTable")); }
    chart::TimeSeriesChart* chart() { return view.findChild<chart::TimeSeriesChart*>(QStringLiteral("overviewChart")); }
    template <class T>
    T* side(const char* name) {
        return view.details()->findChild<T*>(QLatin1String(name));
    }
};

void keepPicture(QWidget& widget, const QString& name) {
    const QString folder = qEnvironmentVariable("PILOTHOUSE_PICTURES");
    if (!folder.isEmpty()) QVERIFY(widget.grab().save(folder + u'/' + name + QStringLiteral(".png")));
}

}  // namespace

class TestOverview : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { theme::apply(theme::Scheme::Dark); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    void aRowAModel() {
        Shown shown;
        QAbstractItemModelTester tester(shown.table()->model(), QAbstractItemModelTester::FailureReportingMode::Fatal);
        QTRY_VERIFY(shown.view.settled());
        QCOMPARE(shown.table()->model()->rowCount(), 1);
        const auto cell = [&](Columns::Column c) {
            return overview::ModelsDelegate::textOf(shown.table()->model()->index(0, c));
        };
        QCOMPARE(cell(Columns::Model), QStringLiteral("delay"));
        QCOMPARE(cell(Columns::Version), QStringLiteral("v3"));
        QCOMPARE(cell(Columns::State), QStringLiteral("alarm"));
        QVERIFY(cell(Columns::Why).contains(QStringLiteral("fall of the AUC")));
        QVERIFY(cell(Columns::Why).contains(QStringLiteral("3 of 3 columns drift")));
        QCOMPARE(cell(Columns::Requests), QStringLiteral("96,000"));
        QVERIFY(cell(Columns::Auc).contains(QStringLiteral("(")));
        QCOMPARE(cell(Columns::InProgress), QStringLiteral("train-delay: train"));
        QCOMPARE(shown.chart()->lanes().size(), std::size_t{3});
    }
    void worstFirst() {
        Shown shown;
        shown.desk.log->models = {"aaa", "delay", "eta"};
        shown.desk.alerts->all.push_back(alert(20, "eta", "drift of the score", ports::Severity::Warning,
                                               ports::AlertState::Firing, at("2013-07-01T00:00:00Z")));
        QTRY_VERIFY(shown.view.settled());
        Q_EMIT shown.desk.session->changed();
        QTRY_COMPARE(shown.table()->model()->rowCount(), 3);
        QStringList names;
        for (int i = 0; i < 3; ++i)
            names << shown.table()->model()->index(i, 0).data().toString();
        QCOMPARE(names, (QStringList{QStringLiteral("delay"), QStringLiteral("eta"), QStringLiteral("aaa")}));
        // Nothing is known of the last: it says so, and is not "ok".
        QCOMPARE(shown.table()->model()->index(2, Columns::State).data().toString(), QStringLiteral("not known"));
        QVERIFY(!shown.table()->model()->index(2, Columns::Why).data().toString().isEmpty());
    }
    void quietWhenAllIsWell() {
        Shown shown;
        shown.desk.alerts->all.clear();
        Q_EMIT shown.desk.session->changed();
        QTRY_VERIFY(shown.view.settled());
        QTRY_COMPARE(shown.table()->model()->index(0, Columns::State).data().toString(), QStringLiteral("ok"));
        QTRY_VERIFY(shown.side<QLabel>("nothingFires")->isVisible());
    }
    void emptySaysWhatWouldBeHere() {
        Shown shown(false);
        QTRY_VERIFY(shown.view.settled());
        auto* empty = shown.view.findChild<QLabel*>(QStringLiteral("overviewEmpty"));
        QVERIFY(empty->isVisible());
        QVERIFY(empty->text().contains(QStringLiteral("No model yet")));
        QVERIFY(!shown.table()->isVisible());
        QVERIFY(shown.side<QLabel>("noEvents")->isVisible());
        keepPicture(shown.window, QStringLiteral("overview-empty"));
    }
    void anErrorIsNamedAndTheRestStays() {
        Shown shown;
        shown.desk.log->error = Error{ErrorKind::Corrupt, "the workspace is damaged", {}, "w.pilothouse", false};
        Q_EMIT shown.desk.session->changed();
        auto* problems = shown.view.findChild<QLabel*>(QStringLiteral("overviewProblems"));
        QTRY_VERIFY(problems->isVisible() && problems->text().contains(QStringLiteral("damaged")));
        QTRY_COMPARE(shown.chart()->lanes().at(0).state, chart::Lane::State::Error);
        QCOMPARE(shown.chart()->lanes().at(2).state, chart::Lane::State::Ready);  // AUC comes from the monitors
        QCOMPARE(overview::ModelsDelegate::textOf(shown.table()->model()->index(0, Columns::Requests)),
                 QStringLiteral("no data"));
    }
    void enterLeadsToTheDashboard() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        QSignalSpy views(shown.desk.session.get(), &items::Session::viewRequested);
        shown.table()->setFocus();
        QTest::keyClick(shown.table(), Qt::Key_Return);
        QCOMPARE(views.takeFirst().at(0).toString(), QStringLiteral("dashboard"));
        QCOMPARE(shown.desk.session->lens().state().model, std::string("delay"));
    }
    void versionsAndRunsLeadOn() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        QSignalSpy views(shown.desk.session.get(), &items::Session::viewRequested);
        Q_EMIT shown.table()->doubleClicked(shown.table()->model()->index(0, Columns::Version));
        QCOMPARE(views.takeFirst().at(0).toString(), QStringLiteral("registry"));
        QCOMPARE(shown.desk.session->selection(), (items::Session::Selection{"version", "delay/v3"}));
        Q_EMIT shown.table()->doubleClicked(shown.table()->model()->index(0, Columns::InProgress));
        QCOMPARE(views.takeFirst().at(0).toString(), QStringLiteral("runs"));
        QCOMPARE(shown.desk.session->selection(), (items::Session::Selection{"run", "42"}));
    }
    void anAlertTurnsTheLensToItsWindow() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        QSignalSpy views(shown.desk.session.get(), &items::Session::viewRequested);
        auto* firing = shown.side<QListView>("firingList");
        QCOMPARE(firing->model()->rowCount(), 2);
        QCOMPARE(firing->model()->index(0, 0).data().toString(), QStringLiteral("delay: fall of the AUC"));
        firing->setCurrentIndex(firing->model()->index(1, 0));
        QTest::keyClick(firing, Qt::Key_Return);
        QCOMPARE(views.takeFirst().at(0).toString(), QStringLiteral("drift"));
        QCOMPARE(shown.desk.session->selection(), (items::Session::Selection{"alert", "11"}));
        QVERIFY(shown.desk.session->lens().state().range.fixed == shown.desk.alerts->all[1].window);
        auto* recent = shown.side<QListView>("recentList");
        QVERIFY(recent->model()->rowCount() >= 5);
        QCOMPARE(recent->model()->index(0, 0).data().toString(), QStringLiteral("delay: fall of the AUC resolved"));
    }
    void tasksOfTheRunLeadToRuns() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        auto* strip = shown.side<overview::RunStrip>("runStrip");
        QVERIFY(strip->isVisible());
        QSignalSpy views(shown.desk.session.get(), &items::Session::viewRequested);
        strip->setFocus();
        QTest::keyClick(strip, Qt::Key_Right);
        QTest::keyClick(strip, Qt::Key_Return);
        QCOMPARE(views.takeFirst().at(0).toString(), QStringLiteral("runs"));
        QCOMPARE(shown.desk.session->selection(), (items::Session::Selection{"task", "42/validate"}));
    }
    void stripColumnsFollowTheLongestChain() {
        const auto cells = overview::layoutStrip(run("1", ports::RunState::Running, {}, "").tasks);
        const std::vector<int> columns{0, 1, 2, 3, 3, 4, 5, 6, 7};
        for (std::size_t i = 0; i < columns.size(); ++i)
            QCOMPARE(cells[i].column, columns[i]);
        QCOMPARE(cells[4].row, 0);  // train: more waits for it than for profile
        QCOMPARE(cells[3].row, 1);
        ports::Task a, b;
        a.name = "a", a.after = {"b", "nobody"};
        b.name = "b", b.after = {"a"};
        for (const auto& c : overview::layoutStrip({a, b}))
            QVERIFY(c.column < 2);
    }
    void theLensMovesTheLanesAndBack() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        const TimeRange week{at("2013-06-03T04:00:00Z"), at("2013-06-10T04:00:00Z")};
        shown.desk.session->lens().setRange(week);
        QVERIFY(shown.chart()->range() == week);
        QTRY_VERIFY(shown.view.settled());
        Q_EMIT shown.chart()->rangeSelected({week.start, week.start + kDay});
        QVERIFY(shown.desk.session->lens().range().duration() == kDay);
        shown.desk.session->lens().setCursor(week.start + kDay / 2);
        QVERIFY(shown.chart()->cursorTime() == week.start + kDay / 2);
        Q_EMIT shown.chart()->cursorMoved(std::nullopt);
        QVERIFY(!shown.desk.session->lens().cursor());
    }
    void aNewerQuestionWins() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        shown.desk.log->held = true;
        const TimeRange early{at("2013-01-07T05:00:00Z"), at("2013-01-14T05:00:00Z")},
            late{at("2013-06-03T04:00:00Z"), at("2013-06-10T04:00:00Z")};
        shown.desk.session->lens().setRange(early);
        shown.desk.session->lens().setRange(late);
        QVERIFY(!shown.view.settled());
        shown.desk.log->release();
        QTRY_VERIFY(shown.view.settled());
        QVERIFY(shown.chart()->range() == late);
        QVERIFY(shown.chart()->lanes().at(0).series.at(0).values->time(0) >= late.start);
    }
    void hiddenAsksNothing() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        shown.window.hide();
        const int before = shown.desk.log->aggregates;
        Q_EMIT shown.desk.session->changed();
        shown.desk.session->lens().setRange({at("2013-06-03T04:00:00Z"), at("2013-06-10T04:00:00Z")});
        QCoreApplication::processEvents();
        QCOMPARE(shown.desk.log->aggregates, before);
        shown.window.show();
        QTRY_VERIFY(shown.view.settled() && shown.desk.log->aggregates > before);
    }
    void outcomesAreShownOnceTheyMatured() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        const auto& outcomes = *shown.chart()->lanes().at(1).series.at(1).values;
        QVERIFY(!outcomes.empty());
        QVERIFY(outcomes.time(outcomes.size() - 1) < shown.desk.session->now() - std::chrono::hours(36));
    }
    void exportsWhatIsShown() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        const QList<QByteArray> lines = shown.view.exportCsv().trimmed().split('\n');
        QCOMPARE(lines.size(), 2);
        QVERIFY(lines[1].startsWith("\"delay\",\"v3\",alarm,"));
        QCOMPARE(lines[0].count(','), 10);
    }
    void pictures_data() {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<QSize>("size");
        QTest::newRow("dark") << true << QSize(1536, 680);
        QTest::newRow("light") << false << QSize(1536, 680);
        QTest::newRow("dark-small") << true << QSize(1036, 480);
    }
    void pictures() {
        QFETCH(bool, dark);
        QFETCH(QSize, size);
        theme::apply(dark ? theme::Scheme::Dark : theme::Scheme::Light);
        Shown shown(true, size);
        QTRY_VERIFY(shown.view.settled());
        shown.desk.session->lens().setCursor(at("2013-06-01T12:00:00Z"));
        const QImage image = shown.window.grab().toImage();
        QCOMPARE(image.size(), size);
        keepPicture(shown.window, QStringLiteral("overview-") + QLatin1String(QTest::currentDataTag()));
        theme::apply(theme::Scheme::Dark);
    }
};

QTEST_MAIN(TestOverview)
#include "tst_overview.moc"
