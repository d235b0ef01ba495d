// SPDX-License-Identifier: GPL-3.0-or-later
// Concept against covariate drift, on data where the truth of both is known.
#include <limits>

#include "models/statistics/performance_shift.h"
#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The reference's input is uniform on 0 … 1, the current one has density 2x; the chance of an error is 0.1 + 0.4 x,
/// and `concept` more in the current window. So: reference 0.3, reweighted 0.3667, current 0.3667 + concept.
struct World {
    std::vector<double> before, weights, now;
    World(Random& random, std::size_t n, double shift) {
        for (std::size_t i = 0; i < n; ++i) {
            const double x = random.uniform(), y = std::sqrt(random.uniform());
            before.push_back(random.uniform() < 0.1 + 0.4 * x ? 1 : 0);
            weights.push_back(2 * x);
            now.push_back(random.uniform() < 0.1 + 0.4 * y + shift ? 1 : 0);
        }
    }
};

bool holds(const Interval& i, double truth) { return i.low <= truth && truth <= i.high; }

}  // namespace

class TestShift : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void partsAddUpAndFindTheTruth() {
        Random random(3);
        for (const double shift : {0.0, 0.1}) {
            const World world(random, 20'000, shift);
            const auto s = explainShift({world.before, {}}, world.weights, {world.now, {}});
            QVERIFY(s);
            QVERIFY(close(s->covariate.value + s->conceptual.value, s->total.value, 1e-12));
            QVERIFY(holds(s->covariate, 0.2 / 3) && s->covariate.low > 0);
            QVERIFY(holds(s->conceptual, shift) && (s->conceptual.low > 0) == (shift > 0));
            // (E w)² / E w² of 2x is 3 / 4.
            QVERIFY(close(s->effectiveRows / 20'000, 0.75, 0.02));
            QCOMPARE(s->effectiveRows, effectiveSampleSize(world.weights));
        }
    }

    void intervalsHoldTheTruthAsOftenAsTheySay() {
        Random random(4);
        int covariate = 0, conceptual = 0, total = 0;
        constexpr int kTrials = 1000;
        for (int t = 0; t < kTrials; ++t) {
            const World world(random, 400, 0.05);
            const auto s = explainShift({world.before, {}}, world.weights, {world.now, {}});
            covariate += holds(s->covariate, 0.2 / 3);
            conceptual += holds(s->conceptual, 0.05);
            total += holds(s->total, 0.2 / 3 + 0.05);
        }
        // Three standard errors of a share of 0.95 in so many trials: 0.02.
        for (const int held : {covariate, conceptual, total})
            QVERIFY2(std::abs(held - 0.95 * kTrials) < 0.021 * kTrials, qPrintable(QString::number(held)));
    }

    void clustersWidenTheIntervals() {
        Random random(9);
        std::vector<double> before, now;
        for (int c = 0; c < 60; ++c) {
            const double common = random.normal(), other = random.normal();
            for (int i = 0; i < 30; ++i) {
                before.push_back(common + 0.5 * random.normal());
                now.push_back(other + 0.5 * random.normal());
            }
        }
        const std::vector<double> ones(before.size(), 1.0);
        const auto ids = blocks(before.size(), 30);
        const auto wide = explainShift({before, ids}, ones, {now, ids}),
                   narrow = explainShift({before, {}}, ones, {now, {}});
        QVERIFY(wide && narrow);
        QVERIFY(wide->total.high - wide->total.low > 3 * (narrow->total.high - narrow->total.low));
        // Weights that are all alike explain nothing, exactly.
        QVERIFY(close(wide->covariate.value, 0, 1e-12) && close(wide->covariate.high, 0, 1e-12));
        QCOMPARE(wide->effectiveRows, 1800.0);
        QVERIFY(close(wide->largestWeight, 1.0 / 1800, 1e-12));
    }

    void labelsThatAreMissingAreCounted() {
        const std::vector<double> before{0, 1, kNaN, 1}, now{kNaN, 1, 0, kNaN, kNaN}, weights{1, 1, 5, 1};
        const auto s = explainShift({before, {}}, weights, {now, {}});
        QVERIFY(s && s->referenceRows == 3 && s->currentLabelled == 2);
        QVERIFY(close(s->maturity(), 0.4, 1e-12) && close(s->effectiveRows, 3, 1e-12));
        const std::vector<double> huge{1e300, 1e300, 0, 1e300};
        QVERIFY(close(explainShift({before, {}}, huge, {now, {}})->effectiveRows, 3, 1e-12));
    }

    void whatCannotBeExplainedHasAReason() {
        const std::vector<double> two{0, 1}, ones{1, 1}, none, missing{kNaN, kNaN}, wild{0, kInfinity}, one{1};
        const std::vector<std::uint32_t> same{4, 4}, few{1};
        const auto refused = [&](const std::vector<double>& a, const std::vector<double>& w,
                                 const std::vector<double>& b) {
            return !explainShift({a, {}}, w, {b, {}});
        };
        QVERIFY(refused(none, none, two) && refused(two, ones, none) && refused(two, one, two));
        QVERIFY(refused(missing, ones, two) && refused(two, ones, missing) && refused(wild, ones, two));
        QVERIFY(refused(two, std::vector<double>{-1, 1}, two) && refused(two, std::vector<double>{0, 0}, two));
        QVERIFY(refused(two, missing, two) && refused(two, wild, two) && refused(two, ones, one));
        QVERIFY(!explainShift({two, same}, ones, {two, {}}) && !explainShift({two, {}}, ones, {two, same}));
        QVERIFY(!explainShift({two, few}, ones, {two, {}}));
        QVERIFY(std::isnan(effectiveSampleSize({})));
    }
};

QTEST_GUILESS_MAIN(TestShift)
#include "tst_shift.moc"
