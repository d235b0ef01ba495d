// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

#include "tests/widgets/overview/fake_ports.h"
#include "widgets/chart/stat_tile.h"
#include "widgets/chart/time_series_chart.h"
#include "widgets/dashboard/dashboard_view.h"

using namespace pilothouse;
using namespace pilothouse::test;
using chart::Lane;
using chart::StatTile;
using dashboard::DashboardView;

namespace {

struct Shown {
    Desk desk;
    DashboardView view;
    explicit Shown(bool full = true, QSize size = {1100, 720}) : desk(full), view(*desk.session) {
        if (full) desk.session->lens().setModel("delay");
        view.resize(size);
        view.show();
    }
    chart::TimeSeriesChart* chart() {
        return view.findChild<chart::TimeSeriesChart*>(QStringLiteral("dashboardChart"));
    }
    StatTile* tile(const char* name) {
        return view.findChild<StatTile*>(QStringLiteral("tile-") + QLatin1String(name));
    }
    const Lane& lane(const char* title) {
        for (const Lane& l : chart()->lanes())
            if (l.title == QLatin1String(title)) return l;
        qFatal("no lane %s", title);
    }
};

constexpr const char* kPromQl =
    "lanes:\n  - title: CPU\n    connection: prod\n    series: [{name: cores, promql: up}]\n"
    "  - title: gone\n    connection: nobody\n    series: [{promql: up}]\n"
    "  - title: requests\n    series: [{measure: count}]\n";

}  // namespace

class TestDashboard : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { theme::apply(theme::Scheme::Dark); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    void theBuiltInDashboardIsShownWhereTheWorkspaceHasNone() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        QVERIFY(shown.chart()->lanes().size() >= 8);
        for (const Lane& lane : shown.chart()->lanes())
            QVERIFY2(lane.state == Lane::State::Ready, qPrintable(lane.title));
        QCOMPARE(shown.tile("requests")->valueLabel(), QStringLiteral("96,000"));
        // The log begins within the period before: nothing to compare with.
        QVERIFY(shown.tile("requests")->changeLabel().isEmpty());
        QVERIFY(shown.tile("AUC")->valueLabel().startsWith(QStringLiteral("0.6")));
        // One question for all lanes, one for the tiles' two periods.
        QCOMPARE(shown.desk.log->aggregates, 2);
        QVERIFY(shown.desk.log->asked[0].measures.size() >= 9);
    }
    void tilesCompareWithAWholePeriod() {
        Shown shown;
        shown.desk.session->lens().setRange({at("2013-06-01T04:00:00Z"), at("2013-07-01T04:00:00Z")});
        QTRY_VERIFY(shown.view.settled());
        QCOMPARE(shown.tile("requests")->changeLabel(), QStringLiteral("no change"));
        QVERIFY(shown.tile("late")->changeLabel().endsWith(QStringLiteral("points")));
    }
    void theWorkspacesOwnComesFirst() {
        Desk desk;
        auto database = *desk.workspace->connect();
        QVERIFY(
            database->run("INSERT INTO dashboard (name, definition, position) VALUES ('own', 'tiles: [{title: rows, "
                          "measure: count}]', 0)"));
        DashboardView view(*desk.session);
        view.show();
        QTRY_VERIFY(view.settled());
        QVERIFY(view.findChild<StatTile*>(QStringLiteral("tile-rows")));
    }
    void aBrokenDashboardSaysWhere() {
        Desk desk;
        auto database = *desk.workspace->connect();
        QVERIFY(
            database->run("INSERT INTO dashboard (name, definition, position) VALUES ('own', 'tiles: [{title: rows, "
                          "measure: sums}]', 0)"));
        DashboardView view(*desk.session);
        view.show();
        auto* error = view.findChild<QLabel*>(QStringLiteral("dashboardError"));
        QTRY_VERIFY(error->isVisible());
        QVERIFY2(error->text().contains(QStringLiteral("own:1")) && error->text().contains(QStringLiteral("sums")),
                 qPrintable(error->text()));
        QTRY_VERIFY(view.settled());
    }
    void emptyIsSaidInWords() {
        Shown shown(false);
        QTRY_VERIFY(shown.view.settled());
        for (const Lane& lane : shown.chart()->lanes())
            if (lane.title != QLatin1String("requests")) {
                QVERIFY2(lane.state == Lane::State::Empty, qPrintable(lane.title));
                QVERIFY(!lane.stateText.isEmpty());
            }
        QCOMPARE(shown.tile("requests")->valueLabel(), QStringLiteral("no data"));
        QCOMPARE(shown.tile("late")->valueLabel(), QStringLiteral("no labels yet"));
        QVERIFY(shown.tile("AUC")->changeLabel().isEmpty());
    }
    void historyHasNoScoreAndNoZero() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        shown.desk.session->lens().setRange({at("2013-02-01T05:00:00Z"), at("2013-03-01T05:00:00Z")});
        QTRY_VERIFY(shown.view.settled());
        QCOMPARE(shown.lane("score").state, Lane::State::Empty);
        QCOMPARE(shown.lane("requests").state, Lane::State::Ready);
        QCOMPARE(shown.tile("p95 latency")->valueLabel(), QStringLiteral("no data"));
    }
    void anErrorIsThePanelsOwn() {
        Shown shown;
        shown.desk.metrics->error =
            Error{ErrorKind::InvalidInput, "1:7: parse error: unclosed left parenthesis", {}, "prod", false};
        shown.view.setDefinition(*dashboard::parseDashboard(kPromQl, "d"));
        QTRY_VERIFY(shown.view.settled());
        QTRY_COMPARE(shown.lane("CPU").state, Lane::State::Error);
        QVERIFY(shown.lane("CPU").stateText.contains(QStringLiteral("unclosed")));
        QCOMPARE(shown.lane("gone").state, Lane::State::Error);
        QVERIFY(shown.lane("gone").stateText.contains(QStringLiteral("nobody")));
        QCOMPARE(shown.lane("requests").state, Lane::State::Ready);
    }
    void aFieldThatIsNotThereIsItsPanelsError() {
        Shown shown;
        shown.desk.log->fieldsKnown = {{"score", ports::ColumnType::Number, false}};
        Q_EMIT shown.desk.session->changed();
        QTRY_VERIFY(shown.view.settled());
        // No field of the demo's model: a dashboard of what is there.
        QTRY_VERIFY(shown.tile("mean score"));
        shown.view.setDefinition(
            *dashboard::parseDashboard("tiles:\n  - {title: m, measure: mean, field: gone}\nlanes:\n"
                                       "  - title: requests\n    series: [{measure: count}]\n"
                                       "  - title: gone\n    series: [{measure: mean, field: gone}]\n",
                                       "d"));
        QTRY_VERIFY(shown.view.settled());
        QTRY_COMPARE(shown.lane("requests").state, Lane::State::Ready);
        QCOMPARE(shown.lane("gone").state, Lane::State::Error);
        QVERIFY(shown.lane("gone").stateText.contains(QStringLiteral("no field \"gone\"")));
        QVERIFY(shown.tile("m")->valueLabel().contains(QStringLiteral("not available")) ||
                shown.tile("m")->valueLabel().contains(QStringLiteral("no field")));
    }
    void promQlIsAskedForTheLensRange() {
        Shown shown;
        shown.view.setDefinition(*dashboard::parseDashboard(kPromQl, "d"));
        Q_EMIT shown.desk.session->changed();
        QTRY_VERIFY(shown.view.settled() && !shown.desk.metrics->asked.empty());
        QVERIFY(shown.desk.metrics->asked.back().range == shown.desk.session->lens().range());
        QTRY_COMPARE(shown.lane("CPU").state, Lane::State::Ready);
        QCOMPARE(shown.lane("CPU").series.at(0).name, QStringLiteral("cores"));
        QVERIFY(shown.lane("CPU").series.at(0).values->size() > 100);
    }
    void outdatedWhileItAsksAgain() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        shown.desk.log->held = true;
        shown.desk.session->lens().setRange({at("2013-06-03T04:00:00Z"), at("2013-06-10T04:00:00Z")});
        QCOMPARE(shown.lane("requests").state, Lane::State::Outdated);
        QCOMPARE(shown.tile("requests")->content().state, StatTile::State::Outdated);
        QVERIFY(!shown.view.settled());
        shown.desk.log->release();
        QTRY_VERIFY(shown.view.settled());
        QCOMPARE(shown.lane("requests").state, Lane::State::Ready);
    }
    void bucketsFollowTheRange() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        QVERIFY(shown.lane("requests").note.contains(QStringLiteral("day")));
        shown.desk.session->lens().setRange({at("2013-06-03T04:00:00Z"), at("2013-06-07T04:00:00Z")});
        QTRY_VERIFY(shown.view.settled());
        QVERIFY2(shown.lane("requests").note.contains(QStringLiteral("hour")), qPrintable(shown.lane("requests").note));
        for (const Timestamp edge : shown.desk.log->asked.back().edges)
            QCOMPARE(edge.ns % 3'600'000'000'000, std::int64_t{0});
    }
    void dragAndMarkersLeadOn() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        chart::TimeSeriesChart* chart = shown.chart();
        const int y = static_cast<int>(chart->layoutBoxes().lanes[0].plot.center().y());
        const QPoint from(static_cast<int>(chart->xOf(at("2013-05-01T04:00:00Z"))), y),
            to(static_cast<int>(chart->xOf(at("2013-06-01T04:00:00Z"))), y);
        QTest::mousePress(chart, Qt::LeftButton, {}, from);
        QTest::mouseMove(chart, to);
        QTest::mouseRelease(chart, Qt::LeftButton, {}, to);
        const TimeRange range = shown.desk.session->lens().range();
        QVERIFY(std::abs((range.start - at("2013-05-01T04:00:00Z")).count()) < kDay.count());
        QTRY_VERIFY(shown.view.settled());
        QSignalSpy views(shown.desk.session.get(), &items::Session::viewRequested);
        const int strip = static_cast<int>(chart->layoutBoxes().markers.center().y());
        QTest::mouseClick(chart, Qt::LeftButton, {}, {static_cast<int>(chart->xOf(at("2013-05-01T04:30:00Z"))), strip});
        QCOMPARE(views.count(), 1);
        QCOMPARE(shown.desk.session->selection(), (items::Session::Selection{"version", "delay/v2"}));
    }
    void exportsTheLanes() {
        Shown shown;
        QTRY_VERIFY(shown.view.settled());
        const QByteArray csv = shown.view.exportCsv();
        QVERIFY(csv.startsWith("lane,series,time,value,low,high\n"));
        QVERIFY(csv.count('\n') > 300);
    }
    void pictures_data() {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<QSize>("size");
        QTest::newRow("dark") << true << QSize(1200, 700);
        QTest::newRow("light") << false << QSize(1200, 700);
        QTest::newRow("light-small") << false << QSize(760, 480);
    }
    void pictures() {
        QFETCH(bool, dark);
        QFETCH(QSize, size);
        theme::apply(dark ? theme::Scheme::Dark : theme::Scheme::Light);
        Shown shown(true, size);
        QTRY_VERIFY(shown.view.settled());
        shown.desk.session->lens().setCursor(at("2013-06-01T12:00:00Z"));
        const QString folder = qEnvironmentVariable("PILOTHOUSE_PICTURES");
        const QPixmap picture = shown.view.grab();
        QCOMPARE(picture.size(), size);
        if (!folder.isEmpty())
            QVERIFY(picture.save(folder + QStringLiteral("/dashboard-") + QLatin1String(QTest::currentDataTag()) +
                                 QStringLiteral(".png")));
        theme::apply(theme::Scheme::Dark);
    }
};

QTEST_MAIN(TestDashboard)
#include "tst_dashboard.moc"
