// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <random>

#include "models/predictions/embedded_prediction_log.h"
#include "tests/predictions/support.h"
#include "widgets/chart/facts_table.h"
#include "widgets/chart/time_series_chart.h"
#include "widgets/performance/performance_view.h"
#include "widgets/performance/picture_grid.h"
#include "widgets/performance/segment_panel.h"

using namespace pilothouse;
using namespace pilothouse::performance;
using namespace std::chrono_literals;

/// The real view over a real log: 50 days of a model, the last days without labels.
class TestPerformanceView : public QObject {
    Q_OBJECT

    test::Store m_store;
    Timestamp m_start = *Timestamp::parseIso("2013-01-07T00:00:00Z");
    std::unique_ptr<items::Session> m_session;

    void fill() {
        std::mt19937 random(11);
        std::uniform_real_distribution<double> uniform;
        std::vector<test::Row> rows;
        std::vector<predictions::Truth> truths;
        for (int day = 0; day < 50; ++day)
            for (int i = 0; i < 40; ++i) {
                const std::string id = "r" + std::to_string(day) + "-" + std::to_string(i);
                const Timestamp t = m_start + day * 24h + i * 30min;
                const double score = uniform(random) * uniform(random);
                const bool bad = i % 5 == 0;
                rows.push_back(test::row(id, t,
                                         {{"version", std::string("v1")},
                                          {"score", score},
                                          {"amount", std::floor(20 * uniform(random))},
                                          {"airport", std::string(bad ? "<b>O'Hare</b>" : "JFK")}}));
                if (day < 45) truths.push_back({id, uniform(random) < (bad ? 0.3 : score) ? 1.0 : 0.0, t + 1h});
                test::Row price = test::row("p" + id, t, {{"version", std::string("p1")}, {"score", 100 * score}});
                price["model"] = std::string("price");
                rows.push_back(price);
            }
        auto transaction = *workspace::Transaction::begin(m_store.database());
        QVERIFY(predictions::append(m_store.database(), test::rowSet(rows)));
        QVERIFY(predictions::appendTruth(m_store.database(), "delay", truths));
        QVERIFY(transaction.commit());
    }
    std::unique_ptr<PerformanceView> shown(QSize size = {1000, 720}) {
        auto view = std::make_unique<PerformanceView>(*m_session);
        view->resize(size);
        view->show();
        [&] { QTRY_VERIFY_WITH_TIMEOUT(view->settled(), 20'000); }();
        return view;
    }
    void lens(const std::string& model, TimeRange range) {
        items::LensState state;
        state.model = model;
        state.range.fixed = range;
        m_session->lens().set(state);
    }
    static void picture(QWidget& widget, const QString& name) {
        const QString folder = qEnvironmentVariable("PILOTHOUSE_TEST_PICTURES");
        if (!folder.isEmpty()) widget.grab().save(QDir(folder).filePath(name + QStringLiteral(".png")));
    }

private Q_SLOTS:
    void initTestCase() {
        theme::apply(theme::Scheme::Dark);
        m_store.workspace()->setSimulatedNow(m_start + 60 * 24h);
        fill();
        items::Session::Ports ports;
        ports.predictions = std::make_shared<predictions::EmbeddedPredictionLog>(m_store.workspace());
        m_session = std::make_unique<items::Session>(m_store.workspace(), ports);
    }
    void init() {
        QTest::failOnWarning(QRegularExpression(u"^(?!This plugin does not support)"_qs));
        lens("delay", {m_start, m_start + 50 * 24h});
    }
    void cleanupTestCase() { m_session.reset(); }

    void showsRealisedEstimatedAndTheLabelsOnOneAxis() {
        auto view = shown();
        picture(*view, u"performance"_qs);
        auto* chart = view->findChild<chart::TimeSeriesChart*>(u"performanceChart"_qs);
        QCOMPARE(chart->lanes().size(), std::size_t{3});
        const chart::Lane& lane = chart->lanes()[0];
        QCOMPARE(lane.title, u"ROC AUC"_qs);
        QCOMPARE(lane.series.size(), std::size_t{2});  // no label at all in the last days: nothing to draw there
        QCOMPARE(lane.series[0].draw, chart::Draw::Estimate);
        QVERIFY(lane.series[0].low && lane.series[0].high);
        QCOMPARE(lane.series[1].name, u"v1"_qs);
        QCOMPARE(lane.series[1].values->size(), std::size_t{50});
        QVERIFY(lane.series[1].values->finite(44) && !lane.series[1].values->finite(46));
        QVERIFY(lane.series[0].values->finite(46));  // what was not labelled is estimated
        QVERIFY(!lane.series[0].values->finite(3));  // the reference itself is not
        QCOMPARE(chart->lanes()[1].series[0].values->value(46), 0.0);
        // All four pictures, and the numbers with how they were made.
        const auto& pictures = view->findChild<PictureGrid*>()->pictures();
        QCOMPARE(pictures.size(), std::size_t{4});
        for (const auto& p : pictures)
            QVERIFY2(p.empty.isEmpty(), qPrintable(p.empty));
        const auto& facts = view->details()->findChild<chart::FactsTable*>()->facts();
        QCOMPARE(facts.front().name, u"accuracy"_qs);
        QVERIFY2(facts.front().tip.contains(u"Wilson"_qs) && facts.front().tip.contains(u"1,800 of 2,000"_qs),
                 qPrintable(facts.front().tip));
        const QString how = view->details()->findChild<QLabel*>(u"performanceHow"_qs)->text();
        QVERIFY(how.contains(u"CBPE"_qs) && how.contains(u"registry does not know v1"_qs));
    }

    void theMetricAndTheWindowCanBeChosen() {
        auto view = shown();
        auto* chart = view->findChild<chart::TimeSeriesChart*>(u"performanceChart"_qs);
        auto* metric = view->findChild<QComboBox*>(u"performanceMetric"_qs);
        metric->setCurrentIndex(metric->findText(u"recall"_qs));
        Q_EMIT metric->activated(metric->currentIndex());
        QCOMPARE(chart->lanes()[0].title, u"recall"_qs);
        QCOMPARE(chart->lanes()[0].kind, chart::ValueKind::Share);
        auto* window = view->findChild<QComboBox*>(u"performanceWindow"_qs);
        window->setCurrentIndex(window->findText(u"by week"_qs));
        Q_EMIT window->activated(window->currentIndex());
        QTRY_VERIFY(view->settled());
        QCOMPARE(chart->lanes()[0].title, u"recall"_qs);  // the choice stays
        QCOMPARE(chart->lanes()[1].series[0].values->size(), std::size_t{8});
    }

    void enterOnASegmentTakesItIntoTheLens() {
        auto view = shown();
        auto* table = view->findChild<QTableView*>(u"segmentTable"_qs);
        QTRY_COMPARE(table->model()->rowCount(), 2);
        QCOMPARE(table->model()->index(0, 0).data().toString(), u"<b>O'Hare</b>"_qs);
        table->setCurrentIndex(table->model()->index(0, 0));
        table->setFocus();
        QTest::keyClick(table, Qt::Key_Return);
        QCOMPARE(m_session->lens().state().filters.size(), std::size_t{1});
        QTRY_VERIFY(view->settled());
        QVERIFY(view->findChild<QLabel*>(u"performanceTitle"_qs)->text().contains(u"400 scored rows"_qs));
    }

    void curvesAndSegmentsTakeTurnsInANarrowView() {
        auto view = shown({640, 560});
        picture(*view, u"performance-narrow"_qs);
        auto* grid = view->findChild<PictureGrid*>();
        auto* segments = view->findChild<SegmentPanel*>();
        QVERIFY(grid->isVisible() && !segments->isVisible());
        QTest::mouseClick(view->findChild<QToolButton*>(u"showSegments"_qs), Qt::LeftButton);
        QVERIFY(!grid->isVisible() && segments->isVisible());
        QTRY_VERIFY(view->settled());
        QCOMPARE(segments->model().rowCount(), 2);
        view->resize(1000, 560);
        QTRY_VERIFY(grid->isVisible() && segments->isVisible());
    }

    void aRegressionWithoutLabelsSaysSo() {
        lens("price", {m_start, m_start + 50 * 24h});
        auto view = shown();
        QCOMPARE(view->findChild<QComboBox*>(u"performanceMetric"_qs)->currentText(), u"MAE"_qs);
        auto* chart = view->findChild<chart::TimeSeriesChart*>(u"performanceChart"_qs);
        QCOMPARE(chart->lanes()[0].state, chart::Lane::State::Empty);
        QVERIFY(chart->lanes()[0].stateText.contains(u"no outcome is known"_qs));
        QCOMPARE(view->findChild<PictureGrid*>()->pictures().size(), std::size_t{2});
        picture(*view, u"performance-regression"_qs);
    }

    void emptyStatesSayWhatIsMissing() {
        lens("delay", {m_start - 50 * 24h, m_start - 40 * 24h});
        auto view = shown();
        auto* empty = view->findChild<QLabel*>(u"performanceEmpty"_qs);
        QVERIFY(empty->isVisible());
        QVERIFY2(empty->text().contains(u"was scored in"_qs), qPrintable(empty->text()));
        QVERIFY(view->exportCsv().isEmpty());
        m_session->lens().addFilter("airport:XXX");
        QTRY_VERIFY(view->settled());
        QVERIFY2(empty->text().contains(u"Remove a filter"_qs), qPrintable(empty->text()));
        lens("", {m_start, m_start + 24h});
        QTRY_VERIFY(view->settled());
        QVERIFY2(empty->text().contains(u"Choose a model"_qs), qPrintable(empty->text()));
        picture(*view, u"performance-empty"_qs);
    }

    void whatIsShownCanBeExported() {
        auto view = shown();
        const QByteArray csv = view->exportCsv();
        QVERIFY(csv.startsWith("version,window_start"));
        QVERIFY(csv.contains("\"v1\",2013-01-07T00:00:00Z,2013-01-08T00:00:00Z,40,40,1,roc_auc,"));
        QCOMPARE(csv.count('\n'), 1 + 10 * 45 + 7 * 5);  // ten metrics a labelled day, seven estimates a day without
    }
};

QTEST_MAIN(TestPerformanceView)
#include "tst_performance_view.moc"
