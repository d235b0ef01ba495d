// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "models/items/prediction_rows_model.h"
#include "tests/items/fake_prediction_log.h"

using namespace pilothouse;
using items::PredictionRowsModel;
using test::FakePredictionLog;

class TestPredictionRowsModel : public QObject {
    Q_OBJECT

    struct Fixture {
        std::shared_ptr<FakePredictionLog> log;
        PredictionRowsModel model;
        QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::Fatal};
        std::vector<Timestamp> edges;

        /// Buckets of `seconds` over all rows.
        Fixture(std::size_t rows, int seconds) : log(std::make_shared<FakePredictionLog>(rows)), model(log) {
            for (Timestamp t = FakePredictionLog::timeOf(rows); t <= FakePredictionLog::kNewest + std::chrono::hours(1);
                 t += std::chrono::seconds(seconds))
                edges.push_back(t);
            edges.push_back(edges.back() + std::chrono::seconds(seconds));
            model.setColumns({{u"time"_qs, u"time"_qs, {"time"}, {}, ports::ColumnType::Time, true},
                              {u"score"_qs, u"score"_qs, {"score"}, {}, ports::ColumnType::Number, true}});
        }
        [[nodiscard]] ports::SearchPage firstPage() {
            return *log->search(model.firstPage({}, {edges.front(), edges.back()}), {}).result();
        }
        void ask(bool follow = false, const ports::RowOrder& order = {}) {
            items::PredictionQuestion question;
            question.edges = edges;
            question.counts = log->counts(edges);
            question.order = order;
            std::optional<ports::SearchPage> first = firstPage();
            model.ask(std::move(question), std::move(first), follow);
        }
        double score(int row) { return model.index(row, 1).data(PredictionRowsModel::ScoreRole).toDouble(); }
    };

private Q_SLOTS:
    void knowsAllRowsAndFetchesWhatIsSeen() {
        Fixture f(10'000, 60);
        f.ask();
        QCOMPARE(f.model.rowCount(), 10'000);
        QVERIFY(f.model.loaded(0));
        QCOMPARE(f.score(0), 10'000.0);
        f.model.setVisible(0, 40);
        QTRY_VERIFY(!f.model.loading());
        QVERIFY(f.log->rowsAnswered < 1'200);  // not the ten thousand
        QVERIFY(!f.model.loaded(5'000));
        QVERIFY(f.model.index(5'000, 0).data(PredictionRowsModel::LoadingRole).toBool());
        QVERIFY(!f.model.index(5'000, 0).data().isValid());
    }

    void anyPlaceIsOneSearchAway_data() {
        QTest::addColumn<int>("seconds");
        QTest::newRow("blocks of many buckets") << 7;
        QTest::newRow("a block a bucket") << 400;
        QTest::newRow("one bucket, page by page") << 100'000;
    }
    void anyPlaceIsOneSearchAway() {
        QFETCH(int, seconds);
        Fixture f(10'000, seconds);
        f.ask();
        for (const int row : {9'999, 1, 5'000, 255, 256, 257, 7'777}) {
            f.model.setVisible(row - 20, row + 20);
            QTRY_VERIFY(f.model.loaded(row));
            QTRY_VERIFY(!f.model.loading());
            QCOMPARE(f.score(row), 10'000.0 - row);
        }
    }

    void aBusyBucketIsCutNotPagedTo() {
        Fixture f(100'000, 1'000'000);  // all rows in one bucket
        f.ask();
        QCOMPARE(f.model.rowCount(), 100'000);
        for (const int row : {50'000, 99'999, 77'777, 3'000, 0}) {
            const std::size_t before = f.log->rowsAnswered;
            f.model.setVisible(row - 20, row + 20);
            QTRY_VERIFY(f.model.loaded(row));
            QTRY_VERIFY(!f.model.loading());
            QCOMPARE(f.score(row), 100'000.0 - row);
            QVERIFY2(f.log->rowsAnswered - before < 4'000, qPrintable(QString::number(f.log->rowsAnswered - before)));
        }
        QVERIFY(f.log->countings >= 3);
    }

    void rowsThatCameMeanwhileDoNotMoveOthers() {
        Fixture f(20'000, 1'000'000);
        f.ask();
        f.log->grow(7);  // a count within the bucket does not agree with the first one any more
        f.model.setVisible(10'000, 10'040);
        QTRY_VERIFY(f.model.loaded(10'020));
        QCOMPARE(f.model.rowCount(), 20'000);
    }

    void theFirstRowsStayWhenAllAreCounted() {
        Fixture f(10'000, 60);
        QSignalSpy reset(&f.model, &QAbstractItemModel::modelReset);
        f.model.preview({}, {f.edges.front(), f.edges.back()}, {}, f.firstPage());
        QCOMPARE(reset.count(), 1);
        QCOMPARE(f.model.rowCount(), static_cast<int>(PredictionRowsModel::kFirstRows));
        const QPersistentModelIndex chosen = f.model.index(100, 1);
        QCOMPARE(f.score(100), 9'900.0);
        f.ask(true);
        QCOMPARE(reset.count(), 1);
        QCOMPARE(f.model.rowCount(), 10'000);
        QCOMPARE(chosen.row(), 100);
        QVERIFY(f.model.loaded(100));  // though its block may begin below the first row
    }

    void oldestFirst_data() {
        QTest::addColumn<int>("seconds");
        QTest::newRow("blocks of many buckets") << 7;
        QTest::newRow("one bucket") << 1'000'000;
    }
    void oldestFirst() {
        QFETCH(int, seconds);
        Fixture f(30'000, seconds);
        f.ask(false, {{}, true});
        for (const int row : {0, 29'999, 15'000, 255, 256, 1'024, 29'000}) {
            f.model.setVisible(row - 20, row + 20);
            QTRY_VERIFY(f.model.loaded(row));
            QTRY_VERIFY(!f.model.loading());
            QCOMPARE(f.score(row), 1.0 + row);
        }
        QCOMPARE(f.model.rowOfRequest(u"r30000"_qs), 29'999);
    }

    void followBelowWhereTheOldestAreFirst() {
        Fixture f(3'000, 60);
        f.ask(false, {{}, true});
        f.model.setVisible(2'960, 2'999);
        QTRY_VERIFY(!f.model.loading());
        const QPersistentModelIndex chosen = f.model.index(2'990, 1);
        QSignalSpy inserted(&f.model, &QAbstractItemModel::rowsInserted),
            reset(&f.model, &QAbstractItemModel::modelReset);
        f.log->grow(12);
        f.ask(true, {{}, true});
        QCOMPARE(reset.count(), 0);
        QCOMPARE(inserted.count(), 1);
        QCOMPARE(inserted.front()[1].toInt(), 3'000);
        QCOMPARE(chosen.row(), 2'990);
        QCOMPARE(f.score(3'011), 3'012.0);
        f.edges.erase(f.edges.begin(), f.edges.begin() + 10);  // the live range has moved on: the oldest leave above
        f.ask(true, {{}, true});
        QCOMPARE(reset.count(), 0);
        QCOMPARE(chosen.row(), 2'990 - 599);
    }

    void inTheOrderOfAFieldThePageIsAll() {
        Fixture f(3'000, 60);
        f.ask(false, {"score", false});  // the log behind does not order; the model takes its page as it comes
        QCOMPARE(f.model.rowCount(), static_cast<int>(PredictionRowsModel::kFirstRows));
        f.model.setVisible(80, 120);
        QTRY_VERIFY(!f.model.loading());
        QVERIFY(f.model.loaded(127));
        QSignalSpy reset(&f.model, &QAbstractItemModel::modelReset);
        f.ask(true, {"score", false});
        QCOMPARE(reset.count(), 0);  // the same rows
        f.log->grow(1);
        f.ask(true, {"score", false});
        QCOMPARE(reset.count(), 1);
    }

    void farQuestionsAreCancelled() {
        Fixture f(20'000, 60);
        f.ask();
        QTRY_VERIFY(!f.model.loading());
        f.log->hold();
        f.model.setVisible(10'000, 10'040);
        f.model.setVisible(15'000, 15'040);
        f.model.setVisible(19'000, 19'040);
        f.log->release();
        QTRY_VERIFY(f.model.loaded(19'020));
        QVERIFY(f.log->cancelled >= 2);
        QVERIFY(!f.model.loaded(10'020));
    }

    void followInsertsAboveAndKeepsSelections() {
        Fixture f(3'000, 60);
        f.ask();
        const QPersistentModelIndex chosen = f.model.index(7, 1);
        const double score = f.score(7);
        QSignalSpy inserted(&f.model, &QAbstractItemModel::rowsInserted),
            reset(&f.model, &QAbstractItemModel::modelReset);
        f.log->grow(12);
        f.ask(true);
        QCOMPARE(reset.count(), 0);
        QCOMPARE(inserted.count(), 1);
        QCOMPARE(f.model.rowCount(), 3'012);
        QCOMPARE(chosen.row(), 19);
        QCOMPARE(f.score(chosen.row()), score);
        QCOMPARE(f.score(0), 3'012.0);
    }

    void followDropsWhatLeftTheRange() {
        Fixture f(3'000, 60);
        f.ask();
        f.log->grow(5);
        f.edges.erase(f.edges.begin(), f.edges.begin() + 10);  // the live range has moved on
        f.ask(true);
        QCOMPARE(f.model.rowCount(), 3'005 - 599);
        QCOMPARE(f.score(0), 3'005.0);
        f.model.setVisible(2'380, 2'405);
        QTRY_VERIFY(f.model.loaded(2'404));
        QCOMPARE(f.score(2'404), 3'005.0 - 2'404);
    }

    void followWithAnotherPastIsAnotherQuestion() {
        Fixture f(500, 60);
        f.ask();
        QSignalSpy reset(&f.model, &QAbstractItemModel::modelReset);
        f.log->grow(3'000);  // the newest row of before is not among the newest any more
        f.ask(true);
        QCOMPARE(reset.count(), 1);
        QCOMPARE(f.score(0), 3'500.0);
    }

    void findsARequestAmongWhatIsHere() {
        Fixture f(1'000, 60);
        f.ask();
        QCOMPARE(f.model.rowOfRequest(u"r1000"_qs), 0);
        QCOMPARE(f.model.rowOfRequest(u"r990"_qs), 10);
        QCOMPARE(f.model.rowOfRequest(u"nothing"_qs), -1);
    }

    void nothingMatches() {
        Fixture f(0, 60);
        f.model.ask({}, std::nullopt);
        QCOMPARE(f.model.rowCount(), 0);
        f.model.setVisible(0, 40);
        QVERIFY(!f.model.loading());
    }
};

QTEST_GUILESS_MAIN(TestPredictionRowsModel)
#include "tst_prediction_rows_model.moc"
