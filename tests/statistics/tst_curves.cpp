// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/curves.h"

#include <QTest>
#include <random>

#include "models/statistics/intervals.h"

using namespace pilothouse::statistics;

class TestCurves : public QObject {
    Q_OBJECT

    /// Scores in steps, so that there are ties.
    static void make(std::vector<double>& scores, std::vector<std::uint8_t>& outcomes, int n, unsigned seed) {
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> uniform;
        for (int i = 0; i < n; ++i) {
            scores.push_back(std::round(50 * uniform(random)) / 50);
            outcomes.push_back(uniform(random) < 0.1 + 0.6 * scores.back());
        }
    }

private Q_SLOTS:
    // The example of scikit-learn's documentation of roc_curve (1.3), drop_intermediate=False.
    void rocAgreesWithScikitLearn() {
        const std::vector<double> scores{0.1, 0.4, 0.35, 0.8};
        const std::vector<std::uint8_t> outcomes{0, 0, 1, 1};
        const auto curve = rocCurve(scores, outcomes);
        const double x[]{0, 0, 0.5, 0.5, 1}, y[]{0, 0.5, 0.5, 1, 1}, t[]{INFINITY, 0.8, 0.4, 0.35, 0.1};
        QCOMPARE(curve.size(), std::size_t{5});
        for (std::size_t i = 0; i < curve.size(); ++i) {
            QCOMPARE(curve[i].x, x[i]);
            QCOMPARE(curve[i].y, y[i]);
            QCOMPARE(curve[i].threshold, t[i]);
        }
    }

    void areasAreTheMetrics() {
        for (unsigned seed = 1; seed < 20; ++seed) {
            std::vector<double> scores;
            std::vector<std::uint8_t> outcomes;
            make(scores, outcomes, 40 + 30 * static_cast<int>(seed), seed);
            double area = 0, average = 0, before = 0;
            const auto roc = rocCurve(scores, outcomes);
            for (std::size_t i = 1; i < roc.size(); ++i)
                area += (roc[i].x - roc[i - 1].x) * (roc[i].y + roc[i - 1].y) / 2;
            QVERIFY(std::abs(area - rocAuc(scores, outcomes)) < 1e-12);
            for (const CurvePoint& p : precisionRecallCurve(scores, outcomes)) {
                average += (p.x - before) * p.y;
                before = p.x;
            }
            QVERIFY(std::abs(average - averagePrecision(scores, outcomes)) < 1e-12);
            QCOMPARE(before, 1.0);
        }
    }

    void thinningKeepsTheEndsAndTheShape() {
        std::vector<double> scores;
        std::vector<std::uint8_t> outcomes;
        std::mt19937 random(3);
        std::uniform_real_distribution<double> uniform;
        for (int i = 0; i < 20'000; ++i) {
            scores.push_back(uniform(random));
            outcomes.push_back(uniform(random) < scores.back());
        }
        const auto all = rocCurve(scores, outcomes), few = thinned(all, 100);
        QVERIFY(few.size() <= 210);
        QCOMPARE(few.front().x, 0.0);
        QCOMPARE(few.back().x, 1.0);
        for (std::size_t i = 1; i < few.size(); ++i)
            QVERIFY(few[i].x - few[i - 1].x < 0.02 && few[i].y - few[i - 1].y < 0.02);
    }

    void reliabilityKeepsEqualScoresTogether() {
        std::vector<double> scores;
        std::vector<std::uint8_t> outcomes;
        make(scores, outcomes, 1'000, 7);
        const auto bins = reliability(scores, outcomes, {}, 10);
        QVERIFY(bins.size() > 5 && bins.size() <= 10);
        std::uint64_t n = 0;
        for (std::size_t b = 0; b < bins.size(); ++b) {
            n += bins[b].n;
            QVERIFY(b == 0 || bins[b].low > bins[b - 1].high);
            double hits = 0, rows = 0;
            for (std::size_t i = 0; i < scores.size(); ++i) {
                if (scores[i] < bins[b].low || scores[i] > bins[b].high) continue;
                ++rows;
                hits += outcomes[i];
            }
            QCOMPARE(rows, static_cast<double>(bins[b].n));
            QCOMPARE(bins[b].share.value, hits / rows);
            const auto expected = wilson(hits / rows, rows, 1.959963984540054);
            QVERIFY(std::abs(bins[b].share.low - expected.low) < 1e-9);
            QVERIFY(std::abs(bins[b].share.high - expected.high) < 1e-9);
        }
        QCOMPARE(n, std::uint64_t{1'000});
        // One score only: one bin.
        QCOMPARE(reliability(std::vector<double>(50, 0.3), std::vector<std::uint8_t>(50, 1), {}, 10).size(),
                 std::size_t{1});
    }

    void whatCannotBeDrawnIsEmpty() {
        const std::vector<double> scores{0.1, 0.9}, bad{0.1, NAN};
        const std::vector<std::uint8_t> ones{1, 1}, none{0, 0}, mixed{0, 1}, three{0, 1, 1};
        QVERIFY(rocCurve(scores, ones).empty());
        QVERIFY(rocCurve(scores, three).empty());
        QVERIFY(rocCurve(bad, mixed).empty());
        QVERIFY(rocCurve({}, {}).empty());
        QVERIFY(precisionRecallCurve(scores, none).empty());
        QVERIFY(thinned({}, 10).empty());
        QVERIFY(reliability({}, {}, {}, 10).empty());
        QVERIFY(reliability(scores, mixed, {}, 0).empty());
        QVERIFY(reliability(scores, mixed, std::vector<std::uint32_t>{1}, 10).empty());
    }
};

QTEST_GUILESS_MAIN(TestCurves)
#include "tst_curves.moc"
