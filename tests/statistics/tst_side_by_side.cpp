// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdexcept>

#include "models/statistics/side_by_side.h"
#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

class TestSideBySide : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachIsDoneOnce_data() {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("threads");
        for (const int count : {0, 1, 2, 1000})
            for (const int threads : {0, 1, 3, 8})
                QTest::addRow("%d on %d", count, threads) << count << threads;
    }
    void eachIsDoneOnce() {
        QFETCH(int, count);
        QFETCH(int, threads);
        std::vector<int> times(std::size_t(count), 0);
        sideBySide(
            times.size(), [&](std::size_t i) { ++times[i]; }, std::size_t(threads));
        QVERIFY(std::ranges::all_of(times, [](int t) { return t == 1; }));
    }

    void aFailureIsThrownWhenAllHaveStopped() {
        std::atomic<int> running = 0;
        const auto work = [&](std::size_t i) {
            ++running;
            if (i == 3) {
                --running;
                throw std::runtime_error("three");
            }
            --running;
        };
        for (const std::size_t threads : {1u, 4u})
            QVERIFY_THROWS_EXCEPTION(std::runtime_error, sideBySide(100, work, threads));
        QCOMPARE(running.load(), 0);
    }

    // A column beside others, on whichever thread, gets the numbers that it gets alone.
    void aColumnIsJudgedAlikeInAnyCompany() {
        Random random(3);
        std::vector<ColumnProfile> profiles;
        std::vector<CurrentCounts> counts;
        for (int c = 0; c < 12; ++c) {
            profiles.push_back(profileNumeric("n" + std::to_string(c), normals(random, 3000), {}, {}));
            counts.push_back(countNumeric(profiles.back(), normals(random, 960, 0.1), blocks(960, 16)));
        }
        const auto together = judgeDrift(profiles, counts, {});
        for (std::size_t c = 0; c < profiles.size(); ++c) {
            const auto alone = judgeDrift(std::span(&profiles[c], 1), std::span(&counts[c], 1), {}).front();
            QCOMPARE(together[c].distribution.pValue, alone.distribution.pValue);
            QCOMPARE(together[c].distribution.effectLow, alone.distribution.effectLow);
            QCOMPARE(together[c].distribution.effectHigh, alone.distribution.effectHigh);
        }
    }
};

QTEST_GUILESS_MAIN(TestSideBySide)
#include "tst_side_by_side.moc"
