// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <random>

#include "models/statistics/distinct_sample.h"

using pilothouse::statistics::DistinctSample;

class TestDistinctSample : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void exactWhileThereAreFew() {
        DistinctSample sample(100);
        QCOMPARE(sample.estimate(), 0.0);
        std::mt19937_64 random(1);
        std::vector<std::uint64_t> values;
        for (int i = 0; i < 99; ++i)
            values.push_back(random());
        for (int i = 0; i < 100'000; ++i)
            sample.add(values[static_cast<std::size_t>(i) % values.size()]);
        QVERIFY(sample.exact());
        QCOMPARE(sample.estimate(), 99.0);
        DistinctSample nothing;
        nothing.add(5);
        QCOMPARE(nothing.estimate(), 0.0);
    }

    /// Unbiased, and as sure as 1 / sqrt(k - 2) says.
    void estimatesMany() {
        std::mt19937_64 random(2);
        double sum = 0, squares = 0;
        constexpr int kRounds = 400, kValues = 20'000, kMost = 256;
        for (int round = 0; round < kRounds; ++round) {
            DistinctSample sample(kMost);
            for (int i = 0; i < kValues; ++i)
                sample.add(random());
            const double x = sample.estimate() / kValues;
            sum += x;
            squares += (x - 1) * (x - 1);
        }
        const double error = 1 / std::sqrt(kMost - 2.0);
        QVERIFY2(std::abs(sum / kRounds - 1) < 4 * error / std::sqrt(kRounds), std::to_string(sum / kRounds).c_str());
        const double seen = std::sqrt(squares / kRounds);
        QVERIFY2(seen > 0.85 * error && seen < 1.15 * error, std::to_string(seen).c_str());
    }

    /// Any pieces, in any order, with any repetitions, come to the same.
    void piecesAddUp() {
        std::mt19937_64 random(3);
        for (int round = 0; round < 50; ++round) {
            std::vector<std::uint64_t> values(1 + random() % 3'000);
            for (auto& value : values)
                value = random() % 4 == 0 && &value != &values[0] ? values[0] : random();
            DistinctSample whole(200), together(200);
            for (const std::uint64_t value : values)
                whole.add(value);
            std::ranges::shuffle(values, random);
            std::vector<DistinctSample> pieces(1 + random() % 7, DistinctSample(200));
            for (const std::uint64_t value : values)
                for (int again = 0; again < 1 + static_cast<int>(random() % 2); ++again)
                    pieces[random() % pieces.size()].add(value);
            for (const DistinctSample& piece : pieces)
                together.merge(piece);
            QVERIFY(together == whole);
            QCOMPARE(together.estimate(), whole.estimate());
            DistinctSample read(200);
            for (const std::uint64_t hash : whole.hashes())
                read.add(hash);
            QVERIFY(read == whole);
        }
    }
};

QTEST_GUILESS_MAIN(TestDistinctSample)
#include "tst_distinct_sample.moc"
