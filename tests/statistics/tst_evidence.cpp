// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/contingency.h"
#include "models/statistics/evidence.h"
#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

namespace {

ColumnProfile words(std::size_t categories, std::size_t n = 20'000) {
    Random random(1);
    return profileCategorical("word", codes(random, n, std::vector<double>(categories, 1.0 / double(categories))),
                              dictionary(categories), {}, {});
}

std::vector<Evidence> asked(const ColumnProfile& p, const CurrentCounts& counts) {
    return evidenceOf(p, compare(p, counts));
}

}  // namespace

Q_DECLARE_METATYPE(std::vector<pilothouse::statistics::Evidence>)

class TestEvidence : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theKindOfColumnDecides_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<std::vector<Evidence>>("expected");
        using enum Evidence;
        QTest::newRow("continuous") << "continuous" << std::vector{Distance};
        QTest::newRow("few values") << "few" << std::vector{Distance, ChiSquare};
        QTest::newRow("heavy-tailed") << "heavy" << std::vector{AndersonDarling};
        QTest::newRow("mostly zero") << "zeros" << std::vector{Distance, AndersonDarling};
        QTest::newRow("score") << "score" << std::vector{AndersonDarling};
    }
    void theKindOfColumnDecides() {
        QFETCH(QString, kind);
        QFETCH(std::vector<Evidence>, expected);
        Random random(2);
        std::vector<double> values = normals(random, 5000);
        for (double& z : values) {
            if (kind == u"few") z = std::clamp(std::round(z), -2.0, 2.0);
            if (kind == u"heavy") z = std::exp(1.5 * z);
            if (kind == u"zeros") z = z < 1.3 ? 0 : z;
            if (kind == u"score") z = 1 / (1 + std::exp(-z));
        }
        const ColumnProfile p = profileNumeric("x", values, {}, {});
        const std::vector<Evidence> found = asked(p, countNumeric(p, values, {}));
        QVERIFY(found == expected);
    }

    /// Among 2 + 3 values in random order the greatest two are the current ones' in 1 of 10 orders: C(3, 0) / C(5, 2).
    void valuesBeyondTheReference() {
        QCOMPARE(beyondPValue({0, 0}, 1000, 1000), 1.0);
        QCOMPARE(beyondPValue({1, 1}, 1e6, 1000), 1.0);  // one wild value is no evidence
        QVERIFY(std::abs(beyondPValue({0, 2}, 3, 2) - 0.2) < 1e-15);
        QVERIFY(std::abs(beyondPValue({3, 0}, 9, 3) - 2.0 / 220) < 1e-15);  // C(12, 3) = 220
        QVERIFY(beyondPValue({1'000'000, 0}, 1e6, 1e6) > 0);                // no zero, and soon
        QCOMPARE(withBeyond(0.019, 1), 0.02);
        QVERIFY(std::abs(withBeyond(0.5, 1e-4) - 0.002) < 1e-15);
        QCOMPARE(withBeyond(0.99, 0.9), 1.0);
    }

    /// Exceedances do not depend on the distribution: at most the nominal share of windows without a change has them.
    void valuesBeyondAreRareByChance() {
        Random random(11);
        int rejected = 0;
        constexpr int kWindows = 2000;
        for (int w = 0; w < kWindows; ++w) {
            const auto p = profileNumeric("x", normals(random, 200), {}, {});
            rejected += beyondPValue(countNumeric(p, normals(random, 200), {}).beyond, 200, 200) <= 0.1;
        }
        const double share = double(rejected) / kWindows;
        QVERIFY2(share < 0.12, qPrintable(QString::number(share)));
        QVERIFY2(share > 0.03, qPrintable(QString::number(share)));
    }

    void aRareNewValueOfANumberIsSeen() {
        Random random(12);
        const auto p = profileNumeric("x", normals(random, 5000), {}, {});
        std::vector<double> values = normals(random, 1000);
        const auto before = countNumeric(p, values, {});
        for (std::size_t i = 0; i < 10; ++i)
            values[i] = -8;
        const auto after = countNumeric(p, values, {});
        QVERIFY(after.beyond[0] >= 10);
        QVERIFY(judgeDrift({&p, 1}, {&before, 1}, {}).front().distribution.pValue > 0.01);
        const Verdict verdict = judgeDrift({&p, 1}, {&after, 1}, {}).front().distribution;
        QVERIFY(verdict.pValue < 1e-4);
        // Rows of a cluster go together, so that their number says less.
        std::vector<std::uint32_t> clusters(1000);
        for (std::size_t i = 0; i < clusters.size(); ++i)
            clusters[i] = std::uint32_t(i / 20);
        const auto clustered = countNumeric(p, values, clusters);
        QVERIFY(judgeDrift({&p, 1}, {&clustered, 1}, {}).front().distribution.pValue > verdict.pValue);
    }

    void categoriesAndClusters() {
        Random random(3);
        const ColumnProfile few = words(2), many = words(30);
        const auto rows = codes(random, 960, {0.5, 0.5});
        const auto one = asked(few, countCategorical(few, rows, dictionary(2), {}));
        QVERIFY((one == std::vector{Evidence::ChiSquare}));
        QCOMPARE(asked(many, countCategorical(many, rows, dictionary(2), {})).size(), std::size_t{3});
        // What is known of clusters is of the distance.
        std::vector<std::uint32_t> alike;
        for (std::size_t i = 0; i < 60; ++i)
            alike.insert(alike.end(), 16, i % 2);
        const auto clustered = asked(many, countCategorical(many, alike, dictionary(2), blocks(960, 16)));
        QVERIFY((clustered == std::vector{Evidence::Distance}));
    }

    // On counts without an empty bin it is Pearson's statistic over the sum of 1 / n.
    void chiSquareIsPearsons() {
        Random random(4);
        const ColumnProfile p = words(5);
        const CurrentCounts counts =
            countCategorical(p, codes(random, 700, {0.3, 0.1, 0.2, 0.2, 0.2}), dictionary(5), {});
        const Comparison c = compare(p, counts);
        const double ours =
            evidence(Evidence::ChiSquare, c, c.reference, c.current, {}) / (1 / c.nReference + 1 / c.nCurrent);
        const auto pearson = chiSquare(std::span(p.counts).first(5), std::span(counts.counts).first(5), false);
        QVERIFY(pearson.has_value());
        QVERIFY(close(ours, pearson->statistic, 1e-9));
        QVERIFY(close(evidence(Evidence::LargestDifference, c, std::vector{0.5, 0.5}, std::vector{0.1, 0.9}, {}), 0.4,
                      1e-12));
    }

    // A value in 3 of 1,000 rows that 20,000 rows never held: nothing to the distance, plain to χ².
    void aRareNewValueIsEvidence() {
        Random random(5);
        for (const std::size_t categories : {2u, 30u}) {
            const ColumnProfile p = words(categories);
            std::vector<std::uint32_t> rows =
                codes(random, 1000, std::vector<double>(categories, 1.0 / double(categories)));
            const Verdict before = judge(p, countCategorical(p, rows, dictionary(categories + 1), {})).distribution;
            for (std::size_t i = 0; i < 3; ++i)
                rows[i] = static_cast<std::uint32_t>(categories);
            const Verdict v = judge(p, countCategorical(p, rows, dictionary(categories + 1), {})).distribution;
            QVERIFY2(before.pValue > 0.01 && v.pValue < 0.01, qPrintable(QString::number(v.pValue)));
            QVERIFY(v.statistic < v.threshold);  // of the distance
            QCOMPARE(v.state, before.state);     // too small a change for a verdict
        }
    }

    // One row never decides, however large the reference.
    void oneNewValueIsNotEvidence() {
        Random random(6);
        const ColumnProfile p = words(3, 100'000);
        for (const std::size_t n : {50u, 300u, 5000u}) {
            std::vector<std::uint32_t> rows = codes(random, n, {1.0 / 3, 1.0 / 3, 1.0 / 3});
            rows.front() = 3;
            const Verdict v = judge(p, countCategorical(p, rows, dictionary(4), {})).distribution;
            QVERIFY2(v.pValue > 1e-4 && v.state != State::Drift, qPrintable(QString::number(v.pValue)));
        }
    }

    void heavyTailsHideNoShift() {
        Random random(7);
        std::vector<double> before = normals(random, 20'000), after = normals(random, 2000, 0.15);
        for (auto* values : {&before, &after})
            for (double& z : *values)
                z = std::exp(2 * z);
        const ColumnProfile p = profileNumeric("x", before, {}, {});
        QVERIFY(judge(p, countNumeric(p, after, {})).distribution.pValue < 1e-4);
    }

    void pValuesCombine() {
        QCOMPARE(combinedPValue({}), 1.0);
        QCOMPARE(combinedPValue(std::vector{0.03}), 0.03);
        QVERIFY(close(combinedPValue(std::vector{0.03, 0.03, 0.03}), 0.03, 1e-12));
        // Small ones add up as a harmonic mean does.
        QVERIFY(relative(combinedPValue(std::vector{1e-12, 1e-12 / 3}), 5e-13, 1e-9));
        QVERIFY(relative(combinedPValue(std::vector{1e-200, 0.5}), 2e-200, 1e-9));
        QVERIFY(combinedPValue(std::vector{1e-3, 1.0}) < 3e-3);
        const double p = combinedPValue(std::vector{1.0, 1.0});
        QVERIFY(p > 0.9 && p <= 1);
        QVERIFY(combinedPValue(std::vector{0.0, 0.5}) > 0);
    }
};

QTEST_GUILESS_MAIN(TestEvidence)
#include "tst_evidence.moc"
