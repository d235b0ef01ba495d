// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "tests/widgets/drift/support.h"
#include "widgets/chart/facts_table.h"
#include "widgets/drift/drift_chart.h"
#include "widgets/drift/drift_details.h"
#include "widgets/drift/drift_heat_map.h"
#include "widgets/drift/drift_view.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;
using namespace pilothouse::drift;

class TestDriftView : public QObject {
    Q_OBJECT

    static void show(DriftView& view, QSize size = {1100, 700}) {
        view.resize(size);
        view.show();
        QTRY_VERIFY(view.settled());
    }
    static TimeRange week(test::Fixture& f, int number) { return test::weekly(number, f.workspace->zone()).window; }

private Q_SLOTS:
    void initTestCase() { theme::apply(theme::Scheme::Dark); }
    void init() {
        // What the offscreen platform cannot do is no fault of ours.
        QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_qs));
    }

    void showsTheWeekOfTheLens() {
        test::Fixture f(39);
        f.session->lens().setRange(week(f, 14));
        DriftView view(*f.session);
        show(view);
        auto* heat = view.findChild<DriftHeatMap*>(u"driftHeatMap"_qs);
        QVERIFY(heat);
        QCOMPARE(heat->chosenColumn(), 14);
        const QString title = view.findChild<QLabel*>(u"driftSummaryTitle"_qs)->text();
        QVERIFY2(title.contains(u"Week of 8 Jul"_qs), qPrintable(title));
        QVERIFY2(title.contains(u"not enough data"_qs), qPrintable(title));
        // The strongest effect leads: in the map, in the tiles, in the details.
        auto* details = qobject_cast<DriftDetails*>(view.details());
        QVERIFY(details && details->column());
        QCOMPARE(details->column()->picture.feature, u"temp_f"_qs);
        QVERIFY(view.findChild<QWidget*>(u"driftTile_temp_f"_qs)->isVisible());
        QCOMPARE(view.findChild<QWidget*>(u"driftTile_temp_f"_qs)->y(), 0);
    }

    void cellClickChoosesFeatureAndWeekAndLeavesTheLens() {
        test::Fixture f(39);
        f.session->lens().setRange(week(f, 14));
        DriftView view(*f.session);
        show(view);
        auto* heat = view.findChild<DriftHeatMap*>(u"driftHeatMap"_qs);
        QSignalSpy lens(&f.session->lens(), &items::Lens::changed);
        QTest::mouseClick(heat, Qt::LeftButton, {}, heat->cellRect(1, 20).center());
        QTRY_VERIFY(view.settled());
        auto* details = qobject_cast<DriftDetails*>(view.details());
        QCOMPARE(details->column()->picture.feature, u"dewpoint_f"_qs);
        QCOMPARE(details->column()->window.start.ns, week(f, 20).start.ns);
        QCOMPARE(lens.count(), 0);
        QCOMPARE(f.session->selection().id, std::string("dewpoint_f"));
        // The reference is that of the version which was judged then.
        QCOMPARE(details->column()->version, u"v2"_qs);
    }

    void columnHeadSetsTheRange() {
        test::Fixture f(39);
        DriftView view(*f.session);
        show(view);
        auto* heat = view.findChild<DriftHeatMap*>(u"driftHeatMap"_qs);
        QTest::mouseClick(heat, Qt::LeftButton, {}, heat->headRect(5).center());
        QVERIFY(f.session->lens().range() == week(f, 5));
        QTRY_VERIFY(view.settled());
        QCOMPARE(heat->chosenColumn(), 5);
    }

    void dataQualityHasARowACheck() {
        test::Fixture f(39);
        f.session->lens().setRange(week(f, 14));
        DriftView view(*f.session);
        show(view);
        auto* heat = view.findChild<DriftHeatMap*>(u"driftHeatMap"_qs);
        view.findChild<QToolButton*>(u"driftQuality"_qs)->click();
        QTRY_VERIFY(view.settled());
        QCOMPARE(heat->chosenColumn(), 14);
        auto* details = qobject_cast<DriftDetails*>(view.details());
        QVERIFY(details->column());
        QCOMPARE(details->column()->picture.feature, u"temp_f, missing"_qs);
        QVERIFY(details->findChild<QLabel*>(u"driftOtherRows"_qs)->text().contains(u"missing:temp_f"_qs));
        // What failed leads to its day; the drift is back with the next click.
        QVERIFY(details->column()->window.duration() < std::chrono::hours(26));
        view.findChild<QToolButton*>(u"driftQuality"_qs)->click();
        QTRY_VERIFY(view.settled());
        QTest::mouseClick(heat, Qt::LeftButton, {}, heat->cellRect(0, 14).center());
        QTRY_VERIFY(view.settled());
        QCOMPARE(details->column()->picture.feature, u"temp_f"_qs);
    }

    void keyboardMovesAndEnterChooses() {
        test::Fixture f(39);
        f.session->lens().setRange(week(f, 14));
        DriftView view(*f.session);
        show(view);
        auto* heat = view.findChild<DriftHeatMap*>(u"driftHeatMap"_qs);
        view.focusQuery();
        QTest::keyClick(heat, Qt::Key_Down);
        QTest::keyClick(heat, Qt::Key_Left);
        QCOMPARE(heat->cursorRow(), 1);
        QCOMPARE(heat->cursorColumn(), 13);
        QCOMPARE(heat->chosenColumn(), 14);  // moving alone changes nothing else
        QTest::keyClick(heat, Qt::Key_Return);
        QTRY_VERIFY(view.settled());
        QCOMPARE(heat->chosenColumn(), 13);
        QCOMPARE(heat->chosenRow(), 1);
        QTest::keyClick(heat, Qt::Key_W);
        QVERIFY(f.session->lens().range() == week(f, 13));
    }

    void barLeadsToItsRows() {
        test::Fixture f(39);
        f.session->lens().setRange(week(f, 14));
        DriftView view(*f.session);
        show(view);
        auto* details = qobject_cast<DriftDetails*>(view.details());
        details->resize(420, 800);
        details->show();
        auto* chart = details->findChild<DriftChart*>(u"driftLargeChart"_qs);
        QVERIFY(chart->histogram());
        QTest::mouseClick(chart->viewport(), Qt::LeftButton, {}, chart->binPoint(5));
        QCOMPARE(chart->selectedBin(), 5);
        const QStringList clauses = chart->histogram()->bins[5].clauses;
        QCOMPARE(clauses.size(), 2);
        QVERIFY2(clauses.front().startsWith(u"temp_f>="_qs), qPrintable(clauses.front()));
        QSignalSpy views(f.session.get(), &items::Session::viewRequested);
        auto* button = details->findChild<QPushButton*>(u"showRows"_qs);
        QVERIFY2(button->text().startsWith(u"Show these"_qs), qPrintable(button->text()));
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(views.count(), 1);
        QCOMPARE(views.front().front().toString(), u"predictions"_qs);
        const auto& filters = f.session->lens().state().filters;
        QCOMPARE(filters.size(), std::size_t{2});
        QCOMPARE(filters[0], clauses[0].toStdString());
        QVERIFY(f.session->lens().range() == week(f, 14));
    }

    void chartTurnsToCumulativeAndDifference() {
        test::Fixture f(39);
        DriftView view(*f.session);
        show(view);
        auto* details = qobject_cast<DriftDetails*>(view.details());
        details->resize(420, 900);
        details->show();
        auto* chart = details->findChild<DriftChart*>(u"driftLargeChart"_qs);
        QTest::mouseClick(details->findChild<QToolButton*>(u"modeCumulative"_qs), Qt::LeftButton);
        QCOMPARE(chart->mode(), DriftChart::Mode::Cumulative);
        QTest::mouseClick(details->findChild<QToolButton*>(u"modeDifference"_qs), Qt::LeftButton);
        QCOMPARE(chart->mode(), DriftChart::Mode::Difference);
    }

    void factsAreThoseOfTheVerdict() {
        test::Fixture f(39);
        f.session->lens().setRange(week(f, 14));
        DriftView view(*f.session);
        show(view);
        auto* details = qobject_cast<DriftDetails*>(view.details());
        const auto& facts = details->findChild<chart::FactsTable*>(u"driftFacts"_qs)->facts();
        const auto value = [&](const QString& name) {
            for (const auto& fact : facts)
                if (fact.name == name) return fact.value;
            return QString();
        };
        QCOMPARE(value(u"n current"_qs), u"6,391"_qs);
        QCOMPARE(value(u"effective n"_qs), u"412"_qs);
        QCOMPARE(value(u"minimum effect"_qs), u"0.10 σ"_qs);
        QCOMPARE(value(u"missing then"_qs), u"0.5 %"_qs);
    }

    void sayWhyThereIsNothing() {
        test::Fixture f(0, "2013-04-03T12:00:00Z");
        DriftView view(*f.session);
        show(view);
        auto* empty = view.findChild<QLabel*>(u"driftEmpty"_qs);
        QVERIFY(empty->isVisible());
        QVERIFY2(empty->text().contains(u"No monitor"_qs), qPrintable(empty->text()));
        QVERIFY(view.exportCsv().startsWith("feature,window_start"));
    }

    void exportsWhatIsShown() {
        test::Fixture f(3);
        DriftView view(*f.session);
        show(view);
        const QList<QByteArray> lines = view.exportCsv().trimmed().split('\n');
        QCOMPARE(lines.size(), qsizetype{1 + 3 * (18 + 7 + 7)});
    }

    void staysQuietWhileHidden() {
        test::Fixture f(39);
        DriftView view(*f.session);
        f.session->lens().setRange(week(f, 3));
        QCoreApplication::processEvents();
        QCOMPARE(f.monitors->questions, 0);
        show(view);
        QCOMPARE(view.findChild<DriftHeatMap*>(u"driftHeatMap"_qs)->chosenColumn(), 3);
    }
};

QTEST_MAIN(TestDriftView)
#include "tst_drift_view.moc"
