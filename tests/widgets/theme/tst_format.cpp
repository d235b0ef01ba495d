// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "widgets/theme/format.h"

using namespace pilothouse;

class TestFormat : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void number_data() {
        QTest::addColumn<double>("value");
        QTest::addColumn<int>("digits");
        QTest::addColumn<QString>("text");
        QTest::newRow("share") << 0.7312 << 3 << QStringLiteral("0.731");
        QTest::newRow("kept zero") << 0.7 << 3 << QStringLiteral("0.700");
        QTest::newRow("thousands") << 12304.0 << 3 << QStringLiteral("12,304");
        QTest::newRow("whole") << 3.0 << 3 << QStringLiteral("3");
        QTest::newRow("minus") << -0.25 << 2 << QStringLiteral("−0.25");
        QTest::newRow("zero") << 0.0 << 3 << QStringLiteral("0");
        QTest::newRow("small") << 0.000123 << 3 << QStringLiteral("0.000123");
        QTest::newRow("tiny") << 1.5e-9 << 2 << QStringLiteral("1.5e−9");
        QTest::newRow("nothing") << std::nan("") << 3 << QStringLiteral("–");
        QTest::newRow("infinite") << -std::numeric_limits<double>::infinity() << 3 << QStringLiteral("−∞");
    }
    void number() {
        QFETCH(double, value);
        QFETCH(int, digits);
        QTEST(theme::number(value, digits), "text");
    }
    void counts() {
        QCOMPARE(theme::count(255987), QStringLiteral("255,987"));
        QCOMPARE(theme::shortCount(930), QStringLiteral("930"));
        QCOMPARE(theme::shortCount(1'200'000), QStringLiteral("1.2 M"));
        QCOMPARE(theme::shortCount(999'999), QStringLiteral("1.0 M"));
        QCOMPARE(theme::percent(0.2341), QStringLiteral("23.4 %"));
        QCOMPARE(theme::percent(-0.0001), QStringLiteral("0.0 %"));
        QCOMPARE(theme::withInterval(0.031, 0.018, 0.044), QStringLiteral("0.031 (0.018 – 0.044)"));
        QCOMPARE(theme::milliseconds(1.84), QStringLiteral("1.8 ms"));
        QCOMPARE(theme::duration(std::chrono::hours(36)), QStringLiteral("36 h"));
        QCOMPARE(theme::duration(std::chrono::milliseconds(2100)), QStringLiteral("2.1 s"));
    }
    void range_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("text");
        const auto row = [](const char* name, const char* from, const char* to, const QString& text) {
            QTest::newRow(name) << QString::fromLatin1(from) << QString::fromLatin1(to) << text;
        };
        // New York is at UTC-4 in summer and UTC-5 in winter.
        row("week", "2013-07-08T04:00:00Z", "2013-07-15T04:00:00Z", QStringLiteral("8 – 14 Jul 2013"));
        row("day", "2013-07-08T04:00:00Z", "2013-07-09T04:00:00Z", QStringLiteral("8 Jul 2013"));
        row("months", "2013-06-28T04:00:00Z", "2013-07-05T04:00:00Z", QStringLiteral("28 Jun – 4 Jul 2013"));
        row("years", "2012-12-28T05:00:00Z", "2013-01-04T05:00:00Z", QStringLiteral("28 Dec 2012 – 3 Jan 2013"));
        row("over the change of clocks", "2013-03-10T05:00:00Z", "2013-03-11T04:00:00Z", QStringLiteral("10 Mar 2013"));
        row("hours", "2013-07-08T18:00:00Z", "2013-07-08T21:40:00Z", QStringLiteral("8 Jul 2013 14:00 – 17:40"));
        row("over midnight", "2013-07-08T18:00:00Z", "2013-07-09T21:40:00Z",
            QStringLiteral("8 Jul 14:00 – 9 Jul 2013 17:40"));
    }
    void range() {
        const auto zone = Zone::fromName("America/New_York");
        QVERIFY(zone);
        QFETCH(QString, from);
        QFETCH(QString, to);
        const TimeRange r{*Timestamp::parseIso(from.toStdString()), *Timestamp::parseIso(to.toStdString())};
        QTEST(theme::range(r, *zone), "text");
    }
};

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"
