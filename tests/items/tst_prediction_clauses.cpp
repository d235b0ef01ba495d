// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "models/items/prediction_buckets.h"
#include "models/items/prediction_clauses.h"
#include "models/items/prediction_columns.h"
#include "models/items/prediction_export.h"
#include "models/items/prediction_facets_model.h"
#include "models/items/prediction_row_loader.h"
#include "models/predictions/query_parser.h"

using namespace pilothouse;
using namespace pilothouse::items;

class TestPredictionClauses : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void split_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("clauses");
        QTest::newRow("empty") << u"  "_qs << QStringList{};
        QTest::newRow("side by side") << u"carrier:UA temp_f>80"_qs << QStringList{u"carrier:UA"_qs, u"temp_f>80"_qs};
        QTest::newRow("AND") << u"carrier:UA AND temp_f>80"_qs << QStringList{u"carrier:UA"_qs, u"temp_f>80"_qs};
        QTest::newRow("NOT") << u"NOT origin:JFK wrong"_qs << QStringList{u"NOT origin:JFK"_qs, u"wrong"_qs};
        QTest::newRow("minus") << u"-origin:JFK"_qs << QStringList{u"-origin:JFK"_qs};
        QTest::newRow("OR stays one") << u"carrier:UA OR carrier:B6"_qs << QStringList{u"carrier:UA OR carrier:B6"_qs};
        QTest::newRow("OR inside") << u"origin:(JFK OR LGA) wrong"_qs
                                   << QStringList{u"origin:(JFK OR LGA)"_qs, u"wrong"_qs};
        QTest::newRow("range") << u"temp_f:[20 TO 30] wrong"_qs << QStringList{u"temp_f:[20 TO 30]"_qs, u"wrong"_qs};
        QTest::newRow("quotes") << u"message:\"gate AND timeout\" wrong"_qs
                                << QStringList{u"message:\"gate AND timeout\""_qs, u"wrong"_qs};
        QTest::newRow("regular expression")
            << u"dest:/a \\/ (b/ -/x y/ wrong"_qs << QStringList{u"dest:/a \\/ (b/"_qs, u"-/x y/"_qs, u"wrong"_qs};
        QTest::newRow("slash within") << u"path:a/b wrong"_qs << QStringList{u"path:a/b"_qs, u"wrong"_qs};
        QTest::newRow("versus") << u"version:12 vs 13 wrong"_qs << QStringList{u"version:12 vs 13"_qs, u"wrong"_qs};
        QTest::newRow("not versus") << u"NOT version:12 vs 13"_qs << QStringList{u"NOT version:12 vs 13"_qs};
        QTest::newRow("quote in quotes") << u"message:\"a \\\" b\" wrong"_qs
                                         << QStringList{u"message:\"a \\\" b\""_qs, u"wrong"_qs};
    }
    void split() {
        QFETCH(QString, text);
        QFETCH(QStringList, clauses);
        QCOMPARE(splitClauses(text), clauses);
        std::vector<std::string> list;
        for (const QString& c : clauses) {
            QVERIFY2(predictions::parseQuery(c.toStdString()).has_value(), qPrintable(c));
            list.push_back(c.toStdString());
        }
        QCOMPARE(splitClauses(joinClauses(list)), clauses);
    }
    void joinKeepsEitherTogether() {
        const QString text = joinClauses({"carrier:UA OR carrier:B6", "wrong"});
        QCOMPARE(text, u"(carrier:UA OR carrier:B6) wrong"_qs);
        QVERIFY(predictions::parseQuery(text.toStdString()).has_value());
    }

    void token_data() {
        QTest::addColumn<QString>("text");  // | is the cursor
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("prefix");
        QTest::addColumn<bool>("name");
        QTest::newRow("start") << u"|"_qs << QString() << QString() << false;
        QTest::newRow("name") << u"wrong tem|"_qs << QString() << u"tem"_qs << false;
        QTest::newRow("value") << u"carrier:U|"_qs << u"carrier"_qs << u"U"_qs << false;
        QTest::newRow("nothing typed yet") << u"dest:|"_qs << u"dest"_qs << QString() << false;
        QTest::newRow("excluded value") << u"-dest:B|"_qs << u"dest"_qs << u"B"_qs << false;
        QTest::newRow("excluded name") << u"-des|"_qs << QString() << u"des"_qs << false;
        QTest::newRow("number") << u"temp_f>=8|"_qs << u"temp_f"_qs << u"8"_qs << false;
        QTest::newRow("field as value") << u"outside:te|"_qs << u"outside"_qs << u"te"_qs << true;
        QTest::newRow("in quotes") << u"plane_engine:\"Turbo f|"_qs << u"plane_engine"_qs << u"Turbo f"_qs << false;
        QTest::newRow("middle") << u"car| wrong"_qs << QString() << u"car"_qs << false;
    }
    void token() {
        QFETCH(QString, text);
        const qsizetype cursor = text.indexOf(u'|');
        text.remove(cursor, 1);
        const TypedToken t = tokenAt(text, cursor);
        QTEST(t.field, "field");
        QTEST(t.prefix, "prefix");
        QTEST(t.fieldName, "name");
    }
    void completions() {
        const std::vector<ports::FieldInfo> fields{{"temp_f", ports::ColumnType::Number, true},
                                                   {"carrier", ports::ColumnType::Text, true},
                                                   {"dewpoint_f", ports::ColumnType::Number, true}};
        auto found = completeNames(tokenAt(u"ca"_qs, 2), fields);
        QCOMPARE(found.front().text, u"carrier:"_qs);
        QCOMPARE(found.front().hint, u"feature, text"_qs);
        found = completeNames(tokenAt(u"outside:te"_qs, 10), fields);
        QCOMPARE(found.size(), std::size_t{1});
        QCOMPARE(found.front().text, u"temp_f"_qs);
        found = completeNames(tokenAt(u"temp_f"_qs, 6), fields);
        QCOMPARE(found.size(), std::size_t{5});
        QCOMPARE(found[1].text, u"temp_f>"_qs);
        found = completeNames(tokenAt(u"point"_qs, 5), fields);
        QCOMPARE(found.front().text, u"dewpoint_f"_qs);
        ports::TopValues values;
        values.values = {{"UA", 10}, {"US", 5}, {"B6", 3}, {"U S", 1}};
        const auto offered = completeValues(tokenAt(u"carrier:u"_qs, 9), values);
        QCOMPARE(offered.size(), std::size_t{3});
        QCOMPARE(offered[0].first.text, u"UA"_qs);
        QCOMPARE(offered[2].first.text, u"\"U S\""_qs);
    }
    void piecesCoverWhatIsSaid() {
        const auto found = pieces(u"carrier:UA AND -temp_f>=80 wrong"_qs);
        QStringList kinds;
        for (const TextPiece& p : found)
            kinds += QString::number(static_cast<int>(p.kind)) + u'@' + QString::number(p.start);
        // carrier : UA AND -temp_f > = 80 wrong
        QCOMPARE(kinds.join(u' '), u"0@0 1@7 2@8 1@11 0@15 1@22 1@23 2@24 3@27"_qs);
    }

    void bucketsFillTheRange_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("hour") << u"2013-07-08T04:10:07Z"_qs << u"2013-07-08T05:10:00Z"_qs;
        QTest::newRow("week") << u"2013-07-08T04:00:00Z"_qs << u"2013-07-15T04:00:00Z"_qs;
        QTest::newRow("change of clocks") << u"2013-03-01T05:00:00Z"_qs << u"2013-03-29T04:00:00Z"_qs;
        QTest::newRow("year") << u"2013-01-01T05:00:00Z"_qs << u"2014-01-01T05:00:00Z"_qs;
        QTest::newRow("century") << u"1950-01-01T05:00:00Z"_qs << u"2050-01-01T05:00:00Z"_qs;
    }
    void bucketsFillTheRange() {
        QFETCH(QString, from);
        QFETCH(QString, to);
        const TimeRange range{*Timestamp::parseIso(from.toStdString()), *Timestamp::parseIso(to.toStdString())};
        const auto edges = bucketEdges(range, *Zone::fromName("America/New_York"), 400);
        QCOMPARE(edges.front().ns, range.start.ns);
        QCOMPARE(edges.back().ns, range.end.ns);
        QVERIFY(edges.size() <= 410);
        QVERIFY(edges.size() > 40);
        QVERIFY(std::is_sorted(edges.begin(), edges.end()));
        QVERIFY(std::adjacent_find(edges.begin(), edges.end()) == edges.end());
    }
    void bucketsOfNothing() { QVERIFY(bucketEdges({}, Zone(), 100).empty()); }

    void columnsReadAsPeopleDo() {
        const auto columns = predictionColumns({{"time", ports::ColumnType::Time, false},
                                                {"carrier", ports::ColumnType::Text, true},
                                                {"flight", ports::ColumnType::Text, false},
                                                {"temp_f", ports::ColumnType::Number, true},
                                                {"score", ports::ColumnType::Number, false},
                                                {"request_id", ports::ColumnType::Text, false}});
        QStringList ids, shown;
        for (const PredictionColumn& c : columns) {
            ids += c.id;
            if (c.shown) shown += c.id;
        }
        QCOMPARE(ids, (QStringList{u"time"_qs, u"carrier+flight"_qs, u"score"_qs, u"temp_f"_qs, u"carrier"_qs,
                                   u"flight"_qs, u"request_id"_qs}));
        QCOMPARE(shown, (QStringList{u"time"_qs, u"carrier+flight"_qs, u"score"_qs, u"temp_f"_qs}));
    }

    void facets() {
        PredictionFacetsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.setFields({"carrier", "origin"});
        ports::TopValues now, before;
        now.values = {{"UA", 60}, {"B6", 30}};
        now.missing = 10;
        now.total = 100;
        before.values = {{"UA", 300}, {"B6", 600}};
        before.missing = 0;
        before.total = 1'000;
        model.setValues("carrier", now, before);
        QCOMPARE(model.rowCount(), 4);
        QVERIFY(model.index(0).data(PredictionFacetsModel::HeaderRole).toBool());
        QCOMPARE(model.index(1).data(PredictionFacetsModel::ShareRole).toDouble(), 0.6);
        QCOMPARE(model.index(1).data(PredictionFacetsModel::LiftRole).toDouble(), 2.0);
        QCOMPARE(model.index(1).data(PredictionFacetsModel::ClauseRole).toString(), u"carrier:UA"_qs);
        QCOMPARE(model.index(3).data(PredictionFacetsModel::ClauseRole).toString(), u"_missing_:carrier"_qs);
        QVERIFY(!model.index(3).data(PredictionFacetsModel::LiftRole).isValid());
        model.setFilters({"carrier:UA", "-carrier:B6"});
        QVERIFY(model.index(1).data(PredictionFacetsModel::ActiveRole).toBool());
        QVERIFY(model.index(2).data(PredictionFacetsModel::ExcludedRole).toBool());
        // Other numbers of the same values do not move the list.
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        now.values = {{"UA", 61}, {"B6", 31}};
        model.setValues("carrier", now, before);
        QCOMPARE(reset.count(), 0);
        model.clearValues();
        QCOMPARE(model.rowCount(), 0);
    }

    void csvQuotesWhatNeedsIt() {
        ports::RowSet rows;
        rows.rows = 2;
        rows.columns = {{"time",
                         ports::ColumnType::Time,
                         {},
                         {},
                         {},
                         {Timestamp::parseIso("2013-07-08T04:00:00Z")->ns, kTimestampMin.ns}},
                        {"message", ports::ColumnType::Text, {}, {0, 1}, {"a \"b\", c", "plain"}, {}},
                        {"temp_f", ports::ColumnType::Number, {75.92, std::nan("")}, {}, {}, {}}};
        QCOMPARE(rowsCsv(rows, true),
                 QByteArray("time,message,temp_f\n2013-07-08T04:00:00Z,\"a \"\"b\"\", c\",75.92\n,plain,\n"));
    }
    void jsonOfARow() {
        ports::RowSet rows;
        rows.rows = 1;
        rows.columns = {{"temp_f", ports::ColumnType::Number, {75.92}, {}, {}, {}},
                        {"dest", ports::ColumnType::Text, {}, {ports::Column::kMissingCode}, {}, {}}};
        const QJsonObject object = QJsonDocument::fromJson(rowJson(rows, 0)).object();
        QCOMPARE(object[u"temp_f"_qs].toDouble(), 75.92);
        QVERIFY(object[u"dest"_qs].isNull());
    }
    void placeInTheReference() {
        statistics::ColumnProfile numeric;
        numeric.min = 10;
        numeric.max = 60;
        const ports::Column temp{"temp_f", ports::ColumnType::Number, {75, 30, std::nan(""), 9}, {}, {}, {}};
        QVERIFY(placeOf(numeric, temp, 0).above);
        QVERIFY(!placeOf(numeric, temp, 1).beyond());
        QVERIFY(placeOf(numeric, temp, 2).missing && !placeOf(numeric, temp, 2).beyond());
        QVERIFY(placeOf(numeric, temp, 3).below);
        statistics::ColumnProfile text;
        text.kind = statistics::ColumnKind::Categorical;
        text.n = 100;
        text.categories = {"UA"};
        text.counts = {75, 25};
        text.rest = {"HA"};
        const ports::Column carrier{"carrier", ports::ColumnType::Text, {}, {0, 1, 2}, {"UA", "HA", "VX"}, {}};
        QCOMPARE(placeOf(text, carrier, 0).share, 0.75);
        QVERIFY(!placeOf(text, carrier, 1).unseen);
        QVERIFY(placeOf(text, carrier, 2).unseen);
    }
};

QTEST_GUILESS_MAIN(TestPredictionClauses)
#include "tst_prediction_clauses.moc"
