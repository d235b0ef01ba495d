// SPDX-License-Identifier: GPL-3.0-or-later
// Distances and tests over samples and over counts, against SciPy, Evidently and NannyML.
#include <limits>

#include "models/statistics/contingency.h"
#include "models/statistics/kolmogorov_smirnov.h"
#include "models/statistics/peer_bins.h"
#include "models/statistics/rank_tests.h"
#include "models/statistics/sample_distance.h"
#include "models/statistics/share_distance.h"
#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

SortedSample sample(const std::vector<double>& values) {
    auto out = SortedSample::of(values);
    if (!out) qFatal("%s", out.error().message.c_str());
    return *out;
}

std::vector<std::uint64_t> counts(std::initializer_list<std::uint64_t> values) { return values; }

}  // namespace

class TestDistances : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void samplesAgreeWithSciPy_data() {
        QTest::addColumn<QJsonObject>("c");
        for (const QJsonValue& c : cases("distances", "samples"))
            QTest::newRow(qPrintable(c[u"name"].toString())) << c.toObject();
    }
    void samplesAgreeWithSciPy() {
        QFETCH(QJsonObject, c);
        const auto value = [&](const char* name) { return c[QLatin1String(name)].toDouble(); };
        const SortedSample a = sample(numbers(c[QLatin1String("a")])), b = sample(numbers(c[QLatin1String("b")]));
        QVERIFY(close(kolmogorovSmirnov(a, b)->statistic, value("ks"), 1e-12));
        QVERIFY(relative(kolmogorovSmirnov(a, b, PValue::Exact)->pValue, value("ks_exact"), 1e-9));
        QVERIFY(relative(kolmogorovSmirnov(a, b, PValue::Asymptotic)->pValue, value("ks_asymptotic"), 1e-9));
        QVERIFY(close(*wasserstein(a, b), value("wasserstein"), 1e-12));
        QVERIFY(close(*energyDistance(a, b), value("energy"), 1e-12));
        QCOMPARE(mannWhitney(a, b)->statistic, value("mwu"));
        QVERIFY(relative(mannWhitney(a, b, PValue::Asymptotic)->pValue, value("mwu_asymptotic"), 1e-9));
        QVERIFY(relative(mannWhitney(a, b)->pValue, value("mwu_auto"), 1e-9));
        if (c.contains(u"mwu_exact"))
            QVERIFY(relative(mannWhitney(a, b, PValue::Exact)->pValue, value("mwu_exact"), 1e-9));
        if (!c.contains(u"cvm")) return;
        QVERIFY(close(cramerVonMises(a, b)->statistic, value("cvm"), 1e-11));
        const double tail = cramerVonMises(a, b, PValue::Asymptotic)->pValue;
        QVERIFY(close(tail, value("cvm_asymptotic"), 1e-12));
        QVERIFY(close(tail, value("cvm_asymptotic_scipy"), 1e-7));  // SciPy's series ends at terms of 1e-7
        if (c.contains(u"cvm_exact"))
            QVERIFY(relative(cramerVonMises(a, b, PValue::Exact)->pValue, value("cvm_exact"), 1e-12));
        QVERIFY(close(*wassersteinSigma(a, b), value("wasserstein_sigma"), 1e-12));
    }

    void samplesGiveThePeersNumbers_data() { samplesAgreeWithSciPy_data(); }
    void samplesGiveThePeersNumbers() {
        QFETCH(QJsonObject, c);
        if (!c.contains(u"evidently_psi")) return;
        const auto value = [&](const char* name) { return c[QLatin1String(name)].toDouble(); };
        const SortedSample a = sample(numbers(c[QLatin1String("a")])), b = sample(numbers(c[QLatin1String("b")]));
        QCOMPARE(static_cast<double>(sturgesEdges(a)->size()) - 1, value("sturges"));
        QCOMPARE(static_cast<double>(doaneEdges(a)->size()) - 1, value("doane"));
        QVERIFY(close(*wassersteinEvidently(a, b), value("evidently_wasserstein"), 1e-12));
        const Shares filled = *sharesEvidently(a, b, true), plain = *sharesEvidently(a, b, false);
        QVERIFY(close(populationStability(filled.reference, filled.current), value("evidently_psi"), 1e-9));
        QVERIFY(close(jensenShannonNatural(plain.reference, plain.current), value("evidently_js"), 1e-9));
        QVERIFY(close(*hellingerEvidently(a, b), value("evidently_hellinger"), 1e-9));
        const Shares other = *sharesNannyml(a, b);
        QVERIFY(close(jensenShannon(other.reference, other.current), value("nannyml_js"), 1e-9));
        // A share of rounding may lie outside the bins: 1e-17 there becomes 3e-9 under the root, the same as theirs.
        QVERIFY(close(hellinger(other.reference, other.current), value("nannyml_hellinger"), 1e-8));
    }

    void andersonDarlingAgreesWithSciPy() {
        for (const QJsonValue& c : cases("distances", "anderson")) {
            std::vector<SortedSample> samples;
            for (const QJsonValue& s : c[u"samples"].toArray())
                samples.push_back(sample(numbers(s)));
            const auto result = andersonDarling(samples);
            QVERIFY2(result, qPrintable(c[u"name"].toString()));
            QVERIFY(close(result->statistic, c[u"statistic"].toDouble(), 1e-9));
            QVERIFY(relative(result->pValue, c[u"p"].toDouble(), 1e-9));
        }
    }

    void kolmogorovsDistributionAgreesWithSciPy() {
        for (const QJsonValue& c : cases("distances", "kolmogorov")) {
            const auto n = static_cast<std::uint64_t>(c[u"n"].toInteger());
            const double expected = c[u"tail"].toDouble(), tail = kolmogorovTail(n, c[u"d"].toDouble());
            if (expected < 1e-290)
                QVERIFY(tail < 1e-280);
            else
                QVERIFY2(relative(tail, expected, 1e-9),
                         qPrintable(QString::number(n) + u' ' + QString::number(c[u"d"].toDouble(), 'g', 17)));
        }
    }

    void countsAgreeWithSciPyAndThePeers_data() {
        QTest::addColumn<QJsonObject>("c");
        for (const QJsonValue& c : cases("distances", "counts"))
            QTest::newRow(qPrintable(c[u"name"].toString())) << c.toObject();
    }
    void countsAgreeWithSciPyAndThePeers() {
        QFETCH(QJsonObject, c);
        const auto value = [&](const char* name) { return c[QLatin1String(name)].toDouble(); };
        const auto a = numbers<std::uint64_t>(c[QLatin1String("a")]), b = numbers<std::uint64_t>(c[QLatin1String("b")]);
        const auto test = [&](const pilothouse::Result<CountTest>& t, const char* name) {
            return t && close(t->statistic, value(name), 1e-9) &&
                   relative(t->pValue, c[QLatin1String(name) + QLatin1String("_p")].toDouble(), 1e-9) &&
                   t->degrees == static_cast<std::size_t>(value("degrees"));
        };
        QVERIFY(test(chiSquare(a, b, false), "chi"));
        QVERIFY(test(chiSquare(a, b, true), "chi_yates"));
        QVERIFY(test(gTest(a, b, false), "g"));
        QVERIFY(test(gTest(a, b, true), "g_yates"));
        QVERIFY(close(chiSquareEvidently(a, b)->pValue, value("evidently_chi_p"), 1e-9));
        const Shares smooth = *sharesOf(a, b), raw = *sharesOf(a, b, Smoothing::None),
                     peer = *sharesOf(a, b, Smoothing::Evidently);
        QVERIFY(close(jensenShannon(raw.reference, raw.current), value("js"), 1e-9));
        QVERIFY(close(jensenShannonNatural(raw.reference, raw.current), value("js_natural"), 1e-9));
        QVERIFY(close(jensenShannonNatural(raw.reference, raw.current), value("evidently_js"), 1e-9));
        QVERIFY(close(jensenShannon(smooth.reference, smooth.current), value("js_smoothed"), 1e-9));
        QVERIFY(close(populationStability(smooth.reference, smooth.current), value("psi_smoothed"), 1e-9));
        QVERIFY(close(hellinger(raw.reference, raw.current), value("hellinger"), 1e-12));
        // sqrt(1 - Σ√pq): where nothing differs, rounding of 1e-16 becomes 1e-8 under the root.
        QVERIFY(close(hellinger(raw.reference, raw.current), value("evidently_hellinger"), 2e-8));
        QVERIFY(close(largestDifference(raw.reference, raw.current), value("l_infinity"), 1e-12));
        // A value that neither side has is not there for Evidently.
        if (c[QLatin1String("name")].toString() != QLatin1String("empty on both"))
            QVERIFY(close(populationStability(peer.reference, peer.current), value("evidently_psi"), 1e-9));
    }

    // Smoothing on both sides keeps one rare row of the reference from deciding a distance; Evidently's constants do
    // not.
    void oneRareRowDoesNotDecide() {
        const auto now = counts({0, 99'000, 1000});
        const auto stability = [&](const std::vector<std::uint64_t>& reference, Smoothing s) {
            const Shares shares = *sharesOf(reference, now, s);
            return populationStability(shares.reference, shares.current);
        };
        const auto none = counts({0, 100'000, 0}), one = counts({1, 99'999, 0});
        const auto jump = [&](Smoothing s) { return std::abs(stability(one, s) / stability(none, s) - 1); };
        QVERIFY(jump(Smoothing::Jeffreys) < 0.01);
        QVERIFY(jump(Smoothing::Evidently) > 1);
        QCOMPARE(stability(none, Smoothing::None), kInfinity);
    }

    void binsHoldTheDistanceBetweenBounds() {
        for (const QJsonValue& c : cases("distances", "samples")) {
            const auto a = numbers(c[u"a"]), b = numbers(c[u"b"]);
            const ColumnProfile profile = profileNumeric("x", a, {}, {});
            const auto bounds = kolmogorovSmirnovOnBins(profile.counts, countNumeric(profile, b, {}).counts);
            QVERIFY(bounds);
            QVERIFY(bounds->low <= c[u"ks"].toDouble() + 1e-12 && bounds->high >= c[u"ks"].toDouble() - 1e-12);
        }
        const auto apart = kolmogorovSmirnovOnBins(counts({5, 0}), counts({0, 7}));
        QVERIFY(apart->low == 1 && apart->high == 1);
        QVERIFY(!kolmogorovSmirnovOnBins(counts({1}), counts({1, 2})));
        QVERIFY(!kolmogorovSmirnovOnBins(counts({0, 0}), counts({1, 2})));
    }

    // Counts on bins say what samples say whose values are the bins.
    void countsAreTiedSamples() {
        for (const QJsonValue& c : cases("distances", "counts")) {
            const auto a = numbers<std::uint64_t>(c[u"a"]), b = numbers<std::uint64_t>(c[u"b"]);
            std::vector<double> x, y, places;
            for (std::size_t i = 0; i < a.size(); ++i) {
                places.push_back(std::sqrt(static_cast<double>(i)));
                x.insert(x.end(), a[i], places.back());
                y.insert(y.end(), b[i], places.back());
            }
            const SortedSample p = sample(x), q = sample(y);
            const auto u = mannWhitney(p, q, PValue::Asymptotic), binned = mannWhitneyOnBins(a, b);
            QVERIFY(u && binned && relative(binned->pValue, u->pValue, 1e-12) && binned->statistic == u->statistic);
            const auto ad = andersonDarling(std::vector{p, q}), adBinned = andersonDarlingOnBins(a, b);
            QVERIFY(ad && adBinned && close(adBinned->statistic, ad->statistic, 1e-12) &&
                    adBinned->pValue == ad->pValue);
            const Shares shares = *sharesOf(a, b, Smoothing::None);
            QVERIFY(close(energyOnBins(shares.reference, shares.current, places), *energyDistance(p, q), 1e-12));
        }
        QVERIFY(!mannWhitneyOnBins(counts({1}), counts({1, 2})) && !mannWhitneyOnBins(counts({0}), counts({3})));
        QVERIFY(!mannWhitneyOnBins(counts({2, 0}), counts({3, 0})) && !andersonDarlingOnBins(counts({9}), counts({3})));
        QVERIFY(!andersonDarlingOnBins(counts({1}), counts({1, 2})) &&
                !andersonDarlingOnBins(counts({0}), counts({3})));
        const std::vector<double> half{0.5, 0.5}, falling{2, 1}, wild{0, kInfinity};
        QVERIFY(std::isnan(energyOnBins(half, half, falling)) && std::isnan(energyOnBins(half, half, wild)));
        QVERIFY(std::isnan(energyOnBins(half, half, {})));
    }

    void whatCannotBeComparedHasAReason() {
        const std::vector<double> nothing, missing{kNaN, kNaN};
        QVERIFY(!SortedSample::of(nothing) && !SortedSample::of(missing));
        QVERIFY(!SortedSample::ofSorted({2, 1}) && !SortedSample::ofSorted({1, kNaN}) && !SortedSample::ofSorted({}));
        QCOMPARE(sample({3, kNaN, 1}).missing(), std::uint64_t{1});
        const SortedSample one = sample({1}), constant = sample({2, 2, 2}), wild = sample({-kInfinity, 1, kInfinity}),
                           plain = sample({1, 2, 3, 4}), vast = sample({-1.7e308, 1.7e308});
        QVERIFY(!wasserstein(wild, plain) && !energyDistance(plain, wild) && !sharesEvidently(wild, plain, true));
        QVERIFY(!sharesNannyml(wild, plain) && !hellingerEvidently(plain, wild) && !sturgesEdges(vast));
        QVERIFY(!wassersteinSigma(constant, plain) && !wassersteinSigma(one, plain));
        QVERIFY(std::isfinite(*wassersteinEvidently(constant, plain)));
        QVERIFY(!cramerVonMises(one, plain) && !mannWhitney(constant, constant));
        QVERIFY(!mannWhitney(constant, plain, PValue::Exact));
        QVERIFY(!andersonDarling(std::vector{one}) && !andersonDarling(std::vector{constant, constant}));
        QVERIFY(!andersonDarling(std::vector{one, sample({2, 3})}));
        // Ranks can use infinities.
        QVERIFY(std::isfinite(kolmogorovSmirnov(wild, plain)->pValue));
        QVERIFY(std::isfinite(mannWhitney(wild, plain)->pValue));
        QVERIFY(std::isfinite(andersonDarling(std::vector{wild, plain})->statistic));
        QCOMPARE(kolmogorovSmirnov(constant, constant)->pValue, 1.0);
        QCOMPARE(kolmogorovSmirnov(one, plain)->statistic, 0.75);
        std::vector<double> low, high;
        for (int i = 0; i < 9999; ++i) {
            low.push_back(i);
            high.push_back(20'000 + i);
        }
        low.push_back(0.5);
        QCOMPARE(kolmogorovSmirnov(sample(low), sample(high))->pValue, 0.0);  // at once: no walk over 10^8 cells
        QVERIFY(std::isnan(kolmogorovTail(0, 0.5)) && kolmogorovTail(7, -1) == 1 && kolmogorovTail(7, 2) == 0);
        const std::vector<double> p{0.5, 0.5}, q{1}, below{-0.5, 1.5}, zero{0, 0};
        QVERIFY(std::isnan(jensenShannon(p, q)) && std::isnan(hellinger(p, below)) &&
                std::isnan(jensenShannon(p, zero)));
        QVERIFY(std::isnan(populationStability({}, {})) && std::isnan(largestDifference(p, below)));
        QVERIFY(!sharesOf(counts({}), counts({})) && !sharesOf(counts({1}), counts({1, 2})));
        QVERIFY(!sharesOf(counts({0}), counts({1})) && !sharesOf(counts({1}), counts({0})));
        QVERIFY(!chiSquare(counts({5}), counts({6}), true) && !gTest(counts({5, 1}), counts({0, 0}), true));
        QVERIFY(!chiSquare(counts({5, 0}), counts({7, 0}), true) && !chiSquareEvidently(counts({1}), counts({1, 2})));
        QCOMPARE(chiSquareEvidently(counts({9, 0}), counts({5, 2}))->pValue, 0.0);
    }
};

QTEST_GUILESS_MAIN(TestDistances)
#include "tst_distances.moc"
