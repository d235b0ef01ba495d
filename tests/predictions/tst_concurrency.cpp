// SPDX-License-Identifier: GPL-3.0-or-later
// Readers on several threads while one writes: each answer is that of one snapshot. Worth most under the thread
// sanitizer.
#include <QTest>
#include <thread>

#include "models/predictions/log_queries.h"
#include "tests/predictions/support.h"

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
};

QTEST_GUILESS_MAIN(TestConcurrency)
#include "tst_concurrency.moc"
