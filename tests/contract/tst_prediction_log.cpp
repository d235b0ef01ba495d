// SPDX-License-Identifier: GPL-3.0-or-later
// The embedded log, with the rows in one batch, in many, and one by one.
#include "models/predictions/embedded_prediction_log.h"
#include "tests/contract/prediction_log_contract.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using contract::LogRows;

class TestPredictionLogContract : public QObject {
    Q_OBJECT

    static ports::RowSet slice(const ports::RowSet& rows, std::size_t from, std::size_t to) {
        ports::RowSet out;
        out.rows = to - from;
        for (ports::Column column : rows.columns) {
            const auto cut = [&](auto& values) {
                if (!values.empty())
                    values = {values.begin() + static_cast<std::ptrdiff_t>(from),
                              values.begin() + static_cast<std::ptrdiff_t>(to)};
            };
            cut(column.numbers);
            cut(column.codes);
            cut(column.times);
            out.columns.push_back(std::move(column));
        }
        return out;
    }

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void embedded_data() {
        QTest::addColumn<int>("batch");
        for (const int batch : {120, 50, 7, 1})
            QTest::addRow("batches of %d", batch) << batch;
    }
    void embedded() {
        QFETCH(int, batch);
        test::Store store;
        const auto written = store.workspace()->write([&](workspace::Database& db) -> Result<int> {
            const ports::RowSet rows = LogRows::rows();
            for (std::size_t from = 0; from < rows.rows; from += static_cast<std::size_t>(batch))
                PH_TRY(predictions::append(
                    db, slice(rows, from, std::min(rows.rows, from + static_cast<std::size_t>(batch)))));
            std::vector<predictions::Truth> truths;
            for (int i = 0; i < LogRows::kRows; ++i)
                if (LogRows::labelled(i))
                    truths.push_back(
                        {"R" + std::to_string(i), LogRows::outcome(i), LogRows::time(i) + std::chrono::hours(1)});
            PH_TRY(predictions::appendTruth(db, "delay", truths));
            return 0;
        });
        PH_VERIFY(written.result());
        predictions::EmbeddedPredictionLog log(store.workspace());
        contract::checkPredictionLog(log);
    }
};

QTEST_GUILESS_MAIN(TestPredictionLogContract)
#include "tst_prediction_log.moc"
