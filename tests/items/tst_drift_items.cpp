// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QTest>
#include <numeric>

#include "models/items/drift_histogram.h"
#include "models/items/drift_matrix_model.h"
#include "models/predictions/query_parser.h"
#include "tests/widgets/drift/support.h"

using namespace pilothouse;
using items::DriftMatrixModel;

class TestDriftItems : public QObject {
    Q_OBJECT

    static Zone newYork() { return *Zone::fromName("America/New_York"); }
    static DriftMatrixModel::Evaluations evaluations(int weeks) {
        std::vector<ports::Evaluation> all;
        for (int w = 0; w < weeks; ++w) {
            all.push_back(test::weekly(w, newYork()));
            for (int d = 0; d < 7; ++d) {
                all.push_back(test::daily(7 * w + d, "score", newYork()));
                all.push_back(test::daily(7 * w + d, "quality", newYork()));
            }
        }
        return std::make_shared<const std::vector<ports::Evaluation>>(std::move(all));
    }

private Q_SLOTS:
    void matrix() {
        DriftMatrixModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.setEvaluations(evaluations(39));
        QCOMPARE(model.columnCount(), 39);
        QCOMPARE(model.rowCount(), 18 + 2);
        QCOMPARE(model.feature(0), u"temp_f"_qs);
        QCOMPARE(model.feature(17), u"wind_gust_mph"_qs);  // it has no effect
        QCOMPARE(model.feature(18), u"score"_qs);
        QCOMPARE(model.feature(19), u"data quality"_qs);
        const QModelIndex july = model.index(0, 14);
        QCOMPARE(july.data(DriftMatrixModel::StateRole).toString(), u"drift"_qs);
        QCOMPARE(july.data(DriftMatrixModel::SeverityRole).toString(), u"alarm"_qs);
        QVERIFY(july.data(DriftMatrixModel::EffectRole).toDouble() > 3);
        QCOMPARE(model.index(17, 3).data(DriftMatrixModel::StateRole).toString(), u"insufficient"_qs);
        QVERIFY(!model.index(17, 3).data(DriftMatrixModel::EffectRole).isValid());
        QVERIFY(model.index(model.rowOf(u"plane_year"_qs), 5).data(DriftMatrixModel::MissingDriftRole).toBool());
        QCOMPARE(model.days(18, 4).size(), std::size_t{7});
        QCOMPARE(model.columnOf(model.window(7)), 7);
        QCOMPARE(model.columnOf({model.window(3).start, model.window(9).end}), 9);
        QCOMPARE(model.columnOf({model.window(3).start, model.window(9).end + std::chrono::hours(1)}), 9);
        QCOMPARE(model.columnOf({model.window(5).start + std::chrono::hours(30), model.window(5).end}), 5);
        QCOMPARE(model.columnOf({kTimestampMin, model.window(0).start}), -1);
    }
    void driftSinceIsUnbroken() {
        DriftMatrixModel model;
        model.setEvaluations(evaluations(39));
        const int pressure = model.rowOf(u"pressure_mb"_qs), gust = model.rowOf(u"wind_gust_mph"_qs);
        QCOMPARE(model.driftSince(pressure, 20)->ns, model.window(0).start.ns);
        QVERIFY(!model.driftSince(gust, 20));
    }
    void windowsBeforeAReferenceAreNoColumns() {
        auto all = *evaluations(3);
        ports::Evaluation history = test::weekly(-2, newYork());
        ports::Finding none;
        none.check = "drift";
        none.verdict.reason = "nothing is in production";
        history.findings = {none};
        all.insert(all.begin(), history);
        auto later = test::weekly(3, newYork());
        later.findings = {none};
        all.push_back(later);
        DriftMatrixModel model;
        model.setEvaluations(std::make_shared<const std::vector<ports::Evaluation>>(std::move(all)));
        QCOMPARE(model.columnCount(), 4);
        QCOMPARE(model.index(0, 3).data(DriftMatrixModel::StateRole).toString(), u"unavailable"_qs);
        QCOMPARE(model.index(0, 3).data(DriftMatrixModel::ReasonRole).toString(), u"nothing is in production"_qs);
    }
    void nothing() {
        DriftMatrixModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.setEvaluations({});
        QCOMPARE(model.rowCount(), 0);
        QCOMPARE(model.columnOf(TimeRange::all()), -1);
    }

    void frozenBinsKeepTheirPlaces() {
        const auto profile = test::column("temp_f");
        std::vector<double> counts(20, 0);
        counts[19] = 500;
        const auto h = items::frozenHistogram(profile, counts);
        QVERIFY(h && h->scaled && !h->categorical);
        QCOMPARE(h->bins.size(), std::size_t{20});
        QCOMPARE(h->bins.front().low, 10.0);
        QCOMPARE(h->bins.back().high, 80.0);
        QCOMPARE(h->bins.back().current, 1.0);
        QCOMPARE(h->bins.back().clauses, QStringList{u"temp_f>=58"_qs});
        QCOMPARE(h->bins.front().clauses, QStringList{u"temp_f<22"_qs});
        double reference = 0;
        for (const auto& b : h->bins)
            reference += b.reference;
        QVERIFY(std::abs(reference - 1) < 1e-12);
        for (const auto& b : h->bins)
            for (const QString& c : b.clauses)
                QVERIFY2(predictions::parseQuery(c.toStdString()).has_value(), qPrintable(c));
    }
    void fewValuesStandSideBySide() {
        statistics::ColumnProfile c;
        c.name = "visibility_mi";
        c.min = 0;
        c.max = 10;
        c.edges = {2, 4, 6, 8, 10};
        c.counts = {10, 10, 10, 20, 30, 900};
        c.binMeans = {1, 3, 5, 7, 9, 10};
        const auto h = items::frozenHistogram(c, {1, 1, 1, 1, 1, 95});
        QVERIFY(h && !h->scaled);
        QCOMPARE(h->bins.back().label, u"10"_qs);
        QCOMPARE(h->bins.back().current, 0.95);
    }
    void categoriesBeyondTheFirstAreOther() {
        const auto profile = test::column("carrier");
        const auto h = items::frozenHistogram(profile, std::vector<double>(9, 10), 4);
        QVERIFY(h && h->categorical);
        QCOMPARE(h->bins.size(), std::size_t{5});
        QCOMPARE(h->bins.back().label, u"other"_qs);
        QCOMPARE(h->bins.back().currentCount, 50.0);
        QCOMPARE(h->bins.back().clauses, QStringList{u"carrier:* -carrier:(UA OR EV OR B6 OR DL)"_qs});
        QCOMPARE(h->bins.front().clauses, QStringList{u"carrier:UA"_qs});
    }
    void countsOfAnotherProfileAreRefused() {
        QVERIFY(!items::frozenHistogram(test::column("temp_f"), {1, 2, 3}));
        QVERIFY(!items::frozenHistogram(test::column("temp_f"), {}));
    }
    void evenBinsReachOverBoth() {
        const auto edges = items::evenEdges(test::column("temp_f"), 60, 101);
        QVERIFY(edges.size() > 15 && edges.size() < 70);
        QVERIFY(edges.front() <= 10 && edges.back() >= 101);
        std::vector<std::uint64_t> reference(edges.size() + 1, 0), current(edges.size() + 1, 0);
        reference[1] = 10;
        current[current.size() - 1] = 4;  // beyond the last edge
        const auto h = items::evenHistogram("temp_f", edges, reference, current);
        QVERIFY(h);
        QCOMPARE(h->bins.size(), edges.size() - 1);
        QCOMPARE(h->bins.back().currentCount, 4.0);
        QVERIFY(items::evenEdges(test::column("carrier"), 0, 1).empty());
    }
};

QTEST_GUILESS_MAIN(TestDriftItems)
#include "tst_drift_items.moc"
