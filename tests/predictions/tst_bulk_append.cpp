// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "models/predictions/bulk_append.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/verify_predictions.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::test;
using predictions::EncodedSegment;
using predictions::SegmentBuilder;

namespace {

std::string idOf(std::size_t i) { return "R" + std::to_string(i); }

/// Rows [from, to): a number that some lack, and a field that is a text in every third row.
EncodedSegment segmentOf(std::size_t from, std::size_t to) {
    SegmentBuilder builder;
    const auto cell = [&](const char* name, ports::ColumnType type) -> predictions::ColumnWriter& {
        auto& writer = builder.column(name, type);
        builder.catchUp(writer);
        return writer;
    };
    for (std::size_t i = from; i < to; ++i) {
        cell("time", ports::ColumnType::Time).appendTime(at(static_cast<std::int64_t>(i)).ns);
        cell("model", ports::ColumnType::Text).appendText("delay");
        cell("request_id", ports::ColumnType::Text).appendText(idOf(i));
        if (i % 5 != 0) cell("x", ports::ColumnType::Number).appendNumber(static_cast<double>(i));
        if (i % 3 == 0)
            cell("mixed", ports::ColumnType::Text).appendText("t" + std::to_string(i % 7));
        else
            cell("mixed", ports::ColumnType::Number).appendNumber(static_cast<double>(i % 7));
        builder.finishRow(at(static_cast<std::int64_t>(i)).ns, predictions::requestHash(idOf(i)));
    }
    return builder.finish();
}

std::string problemsOf(Store& store) {
    const auto problems = predictions::verifyPredictions(store.database());
    if (!problems) return problems.error().text();
    return problems->empty() ? std::string() : problems->front().where + ": " + problems->front().what;
}

}  // namespace

class TestBulkAppend : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void manyBecomeASegmentAndFewABatch() {
        Store store;
        const auto many = predictions::appendEncoded(store.database(), segmentOf(0, 20'000));
        PH_VERIFY(many);
        QCOMPARE(many->added, std::size_t{20'000});
        const auto few = predictions::appendEncoded(store.database(), segmentOf(20'000, 20'100));
        PH_VERIFY(few);
        QCOMPARE(store.count("SELECT count(*) FROM prediction_segment"), 1);
        QCOMPARE(store.count("SELECT count(*) FROM prediction_batch"), 1);
        QCOMPARE(*store.ids("request_id:R19999"), std::vector<std::string>{"R19999"});
        QCOMPARE(*store.ids("request_id:R20099"), std::vector<std::string>{"R20099"});
        QCOMPARE(store.ids("mixed:t3")->size(), std::size_t{957});
        // Both types of the field are there, and the fewer values are counted as the conflict.
        QCOMPARE(store.count("SELECT types FROM prediction_field WHERE name = 'mixed'"), 3);
        QVERIFY(store.count("SELECT conflicts FROM prediction_field WHERE name = 'mixed'") >= 6'667);
        QCOMPARE(problemsOf(store), std::string());
    }

    /// Again, overlapping, within the rows themselves, and against the tail.
    void whatIsThereIsLeftOut() {
        Store store;
        PH_VERIFY(predictions::appendEncoded(store.database(), segmentOf(0, 20'000)));
        PH_VERIFY(predictions::appendEncoded(store.database(), segmentOf(20'000, 20'500)));
        const auto again = predictions::appendEncoded(store.database(), segmentOf(0, 20'000));
        PH_VERIFY(again);
        QCOMPARE(again->added, std::size_t{0});
        QCOMPARE(again->repeated, std::size_t{20'000});
        const auto overlap = predictions::appendEncoded(store.database(), segmentOf(19'000, 40'000));
        PH_VERIFY(overlap);
        QCOMPARE(overlap->repeated, std::size_t{1'500});
        QCOMPARE(overlap->added, std::size_t{19'500});
        // Row by row into the same log: the two ways know each other's rows.
        std::vector<Row> rows{row(idOf(39'999), at(39'999)), row("new", at(39'999))};
        PH_VERIFY(predictions::append(store.database(), rowSet(rows)));
        QCOMPARE(*predictions::countInLog(store.database(), {}, TimeRange::all(), {}), std::uint64_t{40'001});
        QCOMPARE(store.ids("mixed:*")->size(), std::size_t{40'000});
        QCOMPARE(*store.ids("x:33333"), std::vector<std::string>{"R33333"});
        QCOMPARE(problemsOf(store), std::string());
    }

    void anotherTimeOrVersionIsAnotherRow() {
        Store store;
        PH_VERIFY(predictions::append(store.database(), rowSet(std::vector<Row>{row("a", at(1)), row("a", at(2))})));
        PH_VERIFY(predictions::append(store.database(),
                                      rowSet(std::vector<Row>{row("a", at(2), {{"version", std::string("1")}})})));
        PH_VERIFY(predictions::append(store.database(), rowSet(std::vector<Row>{row("a", at(1))})));
        QCOMPARE(store.ids("")->size(), std::size_t{3});
    }

    /// Batches that a segment was put behind are sealed as they are; their ordinals stay their own.
    void aTailInFrontOfSegmentsIsSealed() {
        Store store;
        PH_VERIFY(predictions::appendEncoded(store.database(), segmentOf(0, 100)));
        PH_VERIFY(predictions::appendEncoded(store.database(), segmentOf(100, 250)));
        PH_VERIFY(predictions::appendEncoded(store.database(), segmentOf(250, 17'000)));
        PH_VERIFY(predictions::appendEncoded(store.database(), segmentOf(17'000, 17'010)));
        const auto sealed = predictions::seal(store.database());
        PH_VERIFY(sealed);
        QCOMPARE(*sealed, std::size_t{250});
        QCOMPARE(store.count("SELECT count(*) FROM prediction_segment"), 2);
        QCOMPARE(store.count("SELECT count(*) FROM prediction_batch"), 1);
        QCOMPARE(*predictions::seal(store.database()), std::size_t{0});
        const auto ids = store.ids("");
        PH_VERIFY(ids);
        QCOMPARE(ids->size(), std::size_t{17'010});
        for (std::size_t i = 0; i < ids->size(); ++i)
            QCOMPARE((*ids)[i], idOf(i));
        QCOMPARE(problemsOf(store), std::string());
    }
};

QTEST_GUILESS_MAIN(TestBulkAppend)
#include "tst_bulk_append.moc"
