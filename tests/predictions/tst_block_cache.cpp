// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "models/predictions/block_cache.h"

using pilothouse::predictions::BlockCache;

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

BlockCache::Key key(std::uint64_t content) { return {content, 0, BlockCache::Kind::Block}; }

/// Asks for each value and puts it where it is not; says how many were there.
int pass(BlockCache& cache, std::uint64_t from, std::uint64_t to, std::size_t bytes) {
    int found = 0;
    for (std::uint64_t i = from; i < to; ++i) {
        if (cache.find<std::uint64_t>(key(i)))
            ++found;
        else
            cache.put(key(i), std::make_shared<const std::uint64_t>(i), bytes);
    }
    return found;
}

}  // namespace

class TestBlockCache : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatFitsStays() {
        BlockCache cache(64 * kMiB);
        QCOMPARE(pass(cache, 0, 20, 3 * kMiB), 0);
        QCOMPARE(pass(cache, 0, 20, 3 * kMiB), 20);
        for (std::uint64_t i = 0; i < 20; ++i)
            QCOMPARE(*cache.find<std::uint64_t>(key(i)), i);
        cache.clear();
        QCOMPARE(cache.bytes(), std::size_t{0});
    }
    void theLimitHolds() {
        BlockCache cache(64 * kMiB);
        for (int turn = 0; turn < 5; ++turn) {
            (void)pass(cache, 0, 50, 3 * kMiB);
            (void)pass(cache, 100, 400, kMiB / 2);
            QVERIFY(cache.bytes() <= 64 * kMiB);
        }
    }
    /// The least recently used goes first.
    void smallValuesAlwaysComeIn() {
        BlockCache cache(8 * kMiB);
        (void)pass(cache, 0, 100, kMiB / 4);
        QVERIFY(cache.find<std::uint64_t>(key(99)) && !cache.find<std::uint64_t>(key(0)));
    }
    /// Again and again over twice of what fits: some of it is there each time.
    void aLongPassFindsSomeOfTheLast() {
        BlockCache cache(60 * kMiB);
        (void)pass(cache, 0, 60, 2 * kMiB);
        for (int turn = 0; turn < 5; ++turn) {
            const int found = pass(cache, 0, 60, 2 * kMiB);
            QVERIFY2(found >= 10, qPrintable(QString::number(found)));
        }
    }
    /// A full cache takes in what is asked for over and over.
    void whatIsWantedComesIn() {
        BlockCache cache(60 * kMiB);
        (void)pass(cache, 0, 60, 2 * kMiB);
        int turns = 0;
        while (pass(cache, 100, 103, 2 * kMiB) < 3)
            QVERIFY(++turns < 20);
    }
};

QTEST_GUILESS_MAIN(TestBlockCache)
#include "tst_block_cache.moc"
