// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <random>

#include "models/statistics/contrast.h"

using namespace pilothouse::statistics;

class TestContrast : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreesWithNewcombesPaper() {
        const ShareContrast c = contrastShares(56, 70, 48, 80, 1);
        QVERIFY(std::abs(c.difference - 0.2) < 1e-12);
        QVERIFY(std::abs(c.low - 0.0524) < 5e-5 && std::abs(c.high - 0.3339) < 5e-5);
        QVERIFY(c.clear);
        QVERIFY(std::abs(c.lift - 0.8 / 0.6) < 1e-12);
        // Wilson: 56/70 within 0.692 to 0.877, 48/80 within 0.490 to 0.700: the two overlap.
        QCOMPARE(c.safeLift, 1.0);
    }
    void moreComparisonsWantMore() {
        QVERIFY(!contrastShares(56, 70, 48, 80, 100).clear);
        const ShareContrast strong = contrastShares(90, 100, 1'000, 10'000, 100);
        QVERIFY(strong.clear && strong.safeLift > 5 && strong.safeLift < strong.lift);
        const ShareContrast less = contrastShares(10, 1'000, 5'000, 10'000, 100);
        QVERIFY(less.clear && less.safeLift < 1 && less.safeLift > less.lift);
    }
    void fewRowsSayNothing() {
        QVERIFY(!contrastShares(1, 3, 2'000, 10'000, 50).clear);
        QVERIFY(!contrastShares(0, 0, 1, 2, 1).clear);
        QVERIFY(!contrastShares(1, 2, 0, 0, 1).clear);
        QVERIFY(std::isnan(contrastShares(0, 0, 1, 2, 1).share));
        QVERIFY(std::isinf(contrastShares(30, 100, 0, 1'000, 1).lift));
    }
    /// Rows drawn at random, each compared over 60 values: a false word in at most about one of twenty draws.
    void chanceIsSeldomTaken() {
        std::mt19937 random(7);
        int wrong = 0;
        constexpr int kDraws = 400, kValues = 60;
        for (int draw = 0; draw < kDraws; ++draw) {
            bool said = false;
            for (int v = 0; v < kValues; ++v) {
                const double share = 0.02 + 0.01 * (v % 30);
                std::binomial_distribution<std::uint64_t> some(150, share), rest(5'000, share);
                said |= contrastShares(some(random), 150, rest(random), 5'000, kValues).clear;
            }
            wrong += said;
        }
        QVERIFY2(wrong <= kDraws / 12, qPrintable(QString::number(wrong)));
    }
};

QTEST_GUILESS_MAIN(TestContrast)
#include "tst_contrast.moc"
