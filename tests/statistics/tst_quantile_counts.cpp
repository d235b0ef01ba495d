// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <span>

#include "models/statistics/quantile_counts.h"

using pilothouse::statistics::QuantileCounts;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Type 7 over all values, sorted.
double plain(const std::vector<double>& sorted, double q) {
    const double place = static_cast<double>(sorted.size() - 1) * q;
    const auto below = static_cast<std::size_t>(place);
    const double low = sorted[below], share = place - static_cast<double>(below);
    if (share == 0 || low == sorted[below + 1]) return low;
    return low + share * (sorted[below + 1] - low);
}

QuantileCounts countsOf(std::span<const double> values, std::size_t most = QuantileCounts::kMostValues) {
    QuantileCounts counts(most);
    for (const double v : values)
        counts.add(v);
    return counts;
}

std::vector<double> random(unsigned seed, std::size_t count, int kind) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<> normal;
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
        const double x = normal(generator);
        values.push_back(kind == 0   ? x
                         : kind == 1 ? std::exp(3 * x)
                         : kind == 4 ? (i % 1000 == 7 ? 1e9 * x : std::round(x * 3e4) / (i % 3 == 0 ? 1e5 : 100))
                         : kind == 5 ? (i % 20'000 == 9 ? x : std::round(x * 1000) / 1000)
                         : kind == 2 ? std::exp(150 * x) * (i % 2 == 0 ? -1 : 1)
                                     : std::round(x * 1000) / 1000);
    }
    return values;
}

constexpr double kShares[]{0, 0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.9999, 1};

}  // namespace

class TestQuantileCounts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fewValuesAreExact() {
        for (const std::vector<double>& values : {std::vector<double>{3},
                                                  {1, 2},
                                                  {5, 1, 4, 1, 3},
                                                  {-2, -1, 0, -0.0, 1e300, -1e-300},
                                                  {7, 7, 7, 7},
                                                  {-kInfinity, 1, 2, kInfinity}}) {
            const QuantileCounts counts = countsOf(values);
            std::vector<double> sorted = values;
            std::ranges::sort(sorted);
            QCOMPARE(counts.count(), values.size());
            QCOMPARE(counts.relativeError(), 0.0);
            for (const double q : {0.0, 0.2, 0.5, 0.75, 1.0}) {
                const double expected = plain(sorted, q), got = counts.quantile(q);
                QVERIFY2(got == expected || (std::isnan(got) && std::isnan(expected)),
                         qPrintable(QStringLiteral("%1: %2, not %3").arg(q).arg(got).arg(expected)));
            }
        }
        QVERIFY(std::isnan(QuantileCounts().quantile(0.5)));
    }

    /// However many: values with few digits stay exact.
    void manyRoundedValuesAreExact() {
        std::vector<double> values = random(1, 300'000, 3);
        const QuantileCounts counts = countsOf(values);
        QCOMPARE(counts.relativeError(), 0.0);
        std::ranges::sort(values);
        for (const double q : kShares)
            QCOMPARE(counts.quantile(q), plain(values, q));
    }

    /// Digits that grow while values come, values beyond the table, and one that is no decimal at all.
    void mixedValuesAreExact() {
        for (int kind = 3; kind < 6; ++kind) {
            std::vector<double> values = random(5, 20'000, kind);
            for (const std::size_t most : {QuantileCounts::kMostValues, std::size_t{40'000}}) {
                const QuantileCounts counts = countsOf(values, most);
                QCOMPARE(counts.count(), values.size());
                QCOMPARE(counts.relativeError(), 0.0);
                std::vector<double> sorted = values;
                std::ranges::sort(sorted);
                for (const double q : kShares)
                    QVERIFY(counts.quantile(q) == plain(sorted, q));
            }
        }
    }

    /// The bound that is stated holds, and is small; extremes come as well.
    void manyValuesKeepTheirBound_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<double>("bound");
        QTest::newRow("normal") << 0 << 2.1e-3;
        QTest::newRow("skewed") << 1 << 2.1e-3;
        QTest::newRow("hundreds of magnitudes") << 2 << 0.26;
    }
    void manyValuesKeepTheirBound() {
        QFETCH(int, kind);
        QFETCH(double, bound);
        std::vector<double> values = random(7, 200'000, kind);
        values.push_back(kInfinity);
        values.push_back(-kInfinity);
        const QuantileCounts counts = countsOf(values, QuantileCounts::kLeastValues);
        QVERIFY2(counts.relativeError() > 0 && counts.relativeError() < bound,
                 qPrintable(QString::number(counts.relativeError())));
        std::ranges::sort(values);
        QCOMPARE(counts.quantile(0), -kInfinity);
        QCOMPARE(counts.quantile(1), kInfinity);
        // Order statistics, where nothing lies in between.
        for (std::size_t rank = 1; rank + 1 < values.size(); rank += 997) {
            const double got = counts.quantile(static_cast<double>(rank) / static_cast<double>(values.size() - 1));
            const double low = std::min(values[rank - 1], values[rank]),
                         high = std::max(values[rank], values[rank + 1]);
            const double error = counts.relativeError();
            QVERIFY(got >= low - std::abs(low) * error && got <= high + std::abs(high) * error);
        }
    }

    /// Neither the order of the values nor the parts that they were counted in can be seen.
    void partsMergeToTheWhole() {
        for (int kind = 0; kind < 6; ++kind) {
            const std::vector<double> values = random(3, 60'000, kind);
            const QuantileCounts whole = countsOf(values, QuantileCounts::kLeastValues);
            for (const std::size_t cut : {std::size_t{1}, std::size_t{100}, std::size_t{30'000}}) {
                const std::span<const double> all(values);
                QuantileCounts merged = countsOf(all.subspan(cut), QuantileCounts::kLeastValues);
                merged.merge(countsOf(all.first(cut), QuantileCounts::kLeastValues));
                QCOMPARE(merged.count(), whole.count());
                QCOMPARE(merged.relativeError(), whole.relativeError());
                for (const double q : kShares)
                    QCOMPARE(merged.quantile(q), whole.quantile(q));
            }
            QuantileCounts empty(QuantileCounts::kLeastValues);
            empty.merge(whole);
            empty.merge(QuantileCounts());
            QCOMPARE(empty.quantile(0.5), whole.quantile(0.5));
        }
    }
};

QTEST_GUILESS_MAIN(TestQuantileCounts)
#include "tst_quantile_counts.moc"
