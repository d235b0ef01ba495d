// SPDX-License-Identifier: GPL-3.0-or-later
#include <zstd.h>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "models/pipelines/csv_reader.h"
#include "models/statistics/random.h"
#include "resources/resources.h"

using namespace pilothouse;
using pipelines::CsvOptions;
using pipelines::CsvParser;
using ports::ColumnType;

namespace {

/// With a checksum, as the zstd tool makes them.
QByteArray packed(const QByteArray& text) {
    const auto size = static_cast<std::size_t>(text.size());
    QByteArray out(static_cast<qsizetype>(ZSTD_compressBound(size)), '\0');
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    out.resize(static_cast<qsizetype>(
        ZSTD_compress2(context, out.data(), static_cast<std::size_t>(out.size()), text.constData(), size)));
    ZSTD_freeCCtx(context);
    return out;
}

/// The rows as text, one a line, and the error: whatever the parser can tell.
QString told(const std::vector<ports::RowSet>& parts, const Status& status) {
    QString out;
    for (const auto& part : parts) {
        if (out.isEmpty())
            for (const auto& c : part.columns)
                out += QString::fromStdString(c.name) + u'|';
        for (std::size_t r = 0; r < part.rows; ++r) {
            out += u'\n';
            for (const auto& c : part.columns) {
                if (c.missing(r))
                    out += u"∅"_qs;
                else if (c.type == ColumnType::Number)
                    out += QString::number(c.numbers[r], 'g', 17);
                else if (c.type == ColumnType::Time)
                    out += QString::fromStdString(Timestamp{c.times[r]}.toIso());
                else
                    out += QString::fromStdString(std::string(c.text(r)));
                out += u'|';
            }
        }
    }
    if (!status) out += u"\nerror: "_qs + QString::fromStdString(status.error().text());
    return out;
}

QString parsed(const QByteArray& text, const CsvOptions& options, qsizetype piece) {
    std::vector<ports::RowSet> parts;
    const std::function<Status(ports::RowSet&&)> sink = [&](ports::RowSet&& part) -> Status {
        parts.push_back(std::move(part));
        return {};
    };
    CsvParser parser("f.csv", options, sink);
    Status status;
    for (qsizetype at = 0; at < text.size() && status; at += piece) {
        const QByteArray bytes = text.mid(at, piece);
        status = parser.feed(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    }
    if (status) status = parser.finish();
    return told(parts, status);
}

}  // namespace

class TestCsv : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { resources::init(); }

    void text_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("expected");
        const QString head = u"a|n|t|"_qs;
        const auto add = [](const char* name, const QByteArray& text, const QString& expected) {
            QTest::newRow(name) << text << expected;
        };
        add("plain", "a,n,t\nx,1.5,2013-01-01T10:15:00Z\n", head + u"\nx|1.5|2013-01-01T10:15:00Z|"_qs);
        add("no last break", "a,n,t\nx,1,", head + u"\nx|1|∅|"_qs);
        add("crlf", "a,n,t\r\nx,-2e3,\r\n", head + u"\nx|-2000|∅|"_qs);
        add("mark",
            "\xEF\xBB\xBF"
            "a,n,t\nx,1,\n",
            head + u"\nx|1|∅|"_qs);
        add("blank lines", "a,n,t\n\nx,1,\n\r\n", head + u"\nx|1|∅|"_qs);
        add("missing", "a,n,t\n,,\n", head + u"\n∅|∅|∅|"_qs);
        add("quotes", "a,n,t\n\"x, \"\"y\"\"\",1,\n", head + u"\nx, \"y\"|1|∅|"_qs);
        add("quoted break", "a,n,t\n\"x\ny\",1,\nz,2,\n", head + u"\nx\ny|1|∅|\nz|2|∅|"_qs);
        add("quoted number", "a,n,t\nx,\"7\",\n", head + u"\nx|7|∅|"_qs);
        add("utf-8", "a,n,t\né漢🙂,1,\n", head + u"\né漢🙂|1|∅|"_qs);
        add("blanks around a number", "a,n,t\nx, 3 ,\n", head + u"\nx|3|∅|"_qs);
        add("no rows", "a,n,t\n", head);
        // What cannot be used names file, line and column.
        add("empty", "", u"\nerror: f.csv: the file is empty: a line with the columns' names is missing"_qs);
        add("missing column", "a,n\nx,1\n", u"\nerror: f.csv:1: the column \"t\" is missing; there are: a, n"_qs);
        add("twice", "a,n,t,a\n", u"\nerror: f.csv:1: two columns are named \"a\""_qs);
        add("nameless", "a,n,t,\n", u"\nerror: f.csv:1: column 4 has no name"_qs);
        add("text in numbers", "a,n,t\nx,1,\ny,abc,\n", u"\nerror: f.csv:3: n: \"abc\" is not a number"_qs);
        add("number and text", "a,n,t\nx,1x,\n", u"\nerror: f.csv:2: n: \"1x\" is not a number"_qs);
        add("nan", "a,n,t\nx,nan,\n", u"\nerror: f.csv:2: n: \"nan\" is not a number"_qs);
        add("inf", "a,n,t\nx,inf,\n", u"\nerror: f.csv:2: n: \"inf\" is not a number"_qs);
        add("huge", "a,n,t\nx,1e999,\n", u"\nerror: f.csv:2: n: \"1e999\" is beyond the range of a number"_qs);
        add("no time", "a,n,t\nx,1,soon\n",
            u"\nerror: f.csv:2: t: \"soon\" is not a time (as in 2013-01-31T17:05:00Z)"_qs);
        add("too few", "a,n,t\nx,1\n", u"\nerror: f.csv:2: 2 fields, the header has 3"_qs);
        add("too many", "a,n,t\nx,1,,4\n", u"\nerror: f.csv:2: 4 fields, the header has 3"_qs);
        add("line after a quoted break", "a,n,t\n\"x\ny\",1,\nz,q,\n",
            u"\nerror: f.csv:4: n: \"q\" is not a number"_qs);
        add("open quote", "a,n,t\n\"x,1,\ny,2,\n",
            u"\nerror: f.csv:2: a quote is not closed before the end of the file"_qs);
        add("stray quote", "a,n,t\nx\"y\",1,\n",
            u"\nerror: f.csv:2: field 1: a quote inside a field that does not begin with one"_qs);
        add("text after quote", "a,n,t\n\"x\"y,1,\n", u"\nerror: f.csv:2: field 1: text after the closing quote"_qs);
        add("nul", QByteArray("a,n,t\nx\0y,1,\n", 13), u"\nerror: f.csv:2: a NUL byte; the file is not text"_qs);
        add("not utf-8", "a,n,t\nx\xFF,1,\n", u"\nerror: f.csv:2: a: the text is not valid UTF-8"_qs);
        add("overlong utf-8", "a,n,t\n\xC0\xAF,1,\n", u"\nerror: f.csv:2: a: the text is not valid UTF-8"_qs);
        add("surrogate", "a,n,t\n\xED\xA0\x80,1,\n", u"\nerror: f.csv:2: a: the text is not valid UTF-8"_qs);
        add("long line", "a,n,t\n" + QByteArray(300, 'x') + ",1,\n",
            u"\nerror: f.csv:2: a record of more than 200 bytes"_qs);
    }
    /// Wherever the pieces end.
    void text() {
        QFETCH(QByteArray, text);
        QFETCH(QString, expected);
        CsvOptions options;
        options.types = {{"n", ColumnType::Number}, {"t", ColumnType::Time}, {"a", ColumnType::Text}};
        options.maximumLineBytes = 200;
        for (qsizetype piece = 1; piece <= text.size() + 1; ++piece)
            QCOMPARE(parsed(text, options, piece), expected);
    }

    /// What a part holds never depends on the pieces, and parts join to the whole.
    void parts() {
        QByteArray text = "a,n\n";
        for (int i = 0; i < 50; ++i)
            text += "v" + QByteArray::number(i % 7) + "," + QByteArray::number(i) + "\n";
        CsvOptions options;
        options.types = {{"n", ColumnType::Number}};
        const QString whole = parsed(text, options, text.size());
        options.rowsPerPart = 7;
        for (qsizetype piece : {1, 3, 100, 10'000})
            QCOMPARE(parsed(text, options, piece), whole);
    }

    /// Random damage to a file: whatever comes of it, it is the same wherever the pieces end.
    void damagedAnywhere() {
        QByteArray text = "a,n,t\n";
        for (int i = 0; i < 12; ++i)
            text += "v" + QByteArray::number(i) + "," + QByteArray::number(i) + ",2013-01-01T10:15:00Z\n\"x\ny\",,\r\n";
        CsvOptions options;
        options.types = {{"n", ColumnType::Number}, {"t", ColumnType::Time}};
        options.rowsPerPart = 5;
        const QByteArray bytes("\",\n\r\0\xFF\xC3\xA9 -e1", 12);
        statistics::Random random(5);
        for (int round = 0; round < 400; ++round) {
            QByteArray damaged = text;
            for (std::uint64_t k = 1 + random.below(3); k > 0; --k) {
                const auto at = static_cast<qsizetype>(random.below(static_cast<std::uint64_t>(damaged.size())));
                const QByteArray byte(1, bytes[static_cast<qsizetype>(random.below(12))]);
                if (random.below(3) == 0)
                    damaged.remove(at, 1 + static_cast<qsizetype>(random.below(4)));
                else
                    damaged.insert(at, byte);
            }
            const QString whole = parsed(damaged, options, damaged.size() + 1);
            for (const qsizetype piece : {1, 2, 7, 64})
                QCOMPARE(parsed(damaged, options, piece), whole);
        }
    }

    void packedAndPlainAlike() {
        QTemporaryDir folder;
        QByteArray text = "a,n\n";
        for (int i = 0; i < 100'000; ++i)
            text += "v" + QByteArray::number(i % 700) + "," + QByteArray::number(i) + "\n";
        const auto write = [&](const QString& name, const QByteArray& bytes) {
            QFile file(folder.filePath(name));
            if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) qFatal("cannot write");
            return folder.filePath(name).toStdString();
        };
        CsvOptions options;
        options.types = {{"n", ColumnType::Number}};
        const auto plain = pipelines::readCsv(write(u"f.csv"_qs, text), options, {});
        QVERIFY(plain);
        QCOMPARE(plain->rows, std::size_t(100'000));
        // Two frames, under a name that does not say so.
        const auto twice =
            pipelines::readCsv(write(u"g.csv"_qs, packed(text.left(1000)) + packed(text.mid(1000))), options, {});
        QVERIFY2(twice, twice ? "" : twice.error().text().c_str());
        QCOMPARE(told({*twice}, {}), told({*plain}, {}));

        // Truncated at any place: the rows before it come, then an error that says so.
        const QByteArray whole = packed(text);
        statistics::Random random(7);
        for (int i = 0; i < 40; ++i) {
            const auto at = static_cast<qsizetype>(5 + random.below(static_cast<std::uint64_t>(whole.size()) - 6));
            const std::string path = write(u"h.csv.zst"_qs, whole.left(at));
            std::size_t rows = 0;
            const auto status = pipelines::readCsv(path, options, {}, [&](ports::RowSet&& part) -> Status {
                for (std::size_t r = 0; r < part.rows; ++r)
                    if (part.find("n")->numbers[r] != static_cast<double>(rows + r))
                        return fail(Error::internal("order"));
                rows += part.rows;
                return {};
            });
            QVERIFY(!status);
            const QString message = QString::fromStdString(status.error().text());
            QVERIFY2(message.startsWith(u"h.csv.zst: the packed file (zstd) is truncated"_qs), qPrintable(message));
            QVERIFY(message.contains(QString::number(rows) + u" whole rows"_qs));
        }

        QByteArray damaged = whole;
        damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
        const auto broken = pipelines::readCsv(write(u"i.csv.zst"_qs, damaged), options, {});
        QVERIFY(!broken);
        QCOMPARE(QString::fromStdString(broken.error().text()).left(44),
                 u"i.csv.zst: the packed data (zstd) is damaged"_qs);
    }

    void bounds() {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"bomb.zst"_qs);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(packed("a\n" + QByteArray(80 << 20, '\n')));
        file.close();
        const auto bomb = pipelines::readCsv(path.toStdString(), {}, {});
        QVERIFY(!bomb);
        QVERIFY(bomb.error().text().find("bomb.zst: unpacks to more than 1000 times its size") == 0);
        CsvOptions small;
        small.maximumUnpackedBytes = 1 << 20;
        const auto large = pipelines::readCsv(path.toStdString(), small, {});
        QVERIFY(!large);
        QCOMPARE(large.error().kind, ErrorKind::ResourceExhausted);
        QCOMPARE(QString::fromStdString(large.error().text()), u"bomb.zst: unpacks to more than 1 MiB"_qs);
    }

    void files() {
        QTemporaryDir folder;
        const auto absent = pipelines::readCsv(folder.filePath(u"no.csv"_qs).toStdString(), {}, {});
        QVERIFY(!absent);
        QCOMPARE(absent.error().kind, ErrorKind::NotFound);
        const auto directory = pipelines::readCsv(folder.path().toStdString(), {}, {});
        QVERIFY(!directory);
        QCOMPARE(directory.error().kind, ErrorKind::InvalidInput);
        CancellationSource cancelled;
        cancelled.cancel();
        const auto never = pipelines::readCsv(":/data/flights-2013.csv.zst", {}, cancelled.token());
        QVERIFY(isCancelled(never));
    }

    /// The demo's data: 336,776 rows, whole, and fast enough to read again on each run.
    void theYear() {
        CsvOptions options;
        for (const char* n :
             {"distance_mi", "hour", "weekday", "month", "temp_f", "dewpoint_f", "humidity_pct", "wind_dir_deg",
              "wind_speed_mph", "wind_gust_mph", "precip_in", "pressure_mb", "visibility_mi", "plane_year",
              "plane_seats", "dep_delay_min", "air_time_min", "arr_delay_min"})
            options.types[n] = ColumnType::Number;
        options.types["scheduled_departure"] = ColumnType::Time;
        QElapsedTimer clock;
        clock.start();
        const auto year = pipelines::readCsv(":/data/flights-2013.csv.zst", options, {});
        const auto ms = clock.elapsed();
        QVERIFY2(year, year ? "" : year.error().text().c_str());
        qInfo("336,776 x 25 in %lld ms", static_cast<long long>(ms));
        QCOMPARE(year->rows, std::size_t(336'776));
        QCOMPARE(year->columns.size(), std::size_t(25));
        std::size_t labelled = 0, before = 0;
        for (std::size_t r = 0; r < year->rows; ++r) {
            before += year->find("month")->numbers[r] < 4;
            labelled += year->find("month")->numbers[r] >= 4 && !year->find("arr_delay_min")->missing(r);
        }
        QCOMPARE(before, std::size_t(80'789));
        QCOMPARE(labelled, std::size_t(249'435));
        QVERIFY(ms < 20'000);
    }
};

QTEST_GUILESS_MAIN(TestCsv)
#include "tst_csv.moc"
