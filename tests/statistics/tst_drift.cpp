// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>
#include <numeric>

#include "models/statistics/clusters.h"
#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

namespace {

constexpr std::uint32_t kMissing = 0xFFFFFFFFu;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

void verify(const Verdict& v) {
    // What holds for every verdict, whatever came in.
    if (v.state == State::Unavailable) {
        QVERIFY(!v.reason.empty());
        QVERIFY(std::isnan(v.statistic) && std::isnan(v.pValue) && std::isnan(v.effect));
        return;
    }
    QCOMPARE(v.reason.empty(), v.state != State::Insufficient);
    for (const double x : {v.statistic, v.pValue, v.qValue, v.effect, v.effectLow, v.effectHigh, v.nEffective})
        QVERIFY(std::isfinite(x));
    QVERIFY(v.pValue >= 0 && v.pValue <= v.qValue && v.qValue <= 1);
    QVERIFY(v.effectLow >= 0 && v.effectLow <= v.effect && v.effect <= v.effectHigh);
    QVERIFY(v.nEffective >= 1 && v.nEffective <= static_cast<double>(v.nCurrent) + 1e-6);
}

ColumnProfile normalProfile(std::size_t n = 20'000) {
    Random random(1);
    return profileNumeric("x", normals(random, n), {}, {});
}

ColumnProfile wordProfile() {
    Random random(2);
    return profileCategorical("word", codes(random, 20'000, {0.5, 0.3, 0.15, 0.05}), dictionary(4), {}, {});
}

/// A window whose clusters share their value, as the flights of an hour share their weather.
std::vector<double> weather(Random& random, std::size_t hours, std::size_t each, double mean = 0) {
    std::vector<double> out;
    for (std::size_t h = 0; h < hours; ++h)
        out.insert(out.end(), each, random.normal() + mean);
    return out;
}

bool same(const Verdict& a, const Verdict& b) {
    const auto equal = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
    return a.state == b.state && a.reason == b.reason && equal(a.statistic, b.statistic) && equal(a.pValue, b.pValue) &&
           equal(a.threshold, b.threshold) && equal(a.effect, b.effect) && equal(a.effectLow, b.effectLow) &&
           equal(a.effectHigh, b.effectHigh) && equal(a.nEffective, b.nEffective);
}

}  // namespace

class TestDrift : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingChangedIsOk() {
        const ColumnProfile p = normalProfile();
        Random random(3);
        const ColumnDrift d = judge(p, countNumeric(p, normals(random, 6500), {}));
        QCOMPARE(d.column, std::string("x"));
        QCOMPARE(d.distribution.state, State::Ok);
        QCOMPARE(d.missing.state, State::Ok);
        QCOMPARE(d.distribution.method, std::string("wasserstein_sigma"));
        QCOMPARE(d.missing.method, std::string("missing_share"));
        QCOMPARE(d.distribution.nReference, 20'000u);
        QCOMPARE(d.distribution.nCurrent, 6500u);
        verify(d.distribution);
        verify(d.missing);
    }

    void aShiftIsMeasuredInSigma_data() {
        QTest::addColumn<double>("shift");
        QTest::addColumn<int>("state");
        QTest::newRow("below the minimum effect") << 0.05 << static_cast<int>(State::Ok);
        QTest::newRow("a fifth") << 0.2 << static_cast<int>(State::Drift);
        QTest::newRow("a half") << -0.5 << static_cast<int>(State::Drift);
        QTest::newRow("beyond the reference") << 4.0 << static_cast<int>(State::Drift);
        QTest::newRow("far beyond, to the other side") << -6.0 << static_cast<int>(State::Drift);
    }
    void aShiftIsMeasuredInSigma() {
        QFETCH(double, shift);
        QFETCH(int, state);
        const ColumnProfile p = normalProfile();
        Random random(4);
        const CurrentCounts counts = countNumeric(p, normals(random, 6500, shift), {});
        const Verdict v = judge(p, counts).distribution;
        verify(v);
        QCOMPARE(static_cast<int>(v.state), state);
        QVERIFY2(std::abs(v.effect - std::abs(shift)) < 0.03, qPrintable(QString::number(v.effect)));
        QVERIFY(std::abs(driftEffect(p, counts) - v.effect) < 1e-9);
        if (v.state == State::Drift) QVERIFY(v.statistic > v.threshold);
    }

    // Statistically certain, and of no consequence.
    void aTinyShiftOfManyRowsIsOk() {
        const ColumnProfile p = normalProfile(200'000);
        Random random(5);
        const Verdict v = judge(p, countNumeric(p, normals(random, 200'000, 0.03), {})).distribution;
        QVERIFY(v.qValue < 1e-6);
        QCOMPARE(v.state, State::Ok);
    }

    void oneWildValueDecidesNothing_data() {
        QTest::addColumn<int>("n");
        QTest::addColumn<double>("shift");
        QTest::addColumn<double>("wild");
        for (const int n : {300, 6500})
            for (const double shift : {0.0, 0.5})
                for (const double wild : {1e6, -1e6, 1e300, std::numeric_limits<double>::infinity()})
                    QTest::addRow("%d rows, shift %g, value %g", n, shift, wild) << n << shift << wild;
    }
    void oneWildValueDecidesNothing() {
        QFETCH(int, n);
        QFETCH(double, shift);
        QFETCH(double, wild);
        const ColumnProfile p = normalProfile();
        Random random(6);
        std::vector<double> values = normals(random, static_cast<std::size_t>(n), shift);
        const Verdict before = judge(p, countNumeric(p, values, {})).distribution;
        values[5] = wild;
        const Verdict after = judge(p, countNumeric(p, values, {})).distribution;
        verify(after);
        QCOMPARE(after.state, before.state);
        // It counts as a value 8 σ from the median, one of n.
        QVERIFY(std::abs(after.statistic - before.statistic) < 12.0 / n);
    }

    void oneWildValueInTheReferenceHidesNothing() {
        Random random(7);
        std::vector<double> values = normals(random, 20'000);
        values[9] = 1e6;
        const ColumnProfile p = profileNumeric("x", values, {}, {});
        const Verdict v = judge(p, countNumeric(p, normals(random, 6500, 0.5), {})).distribution;
        QCOMPARE(v.state, State::Drift);
        QVERIFY(std::abs(v.effect - 0.5) < 0.05);
        QCOMPARE(judge(p, countNumeric(p, normals(random, 6500), {})).distribution.state, State::Ok);
    }

    void eightRowsAreInsufficient() {
        const ColumnProfile p = normalProfile();
        Random random(8);
        for (const std::size_t n : {1u, 2u, 8u, 50u}) {
            const ColumnDrift d = judge(p, countNumeric(p, normals(random, n), {}));
            verify(d.distribution);
            verify(d.missing);
            QCOMPARE(d.distribution.state, State::Insufficient);
            QVERIFY2(contains(d.distribution.reason, "too few rows: " + std::to_string(n)),
                     d.distribution.reason.c_str());
        }
        const ColumnProfile w = wordProfile();
        QCOMPARE(judge(w, countCategorical(w, std::vector<std::uint32_t>{0, 1}, dictionary(2), {})).distribution.state,
                 State::Insufficient);
    }

    void insufficientDoesNotHideACertainDrift() {
        const ColumnProfile p = normalProfile();
        Random random(9);
        QCOMPARE(judge(p, countNumeric(p, normals(random, 30, 4), {})).distribution.state, State::Drift);
    }

    void moreRowsAreNeededForASmallerEffect() {
        const ColumnProfile p = normalProfile();
        Random random(10);
        const CurrentCounts counts = countNumeric(p, normals(random, 1500), {});
        DriftOptions options;
        QCOMPARE(judge(p, counts, options).distribution.state, State::Ok);
        options.minimumEffect = 0.05;
        QCOMPARE(judge(p, counts, options).distribution.state, State::Insufficient);
        options.power = 0.1;
        QCOMPARE(judge(p, counts, options).distribution.state, State::Ok);
    }

    void categoriesThatShiftDrift() {
        const ColumnProfile p = wordProfile();
        Random random(11);
        const Verdict v =
            judge(p, countCategorical(p, codes(random, 6500, {0.3, 0.5, 0.15, 0.05}), dictionary(4), {})).distribution;
        verify(v);
        QCOMPARE(v.method, std::string("total_variation"));
        QCOMPARE(v.state, State::Drift);
        QVERIFY(std::abs(v.effect - 0.2) < 0.02);
        QCOMPARE(judge(p, countCategorical(p, codes(random, 6500, {0.5, 0.3, 0.15, 0.05}), dictionary(4), {}))
                     .distribution.state,
                 State::Ok);
    }

    // Virgin America begins to fly from Newark: a value the reference never held.
    void unseenCategoriesAreABinOfTheirOwn() {
        const ColumnProfile p = wordProfile();
        Random random(12);
        // The fifth value is new; "other" of the reference is empty, so the two would be told apart by nothing else.
        for (const bool clustered : {false, true}) {
            const auto rows = codes(random, 6500, {0.4, 0.24, 0.12, 0.04, 0.2});
            const auto clusters = clustered ? blocks(6500, 13) : std::vector<std::uint32_t>{};
            const CurrentCounts counts = countCategorical(p, rows, dictionary(5), clusters);
            QVERIFY(counts.unseen > 1200 && counts.unseen < 1400);
            const Verdict v = judge(p, counts).distribution;
            QCOMPARE(v.state, State::Drift);
            QVERIFY(std::abs(v.effect - 0.2) < 0.02 && v.effectLow > 0.17 && v.effectHigh < 0.23);
        }
    }

    void rareValuesThatStayRareAreNotUnseen() {
        Random random(13);
        ProfileOptions options;
        options.categories = 2;
        const ColumnProfile p =
            profileCategorical("x", codes(random, 20'000, {0.5, 0.3, 0.15, 0.05}), dictionary(4), {}, options);
        const CurrentCounts counts =
            countCategorical(p, codes(random, 6500, {0.5, 0.3, 0.15, 0.05}), dictionary(4), {});
        QCOMPARE(counts.unseen, 0u);
        QCOMPARE(judge(p, counts).distribution.state, State::Ok);
    }

    void missingShareIsJudgedByItself() {
        Random random(14);
        std::vector<double> values = normals(random, 20'000);
        for (std::size_t i = 0; i < values.size(); i += 100)
            values[i] = kNaN;
        const ColumnProfile p = profileNumeric("x", values, {}, {});
        std::vector<double> now = normals(random, 6500);
        for (std::size_t i = 0; i < now.size(); i += 20)
            now[i] = kNaN;
        const ColumnDrift d = judge(p, countNumeric(p, now, {}));
        verify(d.missing);
        QCOMPARE(d.distribution.state, State::Ok);
        QCOMPARE(d.distribution.nCurrent, 6175u);
        QCOMPARE(d.missing.state, State::Drift);
        QCOMPARE(d.missing.nCurrent, 6500u);
        QVERIFY(std::abs(d.missing.effect - 0.04) < 1e-9);
        QVERIFY(d.missing.effectLow > 0.03 && d.missing.effectHigh < 0.05);
        QVERIFY(d.missing.threshold > 0 && d.missing.threshold < 0.01);
        // Half a point more is certain at this n, and below the minimum effect.
        now = normals(random, 200'000);
        for (std::size_t i = 0; i < now.size(); i += 67)
            now[i] = kNaN;
        const Verdict little = judge(p, countNumeric(p, now, {})).missing;
        QVERIFY(little.qValue < 1e-3);
        QCOMPARE(little.state, State::Ok);
    }

    void missingValuesOfOneOutageCountAsOne() {
        Random random(15);
        std::vector<double> values = normals(random, 20'000);
        for (std::size_t i = 0; i < 400; ++i)
            values[i] = kNaN;
        const ColumnProfile p = profileNumeric("x", values, blocks(20'000, 100), {});
        QVERIFY(p.effectiveRows < 250);
        std::vector<double> now = normals(random, 2000);
        for (std::size_t i = 300; i < 400; ++i)
            now[i] = kNaN;
        const Verdict v = judge(p, countNumeric(p, now, blocks(2000, 100))).missing;
        verify(v);
        QVERIFY(v.nEffective < 25);
        QCOMPARE(v.state, State::Insufficient);
        // Rows taken as independent would have called it a drift.
        QCOMPARE(judge(profileNumeric("x", values, {}, {}), countNumeric(p, now, {})).missing.state, State::Drift);
    }

    // Degenerate input gives a state and a reason, never a crash and never a silent "ok".
    void whatCannotBeJudgedSaysWhy_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("reason");
        QTest::newRow("empty window") << "empty window"
                                      << "no rows in this window";
        QTest::newRow("all missing") << "all missing"
                                     << "all 30 values of this window are missing";
        QTest::newRow("reference of one row") << "one"
                                              << "one value only";
        QTest::newRow("empty reference") << "empty reference"
                                         << "the reference holds no value";
        QTest::newRow("reference all missing") << "missing reference"
                                               << "the reference holds no value";
        QTest::newRow("reference all infinite") << "infinite reference"
                                                << "no finite value";
        QTest::newRow("identifier") << "identifier"
                                    << "identifier";
        QTest::newRow("other profile's counts") << "misfit"
                                                << "do not fit";
        QTest::newRow("no counts") << "none"
                                   << "no rows in this window";
    }
    void whatCannotBeJudgedSaysWhy() {
        QFETCH(QString, kind);
        QFETCH(QString, reason);
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        Random random(16);
        ColumnProfile p = normalProfile(1000);
        std::vector<double> now = normals(random, 30);
        if (kind == u"empty window") now.clear();
        if (kind == u"all missing") now.assign(30, kNaN);
        if (kind == u"one") p = profileNumeric("x", std::vector<double>{1}, {}, {});
        if (kind == u"empty reference") p = profileNumeric("x", {}, {}, {});
        if (kind == u"missing reference") p = profileNumeric("x", std::vector<double>(50, kNaN), {}, {});
        if (kind == u"infinite reference") p = profileNumeric("x", std::vector<double>(50, -kInfinity), {}, {});
        CurrentCounts counts = countNumeric(p, now, {});
        if (kind == u"identifier") {
            std::vector<std::uint32_t> each(100);
            std::iota(each.begin(), each.end(), 0u);
            p = profileCategorical("x", each, dictionary(100), {}, {});
            counts = countCategorical(p, each, dictionary(100), {});
        }
        if (kind == u"misfit") counts.counts.push_back(3);
        const ColumnDrift d = kind == u"none" ? judgeDrift(std::span(&p, 1), {}, {}).front() : judge(p, counts);
        verify(d.distribution);
        verify(d.missing);
        QCOMPARE(d.distribution.state, State::Unavailable);
        QVERIFY2(contains(d.distribution.reason, reason.toStdString()), d.distribution.reason.c_str());
        QVERIFY(std::isnan(driftEffect(p, counts)) || kind == u"none");
    }

    // A constant has no scale; what can be asked is how many rows differ from it.
    void aConstantIsJudgedByTheRowsThatDiffer() {
        const ColumnProfile p = profileNumeric("x", std::vector<double>(500, 5), {}, {});
        std::vector<double> now(500, 5);
        const Verdict same = judge(p, countNumeric(p, now, {})).distribution;
        verify(same);
        QCOMPARE(same.state, State::Ok);
        QCOMPARE(same.effect, 0.0);
        QCOMPARE(same.method, "total_variation");
        for (std::size_t i = 0; i < 200; ++i)
            now[i] = i % 2 == 0 ? 7 : -1e300;
        const CurrentCounts counts = countNumeric(p, now, blocks(500, 10));
        const Verdict other = judge(p, counts).distribution;
        verify(other);
        QCOMPARE(other.state, State::Drift);
        QVERIFY(std::abs(other.effect - 0.4) < 0.05);
        QVERIFY(std::abs(driftEffect(p, counts) - other.effect) < 1e-9);
        QCOMPARE(judge(p, countNumeric(p, std::vector<double>(3, 5), {})).distribution.state, State::Insufficient);
        QCOMPARE(judge(p, countNumeric(p, std::vector<double>(30, kNaN), {})).distribution.state, State::Unavailable);
        const ColumnProfile two = profileNumeric("x", std::vector<double>{5, 5}, {}, {});
        verify(judge(two, countNumeric(two, now, {})).distribution);
    }

    void twoRowsAgainstTwoRows() {
        const ColumnProfile p = profileNumeric("x", std::vector<double>{1, 2}, {}, {});
        const ColumnDrift d = judge(p, countNumeric(p, std::vector<double>{1, 900}, {}));
        verify(d.distribution);
        QCOMPARE(d.distribution.state, State::Insufficient);
    }

    void optionsOutOfRangeAreBounded() {
        const ColumnProfile p = normalProfile(1000);
        Random random(17);
        DriftOptions options;
        options.resamples = -5;
        options.falseAlarmRate = kNaN;
        options.minimumEffect = -1;
        options.power = 7;
        const ColumnDrift d = judge(p, countNumeric(p, normals(random, 100), {}), options);
        verify(d.distribution);
        QCOMPARE(d.distribution.minimumEffect, 0.0);
    }

    void aSeedDecidesEveryBit() {
        const ColumnProfile p = normalProfile(), w = wordProfile();
        Random random(18);
        const std::vector<ColumnProfile> profiles{p, w};
        const std::vector<CurrentCounts> counts{
            countNumeric(p, weather(random, 200, 8), blocks(1600, 8)),
            countCategorical(w, codes(random, 1600, {0.5, 0.5}), dictionary(4), blocks(1600, 8))};
        const auto first = judgeDrift(profiles, counts, {}), again = judgeDrift(profiles, counts, {});
        DriftOptions other;
        other.seed = 2;
        const auto else_ = judgeDrift(profiles, counts, other);
        for (std::size_t i = 0; i < 2; ++i) {
            QVERIFY(same(first[i].distribution, again[i].distribution) && same(first[i].missing, again[i].missing));
            QVERIFY(first[i].distribution.pValue != else_[i].distribution.pValue);
            QVERIFY(first[i].distribution.statistic == else_[i].distribution.statistic);
        }
        // The random numbers of a column do not depend on its neighbours.
        QVERIFY(judge(w, counts[1]).distribution.pValue == first[1].distribution.pValue);
    }

    void manyColumnsAskForMoreEvidence() {
        const ColumnProfile p = normalProfile();
        Random random(19);
        std::vector<ColumnProfile> profiles;
        std::vector<CurrentCounts> counts;
        for (int i = 0; i < 30; ++i) {
            profiles.push_back(p);
            profiles.back().name = "x" + std::to_string(i);
            counts.push_back(countNumeric(p, normals(random, 2000, i == 0 ? 0.3 : 0), {}));
        }
        const auto all = judgeDrift(profiles, counts, {});
        const Verdict alone = judge(profiles[0], counts[0]).distribution;
        QCOMPARE(all[0].distribution.pValue, alone.pValue);
        QVERIFY(all[0].distribution.qValue > alone.qValue);
        QVERIFY(all[0].distribution.threshold > alone.threshold);
        QCOMPARE(all[0].distribution.state, State::Drift);
        for (std::size_t i = 1; i < all.size(); ++i)
            QVERIFY(all[i].distribution.state != State::Drift);
    }

    void rowsOfAnHourShareTheirWeather() {
        Random random(20);
        const auto hours = weather(random, 2000, 16);
        const ColumnProfile p = profileNumeric("temp", hours, blocks(hours.size(), 16), {});
        const auto now = weather(random, 120, 16);
        const CurrentCounts counts = countNumeric(p, now, blocks(now.size(), 16));
        const Verdict v = judge(p, counts).distribution;
        verify(v);
        QVERIFY(v.nEffective > 80 && v.nEffective < 150);
        QCOMPARE(v.state, State::Insufficient);
        QVERIFY(contains(v.reason, "effective"));
        // The reference knows of the dependence even when the window does not name its clusters.
        QVERIFY(judge(p, countNumeric(p, now, {})).distribution.nEffective < 150);
        // A shift that is there is found all the same.
        const auto moved = weather(random, 120, 16, 1);
        const Verdict drift = judge(p, countNumeric(p, moved, blocks(moved.size(), 16))).distribution;
        QCOMPARE(drift.state, State::Drift);
        QVERIFY(drift.effectHigh - drift.effectLow > 0.25);  // 120 hours, not 1,920 rows
    }

    // Without drift, and rows that come in clusters: the test must not reject more often than it says.
    void falseAlarmsStayNearTheirRate_data() {
        QTest::addColumn<bool>("numeric");
        QTest::addColumn<int>("n");
        QTest::addColumn<int>("each");
        QTest::newRow("numeric, 50 rows") << true << 50 << 1;
        QTest::newRow("numeric, 2,000 rows") << true << 2000 << 1;
        QTest::newRow("numeric, 60 hours of 16") << true << 960 << 16;
        QTest::newRow("categorical, 50 rows") << false << 50 << 1;
        QTest::newRow("categorical, 2,000 rows") << false << 2000 << 1;
    }
    void falseAlarmsStayNearTheirRate() {
        QFETCH(bool, numeric);
        QFETCH(int, n);
        QFETCH(int, each);
        constexpr int kRounds = 300;
        Random random(21);
        const auto size = static_cast<std::size_t>(n), cluster = static_cast<std::size_t>(each);
        const auto clusters = each > 1 ? blocks(size, cluster) : std::vector<std::uint32_t>{};
        const std::vector<double> shares{0.3, 0.2, 0.15, 0.1, 0.1, 0.08, 0.04, 0.02, 0.01};
        const auto referenceClusters = each > 1 ? blocks(16'000, cluster) : std::vector<std::uint32_t>{};
        const ColumnProfile p =
            numeric ? profileNumeric("x", weather(random, 16'000 / cluster, cluster), referenceClusters, {})
                    : profileCategorical("x", codes(random, 16'000, shares), dictionary(9), {}, {});
        int rejected = 0, drift = 0;
        DriftOptions options;
        options.resamples = 100;
        for (int i = 0; i < kRounds; ++i) {
            options.seed = static_cast<std::uint64_t>(i);
            const CurrentCounts counts =
                numeric ? countNumeric(p, weather(random, size / cluster, cluster), clusters)
                        : countCategorical(p, codes(random, size, shares), dictionary(9), clusters);
            const Verdict v = judge(p, counts, options).distribution;
            rejected += v.pValue < 0.05;
            drift += v.state == State::Drift;
        }
        // 5 % of 300 are 15; three standard deviations more are 26.
        QVERIFY2(rejected <= 27, qPrintable(QString::number(rejected)));
        QVERIFY2(rejected >= 2, qPrintable(QString::number(rejected)));
        QVERIFY2(drift <= 3, qPrintable(QString::number(drift)));
    }

    // The categories of a cluster rise and fall together: the distance of the shares has a wider distribution than its
    // mean tells.
    void categoriesOfAClusterMoveTogether() {
        constexpr int kRounds = 300;
        constexpr std::size_t kCategories = 40, kEach = 16;
        Random random(27);
        // Quantile bins of a latent normal of which half is the cluster's.
        const auto rows = [&](std::size_t clusters) {
            std::vector<std::uint32_t> out;
            for (std::size_t c = 0; c < clusters; ++c) {
                const double shared = random.normal();
                for (std::size_t i = 0; i < kEach; ++i) {
                    const double z = std::sqrt(0.5) * (shared + random.normal()),
                                 below = std::erfc(-z / std::sqrt(2.0));
                    out.push_back(static_cast<std::uint32_t>(below / 2 * (kCategories - 1e-9)));
                }
            }
            return out;
        };
        const ColumnProfile p =
            profileCategorical("x", rows(1000), dictionary(kCategories), blocks(1000 * kEach, kEach), {});
        QVERIFY(p.commonMotion > 1.3 && p.commonMotion < 5);
        int rejected = 0;
        DriftOptions options;
        options.resamples = 100;
        for (int i = 0; i < kRounds; ++i) {
            options.seed = static_cast<std::uint64_t>(i);
            const CurrentCounts counts =
                countCategorical(p, rows(60), dictionary(kCategories), blocks(60 * kEach, kEach));
            rejected += judge(p, counts, options).distribution.pValue < 0.05;
        }
        // 5 % of 300 are 15; three standard deviations more are 26.
        QVERIFY2(rejected >= 2 && rejected <= 27, qPrintable(QString::number(rejected)));
    }

    /// Of seven days the last three have moved. That they differ from the others is the change, and no luck of days.
    void aChangeWithinTheWindowIsSeen() {
        constexpr std::size_t kEach = 200;
        Random random(31);
        const auto days = [&](std::size_t count, std::size_t moved) {
            std::vector<double> out;
            for (std::size_t day = 0; day < count; ++day) {
                const double shared = 0.05 * random.normal() + (day + moved >= count ? 0.5 : 0);
                for (std::size_t i = 0; i < kEach; ++i)
                    out.push_back(shared + random.normal());
            }
            return out;
        };
        const ColumnProfile p = profileNumeric("x", days(100, 0), blocks(100 * kEach, kEach), {});
        QCOMPARE(p.clusters, 100u);
        QCOMPARE(p.clusterSize, 200.0);
        ColumnProfile unknown = p;
        unknown.clusters = 0;
        int seen = 0, seenWithout = 0, wrong = 0;
        DriftOptions options;
        options.resamples = 100;
        for (int i = 0; i < 40; ++i) {
            options.seed = static_cast<std::uint64_t>(i);
            const auto clusters = blocks(7 * kEach, kEach);
            const CurrentCounts changed = countNumeric(p, days(7, 3), clusters),
                                same = countNumeric(p, days(7, 0), clusters);
            const Verdict v = judge(p, changed, options).distribution,
                          without = judge(unknown, changed, options).distribution;
            seen += v.pValue < 0.01;
            seenWithout += without.pValue < 0.01;
            wrong += judge(p, same, options).distribution.pValue < 0.01;
            QCOMPARE(v.effectLow, without.effectLow);  // what its days say of its own effect stays
        }
        QVERIFY2(seen >= 36, qPrintable(QString::number(seen)));
        QVERIFY2(seenWithout <= 20, qPrintable(QString::number(seenWithout)));
        QVERIFY2(wrong <= 3, qPrintable(QString::number(wrong)));
    }

    void largestDesigns() {
        QVERIFY(std::isinf(largestDesign(4, {1, 10}, {7, 10})));
        QVERIFY(std::isinf(largestDesign(4, {100, 10}, {1, 10})));
        // scipy.stats.f.ppf(0.95, 6, 99) = 2.19155
        QVERIFY(std::abs(largestDesign(4, {100, 10}, {7, 10}) - 4 * 2.19155) < 1e-3);
        // Clusters of twice the size.
        QVERIFY(std::abs(largestDesign(4, {100, 11}, {7, 21}) - 7 * 2.19155) < 2e-3);
    }

    void commonMotionOfBins() {
        Random random(28);
        const std::vector<double> even(20, 0.05);
        const auto motion = [&](std::size_t clusters, std::size_t each, bool together) {
            const std::size_t rows = clusters * each;
            std::vector<std::uint32_t> bins = codes(random, rows, even);
            // A cluster takes the lower half of the bins, or the upper one.
            for (std::size_t i = 0; i < rows && together; ++i)
                bins[i] = bins[i] % 10 + (i / each % 2 == 0 ? 0 : 10);
            return commonMotion(tabulate(bins, 20, blocks(rows, each)));
        };
        const double independent = motion(2000, 20, false), few = motion(40, 500, false);
        QVERIFY2(independent < 1.1 && few < 1.2, qPrintable(QStringLiteral("%1 %2").arg(independent).arg(few)));
        const double together = motion(400, 100, true);
        QVERIFY2(together > 2, qPrintable(QString::number(together)));
        QCOMPARE(motion(7, 100, true), 1.0);  // too few to tell
        QCOMPARE(commonMotion({}), 1.0);
    }

    void intervalsCoverTheTruth() {
        Random random(22);
        const ColumnProfile p = normalProfile(50'000);
        int covered = 0, low = 0;
        constexpr int kRounds = 200;
        DriftOptions options;
        for (int i = 0; i < kRounds; ++i) {
            const Verdict v = judge(p, countNumeric(p, normals(random, 1500, 0.3), {}), options).distribution;
            covered += v.effectLow <= 0.3 && 0.3 <= v.effectHigh;
            low += v.effectLow > 0.3;
        }
        QVERIFY2(covered >= 178,
                 qPrintable(QString::number(covered)));  // 190 ± 3 deviations, less the width of the bins
        QVERIFY2(low <= 12, qPrintable(QString::number(low)));
    }

    // Most values of a small reference are seen once, so most of the next window's are new: no drift.
    void newValuesAreExpectedWhereTheReferenceHeldManyOnce() {
        const std::vector<double> even(2000, 1.0 / 2000);
        for (const std::size_t n : {500u, 3000u, 20'000u}) {
            Random random(25);
            const ColumnProfile p = profileCategorical("x", codes(random, n, even), dictionary(2000), {}, {});
            int drift = 0;
            DriftOptions few;
            few.resamples = 100;
            for (int i = 0; i < 15; ++i) {
                const CurrentCounts counts = countCategorical(p, codes(random, 2000, even), dictionary(2000), {});
                drift += judge(p, counts, few).distribution.state == State::Drift;
            }
            QVERIFY2(drift == 0, qPrintable(QStringLiteral("%1 of 15 at %2").arg(drift).arg(n)));
        }
    }

    // Fifty of five hundred equals: whichever were the most frequent in the reference are not so in the next window.
    void theLuckiestOfEqualsAreNotADrift() {
        const std::vector<double> even(500, 1.0 / 500);
        Random random(26);
        DriftOptions few;
        few.resamples = 100;
        int rejected = 0;
        constexpr int kRounds = 60;
        for (int i = 0; i < kRounds; ++i) {
            const ColumnProfile p = profileCategorical("x", codes(random, 5000, even), dictionary(500), {}, {});
            const CurrentCounts counts = countCategorical(p, codes(random, 5000, even), dictionary(500), {});
            rejected += judge(p, counts, few).distribution.pValue < 0.05;
        }
        QVERIFY2(rejected <= 9, qPrintable(QString::number(rejected)));  // 3 ± 1.7 is what to expect
    }

    void manyClustersAndManyBinsStayBounded() {
        Random random(23);
        ProfileOptions options;
        options.categories = 5000;
        const ColumnProfile p = profileCategorical("x", codes(random, 20'000, std::vector<double>(6000, 1.0 / 6000)),
                                                   dictionary(6000), {}, options);
        const auto rows = codes(random, 9000, std::vector<double>(6000, 1.0 / 6000));
        DriftOptions few;
        few.resamples = 100;
        const Verdict v = judge(p, countCategorical(p, rows, dictionary(6000), blocks(9000, 3)), few).distribution;
        verify(v);
        QVERIFY(v.state != State::Drift);
    }

    // Counts that a store computed: sums without clip bounds, no squares, clusters without details.
    void countsWithoutDetailsAreJudgedToo() {
        const ColumnProfile p = normalProfile();
        Random random(24);
        CurrentCounts counts = countNumeric(p, normals(random, 6500, 3), blocks(6500, 10));
        const Verdict full = judge(p, counts).distribution;
        counts.clusterOuterSums.clear();
        counts.clusterMissing.clear();
        counts.outerSquares = {};
        verify(judge(p, counts).distribution);
        QCOMPARE(judge(p, counts).distribution.effect, full.effect);
        counts.binSums.back() = 1e300;
        verify(judge(p, counts).distribution);
        counts.binSums.clear();
        const Verdict bare = judge(p, counts).distribution;
        verify(bare);
        QCOMPARE(bare.state, State::Drift);
        QVERIFY(bare.effect < full.effect);
        const ColumnProfile w = wordProfile();
        CurrentCounts words =
            countCategorical(w, codes(random, 6500, std::vector<double>(5, 0.2)), dictionary(5), blocks(6500, 10));
        words.clusterUnseen.clear();
        verify(judge(w, words).distribution);
    }
};

QTEST_GUILESS_MAIN(TestDrift)
#include "tst_drift.moc"
