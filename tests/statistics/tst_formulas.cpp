// SPDX-License-Identifier: GPL-3.0-or-later
// Every formula against the library that people would check it with.
#include <boost/math/distributions/binomial.hpp>

#include "models/statistics/clusters.h"
#include "models/statistics/distance.h"
#include "models/statistics/null_distribution.h"
#include "models/statistics/resampling.h"
#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

class TestFormulas : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void distancesAgreeWithSciPy() {
        for (const QJsonValue& c : cases("wasserstein")) {
            const auto p = numbers(c[u"p"]), q = numbers(c[u"q"]), places = numbers(c[u"places"]);
            const double w = wassersteinOnBins(p, q, places, {c[u"low"].toDouble(), c[u"high"].toDouble()});
            QVERIFY(close(w, c[u"wasserstein"].toDouble(), 1e-12));
            QVERIFY(close(totalVariation(p, q), c[u"total_variation"].toDouble(), 1e-12));
        }
    }

    // Ours is the distance of histograms, SciPy's that of the samples: a twentieth of the mass moves within its bin
    // unseen.
    void frozenBinsComeCloseToTheSamples() {
        for (const QJsonValue& c : cases("samples")) {
            const auto a = numbers(c[u"reference"]), b = numbers(c[u"current"]);
            const ColumnProfile profile = profileNumeric("x", a, {}, {});
            const Comparison comparison = compare(profile, countNumeric(profile, b, {}));
            QVERIFY2(close(comparison.statistic() / c[u"wasserstein_sigma"].toDouble(), 1, 0.05),
                     qPrintable(c[u"name"].toString()));
        }
    }

    void pearsonThreeAgreesWithSciPy() {
        for (const QJsonValue& c : cases("pearson3")) {
            const PearsonThree null(c[u"mean"].toDouble(), c[u"deviation"].toDouble(), c[u"skewness"].toDouble());
            QVERIFY(close(null.upperTail(c[u"x"].toDouble()) / c[u"tail"].toDouble(), 1, 1e-9));
            QVERIFY(close(null.critical(c[u"alpha"].toDouble()) / c[u"critical"].toDouble(), 1, 1e-7));
        }
    }

    void pearsonThreeOfNothingIsAPoint() {
        const PearsonThree null = PearsonThree::fit(std::vector<double>(50, 2.0));
        QCOMPARE(null.upperTail(2.0), 1.0);
        QVERIFY(null.upperTail(2.1) < 1e-300 && null.upperTail(2.1) > 0);
        QCOMPARE(null.critical(0.01), 2.0);
    }

    void fisherAgreesWithSciPy() {
        for (const QJsonValue& c : cases("fisher")) {
            const double p = fisherMidP(c[u"k"].toDouble(), c[u"n"].toDouble(), c[u"k_reference"].toDouble(),
                                        c[u"n_reference"].toDouble());
            if (c[u"p"].toDouble() > 1e-250)
                QVERIFY(close(p / c[u"p"].toDouble(), 1, 1e-7));
            else
                QVERIFY(p < 1e-250);
        }
    }

    // Newcombe 1998, Statistics in Medicine 17, table II: 56/70 against 48/80, method 10.
    void newcombeAgreesWithItsPaper() {
        const ShareInterval d = newcombe(56.0 / 70, 70, 48.0 / 80, 80);
        QVERIFY(close(d.low, 0.0524, 5e-5));
        QVERIFY(close(d.high, 0.3339, 5e-5));
        const ShareInterval none = newcombe(0, 10, 0, 10);
        QVERIFY(close(none.low, -0.2775, 5e-5) && close(none.high, 0.2775, 5e-5));
    }

    void normalTailsAgreeWithSciPy() {
        for (const QJsonValue& c : cases("normal")) {
            QVERIFY(close(normalTail(c[u"z"].toDouble()) / c[u"tail"].toDouble(), 1, 1e-12));
            if (c[u"z"].toDouble() < 6) QVERIFY(close(normalCritical(c[u"tail"].toDouble()), c[u"z"].toDouble(), 1e-9));
        }
    }

    void benjaminiHochbergAgreesWithSciPy() {
        for (const QJsonValue& c : cases("benjamini_hochberg")) {
            const auto expected = numbers(c[u"q"]), q = benjaminiHochberg(numbers(c[u"p"]));
            QCOMPARE(q.size(), expected.size());
            for (std::size_t i = 0; i < q.size(); ++i)
                QVERIFY(close(q[i], expected[i], 1e-12));
        }
    }

    void benjaminiHochbergLeavesOutWhatWasNotTested() {
        const std::vector<double> p{0.01, kNaN, 0.02};
        const auto q = benjaminiHochberg(p);
        QVERIFY(std::isnan(q[1]));
        QCOMPARE(q[0], 0.02);
        QCOMPARE(q[2], 0.02);
        QVERIFY(benjaminiHochberg({}).empty());
    }

    void designEffectAgreesWithItsDefinition() {
        const QJsonObject c = reference()[QLatin1String("design_effect")].toObject();
        ClusterTable table;
        for (const QJsonValue& row : c[QLatin1String("table")].toArray()) {
            const auto counts = numbers<std::uint32_t>(row);
            table.counts.insert(table.counts.end(), counts.begin(), counts.end());
            table.bins = counts.size();
            ++table.clusters;
        }
        const auto weights = numbers(c[QLatin1String("weights")]);
        QVERIFY(close(designEffect(table, weights, false), c[QLatin1String("shares")].toDouble(), 1e-12));
        QVERIFY(close(designEffect(table, weights, true), c[QLatin1String("cumulative")].toDouble(), 1e-12));
    }

    void rowsOfAClusterThatAreAllAlikeCountOnce() {
        Random random(3);
        std::vector<std::uint32_t> bin(6000);
        for (std::size_t i = 0; i < bin.size(); ++i)
            bin[i] = i % 12 == 0 ? static_cast<std::uint32_t>(random.below(5)) : bin[i - 1];
        const std::vector<double> weights(5, 1);
        const ClusterTable table = tabulate(bin, 5, blocks(bin.size(), 12));
        QVERIFY(close(designEffect(table, weights, false), 12, 0.02));
        // Ids with gaps, and one cluster only.
        std::vector<std::uint32_t> wide = blocks(bin.size(), 12);
        for (auto& id : wide)
            id = id * 7'000'000 + 5;
        QCOMPARE(designEffect(tabulate(bin, 5, wide), weights, false), designEffect(table, weights, false));
        QCOMPARE(designEffect(tabulate(bin, 5, std::vector<std::uint32_t>(bin.size(), 0)), weights, false), 6000.0);
    }

    void nullTailsAgreeWithASimulationInNumPy() {
        for (const QJsonValue& c : cases("null")) {
            Comparison comparison;
            comparison.places = numbers(c[u"places"]);
            comparison.numeric = !comparison.places.empty();
            comparison.smoothed = numbers(c[u"shares"]);
            comparison.effectiveReference = c[u"n_reference"].toDouble();
            comparison.effectiveCurrent = c[u"n"].toDouble();
            const QByteArray name = c[u"name"].toString().toUtf8();
            const auto alphas = numbers(c[u"alphas"]), critical = numbers(c[u"critical"]);
            // Several seeds: a single one of 10,000 draws wanders by 2 % at 0.001.
            constexpr int kSeeds = 8;
            std::vector<double> found(alphas.size(), 0);
            for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
                const PearsonThree null = nullsOf(comparison, {}, 10'000, seed).distance;
                QVERIFY2(close(null.mean() / c[u"mean"].toDouble(), 1, 0.02), name);
                for (std::size_t i = 0; i < alphas.size(); ++i)
                    found[i] += null.critical(alphas[i]) / kSeeds;
            }
            for (std::size_t i = 0; i < alphas.size(); ++i)
                QVERIFY2(close(found[i] / critical[i], 1, 0.04), name);
        }
    }

    void noiseIsWhatTheNullHasOnAverage() {
        Random random(4);
        const ColumnProfile profile = profileNumeric("x", normals(random, 50'000), {}, {});
        for (const std::size_t n : {200u, 5000u}) {
            const Comparison c = compare(profile, countNumeric(profile, normals(random, n), {}));
            QVERIFY(close(c.noise() / nullsOf(c, {}, 2000, 1).distance.mean(), 1, 0.08));
        }
    }

    void binomialFollowsItsDistribution_data() {
        QTest::addColumn<int>("n");
        QTest::addColumn<double>("p");
        QTest::newRow("rare") << 6500 << 0.0004;
        QTest::newRow("few") << 10 << 0.3;
        QTest::newRow("inversion's end") << 400 << 0.029;
        QTest::newRow("normal's begin") << 400 << 0.031;
        QTest::newRow("many") << 50'000 << 0.05;
        QTest::newRow("most") << 300 << 0.97;
    }
    void binomialFollowsItsDistribution() {
        QFETCH(int, n);
        QFETCH(double, p);
        constexpr int kDraws = 200'000;
        Random random(11);
        std::map<std::uint64_t, int> seen;
        for (int i = 0; i < kDraws; ++i)
            ++seen[random.binomial(static_cast<std::uint64_t>(n), p)];
        const boost::math::binomial_distribution<double> exact(n, p);
        double below = 0, worst = 0;
        for (const auto& [k, times] : seen) {
            below += static_cast<double>(times) / kDraws;
            worst = std::max(worst, std::abs(below - boost::math::cdf(exact, static_cast<double>(k))));
        }
        // Kolmogorov's 99.9 % bound of a perfect sampler is 1.95 / sqrt(draws) = 0.0044.
        QVERIFY2(worst < 0.006, qPrintable(QString::number(worst)));
    }

    void fastNormalIsNormal() {
        constexpr int kDraws = 1'000'000;
        Random random(12);
        std::vector<double> z;
        for (int i = 0; i < kDraws; ++i)
            z.push_back(random.fastNormal());
        std::sort(z.begin(), z.end());
        double worst = 0, third = 0, fourth = 0, neighbours = 0;
        for (int i = 0; i < kDraws; ++i) {
            const double x = z[static_cast<std::size_t>(i)];
            worst = std::max(worst, std::abs(1 - normalTail(x) - (i + 0.5) / kDraws));
            third += x * x * x / kDraws;
            fourth += x * x * x * x / kDraws;
        }
        QVERIFY2(worst < 0.00195, qPrintable(QString::number(worst)));  // Kolmogorov, 99.9 %
        QVERIFY(close(third, 0, 3.3 * std::sqrt(15.0 / kDraws)));
        QVERIFY(close(fourth, 3, 3.3 * std::sqrt(96.0 / kDraws)));
        // The tail beyond the last layer, at 3.654: 258 rows in a million.
        const auto beyond = std::ranges::count_if(z, [](double x) { return std::abs(x) > 3.6541528853610088; });
        QVERIFY2(std::abs(double(beyond) - 258) < 3.3 * 16.1, qPrintable(QString::number(beyond)));
        // One draw says nothing of the next.
        double before = random.fastNormal();
        for (int i = 0; i < kDraws; ++i) {
            const double x = random.fastNormal();
            neighbours += x * before / kDraws;
            before = x;
        }
        QVERIFY(close(neighbours, 0, 3.3e-3));
    }

    void binomialAtItsEnds() {
        Random random(1);
        QCOMPARE(random.binomial(0, 0.5), 0u);
        QCOMPARE(random.binomial(10, 0), 0u);
        QCOMPARE(random.binomial(10, 1), 10u);
        QCOMPARE(random.binomial(10, kNaN), 0u);
    }

    void randomNumbersAreTheSameEverywhere() {
        Random random(1);  // SplitMix64 of 1, as its authors' code gives it
        QCOMPARE(random.next(), 0x910A2DEC89025CC1ull);
        QCOMPARE(random.next(), 0xBEEB8DA1658EEC67ull);
    }
};

QTEST_GUILESS_MAIN(TestFormulas)
#include "tst_formulas.moc"
