// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/performance.h"

#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

class TestPerformance : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void metricsAgreeWithScikitLearn() {
        for (const QJsonValue& c : cases("classification")) {
            const auto scores = numbers(c[u"scores"]);
            const auto outcomes = numbers<std::uint8_t>(c[u"outcomes"]);
            QVERIFY(close(rocAuc(scores, outcomes), c[u"auc"].toDouble(), 1e-12));
            QVERIFY(close(averagePrecision(scores, outcomes), c[u"average_precision"].toDouble(), 1e-12));
            QVERIFY(close(logLoss(scores, outcomes), c[u"log_loss"].toDouble(), 1e-12));
            QVERIFY(close(brierScore(scores, outcomes), c[u"brier"].toDouble(), 1e-12));
            const ConfusionMatrix m = confusion(scores, outcomes, c[u"threshold"].toDouble());
            QCOMPARE(static_cast<int>(m.truePositive), c[u"tp"].toInt());
            QCOMPARE(static_cast<int>(m.falsePositive), c[u"fp"].toInt());
            QCOMPARE(static_cast<int>(m.trueNegative), c[u"tn"].toInt());
            QCOMPARE(static_cast<int>(m.falseNegative), c[u"fn"].toInt());
        }
    }

    void whatCannotBeMeasuredIsNotANumber() {
        const std::vector<double> scores{0.1, 0.9};
        const std::vector<std::uint8_t> ones{1, 1}, mixed{0, 1}, three{0, 1, 1};
        QVERIFY(std::isnan(rocAuc(scores, ones)));
        QVERIFY(std::isnan(rocAuc({}, {})));
        QVERIFY(std::isnan(rocAuc(scores, three)));
        QVERIFY(std::isnan(averagePrecision(scores, std::vector<std::uint8_t>{0, 0})));
        QVERIFY(std::isnan(logLoss({}, {})));
        QVERIFY(std::isnan(brierScore(std::vector<double>{kNaN, 0.5}, mixed)));
        QVERIFY(std::isnan(aucInterval(scores, ones, {}, 400, 1).low));
        QVERIFY(std::isnan(aucInterval(scores, mixed, std::vector<std::uint32_t>{0}, 400, 1).low));
        QVERIFY(std::isnan(aucInterval(scores, mixed, std::vector<std::uint32_t>{5, 5}, 400, 1).low));
        QCOMPARE(rocAuc(scores, mixed), 1.0);
        QVERIFY(std::isfinite(logLoss(std::vector<double>{0, 1}, std::vector<std::uint8_t>{1, 0})));
    }

    // The plain bootstrap in NumPy had 6,000 resamples; ours 4,000: each end is known to about a twentieth of the
    // width.
    void intervalsAgreeWithAPlainBootstrap() {
        const QJsonObject c = reference()[QLatin1String("bootstrap")].toObject();
        const auto a = numbers(c[QLatin1String("a")]), b = numbers(c[QLatin1String("b")]);
        const auto outcomes = numbers<std::uint8_t>(c[QLatin1String("outcomes")]);
        const auto clusters = numbers<std::uint32_t>(c[QLatin1String("clusters")]);
        const auto interval = numbers(c[QLatin1String("interval")]);
        const Interval auc = aucInterval(a, outcomes, clusters, 4000, 3);
        QVERIFY(close(auc.value, c[QLatin1String("auc")].toDouble(), 1e-12));
        QVERIFY(close(auc.low, interval[0], 0.06 * (interval[1] - interval[0])));
        QVERIFY(close(auc.high, interval[1], 0.06 * (interval[1] - interval[0])));
        const auto expected = numbers(c[QLatin1String("difference_interval")]);
        const Interval difference = aucDifference(a, b, outcomes, clusters, 4000, 3);
        QVERIFY(close(difference.value, c[QLatin1String("difference")].toDouble(), 1e-12));
        QVERIFY(close(difference.low, expected[0], 0.06 * (expected[1] - expected[0])));
        QVERIFY(close(difference.high, expected[1], 0.06 * (expected[1] - expected[0])));
        // Clusters matter: rows taken as independent claim to know more.
        const Interval naive = aucInterval(a, outcomes, {}, 4000, 3);
        QVERIFY(naive.high - naive.low < 0.8 * (auc.high - auc.low));
    }

    void aSeedDecidesTheInterval() {
        const QJsonObject c = reference()[QLatin1String("bootstrap")].toObject();
        const auto a = numbers(c[QLatin1String("a")]);
        const auto outcomes = numbers<std::uint8_t>(c[QLatin1String("outcomes")]);
        const Interval first = aucInterval(a, outcomes, {}, 200, 7), again = aucInterval(a, outcomes, {}, 200, 7);
        QVERIFY(first.low == again.low && first.high == again.high);
        QVERIFY(first.low != aucInterval(a, outcomes, {}, 200, 8).low);
    }

    void aModelAgainstItselfDiffersByNothing() {
        const QJsonObject c = reference()[QLatin1String("bootstrap")].toObject();
        const auto a = numbers(c[QLatin1String("a")]);
        const auto outcomes = numbers<std::uint8_t>(c[QLatin1String("outcomes")]);
        const Interval d = aucDifference(a, a, outcomes, {}, 200, 1);
        QVERIFY(d.value == 0 && d.low == 0 && d.high == 0);
    }

    void gapsBetweenClusterIdsChangeNothing() {
        Random random(3);
        const auto scores = normals(random, 400);
        std::vector<std::uint8_t> outcomes(400);
        for (std::size_t i = 0; i < 400; ++i)
            outcomes[i] = random.normal() < scores[i];
        std::vector<std::uint32_t> dense = blocks(400, 10), wide = dense, gaps = dense;
        for (auto& id : wide)
            id = id * 50'000'000 + 1;
        for (auto& id : gaps)
            id = id * 3;
        const Interval expected = aucInterval(scores, outcomes, dense, 300, 1);
        for (const auto& ids : {wide, gaps}) {
            const Interval interval = aucInterval(scores, outcomes, ids, 300, 1);
            QVERIFY(interval.low == expected.low && interval.high == expected.high);
        }
    }
};

QTEST_GUILESS_MAIN(TestPerformance)
#include "tst_performance.moc"
