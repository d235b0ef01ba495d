// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/window_reference.h"

#include "models/statistics/random.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using statistics::State;

/// Windows against the windows before them.
class TestWindowReference : public QObject {
    Q_OBJECT

    /// Four weeks of days with a weekday's level and some noise.
    static std::vector<CountBefore> month(double noise, std::uint64_t seed = 7) {
        statistics::Random random(seed);
        std::vector<CountBefore> out;
        for (int day = 0; day < 28; ++day) {
            const double level = day % 7 == 6 ? 700 : 950;
            out.push_back({day % 7, static_cast<std::uint64_t>(level * (1 + noise * (random.uniform() - 0.5)))});
        }
        return out;
    }
    static double gauss(statistics::Random& random) {
        double sum = 0;
        for (int i = 0; i < 12; ++i)
            sum += random.uniform();
        return sum - 6;
    }

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void traffic() {
        statistics::DriftOptions options;
        options.minimumEffect = 0.15;
        const auto before = month(0.02);
        QVERIFY(judgeCount(948, 0, before, 28, options).state == State::Ok);
        QVERIFY(judgeCount(702, 6, before, 28, options).state == State::Ok);
        const auto fall = judgeCount(700, 0, before, 28, options);
        QVERIFY(fall.state == State::Drift);
        QVERIFY(std::abs(fall.effect + 0.26) < 0.02);
        QVERIFY(fall.effectLow < fall.effect && fall.effect < fall.effectHigh);
        QVERIFY(judgeCount(0, 0, before, 28, options).state == State::Drift);
        QVERIFY(judgeCount(900, 0, before, 28, options).state == State::Ok);  // 5 %: real, and below the minimum effect
    }

    void trafficNeedsItsReference() {
        const auto before = month(0.02);
        const std::span<const CountBefore> two(before.data(), 13);
        const auto v = judgeCount(500, 0, two, 28, {});
        QVERIFY(v.state == State::Insufficient);
        QCOMPARE(v.reason, std::string("13 of 28 windows of reference"));
        QVERIFY(judgeCount(500, 0, {}, 28, {}).state == State::Insufficient);
    }

    /// Months that differ much from day to day do not accuse an ordinary day, and say that they could not notice a
    /// small change.
    void trafficKnowsTheSpread() {
        statistics::DriftOptions options;
        options.minimumEffect = 0.1;
        const auto v = judgeCount(750, 0, month(0.8), 28, options);
        QVERIFY(v.state == State::Insufficient);
        QVERIFY(v.pValue > 0.01);
    }

    void share() {
        const statistics::DriftOptions options;
        const std::vector<ShareBefore> before(28, {0.02, 900});
        auto ok = measureShare(20, 900, before, 28, 0.05, options);
        auto bad = measureShare(400, 900, before, 28, 0.05, options);
        auto none = measureShare(0, 900, before, 28, 0.05, options);  // a fall is no fault
        std::vector<statistics::Verdict*> all{&ok, &bad, &none};
        settle(all, options);
        QVERIFY(ok.state == State::Ok);
        QVERIFY(bad.state == State::Drift);
        QVERIFY(none.state == State::Ok);
        QVERIFY(std::abs(bad.effect - (400.0 / 900 - 0.02)) < 1e-12);
        QVERIFY(bad.qValue <= options.falseAlarmRate);
    }

    /// A column that never missed a value: one missing value is no certainty of a fault.
    void shareOfNone() {
        const statistics::DriftOptions options;
        const std::vector<ShareBefore> before(28, {0.0, 900});
        auto one = measureShare(1, 900, before, 28, 0.05, options);
        auto all = measureShare(900, 900, before, 28, 0.05, options);
        std::vector<statistics::Verdict*> both{&one, &all};
        settle(both, options);
        QVERIFY(one.state == State::Ok);
        QVERIFY(all.state == State::Drift);
    }

    void shareNeedsRowsAndReference() {
        const std::vector<ShareBefore> before(28, {0.02, 900});
        QCOMPARE(measureShare(3, 10, before, 28, 0.05, {}).reason, std::string("10 rows"));
        const auto early = measureShare(30, 900, std::span(before).first(13), 28, 0.05, {});
        QVERIFY(early.state == State::Insufficient);
        QVERIFY(measureShare(30, 900, std::span(before).first(14), 28, 0.05, {}).state == State::Ok);
    }

    /// Days whose shares differ by themselves: the test holds its false-alarm rate (two standard errors of 4,000
    /// windows).
    void shareHoldsItsRate() {
        statistics::Random random(11);
        statistics::DriftOptions options;
        options.falseAlarmRate = 0.05;
        constexpr int kWindows = 4'000;
        int alarms = 0;
        const auto day = [&] { return ShareBefore{std::clamp(0.2 + 0.05 * gauss(random), 0.0, 1.0), 900}; };
        for (int i = 0; i < kWindows; ++i) {
            std::vector<ShareBefore> before(28);
            for (auto& b : before)
                b = day();
            const auto today = day();
            const auto hits = static_cast<std::uint64_t>(today.share * 900 + 0.5);
            alarms += measureShare(hits, 900, before, 28, 0, options).pValue <= options.falseAlarmRate;
        }
        const double rate = static_cast<double>(alarms) / kWindows;
        QVERIFY2(std::abs(rate - 0.05) < 2 * std::sqrt(0.05 * 0.95 / kWindows) + 0.002,
                 qPrintable(QString::number(rate)));
    }

    /// A storm among the windows before does not widen what passes for ordinary, unless storms have become ordinary.
    void driftedWindowsAreLeftOut() {
        const statistics::DriftOptions options;
        std::vector<ShareBefore> before(28, {0.02, 900});
        before[20] = {0.6, 900, true};
        before[21] = {0.55, 900, true};
        const auto judged = [&](std::uint64_t hits) {
            auto v = measureShare(hits, 900, before, 28, 0.05, options);
            statistics::Verdict* one[] = {&v};
            settle(one, options);
            return v.state;
        };
        QVERIFY(judged(20) == State::Ok);
        QVERIFY(judged(200) == State::Drift);
        for (std::size_t i = 10; i < 28; ++i)
            before[i] = {0.5, 900, true};
        QVERIFY(judged(450) != State::Drift);
    }

    void limit() {
        QVERIFY(judgeLimit("outside_range", 0, 900, 0.01).state == State::Ok);
        QVERIFY(judgeLimit("outside_range", 10, 900, 0.01).state == State::Drift);
        QVERIFY(judgeLimit("outside_range", 0, 0, 0.01).state == State::Insufficient);
    }
};

QTEST_GUILESS_MAIN(TestWindowReference)
#include "tst_window_reference.moc"
