// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <thread>

#include "models/predictions/ingest.h"
#include "models/predictions/ingest_guess.h"
#include "models/predictions/ingest_ledger.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/verify_predictions.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::test;
using predictions::IngestOptions;
using predictions::IngestReport;

namespace {

std::string line(int i) {
    return R"({"ts":)" + std::to_string(1'700'000'000'000 + i) + R"(,"model":"delay","model_version":"3","id":"r)" +
           std::to_string(i) + R"(","score":0.)" + std::to_string(i % 10) + R"(,"latency_s":0.25,"input":{"x":)" +
           std::to_string(i) + R"(,"who":{"name":"n)" + std::to_string(i % 7) + "\"}}}\n";
}
std::string lines(int from, int to) {
    std::string out;
    for (int i = from; i < to; ++i)
        out += line(i);
    return out;
}

std::string gzip(const std::string& text) {
    std::string out(text.size() + 1'000, '\0');
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}
std::string zstd(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

/// A workspace, and a folder for files.
class Loading {
public:
    std::string file(const std::string& name, const std::string& content, bool append = false) {
        const std::string path = m_folder.filePath(QString::fromStdString(name)).toStdString();
        std::ofstream(path, append ? std::ios::binary | std::ios::app : std::ios::binary) << content;
        return path;
    }
    [[nodiscard]] std::string path(const std::string& name) const {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    IngestReport load(const std::vector<std::string>& files, const std::string& yaml = {}) {
        IngestOptions options;
        options.files = files;
        options.workers = 2;
        if (!yaml.empty()) {
            auto mapping = predictions::parseMapping(yaml, "map");
            if (!mapping) qFatal("%s", mapping.error().text().c_str());
            options.mapping = *mapping;
        }
        auto report = predictions::ingest(*store.workspace(), options, {});
        if (!report) qFatal("%s", report.error().text().c_str());
        return *report;
    }
    [[nodiscard]] std::int64_t rows() {
        const auto count = predictions::countInLog(store.database(), {}, TimeRange::all(), {});
        return count ? static_cast<std::int64_t>(*count) : -1;
    }
    [[nodiscard]] std::string problems() {
        const auto found = predictions::verifyPredictions(store.database());
        if (!found) return found.error().text();
        return found->empty() ? std::string() : found->front().where + ": " + found->front().what;
    }
    Store store;

private:
    QTemporaryDir m_folder;
};

std::string firstError(const IngestReport& report) {
    return report.files[0].error ? report.files[0].error->text() : std::string();
}

}  // namespace

class TestIngest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void jsonLinesAreGuessedAndLoaded() {
        Loading loading;
        const auto report = loading.load({loading.file("a.jsonl", lines(0, 1'000))});
        QCOMPARE(firstError(report), std::string());
        QCOMPARE(report.files[0].rows, std::uint64_t{1'000});
        const auto got = predictions::collect(
            loading.store.database(),
            {{}, TimeRange::all(), {"time", "version", "latency_ms", "score", "x", "who.name"}, kTimestampMax}, {});
        PH_VERIFY(got);
        QCOMPARE(cell(*got, "time", 5), std::optional<Value>(Timestamp::fromMs(1'700'000'000'005)));
        QCOMPARE(cell(*got, "version", 5), std::optional<Value>("3"));
        QCOMPARE(cell(*got, "latency_ms", 5), std::optional<Value>(250.0));
        QCOMPARE(cell(*got, "score", 5), std::optional<Value>(0.5));
        QCOMPARE(cell(*got, "x", 5), std::optional<Value>(5.0));
        QCOMPARE(cell(*got, "who.name", 8), std::optional<Value>("n1"));
        QCOMPARE(loading.problems(), std::string());
    }

    void aSecondTimeAddsNothingAndAGrownFileGoesOn() {
        Loading loading;
        const auto path = loading.file("a.jsonl", lines(0, 500));
        loading.load({path});
        auto again = loading.load({path});
        QCOMPARE(again.files[0].rows, std::uint64_t{0});
        QCOMPARE(again.files[0].knownRows, std::uint64_t{500});
        QCOMPARE(again.files[0].note, std::string("unchanged since it was loaded"));
        // Another name, and packed.
        for (const auto& copy : {loading.file("b.log", lines(0, 500)), loading.file("c", gzip(lines(0, 500))),
                                 loading.file("d", zstd(lines(0, 500)))}) {
            again = loading.load({copy});
            QCOMPARE(again.files[0].rows, std::uint64_t{0});
            QCOMPARE(again.files[0].knownRows, std::uint64_t{500});
        }
        loading.file("a.jsonl", lines(500, 700), true);
        again = loading.load({path});
        QCOMPARE(again.files[0].rows, std::uint64_t{200});
        QVERIFY(again.files[0].bytes < 200 * 200);
        // The same rows in another file, in another order, with new ones.
        again = loading.load({loading.file("e.jsonl", lines(600, 900) + lines(0, 10))});
        QCOMPARE(again.files[0].rows, std::uint64_t{200});
        QCOMPARE(again.files[0].repeated, std::uint64_t{110});
        QCOMPARE(loading.rows(), 900);
        QCOMPARE(loading.problems(), std::string());
    }

    void severalFilesOfSeveralSegments() {
        Loading loading;
        const auto report =
            loading.load({loading.file("a", zstd(lines(0, 70'000))), loading.file("b", gzip(lines(70'000, 150'000))),
                          loading.file("c", lines(150'000, 150'010))});
        QCOMPARE(report.files[0].rows + report.files[1].rows + report.files[2].rows, std::uint64_t{150'010});
        QVERIFY(loading.store.count("SELECT count(*) FROM prediction_segment") >= 2);
        QCOMPARE(loading.rows(), 150'010);
        QCOMPARE(loading.store.ids("request_id:r149999")->size(), std::size_t{1});
        QCOMPARE(loading.problems(), std::string());
    }

    void whatCannotBeUsedIsInQuarantine_data() {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QString>("reason");
        const auto with = [](const char* more) {
            return QByteArray(R"({"ts":1700000000,"model":"m","id":"q",)") + more + "}";
        };
        QTest::newRow("no JSON") << QByteArray("{\"ts\": oops}") << QStringLiteral("not JSON");
        QTest::newRow("cut") << QByteArray("{\"ts\":1700000000,\"model\":\"m") << QStringLiteral("not JSON");
        QTest::newRow("two objects") << QByteArray("{\"ts\":1700000000,\"model\":\"m\"} {}")
                                     << QStringLiteral("not JSON");
        QTest::newRow("an array") << QByteArray("[1,2]") << QStringLiteral("not JSON");
        QTest::newRow("not UTF-8") << with("\"a\":\"\xff\xfe\"") << QStringLiteral("not UTF-8");
        QTest::newRow("deep") << with(("\"a\":" + QByteArray("{\"a\":").repeated(10'000) + "1" +
                                       QByteArray("}").repeated(10'000))
                                          .constData())
                              << QStringLiteral("nested too deeply");
        QTest::newRow("no time") << QByteArray(R"({"model":"m","id":"q"})") << QStringLiteral("no time");
        QTest::newRow("odd time") << QByteArray(R"({"ts":"yesterday","model":"m"})") << QStringLiteral("not a time");
        QTest::newRow("no model") << QByteArray(R"({"ts":1700000000,"id":"q"})") << QStringLiteral("no model");
        QTest::newRow("score") << with("\"score\":\"high\"") << QStringLiteral("not a number");
        QTest::newRow("long text") << with(("\"t\":\"" + QByteArray(70'000, 'x') + "\"").constData())
                                   << QStringLiteral("a text is too long");
        QTest::newRow("long row") << with(("\"t\":\"" + QByteArray(20 << 20, 'x') + "\"").constData())
                                  << QStringLiteral("longer than 16 MiB");
    }
    void whatCannotBeUsedIsInQuarantine() {
        QFETCH(QByteArray, row);
        QFETCH(QString, reason);
        Loading loading;
        const std::string raw = row.toStdString();
        const auto report = loading.load({loading.file("a", line(1) + line(2) + raw + "\n" + line(3))});
        QCOMPARE(firstError(report), std::string());
        QCOMPARE(report.files[0].rows, std::uint64_t{3});
        QCOMPARE(report.files[0].quarantined, std::uint64_t{1});
        const auto entries = predictions::quarantineEntries(loading.store.database(), {});
        PH_VERIFY(entries);
        QCOMPARE(entries->size(), std::size_t{1});
        const auto& entry = entries->front().row;
        QCOMPARE(entry.reason, reason.toStdString());
        QCOMPARE(entry.place.line, std::uint64_t{3});
        QCOMPARE(entry.place.offset, (line(1) + line(2)).size());
        QCOMPARE(entry.bytes, raw.size());
        QCOMPARE(entry.raw, raw.substr(0, predictions::kQuarantinedBytes));
        // Not a second time either.
        loading.load({loading.path("a")});
        QCOMPARE(loading.store.count("SELECT count(*) FROM quarantine"), 1);
    }

    void fieldsBeyondTheLimitAreLeftOut() {
        Loading loading;
        std::string wide = R"({"ts":1700000000,"model":"m","id":"w")";
        for (int i = 0; i < 5'000; ++i)
            wide += ",\"c" + std::to_string(i) + "\":" + std::to_string(i);
        const auto report =
            loading.load({loading.file("a", wide + "}\n" + R"({"ts":1700000001,"model":"m","id":"n","c1":1})")});
        QCOMPARE(report.files[0].rows, std::uint64_t{2});
        QCOMPARE(report.files[0].cutRows, std::uint64_t{1});
        QCOMPARE(loading.store.count("SELECT count(*) FROM prediction_field WHERE feature = 1"), 1'024);
        QCOMPARE(loading.store.count("SELECT count(*) FROM quarantine"), 1);
        QCOMPARE(loading.store.ids("c1:1")->size(), std::size_t{2});
    }

    void csvAsItComes() {
        Loading loading;
        const auto report =
            loading.load({loading.file("a.csv",
                                       "\xef\xbb\xbftimestamp,model,request_id,score,label,zip,note\r\n"
                                       "2024-01-01T00:00:00Z,delay,a,0.25,1,01234,\"one, \"\"two\"\"\nthree\"\r\n"
                                       "2024-01-01T00:00:01Z,delay,b,0.5,,99999,\r\n"
                                       "2024-01-01T00:00:02Z,delay,c\r\n"
                                       "2024-01-01T00:00:03Z,delay,d,0.75,0,00501,\"\"")});
        QCOMPARE(firstError(report), std::string());
        QCOMPARE(report.files[0].rows, std::uint64_t{3});
        QCOMPARE(report.files[0].truths, std::uint64_t{2});
        QCOMPARE(report.files[0].reasons.at("not as many fields as the header"), std::uint64_t{1});
        QCOMPARE(loading.store.count("SELECT line FROM quarantine"), 5);
        QCOMPARE(*loading.store.ids("zip:01234"), std::vector<std::string>{"a"});
        QCOMPARE(*loading.store.ids("labelled"), (std::vector<std::string>{"a", "d"}));
        const auto got = predictions::collect(loading.store.database(),
                                              {{}, TimeRange::all(), {"note", "outcome"}, kTimestampMax}, {});
        PH_VERIFY(got);
        QCOMPARE(cell(*got, "note", 0), std::optional<Value>("one, \"two\"\nthree"));
        QVERIFY(!cell(*got, "note", 1));
        QCOMPARE(cell(*got, "note", 2), std::optional<Value>(""));
        QCOMPARE(cell(*got, "outcome", 2), std::optional<Value>(0.0));
        // Grown: the header is still known.
        loading.file("a.csv", "\n2024-01-01T00:00:04Z,delay,e,0.1,,1,x\n", true);
        const auto grown = loading.load({loading.path("a.csv")});
        QCOMPARE(grown.files[0].rows, std::uint64_t{1});
        QCOMPARE(*loading.store.ids("note:x"), std::vector<std::string>{"e"});
    }

    void damagedFilesGiveWhatCameBefore_data() {
        QTest::addColumn<bool>("gz");
        QTest::newRow("gzip") << true;
        QTest::newRow("zstd") << false;
    }
    void damagedFilesGiveWhatCameBefore() {
        QFETCH(bool, gz);
        Loading loading;
        const std::string text = lines(0, 50'000);
        const std::string whole = gz ? gzip(text) : zstd(text);
        const auto report =
            loading.load({loading.file("a", whole.substr(0, whole.size() * 2 / 3)), loading.file("b", line(60'000))});
        QVERIFY(report.files[0].error.has_value());
        QVERIFY2(firstError(report).find("cut short") != std::string::npos, firstError(report).c_str());
        QVERIFY2(firstError(report).find(loading.path("a")) != std::string::npos, firstError(report).c_str());
        QVERIFY(report.files[0].rows > 10'000);
        QCOMPARE(report.files[1].rows, std::uint64_t{1});
        // The whole file afterwards goes on.
        const auto later = loading.load({loading.file("a", whole)});
        QCOMPARE(later.files[0].rows + report.files[0].rows, std::uint64_t{50'000});
        QCOMPARE(later.files[0].repeated, std::uint64_t{0});
        QCOMPARE(loading.rows(), 50'001);
    }

    void aBombIsDefused() {
        Loading loading;
        std::string bomb = line(1) + line(2);
        bomb.resize(std::size_t{200} << 20, '\n');
        const auto report = loading.load({loading.file("a", zstd(bomb))});
        QVERIFY2(firstError(report).find("1,000 times") != std::string::npos, firstError(report).c_str());
    }

    void filesThatAreNone() {
        Loading loading;
        const auto report = loading.load({loading.path("absent"), loading.path("."), loading.file("empty", ""),
                                          loading.file("binary", std::string("\0\1\2,\3\n", 6)),
                                          loading.file("array", "[{\"a\":1}]"), loading.file("good", line(1))});
        QCOMPARE(report.files[0].error->kind, ErrorKind::NotFound);
        QVERIFY(report.files[1].error->message.find("folder") != std::string::npos);
        QVERIFY(!report.files[2].error);
        QCOMPARE(report.files[2].note, std::string("is empty"));
        QVERIFY(report.files[3].error->message.find("binary") != std::string::npos);
        QVERIFY(report.files[4].error->message.find("array") != std::string::npos);
        QCOMPARE(report.files[5].rows, std::uint64_t{1});
        if (::geteuid() == 0) QSKIP("the rest is for users that permissions hold for");
        const auto closed = loading.file("closed", line(2));
        ::chmod(closed.c_str(), 0);
        QCOMPARE(loading.load({closed}).files[0].error->kind, ErrorKind::PermissionDenied);
    }

    /// Names never seen: the only field written as a date, and parts of names.
    void namesAreGuessedByWhatTheyHold() {
        const auto fields = predictions::sampleFields(predictions::RowFormat::Csv,
                                                      "asked,listing,sqm,predicted_price,price_actual\n"
                                                      "2026-08-01,L1,50,100000,\n2026-08-02,L2,80,250000,240000\n");
        const auto guessed = predictions::guessMapping(predictions::RowFormat::Csv, fields);
        const std::map<std::string, std::string> expected{
            {"time", "asked"}, {"score", "predicted_price"}, {"outcome", "price_actual"}};
        QCOMPARE(guessed.fields, expected);
        QVERIFY(guessed.outcomeClasses.empty());
        // Two dates: nobody knows which is meant. Two predictions: likewise.
        const auto two = predictions::sampleFields(
            predictions::RowFormat::Csv,
            "asked,sold,pred_a,pred_b\n2026-08-01,2026-08-02,1,2\n2026-08-03,2026-08-04,1,2\n");
        QVERIFY(predictions::guessMapping(predictions::RowFormat::Csv, two).fields.empty());
    }

    void outcomesThatAreClasses() {
        Loading loading;
        const std::string text = R"({"ts":1700000001,"model":"m","id":"a","label":"dog"}
{"ts":1700000002,"model":"m","id":"b","label":"cat"}
{"ts":1700000003,"model":"m","id":"c"}
{"ts":1700000004,"model":"m","id":"d","label":"yak"}
)";
        const auto guessed = predictions::guessMapping(
            predictions::RowFormat::JsonLines, predictions::sampleFields(predictions::RowFormat::JsonLines, text));
        QCOMPARE(guessed.fields.at("outcome"), std::string("label"));
        QCOMPARE(guessed.outcomeClasses, (std::vector<std::string>{"cat", "dog", "yak"}));
        const std::string yaml = predictions::toYaml(guessed);
        const auto again = predictions::parseMapping(yaml, "map");
        PH_VERIFY(again);
        QCOMPARE(again->outcomeClasses, guessed.outcomeClasses);
        QCOMPARE(predictions::toYaml(*again), yaml);
        // A class that the list does not have is no outcome of 0.
        const auto report = loading.load({loading.file("a.jsonl", text)},
                                         "time: ts\nmodel: model\nrequest_id: id\noutcome: label\n"
                                         "outcome_classes: [dog, cat]\n");
        QCOMPARE(report.files[0].rows, std::uint64_t{3});
        const auto entries = predictions::quarantineEntries(loading.store.database(), {});
        PH_VERIFY(entries);
        QCOMPARE(entries->front().row.reason, std::string("not a class of the outcome"));
        const auto got = predictions::collect(loading.store.database(),
                                              {{}, TimeRange::all(), {"request_id", "outcome"}, kTimestampMax}, {});
        PH_VERIFY(got);
        QCOMPARE(cell(*got, "outcome", 0), std::optional<Value>(0.0));
        QCOMPARE(cell(*got, "outcome", 1), std::optional<Value>(1.0));
        QVERIFY(!cell(*got, "outcome", 2));
        for (const char* bad :
             {"outcome_classes: [a]", "outcome_classes: [a, a]", "outcome_classes: a", "outcome_classes: [a, [b]]"})
            QVERIFY2(!predictions::parseMapping(bad, "map").has_value(), bad);
    }

    void maskedFieldsLeaveNoTrace() {
        Loading loading;
        const auto report = loading.load(
            {loading.file("a", R"({"t":1700000000,"id":"a","name":"Ada","card":4711,"pin":1,"x":2})"
                               "\n"
                               R"({"t":"?","id":"b","name":"Bob"})"
                               "\n")},
            "time: t\nrequest_id: id\nconstants: {model: m, region: north}\nmask: [name]\nhash: [card]\ndrop: [pin]\n");
        QCOMPARE(report.files[0].rows, std::uint64_t{1});
        QCOMPARE(*loading.store.ids("name:\"***\" region:north x:2"), std::vector<std::string>{"a"});
        QVERIFY(!loading.store.ids("pin:1"));
        // SHA-256 of "4711", its first half.
        QCOMPARE(*loading.store.ids("card:de650d61f5bd166a91f8ccec3158297d"), std::vector<std::string>{"a"});
        QVERIFY(loading.store.ids("card:4711")->empty());
        QCOMPARE(loading.store.count("SELECT length(raw) FROM quarantine"), 0);
    }

    void rowsWithoutAnIdGetAStableOne() {
        Loading loading;
        const std::string row = R"({"ts":1700000000,"model":"m","x":1})"
                                "\n";
        const auto path = loading.file("a", row + row);
        QCOMPARE(loading.load({path}).files[0].rows, std::uint64_t{2});
        // Another mapping reads the file again: the rows are the same.
        const auto again = loading.load({path}, "time: ts\nmodel: model\nother_fields: keep\nconstants: {extra: e}\n");
        QCOMPARE(again.files[0].rows, std::uint64_t{0});
        QCOMPARE(again.files[0].repeated, std::uint64_t{2});
    }

    void anOutcomeThatComesLaterIsAdded() {
        Loading loading;
        const auto row = [](const char* label) {
            return std::string(R"({"ts":1700000000,"model":"m","id":"a","label":)") + label + "}\n";
        };
        loading.load({loading.file("a", row("null") + "\n")});
        QCOMPARE(loading.store.ids("labelled")->size(), std::size_t{0});
        const auto later =
            loading.load({loading.file("b", row("true"))}, "time: ts\nmodel: model\nrequest_id: id\noutcome: label\n");
        QCOMPARE(later.files[0].rows, std::uint64_t{0});
        QCOMPARE(*loading.store.ids("labelled outcome:1"), std::vector<std::string>{"a"});
    }

    void aFollowedFileGrowsAndIsRotated() {
        Loading loading;
        const auto path = loading.file("live.log", lines(0, 3));
        CancellationSource stop;
        IngestOptions options;
        options.files = {path};
        options.follow = true;
        Result<IngestReport> report = fail(Error::internal("not yet"));
        std::thread follower([&] { report = predictions::ingest(*loading.store.workspace(), options, stop.token()); });
        QTRY_COMPARE_WITH_TIMEOUT(loading.rows(), 3, 20'000);
        // Half a line waits for its other half.
        const std::string next = line(3);
        loading.file("live.log", next.substr(0, 20), true);
        loading.file("live.log", next.substr(20) + line(4), true);
        QTRY_COMPARE_WITH_TIMEOUT(loading.rows(), 5, 20'000);
        ::rename(path.c_str(), loading.path("live.log.1").c_str());
        loading.file("live.log", lines(10, 14));
        QTRY_COMPARE_WITH_TIMEOUT(loading.rows(), 9, 20'000);
        stop.cancel();
        follower.join();
        PH_VERIFY(report);
        QVERIFY(report->cancelled);
        QCOMPARE(loading.store.count("SELECT count(*) FROM quarantine"), 0);
        // Again from the start: it goes on behind what is there.
        loading.file("live.log", line(14), true);
        const auto again = loading.load({path});
        QCOMPARE(again.files[0].rows, std::uint64_t{1});
        QCOMPARE(again.files[0].knownRows, std::uint64_t{4});
        QCOMPARE(loading.load({loading.path("live.log.1")}).files[0].rows, std::uint64_t{0});
    }
};

QTEST_GUILESS_MAIN(TestIngest)
#include "tst_ingest.moc"
