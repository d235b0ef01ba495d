// SPDX-License-Identifier: GPL-3.0-or-later
// Work on several threads, consumed in order on one.
#include <QTest>
#include <atomic>
#include <stdexcept>
#include <thread>

#include "models/predictions/parallel.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using predictions::kWindow;
using predictions::runOrdered;

class TestParallel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void everyUnitIsConsumedInOrder_data() {
        QTest::addColumn<int>("units");
        for (const int units : {0, 1, 2, 5, 6, 7, 5'000})
            QTest::addRow("%d units", units) << units;
    }
    void everyUnitIsConsumedInOrder() {
        QFETCH(int, units);
        const auto n = static_cast<std::size_t>(units);
        std::array<std::size_t, kWindow> slots{};
        std::atomic<std::size_t> begun{0};
        std::size_t consumed = 0;
        bool right = true;
        const auto caller = std::this_thread::get_id();
        runOrdered(
            n,
            [&](std::size_t u) {
                ++begun;
                slots[u % kWindow] = u + 1;
            },
            [&](std::size_t u) {
                right &= u == consumed && slots[u % kWindow] == u + 1 && std::this_thread::get_id() == caller;
                right &= begun <= consumed + kWindow;
                ++consumed;
                return true;
            });
        QVERIFY(right);
        QCOMPARE(consumed, n);
    }

    void anEndIsAnEnd() {
        std::atomic<int> running{0};
        std::atomic<std::size_t> greatest{0};
        std::size_t consumed = 0;
        runOrdered(
            1'000,
            [&](std::size_t u) {
                ++running;
                std::size_t seen = greatest;
                while (seen < u && !greatest.compare_exchange_weak(seen, u)) {
                }
                --running;
            },
            [&](std::size_t) { return ++consumed < 10; });
        QCOMPARE(consumed, std::size_t{10});
        QCOMPARE(running.load(), 0);
        QVERIFY(greatest < 10 + kWindow);
    }

    void theFirstUnitsAreTheCallersAlone() {
        const auto caller = std::this_thread::get_id();
        std::atomic<int> others{0};
        runOrdered(
            40, [&](std::size_t u) { others += u < 4 && std::this_thread::get_id() != caller ? 1 : 0; },
            [](std::size_t) { return true; }, 4);
        QCOMPARE(others.load(), 0);
    }

    void exceptionsComeOut() {
        const auto everything = [](std::size_t) { return true; };
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, runOrdered(
                                                         100,
                                                         [](std::size_t u) {
                                                             if (u == 50) throw std::runtime_error("work");
                                                         },
                                                         everything));
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, runOrdered(
                                                         100, [](std::size_t) {},
                                                         [](std::size_t u) -> bool {
                                                             if (u == 50) throw std::runtime_error("consume");
                                                             return true;
                                                         }));
    }

    /// More questions at once than the pool has threads.
    void manyAtOnce() {
        std::atomic<std::size_t> sum{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 6; ++t)
            threads.emplace_back([&] {
                for (int round = 0; round < 50; ++round)
                    runOrdered(
                        20, [](std::size_t) {},
                        [&](std::size_t u) {
                            sum += u;
                            return true;
                        });
            });
        for (std::thread& t : threads)
            t.join();
        QCOMPARE(sum.load(), std::size_t{6 * 50 * 190});
    }
};

QTEST_GUILESS_MAIN(TestParallel)
#include "tst_parallel.moc"
