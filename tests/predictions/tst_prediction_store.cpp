// SPDX-License-Identifier: GPL-3.0-or-later
// Appending, ground truth, sealing, damage, cancellation.
#include <QTest>

#include "models/predictions/log_queries.h"
#include "models/predictions/log_reader.h"
#include "models/predictions/verify_predictions.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::test;
using predictions::append;
using predictions::appendTruth;
using predictions::kSegmentRows;
using predictions::Truth;
using Ids = std::vector<std::string>;

namespace {

/// Many rows, made as columns: a day's times jump, texts and numbers repeat, some are missing, one column only at
/// times.
ports::RowSet manyRows(std::size_t from, std::size_t to) {
    using ports::ColumnType;
    ports::RowSet set;
    set.rows = to - from;
    ports::Column time{"time", ColumnType::Time, {}, {}, {}, {}},
        model{"model", ColumnType::Text, {}, {}, {"delay"}, {}},
        version{"version", ColumnType::Text, {}, {}, {"v1", "v2"}, {}},
        id{"request_id", ColumnType::Text, {}, {}, {}, {}}, score{"score", ColumnType::Number, {}, {}, {}, {}},
        temp{"temp_f", ColumnType::Number, {}, {}, {}, {}}, rare{"rare", ColumnType::Number, {}, {}, {}, {}};
    for (std::size_t i = from; i < to; ++i) {
        time.times.push_back(static_cast<std::int64_t>((i * 7919) % 100'003) * 1'000'000'000);
        model.codes.push_back(0);
        version.codes.push_back(i % 5 == 0 ? ports::Column::kMissingCode : i < 40'000 ? 0 : 1);
        id.codes.push_back(static_cast<std::uint32_t>(id.dictionary.size()));
        id.dictionary.push_back("R" + std::to_string(i));
        score.numbers.push_back(static_cast<double>(static_cast<float>((i * 31 % 1'000)) / 999.0F));
        temp.numbers.push_back(i % 11 == 0 ? std::nan("") : static_cast<double>(i % 900) / 10);
        rare.numbers.push_back(i >= 66'000 && i < 66'010 ? 1.0 / static_cast<double>(i) : std::nan(""));
    }
    set.columns = {time, model, version, id, score, temp};
    if (from <= 66'000 && to > 66'000) set.columns.push_back(rare);
    return set;
}

/// The log's whole content, in order of arrival, and what questions answer.
struct Answers {
    ports::RowSet rows;
    std::vector<std::vector<std::uint64_t>> counts;
    std::vector<std::string> newest;
    std::vector<double> means;
};

Result<Answers> answersOf(workspace::Database& database) {
    Answers answers;
    PH_ASSIGN(answers.rows,
              predictions::collect(database,
                                   {{},
                                    TimeRange::all(),
                                    {"time", "version", "request_id", "score", "temp_f", "rare", "outcome"},
                                    kTimestampMax},
                                   {}));
    std::vector<Timestamp> edges;
    for (int i = 0; i <= 20; ++i)
        edges.push_back(at(i * 5'001));
    PH_ASSIGN(const auto query, predictions::parseQuery("temp_f>20 OR wrong"));
    PH_ASSIGN(const auto counts, predictions::timeCountsOfLog(database, {query, edges, "version"}, {}));
    answers.counts = counts.counts;
    PH_ASSIGN(const auto page,
              predictions::searchLog(database, {query, TimeRange::all(), {}, 500, {"request_id"}}, {}));
    for (std::size_t i = 0; i < page.rows.rows; ++i)
        answers.newest.emplace_back(page.rows.columns[0].text(i));
    PH_ASSIGN(
        const auto means,
        predictions::aggregateLog(
            database, {{}, edges, {{ports::Measure::Mean, "score", 0}, {ports::Measure::Quantile, "temp_f", 0.9}}, ""},
            {}));
    for (const auto& series : means.series)
        answers.means.insert(answers.means.end(), series.values.begin(), series.values.end());
    return answers;
}

bool sameRows(const ports::RowSet& a, const ports::RowSet& b) {
    if (a.rows != b.rows || a.columns.size() != b.columns.size()) return false;
    for (const ports::Column& column : a.columns)
        for (std::size_t i = 0; i < a.rows; ++i)
            if (cell(a, column.name, i) != cell(b, column.name, i)) return false;
    return true;
}

Status fill(Store& store, std::size_t rows, const std::vector<std::size_t>& cuts, bool sealOften) {
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(store.database()));
    std::size_t from = 0;
    for (std::size_t i = 0; from < rows; ++i) {
        const std::size_t to = std::min(rows, from + cuts[i % cuts.size()]);
        PH_TRY(append(store.database(), manyRows(from, to)));
        if (sealOften) PH_TRY(predictions::seal(store.database()));
        from = to;
    }
    std::vector<Truth> truths;
    for (std::size_t i = 0; i < rows; i += 3)
        truths.push_back({"R" + std::to_string(i), static_cast<double>(i % 2), at(static_cast<std::int64_t>(i))});
    PH_TRY(appendTruth(store.database(), "delay", truths));
    return transaction.commit();
}

/// Every byte of the sealed part.
std::vector<std::string> segmentBytes(Store& store) {
    std::vector<std::string> out;
    for (const char* sql :
         {"SELECT first_ordinal, rows, first_time, last_time, checksum, hex(ids) FROM prediction_segment ORDER BY id",
          "SELECT segment, name, type, low, missing, hex(header) || hex(data) FROM prediction_column ORDER BY segment, "
          "name, type"}) {
        auto rows = *store.database().prepare(sql);
        while (*rows.step()) {
            std::string line;
            for (int c = 0; c < 6; ++c)
                line += rows.text(c) + "|";
            out.push_back(line);
        }
    }
    return out;
}

}  // namespace

class TestPredictionStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    /// The list of segments is read from an index: in the table, there is a page or more to each.
    void segmentsAreListedFromTheirIndex() {
        Store store;
        auto plan = store.database().prepare(
            "EXPLAIN QUERY PLAN SELECT id, rows, first_time, last_time, first_ordinal, checksum FROM "
            "prediction_segment ORDER BY first_ordinal");
        PH_VERIFY(plan);
        const auto row = plan->step();
        PH_VERIFY(row);
        QVERIFY2(plan->text(3).find("COVERING INDEX prediction_segment_list") != std::string::npos,
                 plan->text(3).c_str());
        QVERIFY(plan->text(3).find("TEMP B-TREE") == std::string::npos);
    }

    void rowsComeBackInOrderOfArrival() {
        Store store;
        const std::vector<Row> rows{row("a", at(30), {{"x", 1.5}, {"t", std::string("é")}}),
                                    row("b", at(10), {{"x", -0.0}}),
                                    row("c", at(20), {{"t", std::string()}, {"when", at(5)}})};
        PH_VERIFY(append(store.database(), rowSet(rows)));
        const auto got = predictions::collect(
            store.database(), {{}, TimeRange::all(), {"request_id", "x", "t", "when", "time"}, kTimestampMax}, {});
        PH_VERIFY(got);
        QCOMPARE(got->rows, std::size_t{3});
        for (std::size_t i = 0; i < rows.size(); ++i)
            for (const char* name : {"request_id", "x", "t", "when", "time"}) {
                const auto place = rows[i].find(name);
                QVERIFY2(cell(*got, name, i) == (place == rows[i].end() ? std::nullopt : std::optional(place->second)),
                         name);
            }
        QVERIFY(std::signbit(got->find("x")->numbers[1]));
    }

    void scanHandsPartsInOrder() {
        Store store;
        for (int batch = 0; batch < 3; ++batch)
            PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("a" + std::to_string(batch), at(9 - batch)),
                                                                       row("b" + std::to_string(batch), at(batch))})));
        Ids seen;
        int parts = 0;
        PH_VERIFY(predictions::scan(store.database(), {{}, TimeRange::all(), {"request_id"}, kTimestampMax}, {},
                                    [&](const ports::RowSet& part) -> Status {
                                        ++parts;
                                        for (std::size_t i = 0; i < part.rows; ++i)
                                            seen.emplace_back(part.columns[0].text(i));
                                        return {};
                                    }));
        QCOMPARE(seen, (Ids{"a0", "b0", "a1", "b1", "a2", "b2"}));
        QCOMPARE(parts, 3);
        // A sink that fails ends the scan with its error.
        PH_FAILS(predictions::scan(store.database(), {{}, TimeRange::all(), {}, kTimestampMax}, {},
                                   [](const ports::RowSet&) { return Status(fail(Error::internal("enough"))); }),
                 ErrorKind::Internal, "enough");
    }

    void refusals_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("text");
        const QStringList texts{QStringLiteral("need a column \"time\""),
                                QStringLiteral("\"request_id\" is missing in row 1"),
                                QStringLiteral("must hold numbers"),
                                QStringLiteral("joined from ground truth"),
                                QStringLiteral("has 1 rows of 2"),
                                QStringLiteral("outside its dictionary in row 0"),
                                QStringLiteral("comes twice"),
                                QStringLiteral("the limit is 65536")};
        for (int i = 0; i < texts.size(); ++i)
            QTest::newRow(qPrintable(texts[i])) << i << texts[i];
    }
    void refusals() {
        QFETCH(int, which);
        QFETCH(QString, text);
        Store store;
        ports::RowSet rows =
            rowSet(std::vector<Row>{row("a", at(1), {{"x", 1.0}, {"t", std::string("u")}}), row("b", at(2))});
        switch (which) {
            case 0:
                rows.find("time")->name = "tame";
                break;
            case 1:
                rows.find("request_id")->codes[1] = ports::Column::kMissingCode;
                break;
            case 2:
                rows.find("t")->name = "score";
                break;
            case 3:
                rows.find("x")->name = "outcome";
                break;
            case 4:
                rows.find("x")->numbers.pop_back();
                break;
            case 5:
                rows.find("t")->codes[0] = 7;
                break;
            case 6:
                rows.find("x")->name = "t";
                rows.find("t")->name = "t";
                break;
            default:
                rows.find("t")->dictionary[0] = std::string(70'000, 'x');
        }
        PH_FAILS(append(store.database(), rows), ErrorKind::InvalidInput, text.toStdString());
        QCOMPARE(store.count("SELECT count(*) FROM prediction_batch"), 0);
        PH_FAILS(appendTruth(store.database(), "", std::vector<Truth>{{"a", 1, at(1)}}), ErrorKind::InvalidInput,
                 "model");
        PH_FAILS(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", std::nan(""), at(1)}}),
                 ErrorKind::InvalidInput, "\"a\"");
    }

    void theSameRequestTwiceIsOneRow() {
        Store store;
        const auto scored = [](const char* id, const char* version, double score) {
            return row(id, at(1), {{"version", std::string(version)}, {"score", score}});
        };
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{scored("a", "v1", 0.1), scored("b", "v1", 0.2),
                                                                   scored("a", "v1", 0.9)})));
        // Again, another version of the same request, another model, and none at all.
        Row other = scored("a", "v1", 0.5);
        other["model"] = std::string("other");
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{scored("b", "v1", 0.8), scored("a", "v2", 0.3),
                                                                   other, row("a", at(1))})));
        const auto repeated =
            append(store.database(), rowSet(std::vector<Row>{row("a", at(1)), scored("a", "v2", 0.7)}));
        PH_VERIFY(repeated);
        QCOMPARE(repeated->added, std::size_t{0});
        QCOMPARE(repeated->repeated, std::size_t{2});
        // A retry later is a row of its own.
        const auto later = append(store.database(), rowSet(std::vector<Row>{row("a", at(2)), row("a", at(1))}));
        PH_VERIFY(later);
        QCOMPARE(later->added, std::size_t{1});
        QCOMPARE(later->repeated, std::size_t{1});
        const auto got = predictions::collect(store.database(), {{}, TimeRange::all(), {"score"}, kTimestampMax}, {});
        PH_VERIFY(got);
        QCOMPARE(got->rows, std::size_t{6});
        const std::vector<double> expected{0.1, 0.2, 0.3, 0.5};
        QCOMPARE(std::vector<double>(got->columns[0].numbers.begin(), got->columns[0].numbers.begin() + 4), expected);
        QVERIFY(std::isnan(got->columns[0].numbers[4]));
    }

    /// What a transaction took back is not remembered as there.
    void rolledBackRowsAreGone() {
        Store store;
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("a", at(1))})));
        {
            auto transaction = workspace::Transaction::begin(store.database());
            PH_VERIFY(transaction);
            PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("b", at(2), {{"x", 1.0}})})));
            PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 1, at(3)}}));
            QCOMPARE(*store.ids("labelled"), Ids{"a"});
            QCOMPARE(*store.ids(""), (Ids{"a", "b"}));
        }
        QCOMPARE(*store.ids(""), Ids{"a"});
        QCOMPARE(*store.ids("labelled"), Ids{});
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("b", at(2), {{"x", 2.0}}), row("c", at(3))})));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 0, at(3)}}));
        QCOMPARE(*store.ids("x:2"), Ids{"b"});
        QCOMPARE(*store.ids("outcome:0"), Ids{"a"});
        QCOMPARE(*store.ids("outcome:1"), Ids{});
    }

    void latestKnownTruthWins() {
        Store store;
        PH_VERIFY(
            append(store.database(), rowSet(std::vector<Row>{row("a", at(1)), row("b", at(1)), row("c", at(1))})));
        const auto outcomes = [&](Timestamp known) {
            const auto rows =
                predictions::collect(store.database(), {{}, TimeRange::all(), {"outcome", "outcome_time"}, known}, {});
            std::vector<double> values;
            for (std::size_t i = 0; rows && i < rows->rows; ++i)
                values.push_back(rows->columns[1].missing(i) ? -1 : rows->columns[0].numbers[i]);
            return values;
        };
        using Values = std::vector<double>;
        QCOMPARE(outcomes(kTimestampMax), (Values{-1, -1, -1}));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 1, at(10)}, {"b", 0, at(20)}}));
        QCOMPARE(outcomes(kTimestampMax), (Values{1, 0, -1}));
        QCOMPARE(outcomes(at(20)), (Values{1, -1, -1}));  // before the moment
        // Out of order: an older one does not replace a newer; at the same moment the later arrival counts.
        PH_VERIFY(appendTruth(store.database(), "delay",
                              std::vector<Truth>{{"a", 5, at(5)}, {"b", 7, at(20)}, {"x", 1, at(1)}}));
        QCOMPARE(outcomes(kTimestampMax), (Values{1, 7, -1}));
        QCOMPARE(outcomes(at(10)), (Values{5, -1, -1}));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 8, at(30)}, {"a", 9, at(12)}}));
        QCOMPARE(outcomes(kTimestampMax), (Values{8, 7, -1}));
        QCOMPARE(outcomes(at(30)), (Values{9, 7, -1}));
        QCOMPARE(outcomes(at(11)), (Values{1, -1, -1}));
        PH_VERIFY(appendTruth(store.database(), "other", std::vector<Truth>{{"c", 1, at(1)}}));
        QCOMPARE(outcomes(kTimestampMax), (Values{8, 7, -1}));
        QCOMPARE(store.count("SELECT sum(rows) FROM truth_batch"), 8);  // all are kept
    }

    /// Truth that is committed while a reader's snapshot is open does not show in it.
    void snapshotsDoNotSeeLaterTruth() {
        Store store;
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("a", at(1))})));
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"z", 0, at(2)}}));
        const auto reader = *store.workspace()->connect(true);
        const auto labelled = [](workspace::Database& db) {
            return *predictions::countInLog(db, *predictions::parseQuery("labelled"), TimeRange::all(), {});
        };
        auto snapshot = workspace::Transaction::begin(*reader, workspace::Transaction::Kind::Read);
        PH_VERIFY(snapshot);
        QCOMPARE(labelled(*reader), std::uint64_t{0});
        PH_VERIFY(appendTruth(store.database(), "delay", std::vector<Truth>{{"a", 1, at(2)}}));
        QCOMPARE(labelled(store.database()), std::uint64_t{1});
        QCOMPARE(labelled(*reader), std::uint64_t{0});
        PH_VERIFY(snapshot->commit());
        QCOMPARE(labelled(*reader), std::uint64_t{1});
    }

    void fieldsWidenAndCountConflicts() {
        Store store;
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("a", at(1), {{"x", 5.0}})})));
        PH_VERIFY(append(store.database(),
                         rowSet(std::vector<Row>{row("b", at(2), {{"x", std::string("five")}, {"y", 1.0}})})));
        const auto fields = predictions::fieldsOfLog(store.database());
        PH_VERIFY(fields);
        const auto x = std::ranges::find(*fields, "x", &ports::FieldInfo::name);
        QVERIFY(x != fields->end() && x->type == ports::ColumnType::Text);
        QVERIFY(fields->back().name == "y");
        QCOMPARE(store.count("SELECT conflicts FROM prediction_field WHERE name = 'x'"), 1);
        // The first type stays the measure: numbers are none, texts are, whatever came in between.
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("n", at(3), {{"x", 6.0}})})));
        QCOMPARE(store.count("SELECT conflicts FROM prediction_field WHERE name = 'x'"), 1);
        PH_VERIFY(append(store.database(),
                         rowSet(std::vector<Row>{row("t", at(3), {{"x", std::string("six")}}), row("v", at(3))})));
        QCOMPARE(store.count("SELECT conflicts FROM prediction_field WHERE name = 'x'"), 2);
        const auto conflicts = predictions::fieldConflicts(store.database());
        PH_VERIFY(conflicts);
        QCOMPARE(conflicts->size(), std::size_t{1});
        QCOMPARE(conflicts->front().types, (std::vector<std::string>{"number", "text"}));
        const auto rows = predictions::collect(store.database(), {{}, TimeRange::all(), {"x"}, kTimestampMax}, {});
        PH_VERIFY(rows);
        QVERIFY(cell(*rows, "x", 0) == Value(std::string("5")) && cell(*rows, "x", 1) == Value(std::string("five")));
        QCOMPARE(*store.ids("x>4"), Ids({"a", "b", "n", "t"}));  // 5 as a number; "five" after "4" as a text
        QCOMPARE(*store.ids("x:5"), Ids{"a"});
    }

    void unknownFieldsAreRefusedAndEmptyLogsAreNot() {
        Store store;
        QCOMPARE(*store.ids("carier:UA"), Ids{});
        PH_VERIFY(append(store.database(),
                         rowSet(std::vector<Row>{row("a", at(1), {{"carrier", std::string("UA")}, {"temp_f", 1.0}})})));
        PH_FAILS(store.ids("time>2013-01-01 carier:UA"), ErrorKind::InvalidInput,
                 "no field \"carier\"; the nearest: \"carrier\" (byte 16 of the query)");
        PH_FAILS(store.ids("temp_f:warm"), ErrorKind::InvalidInput,
                 "\"temp_f\" holds numbers, and \"warm\" is not one (byte 0 of the query)");
        PH_FAILS(store.ids("time>yesterday"), ErrorKind::InvalidInput, "holds times");
        PH_FAILS(store.ids("temp_f~cold"), ErrorKind::InvalidInput, "temp_f~0.5±0.05");
        PH_FAILS(predictions::collect(store.database(), {{}, TimeRange::all(), {"tempf"}, kTimestampMax}, {}),
                 ErrorKind::InvalidInput, "\"temp_f\"");
    }

    /// Cut into batches anywhere, sealed at once, at the end or not: the same answers, and sealed bytes equal to the
    /// byte.
    void cutsDoNotShow() {
        constexpr std::size_t kRows = kSegmentRows + 12'345;
        Store whole, pieces, tail;
        PH_VERIFY(fill(whole, kRows, {kRows}, false));
        PH_VERIFY(fill(pieces, kRows, {1'000, 1, 8'192, 777, 20'000}, true));
        PH_VERIFY(fill(tail, kRows, {9'999, 30'000}, false));
        const auto before = answersOf(whole.database());
        PH_VERIFY(before);
        QCOMPARE(before->rows.rows, kRows);
        const auto sealed = predictions::seal(whole.database());
        PH_VERIFY(sealed);
        QCOMPARE(*sealed, kSegmentRows);
        QCOMPARE(whole.count("SELECT count(*) FROM prediction_segment"), 1);
        QCOMPARE(whole.count("SELECT sum(rows) FROM prediction_batch"), 12'345);
        QCOMPARE(*predictions::seal(whole.database()), std::size_t{0});
        for (Store* store : {&whole, &pieces, &tail}) {
            const auto after = answersOf(store->database());
            PH_VERIFY(after);
            QVERIFY(sameRows(after->rows, before->rows));
            QCOMPARE(after->counts, before->counts);
            QCOMPARE(after->newest, before->newest);
            QVERIFY(after->means.size() == before->means.size());
            for (std::size_t i = 0; i < after->means.size(); ++i)
                QVERIFY(after->means[i] == before->means[i] ||
                        (std::isnan(after->means[i]) && std::isnan(before->means[i])));
            const auto problems = predictions::verifyPredictions(store->database());
            PH_VERIFY(problems);
            QVERIFY2(problems->empty(),
                     problems->empty() ? "" : (problems->front().where + ": " + problems->front().what).c_str());
        }
        QVERIFY(segmentBytes(whole) == segmentBytes(pieces));
        // Sealed rows are found by id, and are not taken twice.
        QCOMPARE(*whole.ids("request_id:R12345"), Ids{"R12345"});
        QCOMPARE(*whole.ids("request_id:R999999"), Ids{});
        PH_VERIFY(append(whole.database(), manyRows(kSegmentRows - 10, kSegmentRows + 10)));
        QCOMPARE(*predictions::countInLog(whole.database(), {}, TimeRange::all(), {}), kRows);
        // And one random look at the truth of it.
        QCOMPARE(*whole.ids("request_id:(R3 OR R4) labelled"), Ids{"R3"});
    }

    void damageIsFoundAndNamed() {
        Store store;
        PH_VERIFY(fill(store, kSegmentRows + 500, {30'000}, true));
        PH_VERIFY(append(store.database(), rowSet(std::vector<Row>{row("last", at(1), {{"x", 1.0}})})));
        const auto problems = [&] { return *predictions::verifyPredictions(store.database()); };
        QCOMPARE(problems().size(), std::size_t{0});
        const auto flip = [&](const char* table, const char* column, const std::string& where, std::size_t at) {
            auto select =
                *store.database().prepare(std::string("SELECT id, ") + column + " FROM " + table + " WHERE " + where);
            QVERIFY(*select.step());
            std::vector<std::uint8_t> bytes(select.blob(1).begin(), select.blob(1).end());
            const std::int64_t id = select.integer(0);
            select.reset();
            bytes[at % bytes.size()] ^= 0x10;
            auto update =
                *store.database().prepare(std::string("UPDATE ") + table + " SET " + column + " = ?2 WHERE id = ?1");
            update.bindAll(id).bindBlob(2, bytes);
            PH_VERIFY(update.run());
        };
        const auto expect = [&](const char* table, const char* column, const std::string& where, std::size_t position,
                                const std::string& named) {
            flip(table, column, where, position);
            const auto found = problems();
            QVERIFY2(!found.empty(), named.c_str());
            const bool any = std::ranges::any_of(
                found, [&](const auto& p) { return (p.where + ": " + p.what).find(named) != std::string::npos; });
            QVERIFY2(any, (found.front().where + ": " + found.front().what).c_str());
            flip(table, column, where, position);
            QCOMPARE(problems().size(), std::size_t{0});
        };
        expect("prediction_column", "data", "name = 'temp_f'", 40'000, "segment 1, column \"temp_f\"");
        expect("prediction_column", "header", "name = 'score'", 30, "column \"score\"");
        expect("prediction_segment", "ids", "id = 1", 1'000, "segment 1: the id index");
        expect("prediction_batch", "data", "1 ORDER BY id", 10, "batch ");
        expect("prediction_batch", "directory", "1 ORDER BY id DESC", 20, "batch ");
        expect("truth_batch", "data", "id = 1", 100, "ground truth batch 1");
        expect("truth_batch", "directory", "id = 1", 50, "ground truth batch 1");
        // A reader gets an error that names the place; the other columns and segments stay readable.
        flip("prediction_column", "data", "name = 'temp_f'", 40'000);
        predictions::BlockCache::instance().clear();
        PH_FAILS(predictions::countInLog(store.database(), *predictions::parseQuery("temp_f<0 OR temp_f~5±1"),
                                         TimeRange::all(), {}),
                 ErrorKind::Corrupt, "segment 1, column \"temp_f\"");
        QCOMPARE(*store.ids("request_id:R5"), Ids{"R5"});
        QCOMPARE(*store.ids("x:1"), Ids{"last"});
        PH_VERIFY(store.database().run("DELETE FROM prediction_column WHERE name = 'score'"));
        QVERIFY(problems().size() >= 2);
    }

    void cancellationEndsBetweenBlocks() {
        Store store;
        PH_VERIFY(fill(store, 40'000, {10'000}, false));
        CancellationSource source;
        int parts = 0;
        const auto stopped = predictions::scan(store.database(), {{}, TimeRange::all(), {"score"}, kTimestampMax},
                                               source.token(), [&](const ports::RowSet&) -> Status {
                                                   if (++parts == 2) source.cancel();
                                                   return {};
                                               });
        QVERIFY(isCancelled(stopped.has_value() ? Result<int>(0) : Result<int>(fail(stopped.error()))));
        QCOMPARE(parts, 2);
        QVERIFY(isCancelled(predictions::collect(store.database(), {}, source.token())));
        QVERIFY(isCancelled(predictions::aggregateLog(store.database(), {{}, {at(0), at(9)}, {}, ""}, source.token())));
        QCOMPARE(store.ids("")->size(), std::size_t{40'000});  // and nothing is left behind
    }

    /// Pages go on below a row, also where times are equal and rows arrived in any order.
    void pagesAreStable() {
        Store store;
        std::mt19937 random(5);
        std::vector<std::pair<Timestamp, std::int64_t>> expected;
        std::int64_t ordinal = 0;
        for (int batch = 0; batch < 20; ++batch) {
            std::vector<Row> rows;
            for (int i = 0; i < 25; ++i, ++ordinal) {
                const Timestamp time = at(static_cast<std::int64_t>(random() % 12));
                rows.push_back(row("R" + std::to_string(ordinal), time));
                expected.emplace_back(time, ordinal);
            }
            PH_VERIFY(append(store.database(), rowSet(rows)));
        }
        std::ranges::sort(expected, std::greater{});
        for (const std::size_t limit : {1U, 7U, 200U, 1'000U}) {
            std::vector<std::pair<Timestamp, std::int64_t>> seen;
            std::optional<ports::RowPosition> before;
            for (bool more = true; more;) {
                const auto page =
                    predictions::searchLog(store.database(), {{}, TimeRange::all(), before, limit, {"request_id"}}, {});
                PH_VERIFY(page);
                for (std::size_t i = 0; i < page->rows.rows; ++i) {
                    QCOMPARE(std::string(page->rows.columns[0].text(i)),
                             "R" + std::to_string(page->positions[i].ordinal));
                    seen.emplace_back(page->positions[i].time, page->positions[i].ordinal);
                }
                before = page->positions.back();
                more = page->more;
            }
            QVERIFY(seen == expected);
        }
    }

    void statsTellWhatWasRead() {
        Store store;
        for (int batch = 0; batch < 4; ++batch)
            PH_VERIFY(
                append(store.database(), rowSet(std::vector<Row>{row("a" + std::to_string(batch), at(batch * 100))})));
        ports::SearchRequest request;
        request.range = {at(150), at(1'000)};
        const auto page = predictions::searchLog(store.database(), request, {});
        PH_VERIFY(page);
        QCOMPARE(page->rows.rows, std::size_t{2});
        QCOMPARE(page->stats.segments, std::size_t{4});
        QCOMPARE(page->stats.segmentsPruned, std::size_t{2});
        QCOMPARE(page->stats.rowsSeen, std::uint64_t{2});
    }
};

QTEST_GUILESS_MAIN(TestPredictionStore)
#include "tst_prediction_store.moc"
