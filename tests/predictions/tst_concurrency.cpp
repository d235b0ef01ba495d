// SPDX-License-Identifier: GPL-3.0-or-later
// Readers on several threads while one writes: each answer is that of one snapshot. Worth most under the thread
// sanitizer.
#include <QTest>
#include <thread>

#include "models/predictions/block_cache.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/retention.h"
#include "tests/predictions/lifecycle.h"

using namespace pilothouse;
using namespace pilothouse::test;

class TestConcurrency : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    /// The writer commits rows and the outcomes of all but the newest ones together, and seals once. In every snapshot
    /// the rows with an outcome are those of all batches but the last.
    void readersSeeSnapshots() {
        constexpr int kBatches = 90, kRows = 800;
        Store store;
        const auto rowsOf = [](int batch) {
            std::vector<Row> rows;
            for (int i = 0; i < kRows; ++i)
                rows.push_back(
                    row("R" + std::to_string(batch * kRows + i), at(batch), {{"x", static_cast<double>(batch)}}));
            return rowSet(rows);
        };
        PH_VERIFY(predictions::append(store.database(), rowsOf(0)));
        std::atomic<bool> done{false};
        std::atomic<int> wrong{0}, answers{0};
        const auto read = [&] {
            const auto database = *store.workspace()->connect(true);
            while (!done) {
                auto transaction = *workspace::Transaction::begin(*database, workspace::Transaction::Kind::Read);
                const auto count = [&](const char* text) {
                    return predictions::countInLog(*database, *predictions::parseQuery(text), TimeRange::all(), {})
                        .value_or(0);
                };
                const std::uint64_t all = count(""), labelled = count("labelled"), numbers = count("x>=0");
                const auto split = predictions::timeCountsOfLog(*database, {{}, {at(0), at(kBatches)}, "outcome"}, {});
                const auto newest = predictions::searchLog(*database, {{}, TimeRange::all(), {}, 1, {"x"}}, {});
                const bool ok = all % kRows == 0 && labelled + kRows == all && numbers == all && split &&
                                split->counts[0][0] + split->counts[1][0] == labelled && split->counts[2][0] == kRows &&
                                newest && newest->rows.columns[0].numbers[0] == static_cast<double>(all / kRows - 1);
                wrong += ok ? 0 : 1;
                ++answers;
            }
        };
        std::thread first(read), second(read);
        Status written;
        for (int batch = 1; batch < kBatches && written; ++batch) {
            written = [&]() -> Status {
                PH_ASSIGN(auto transaction, workspace::Transaction::begin(store.database()));
                PH_TRY(predictions::append(store.database(), rowsOf(batch)));
                std::vector<predictions::Truth> truths;
                for (int i = 0; i < kRows; ++i)
                    truths.push_back({"R" + std::to_string((batch - 1) * kRows + i), i % 2 ? 1.0 : 0.0, at(batch)});
                PH_TRY(predictions::appendTruth(store.database(), "delay", truths));
                PH_TRY(predictions::seal(store.database()));
                return transaction.commit();
            }();
        }
        done = true;
        first.join();
        second.join();
        PH_VERIFY(written);
        QCOMPARE(store.count("SELECT count(*) FROM prediction_segment"), 1);
        QCOMPARE(wrong.load(), 0);
        QVERIFY(answers > 1);
    }

    /// What a reader's further connections read may be gone or written anew since its snapshot was taken.
    void partsThatAreGoneMeanwhile() {
        constexpr std::size_t kParts = 30, kRows = 500;
        Store store;
        for (std::size_t p = 0; p < kParts; ++p)
            PH_VERIFY(appendSegment(store.database(), "S", p * kRows, (p + 1) * kRows));
        const auto database = *store.workspace()->connect(true);
        const auto answers = [&] {
            predictions::BlockCache::instance().clear();
            predictions::BlockCache::filters().clear();
            const auto page = predictions::searchLog(
                *database, {*predictions::parseQuery("x>=0"), TimeRange::all(), {}, kParts * kRows, {}}, {});
            const auto count =
                predictions::countInLog(*database, *predictions::parseQuery("x>=6"), TimeRange::all(), {});
            std::string out = page ? "" : page.error().text();
            for (std::size_t i = 0; page && i < page->rows.rows; ++i)
                out += std::string(page->rows.find("request_id")->text(i)) + " ";
            return out + std::to_string(count.value_or(0));
        };
        {
            auto transaction = *workspace::Transaction::begin(*database, workspace::Transaction::Kind::Read);
            const std::string before = answers();
            QVERIFY2(before.size() > kParts * kRows * 4, before.substr(0, 200).c_str());
            PH_VERIFY(predictions::compact(store.database(), {}));
            QVERIFY(store.count("SELECT count(*) FROM prediction_segment") < static_cast<int>(kParts));
            QVERIFY(answers() == before);
            PH_VERIFY(store.database().execute("DELETE FROM prediction_segment; DELETE FROM prediction_column"));
            PH_VERIFY(appendSegment(store.database(), "T", 0, kRows));  // the same number as one that is gone
            QVERIFY(answers() == before);
        }
        QVERIFY(answers().starts_with("T"));
        // No connection is left that holds the write-ahead log back.
        const auto left = store.database().integer("PRAGMA wal_checkpoint(TRUNCATE)");
        PH_VERIFY(left);
        QCOMPARE(left->value_or(-1), std::int64_t{0});
    }
};

QTEST_GUILESS_MAIN(TestConcurrency)
#include "tst_concurrency.moc"
