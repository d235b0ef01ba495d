// SPDX-License-Identifier: GPL-3.0-or-later
// Detectors over a stream, value by value against river (make_streams.py).
#include <limits>

#include "models/statistics/adwin.h"
#include "models/statistics/change_detectors.h"
#include "tests/statistics/support.h"

using namespace pilothouse::statistics;
using namespace pilothouse::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> eventsOf(PageHinkley detector, const std::vector<double>& values) {
    std::vector<double> out;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (detector.update(values[i])) out.push_back(static_cast<double>(i));
    return out;
}

/// Events, and each place where the window did not just grow by one.
bool sameAs(const QJsonObject& expected, Adwin detector, const std::vector<double>& values) {
    std::vector<double> events;
    std::vector<std::vector<double>> widths;
    double last = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (detector.update(values[i])) events.push_back(static_cast<double>(i));
        if (i == 0 || detector.width() != last + 1) widths.push_back({static_cast<double>(i), detector.width()});
        last = detector.width();
    }
    std::vector<std::vector<double>> expectedWidths;
    for (const QJsonValue& w : expected[QLatin1String("widths")].toArray())
        expectedWidths.push_back(numbers(w));
    return events == numbers(expected[QLatin1String("events")]) && widths == expectedWidths &&
           close(detector.mean(), expected[QLatin1String("mean")].toDouble(), 1e-9);
}

}  // namespace

class TestStreams : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void detectorsAgreeWithRiver_data() {
        QTest::addColumn<QJsonObject>("c");
        for (const QJsonValue& c : cases("streams", "streams"))
            QTest::newRow(qPrintable(c[u"name"].toString())) << c.toObject();
    }
    void detectorsAgreeWithRiver() {
        QFETCH(QJsonObject, c);
        const auto values = numbers(c[QLatin1String("values")]);
        QVERIFY(sameAs(c[QLatin1String("adwin")].toObject(), Adwin(), values));
        QVERIFY(sameAs(c[QLatin1String("adwin_often")].toObject(), Adwin({0.1, 8, 3, 3, 20, true}), values));
        using Direction = PageHinkley::Direction;
        constexpr double kAlpha = 1 - 0.0001;
        QCOMPARE(eventsOf(PageHinkley(), values), numbers(c[QLatin1String("page_hinkley")]));
        QCOMPARE(eventsOf(PageHinkley({40, 0.05, 8, kAlpha, Direction::Both}), values),
                 numbers(c[QLatin1String("page_hinkley_low")]));
        QCOMPARE(eventsOf(PageHinkley({30, 0.05, 8, kAlpha, Direction::Up}), values),
                 numbers(c[QLatin1String("page_hinkley_up")]));
        QCOMPARE(eventsOf(PageHinkley({30, 0.05, 8, kAlpha, Direction::Down}), values),
                 numbers(c[QLatin1String("page_hinkley_down")]));
        if (!c.contains(u"ddm")) return;
        Ddm ddm;
        std::vector<double> drifts, warnings;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const Ddm::State state = ddm.update(values[i] != 0);
            if (state == Ddm::State::Drift) drifts.push_back(static_cast<double>(i));
            if (state == Ddm::State::Warning) warnings.push_back(static_cast<double>(i));
        }
        const QJsonObject expected = c[QLatin1String("ddm")].toObject();
        QVERIFY(!drifts.empty() && !warnings.empty());
        QCOMPARE(drifts, numbers(expected[QLatin1String("drifts")]));
        QCOMPARE(warnings, numbers(expected[QLatin1String("warnings")]));
    }

    // The paper's form: the newer part is kept, and its mean is right at once.
    void thePapersFormKeepsTheNewerPart() {
        Adwin kept({0.002, 32, 5, 5, 10, false});
        Random random(5);
        for (int i = 0; i < 2000; ++i)
            kept.update(random.normal() + (i < 1000 ? 0 : 3));
        QVERIFY(kept.changes() >= 1);
        QVERIFY(std::abs(kept.mean() - 3) < 0.15);
        QVERIFY(kept.width() > 800 && kept.width() < 1100);
        QVERIFY(std::abs(kept.variance() - 1) < 0.15);
    }

    void aLongStreamTakesLittleMemory() {
        Adwin detector;
        Random random(6);
        std::uint64_t changes = 0;
        for (int i = 0; i < 200'000; ++i)
            changes += detector.update(random.uniform()) ? 1 : 0;
        QVERIFY(changes <= 2);
        QVERIFY(detector.width() > 20'000);
    }

    void whatIsNotFiniteIsCountedAndLeftOut() {
        Adwin detector;
        PageHinkley test;
        QVERIFY(std::isnan(detector.mean()) && std::isnan(detector.variance()));
        for (const double x : {kNaN, kInfinity, -kInfinity}) {
            QVERIFY(!detector.update(x) && !test.update(x));
        }
        QVERIFY(detector.skipped() == 3 && test.skipped() == 3 && detector.width() == 0);
        for (int i = 0; i < 100; ++i)
            QVERIFY(!detector.update(7) && !test.update(7));
        QCOMPARE(detector.mean(), 7.0);
        QCOMPARE(detector.variance(), 0.0);
        Adwin odd({0.5, 0, 0, 0, 0, false});  // options that make no sense do no harm
        for (int i = 0; i < 300; ++i)
            odd.update(i % 7);
        QVERIFY(odd.width() >= 0);
        Ddm ddm({0, 2, 3});
        for (int i = 0; i < 50; ++i)
            QVERIFY(ddm.update(false) == Ddm::State::Ok);
    }
};

QTEST_GUILESS_MAIN(TestStreams)
#include "tst_streams.moc"
