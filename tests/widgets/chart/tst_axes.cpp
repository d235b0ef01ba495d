// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "widgets/chart/chart_layout.h"
#include "widgets/chart/time_axis.h"
#include "widgets/chart/value_axis.h"

using namespace pilothouse;
using namespace pilothouse::chart;

namespace {
TimeRange range(const char* from, const char* to) { return {*Timestamp::parseIso(from), *Timestamp::parseIso(to)}; }
Zone newYork() { return *Zone::fromName("America/New_York"); }
QStringList labels(const TimeTicks& t) {
    QStringList out;
    for (const TimeTick& tick : t.ticks)
        out << tick.label;
    return out;
}
QStringList labels(const ValueAxis& a) {
    QStringList out;
    for (const ValueTick& tick : a.ticks)
        out << tick.label;
    return out;
}
}  // namespace

class TestAxes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void timeLabels_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<int>("ticks");
        QTest::addColumn<QStringList>("wanted");
        QTest::addColumn<QString>("context");
        const auto row = [](const char* name, const char* from, const char* to, int ticks, const QStringList& wanted,
                            const char* context) {
            QTest::newRow(name) << QString::fromLatin1(from) << QString::fromLatin1(to) << ticks << wanted
                                << QString::fromLatin1(context);
        };
        const auto list = [](const char* text) { return QString::fromLatin1(text).split(QLatin1Char('|')); };
        row("year", "2013-01-01T05:00:00Z", "2013-12-31T05:00:00Z", 14,
            list("Jan 2013|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"), "2013");
        row("quarters", "2012-11-15T05:00:00Z", "2013-12-01T05:00:00Z", 5, list("Jan 2013|Apr|Jul|Oct"), "2012");
        row("weeks on Mondays", "2013-06-27T04:00:00Z", "2013-07-25T04:00:00Z", 8, list("1 Jul|8 Jul|15 Jul|22 Jul"),
            "2013");
        row("days", "2013-07-08T04:00:00Z", "2013-07-12T04:00:00Z", 5, list("8 Jul|9 Jul|10 Jul|11 Jul|12 Jul"),
            "2013");
        row("hours name the date where it changes", "2013-07-09T20:30:00Z", "2013-07-10T10:00:00Z", 6,
            list("18:00|21:00|10 Jul|03:00|06:00"), "9 Jul 2013");
        row("minutes", "2013-07-09T16:01:00Z", "2013-07-09T16:29:00Z", 6, list("12:05|12:10|12:15|12:20|12:25"),
            "9 Jul 2013");
        row("milliseconds", "2013-07-09T16:00:00Z", "2013-07-09T16:00:00.05Z", 5,
            list("12:00:00.00|12:00:00.01|12:00:00.02|12:00:00.03|12:00:00.04|12:00:00.05"), "9 Jul 2013");
        // Clocks go forward at 2 on 10 March 2013 and back at 2 on 3 November: ticks stay on the wall clock's round
        // hours.
        row("spring", "2013-03-10T05:00:00Z", "2013-03-10T16:00:00Z", 5, list("10 Mar|03:00|06:00|09:00|12:00"),
            "10 Mar 2013");
        row("autumn", "2013-11-03T04:00:00Z", "2013-11-03T17:00:00Z", 5, list("3 Nov|03:00|06:00|09:00|12:00"),
            "3 Nov 2013");
        row("years", "2003-05-01T00:00:00Z", "2013-12-01T00:00:00Z", 6, list("2004|2006|2008|2010|2012"), "2003");
    }
    void timeLabels() {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(int, ticks);
        const TimeRange r{*Timestamp::parseIso(from.toStdString()), *Timestamp::parseIso(to.toStdString())};
        const TimeTicks got = timeTicks(r, newYork(), ticks);
        QTEST(labels(got), "wanted");
        QTEST(got.context, "context");
        for (std::size_t i = 0; i < got.ticks.size(); ++i) {
            QVERIFY(got.ticks[i].time >= r.start && got.ticks[i].time <= r.end);
            if (i > 0) QVERIFY(got.ticks[i - 1].time < got.ticks[i].time);
        }
    }
    void timeTicksAreFewAtAnyLength() {
        const Timestamp start = *Timestamp::parseIso("2013-03-09T17:23:11Z");
        for (double length = 1e3; length < 3e18; length *= 1.7) {
            const auto ticks = timeTicks({start, {start.ns + static_cast<std::int64_t>(length)}}, newYork(), 10).ticks;
            QVERIFY2(ticks.size() <= 12, qPrintable(QString::number(length)));
            QVERIFY2(length < 5e3 || !ticks.empty(), qPrintable(QString::number(length)));
        }
        QVERIFY(timeTicks({start, start}, newYork(), 10).ticks.empty());
    }
    void bucketsFollowTheCalendar() {
        const TimeRange year = range("2013-01-01T05:00:00Z", "2014-01-01T05:00:00Z");
        const Buckets days = buckets(year, newYork(), 400);
        QCOMPARE(days.unit, Buckets::Unit::Day);
        QCOMPARE(days.edges.size(), std::size_t{366});
        QVERIFY(days.edges.front() == year.start && days.edges.back() == year.end);
        const Buckets weeks = buckets(year, newYork(), 100);
        QCOMPARE(weeks.unit, Buckets::Unit::Week);
        QCOMPARE(newYork().weekday(weeks.edges.front()), 1);
        QVERIFY(weeks.edges.front() <= year.start && weeks.edges.back() >= year.end);
        QCOMPARE(buckets(range("2013-07-08T04:00:00Z", "2013-07-15T04:00:00Z"), newYork(), 200).edges.size(),
                 std::size_t{169});
        // The day on which clocks go forward has 23 hours.
        const auto edges =
            calendarEdges(range("2013-03-10T05:00:00Z", "2013-03-11T04:00:00Z"), newYork(), Buckets::Unit::Day);
        QCOMPARE(edges.size(), std::size_t{2});
        QVERIFY(edges[1] - edges[0] == std::chrono::hours(23));
        QVERIFY(calendarEdges({}, newYork(), Buckets::Unit::Day).empty());
    }
    void valueLabels_data() {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("fromZero");
        QTest::addColumn<QStringList>("wanted");
        const auto list = [](const char* text) { return QString::fromUtf8(text).split(QLatin1Char('|')); };
        const auto kind = [](ValueKind k) { return static_cast<int>(k); };
        QTest::newRow("counts") << 700.0 << 990.0 << kind(ValueKind::Count) << true << list("0|500|1,000");
        QTest::newRow("thousands") << 0.0 << 4200.0 << kind(ValueKind::Count) << true << list("0|2,000|4,000");
        QTest::newRow("ten thousands") << 0.0 << 42000.0 << kind(ValueKind::Count) << true << list("0|20 k|40 k");
        QTest::newRow("few stay whole") << 0.0 << 2.0 << kind(ValueKind::Count) << true << list("0|1|2");
        QTest::newRow("shares") << 0.1 << 0.7 << kind(ValueKind::Share) << true << list("0|25 %|50 %");
        QTest::newRow("auc") << 0.61 << 0.74 << kind(ValueKind::Number) << false << list("0.65|0.70");
        QTest::newRow("ms") << 0.8 << 3.1 << kind(ValueKind::Milliseconds) << true << list("0|2 ms");
        QTest::newRow("us") << 0.02 << 0.09 << kind(ValueKind::Milliseconds) << true << list("0|50 µs");
        QTest::newRow("negative") << -12.0 << 9.0 << kind(ValueKind::Number) << false << list("−10|0|10");
        QTest::newRow("small") << 1e-7 << 4e-7 << kind(ValueKind::Number) << true << list("0|200 n|400 n");
    }
    void valueLabels() {
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(int, kind);
        QFETCH(bool, fromZero);
        ValueAxisOptions options;
        options.kind = static_cast<ValueKind>(kind);
        options.fromZero = fromZero;
        options.maxTicks = 3;
        const ValueAxis axis = ValueAxis::make(low, high, options);
        QStringList got = labels(axis);
        if (static_cast<ValueKind>(kind) == ValueKind::Share && !got.isEmpty() && got[0] == QStringLiteral("0 %"))
            got[0] = QStringLiteral("0");
        QTEST(got, "wanted");
        QVERIFY(axis.low <= low && axis.high >= high);
    }
    void aLowAxisStillTellsItsScale() {
        ValueAxisOptions options;
        options.maxTicks = 1;
        for (const double high : {0.002, 0.24, 0.99, 5.3, 61.0, 960.0, 4'200.0}) {
            options.fromZero = true;
            QVERIFY2(ValueAxis::make(0, high, options).ticks.size() >= 2, qPrintable(QString::number(high)));
        }
        options.kind = ValueKind::Count;
        QVERIFY(ValueAxis::make(0, 960, options).ticks.size() >= 2);
    }
    void oddRangesGiveASoundAxis() {
        const double inf = std::numeric_limits<double>::infinity();
        for (const auto& [low, high] : {std::pair{0.0, 0.0},
                                        {5.0, 5.0},
                                        {-3.0, -3.0},
                                        {2.0, 1.0},
                                        {std::nan(""), 1.0},
                                        {-inf, inf},
                                        {1e300, 1.1e300}}) {
            const ValueAxis axis = ValueAxis::make(low, high, {});
            QVERIFY(axis.low < axis.high);
            QVERIFY(std::isfinite(axis.low) && std::isfinite(axis.high));
            QVERIFY(axis.ticks.size() <= 12);
        }
        // What cannot be negative has no axis below zero.
        QCOMPARE(ValueAxis::make(0.01, 0.4, {ValueKind::Share, false, {}, {}, 4}).low >= 0, true);
    }
    void lanesShareTheHeight() {
        const std::vector<double> stretches{1, 2, 1};
        const ChartLayout l = layoutChart({800, 420}, stretches, {});
        QCOMPARE(l.lanes.size(), std::size_t{3});
        QCOMPARE(l.lanes[0].header.top(), 0.0);
        QVERIFY(l.lanes[1].plot.height() > l.lanes[0].plot.height() + 80);
        for (std::size_t i = 1; i < 3; ++i) {
            QVERIFY(l.lanes[i].header.top() >= l.lanes[i - 1].plot.bottom());
            QCOMPARE(l.lanes[i].plot.left(), l.lanes[0].plot.left());
            QCOMPARE(l.lanes[i].plot.right(), l.lanes[0].plot.right());
        }
        QVERIFY(l.axis.top() >= l.lanes[2].plot.bottom());
        for (const auto& box : layoutChart({100, 60}, stretches, {}).lanes)
            QCOMPARE(box.plot.height(), 0.0);
        QVERIFY(layoutChart({0, 0}, stretches, {}).lanes.size() == 3);
    }
    void labelsSpreadWithoutOverlap() {
        const auto check = [](const std::vector<double>& wanted, double top, double bottom) {
            const auto got = spreadLabels(wanted, 12, top, bottom);
            for (std::size_t i = 0; i < got.size(); ++i) {
                QVERIFY(got[i] >= top + 6 - 1e-9 && got[i] <= bottom - 6 + 1e-9);
                for (std::size_t j = 0; j < i; ++j)
                    QVERIFY(std::abs(got[i] - got[j]) >= 12 - 1e-9);
            }
        };
        check({50, 52, 54}, 0, 200);
        check({0, 1, 2, 199, 200}, 0, 200);
        check({100, 20, 100, 100}, 0, 200);
        const auto alone = spreadLabels(std::vector<double>{20, 100}, 12, 0, 200);
        QCOMPARE(alone[0], 20.0);
        QCOMPARE(alone[1], 100.0);
        const auto pair = spreadLabels(std::vector<double>{104, 100}, 12, 0, 200);
        QCOMPARE(pair[1], 96.0);
        QCOMPARE(pair[0], 108.0);
        QCOMPARE(spreadLabels(std::vector<double>{1, 2, 3, 4}, 12, 0, 30).size(), std::size_t{4});
    }
    void labelsThatWouldCoverAnotherAreLeftOut() {
        const std::vector<double> starts{10, 30, 200, 380}, widths{30, 30, 30, 30}, shapes{2, 300};
        const std::vector<bool> wanted{true, false, true, false};
        QCOMPARE(labelsThatFit(starts, widths, shapes, 5, 400), wanted);
        QCOMPARE(labelsThatFit(std::vector<double>{10.0}, std::vector<double>{30.0}, std::vector<double>{20.0}, 5, 400),
                 std::vector<bool>{false});
    }
};

QTEST_GUILESS_MAIN(TestAxes)
#include "tst_axes.moc"
