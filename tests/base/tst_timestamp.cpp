// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDate>
#include <QTest>

#include "models/base/clock.h"
#include "models/base/timestamp.h"

using namespace pilothouse;
using namespace std::chrono_literals;

class TestTimestamp : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isoIsRead_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("ns");
        const auto row = [](const char* text, qint64 ns) { QTest::newRow(text) << QString::fromLatin1(text) << ns; };
        row("1970-01-01T00:00:00Z", 0);
        row("2013-01-01T10:15:00Z", 1'357'035'300'000'000'000);
        row("2013-01-01 10:15:00Z", 1'357'035'300'000'000'000);
        row("2013-01-01t10:15:00z", 1'357'035'300'000'000'000);
        row("2013-01-01T10:15:00", 1'357'035'300'000'000'000);
        row("2013-01-01T10:15", 1'357'035'300'000'000'000);
        row("2013-01-01T12:15:00+02:00", 1'357'035'300'000'000'000);
        row("2013-01-01T05:15:00-0500", 1'357'035'300'000'000'000);
        row("2013-01-01", 1'356'998'400'000'000'000);
        row("2013-01-01T10:15:00.25Z", 1'357'035'300'250'000'000);
        row("2013-01-01T10:15:00.000000001Z", 1'357'035'300'000'000'001);
        row("2013-01-01T10:15:00.0000000019Z", 1'357'035'300'000'000'001);
        row("1969-12-31T23:59:59.5Z", -500'000'000);
        row("2012-02-29", 1'330'473'600'000'000'000);
        row("1678-01-01", -9'214'560'000'000'000'000);
        row("2261-12-31T23:59:59Z", 9'214'646'399'000'000'000);
        row("2016-12-31T23:59:60Z", 1'483'228'800'000'000'000);
    }
    void isoIsRead() {
        QFETCH(QString, text);
        QFETCH(qint64, ns);
        const auto t = Timestamp::parseIso(text.toStdString());
        QVERIFY(t);
        QCOMPARE(qint64{t->ns}, ns);
    }

    void whatIsNotIsoIsRefused_data() {
        QTest::addColumn<QString>("text");
        for (const char* text : {"",
                                 "2013",
                                 "2013-13-01",
                                 "2013-00-01",
                                 "2013-02-29",
                                 "1900-02-29",
                                 "2013-04-31",
                                 "2013-01-01T",
                                 "2013-01-01T24:00:00Z",
                                 "2013-01-01T10:60:00Z",
                                 "2013-01-01T10:15:61Z",
                                 "2013-01-01T10:15:00.Z",
                                 "2013-01-01T10:15:00+25:00",
                                 "2013-01-01T10:15:00Zx",
                                 "2013-01-01x",
                                 " 2013-01-01",
                                 "2013-1-1",
                                 "+2013-01-01",
                                 "20130101",
                                 "1677-12-31",
                                 "2262-01-01",
                                 "9999-12-31",
                                 "2013-01-01T10:15:00+",
                                 "2013-01-01T-1:15:00Z",
                                 "2013-01-01T10:15:00+02:0"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void whatIsNotIsoIsRefused() {
        QFETCH(QString, text);
        QVERIFY(!Timestamp::parseIso(text.toStdString()));
    }

    void isoIsWritten_data() {
        QTest::addColumn<qint64>("ns");
        QTest::addColumn<QString>("text");
        QTest::newRow("whole") << qint64{1'357'035'300'000'000'000} << "2013-01-01T10:15:00Z";
        QTest::newRow("fraction") << qint64{1'357'035'300'250'000'000} << "2013-01-01T10:15:00.25Z";
        QTest::newRow("one nanosecond") << qint64{1} << "1970-01-01T00:00:00.000000001Z";
        QTest::newRow("just before the epoch") << qint64{-1} << "1969-12-31T23:59:59.999999999Z";
        QTest::newRow("a second before") << qint64{-1'000'000'000} << "1969-12-31T23:59:59Z";
        QTest::newRow("first") << qint64{INT64_MIN} << "1677-09-21T00:12:43.145224192Z";
        QTest::newRow("last") << qint64{INT64_MAX} << "2262-04-11T23:47:16.854775807Z";
    }
    void isoIsWritten() {
        QFETCH(qint64, ns);
        QFETCH(QString, text);
        QCOMPARE(QString::fromStdString(Timestamp{ns}.toIso()), text);
    }

    void whatIsWrittenIsRead() {
        for (std::int64_t ns = -9'000'000'000'000'000'000; ns < 9'000'000'000'000'000'000;
             ns += 7'919'123'456'789'123) {
            const auto back = Timestamp::parseIso(Timestamp{ns}.toIso());
            QVERIFY(back && back->ns == ns);
        }
    }

    void durationsAreReadAndWritten_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("ns");
        QTest::addColumn<QString>("shortest");
        QTest::newRow("minutes") << "15m" << qint64{900'000'000'000} << "15m";
        QTest::newRow("hours of a day and a half") << "36h" << qint64{129'600'000'000'000} << "36h";
        QTest::newRow("days of a week") << "7d" << qint64{604'800'000'000'000} << "1w";
        QTest::newRow("weeks") << "2w" << qint64{1'209'600'000'000'000} << "2w";
        QTest::newRow("seconds") << "90s" << qint64{90'000'000'000} << "90s";
        QTest::newRow("milliseconds") << "250ms" << qint64{250'000'000} << "250ms";
        QTest::newRow("microseconds") << "1us" << qint64{1'000} << "1us";
        QTest::newRow("nanoseconds") << "1001ns" << qint64{1'001} << "1001ns";
        QTest::newRow("nothing") << "0d" << 0ll << "0s";
    }
    void durationsAreReadAndWritten() {
        QFETCH(QString, text);
        QFETCH(qint64, ns);
        QFETCH(QString, shortest);
        const auto d = parseDuration(text.toStdString());
        QVERIFY(d);
        QCOMPARE(qint64{d->count()}, ns);
        QCOMPARE(QString::fromStdString(formatDuration(*d)), shortest);
        QCOMPARE(parseDuration(shortest.toStdString())->count(), d->count());
    }

    void whatIsNoDurationIsRefused() {
        for (const char* text : {"", "m", "15", "15 m", "-5m", "+5m", "1.5h", "15mm", "15M", "99999999999w",
                                 "9223372036854775808ns", "5m "})
            QVERIFY2(!parseDuration(text), text);
    }

    void civilDatesAgreeWithQt() {
        for (int year : {1678, 1900, 1970, 2000, 2013, 2100, 2261}) {
            for (QDate day(year, 1, 1); day.year() == year; day = day.addDays(1)) {
                const std::int64_t days = daysFromCivil({day.year(), day.month(), day.day()});
                QCOMPARE(qint64{days}, QDate(1970, 1, 1).daysTo(day));
                const CivilDate back = civilFromDays(days);
                QVERIFY(back.year == day.year() && back.month == day.month() && back.day == day.day());
            }
        }
    }

    void rangesAreHalfOpen() {
        const TimeRange day{Timestamp{10}, Timestamp{20}};
        QVERIFY(day.contains(Timestamp{10}) && day.contains(Timestamp{19}) && !day.contains(Timestamp{20}) &&
                !day.contains(Timestamp{9}));
        QVERIFY(day.overlaps({Timestamp{19}, Timestamp{30}}) && !day.overlaps({Timestamp{20}, Timestamp{30}}));
        QVERIFY((TimeRange{Timestamp{5}, Timestamp{5}}).empty() && (TimeRange{Timestamp{6}, Timestamp{5}}).empty());
        QVERIFY(TimeRange::all().contains(Timestamp{0}) && day.duration() == 10ns);
    }

    void aManualClockStandsWhereItWasSet() {
        ManualClock clock(Timestamp{5}, ClockKind::Logical);
        QCOMPARE(qint64{clock.now().ns}, 5);
        clock.set(Timestamp{3});
        QCOMPARE(qint64{clock.now().ns}, 3);
        QVERIFY(clock.kind() == ClockKind::Logical);
        const SystemClock real;
        const Timestamp first = real.now();
        QVERIFY(first.ns > 1'700'000'000'000'000'000 && real.now() >= first - 1s);
    }
};

QTEST_GUILESS_MAIN(TestTimestamp)
#include "tst_timestamp.moc"
