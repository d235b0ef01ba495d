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

class TestEvidence : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theKindOfColumnDecides_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("second");  // the last that is asked for
        QTest::newRow("continuous") << "continuous" << int(Evidence::Distance);
        QTest::newRow("few values") << "few" << int(Evidence::ChiSquare);
        QTest::newRow("heavy-tailed") << "heavy" << int(Evidence::AndersonDarling);
        QTest::newRow("mostly zero") << "zeros" << int(Evidence::AndersonDarling);
        QTest::newRow("score") << "score" << int(Evidence::AndersonDarling);
    }
    void theKindOfColumnDecides() {
        QFETCH(QString, kind);
        QFETCH(int, second);
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
        QVERIFY(found.front() == Evidence::Distance);
        QCOMPARE(int(found.back()), second);
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
