// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRandomGenerator>
#include <QTest>
#include <cmath>
#include <limits>

#include "widgets/chart/series_buffer.h"

using namespace pilothouse;
using chart::SeriesBuffer;

namespace {
SeriesBuffer::Extremes byHand(const SeriesBuffer& b, std::size_t first, std::size_t last) {
    SeriesBuffer::Extremes e;
    for (std::size_t i = first; i < last; ++i)
        e.take(b.value(i));
    return e;
}
}  // namespace

class TestSeriesBuffer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void extremesEqualALoopOverAllSamples() {
        QRandomGenerator random(7);
        for (const int size : {0, 1, 2, 15, 16, 17, 255, 256, 257, 4'095, 4'096, 4'097, 70'001}) {
            SeriesBuffer b;
            for (int i = 0; i < size; ++i) {
                const double v = random.bounded(20) == 0 ? std::nan("") : random.generateDouble() * 100 - 50;
                QVERIFY(b.append({i}, v));
            }
            for (int round = 0; round < 300; ++round) {
                const auto first = static_cast<std::size_t>(random.bounded(size + 1));
                const std::size_t last =
                    first + static_cast<std::size_t>(random.bounded(size + 1 - static_cast<int>(first)));
                const auto got = b.extremes(first, last), want = byHand(b, first, last);
                QCOMPARE(got.low, want.low);
                QCOMPARE(got.high, want.high);
            }
            QCOMPARE(b.extremes().high, byHand(b, 0, b.size()).high);
        }
    }
    void anAppendIsSeenAtOnce() {
        SeriesBuffer b;
        for (int i = 0; i < 5'000; ++i) {
            b.append({i}, i);
            QCOMPARE(b.extremes().high, static_cast<double>(i));
        }
        b.append({5'000}, -1e9);
        QCOMPARE(b.extremes().low, -1e9);
    }
    void notFiniteIsAGap() {
        SeriesBuffer b;
        b.append({1}, std::nan(""));
        b.append({2}, std::numeric_limits<double>::infinity());
        QVERIFY(!b.extremes().any());
        b.append({3}, 4);
        QVERIFY(!b.finite(1));
        QCOMPARE(b.extremes().low, 4.0);
        QCOMPARE(b.extremes().high, 4.0);
    }
    void timesAscend() {
        SeriesBuffer b;
        QVERIFY(b.append({10}, 1));
        QVERIFY(b.append({10}, 2));
        QVERIFY(!b.append({9}, 3));
        QCOMPARE(b.size(), std::size_t{2});
        b.clear();
        QVERIFY(b.empty());
        QVERIFY(!b.extremes().any());
        QVERIFY(b.append({1}, 1));
    }
    void lowerBoundFromAGuess() {
        QRandomGenerator random(3);
        SeriesBuffer b;
        std::int64_t t = 0;
        for (int i = 0; i < 2'000; ++i)
            b.append({t += random.bounded(4)}, 0);
        for (int round = 0; round < 5'000; ++round) {
            const Timestamp wanted{random.bounded(static_cast<int>(t) + 4) - 1};
            const std::size_t answer = b.lowerBound(wanted);
            const auto from = static_cast<std::size_t>(random.bounded(static_cast<int>(answer) + 1));
            QCOMPARE(b.lowerBound(wanted, from, static_cast<std::size_t>(random.bounded(3'000))), answer);
        }
    }
    void nearestAndSpacing() {
        SeriesBuffer b;
        QVERIFY(!b.nearest({5}));
        for (const int at : {0, 10, 20, 35})
            b.append({at}, at);
        QCOMPARE(*b.nearest({4}), std::size_t{0});
        QCOMPARE(*b.nearest({16}), std::size_t{2});
        QCOMPARE(*b.nearest({1'000}), std::size_t{3});
        QCOMPARE(b.spacing().count(), 10);
    }
};

QTEST_GUILESS_MAIN(TestSeriesBuffer)
#include "tst_series_buffer.moc"
