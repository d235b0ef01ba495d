// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/base/time_zone.h"

#include <QTest>

using namespace pilothouse;
using namespace std::chrono_literals;

namespace {

Timestamp at(const char* iso) {
    const auto t = Timestamp::parseIso(iso);
    if (!t) qFatal("not a time: %s", iso);
    return *t;
}

QString iso(Timestamp t) { return QString::fromStdString(t.toIso()); }

}  // namespace

class TestTimeZone : public QObject {
    Q_OBJECT
    Zone m_newYork;

private Q_SLOTS:
    void initTestCase() {
        auto zone = Zone::fromName("America/New_York");
        QVERIFY2(zone, "tzdata is missing");
        m_newYork = *zone;
    }

    void unknownNamesAreAnError() {
        for (const char* name : {"", "Mars/Olympus", "../../etc/passwd"}) {
            const auto zone = Zone::fromName(name);
            QVERIFY2(!zone, name);
            QCOMPARE(zone.error().kind, ErrorKind::NotFound);
        }
        QCOMPARE(m_newYork.name(), std::string("America/New_York"));
    }

    void offsetsFollowTheChangeOfClocks() {
        QVERIFY(m_newYork.offsetAt(at("2013-01-01T00:00:00Z")) == -5h);
        QVERIFY(m_newYork.offsetAt(at("2013-03-10T06:59:59Z")) == -5h);
        QVERIFY(m_newYork.offsetAt(at("2013-03-10T07:00:00Z")) == -4h);
        QVERIFY(m_newYork.offsetAt(at("2013-11-03T05:59:59Z")) == -4h);
        QVERIFY(m_newYork.offsetAt(at("2013-11-03T06:00:00Z")) == -5h);
        QVERIFY(Zone().offsetAt(at("2013-07-01")) == 0s);
    }

    void daysBeginAtLocalMidnight() {
        QCOMPARE(iso(m_newYork.startOfDay(at("2013-01-01T04:59:59Z"))), QStringLiteral("2012-12-31T05:00:00Z"));
        QCOMPARE(iso(m_newYork.startOfDay(at("2013-01-01T05:00:00Z"))), QStringLiteral("2013-01-01T05:00:00Z"));
        const CivilDate d = m_newYork.date(at("2013-01-01T04:59:59Z"));
        QVERIFY(d.year == 2012 && d.month == 12 && d.day == 31);
    }

    void daysHaveTwentyThreeToTwentyFiveHours() {
        const auto length = [&](const char* t) { return m_newYork.nextMidnight(at(t)) - m_newYork.startOfDay(at(t)); };
        QVERIFY(length("2013-03-10T12:00:00Z") == 23h);
        QVERIFY(length("2013-03-11T12:00:00Z") == 24h);
        QVERIFY(length("2013-11-03T12:00:00Z") == 25h);
        // Every instant of a year lies in its day, and the days join without a gap.
        for (Timestamp t = at("2013-01-01T05:00:00Z"); t < at("2014-01-01T05:00:00Z"); t = m_newYork.nextMidnight(t)) {
            QVERIFY(m_newYork.startOfDay(t) == t);
            QVERIFY(m_newYork.startOfDay(m_newYork.nextMidnight(t) - 1ns) == t);
        }
    }

    // Chile's clocks change at midnight: that day begins at one.
    void aMidnightThatIsSkippedGivesTheFirstInstant() {
        const auto santiago = Zone::fromName("America/Santiago");
        QVERIFY(santiago);
        const Timestamp first = santiago->midnight({2013, 9, 8});
        QCOMPARE(iso(first), QStringLiteral("2013-09-08T04:00:00Z"));
        QVERIFY(santiago->startOfDay(first) == first);
        QVERIFY(santiago->startOfDay(first - 1ns) < first);
    }

    void weeksBeginOnMonday() {
        QCOMPARE(m_newYork.weekday(at("2013-04-01T12:00:00Z")), 1);
        QCOMPARE(m_newYork.weekday(at("2013-04-01T03:00:00Z")), 7);  // still Sunday in New York
        QCOMPARE(iso(m_newYork.startOfWeek(at("2013-04-03T12:00:00Z"))), QStringLiteral("2013-04-01T04:00:00Z"));
        QCOMPARE(iso(m_newYork.startOfWeek(at("2013-03-12T12:00:00Z"))), QStringLiteral("2013-03-11T04:00:00Z"));
        QCOMPARE(iso(m_newYork.startOfWeek(at("2013-03-10T12:00:00Z"))), QStringLiteral("2013-03-04T05:00:00Z"));
        QCOMPARE(Zone().weekday(at("1969-12-31")), 3);
        QCOMPARE(Zone().weekday(at("1970-01-01")), 4);
    }

    // The wall clock stays, also from and to a day whose clocks change.
    void addingDaysKeepsTheWallClock_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<int>("days");
        QTest::addColumn<QString>("to");
        QTest::newRow("over the change") << "2013-03-09T17:00:00Z" << 2 << "2013-03-11T16:00:00Z";
        QTest::newRow("to its day") << "2013-03-09T17:00:00Z" << 1 << "2013-03-10T16:00:00Z";
        QTest::newRow("from its day") << "2013-03-10T16:00:00Z" << 1 << "2013-03-11T16:00:00Z";
        QTest::newRow("back from its day") << "2013-03-10T16:00:00Z" << -1 << "2013-03-09T17:00:00Z";
        QTest::newRow("to the long day") << "2013-11-02T16:00:00Z" << 1 << "2013-11-03T17:00:00Z";
        QTest::newRow("from the long day") << "2013-11-03T17:00:00Z" << 1 << "2013-11-04T17:00:00Z";
        QTest::newRow("nanoseconds stay") << "2013-06-30T12:00:00.000000001Z" << 1 << "2013-07-01T12:00:00.000000001Z";
        QTest::newRow("by nothing") << "2013-03-10T16:00:00Z" << 0 << "2013-03-10T16:00:00Z";
    }
    void addingDaysKeepsTheWallClock() {
        QFETCH(QString, from);
        QFETCH(int, days);
        QFETCH(QString, to);
        QCOMPARE(iso(m_newYork.addDays(at(from.toLatin1()), days)), to);
    }

    void addingMonthsStopsAtTheLastDay() {
        QCOMPARE(iso(m_newYork.addMonths(at("2013-01-31T17:00:00Z"), 1)), QStringLiteral("2013-02-28T17:00:00Z"));
        QCOMPARE(iso(m_newYork.addMonths(at("2013-04-01T04:00:00Z"), -3)), QStringLiteral("2013-01-01T05:00:00Z"));
        QCOMPARE(iso(m_newYork.addMonths(at("2012-12-15T17:00:00Z"), 2)), QStringLiteral("2013-02-15T17:00:00Z"));
        QCOMPARE(iso(m_newYork.addMonths(at("2013-03-10T16:00:00Z"), 1)), QStringLiteral("2013-04-10T16:00:00Z"));
    }
};

QTEST_GUILESS_MAIN(TestTimeZone)
#include "tst_time_zone.moc"
