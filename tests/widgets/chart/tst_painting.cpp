// SPDX-License-Identifier: GPL-3.0-or-later
#include <QProcess>
#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include "widgets/chart/sparkline.h"
#include "widgets/chart/stat_tile.h"
#include "widgets/chart/time_series_chart.h"

using namespace pilothouse;
using namespace pilothouse::chart;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

std::shared_ptr<SeriesBuffer> buffer(std::size_t count, const std::function<double(std::size_t)>& value,
                                     std::int64_t step = kSecond) {
    auto out = std::make_shared<SeriesBuffer>();
    for (std::size_t i = 0; i < count; ++i)
        out->append({static_cast<std::int64_t>(i) * step}, value(i));
    return out;
}

Lane lane(std::shared_ptr<const SeriesBuffer> values, Draw draw = Draw::Line) {
    Lane out;
    out.title = QStringLiteral("lane");
    Series s;
    s.name = QStringLiteral("a");
    s.draw = draw;
    s.values = std::move(values);
    s.token = theme::Token::Alarm;  // nothing else in these pictures is red
    out.series.push_back(std::move(s));
    return out;
}

bool red(QRgb c) { return qRed(c) > qGreen(c) + 30 && qRed(c) > qBlue(c) + 30; }

/// Red pixels within a rectangle given in logical pixels.
int redPixels(const QImage& image, QRectF area) {
    const double ratio = image.devicePixelRatio();
    const QRect box = QRectF(area.topLeft() * ratio, area.size() * ratio).toRect() & image.rect();
    int count = 0;
    for (int y = box.top(); y <= box.bottom(); ++y)
        for (int x = box.left(); x <= box.right(); ++x)
            count += red(image.pixel(x, y));
    return count;
}

/// Pixels that differ from the window's ground.
int inkedPixels(const QImage& image, QRectF area) {
    const QRgb ground = theme::color(theme::Token::Window).rgb();
    const double ratio = image.devicePixelRatio();
    const QRect box = QRectF(area.topLeft() * ratio, area.size() * ratio).toRect() & image.rect();
    int count = 0;
    for (int y = box.top(); y <= box.bottom(); ++y)
        for (int x = box.left(); x <= box.right(); ++x)
            count += image.pixel(x, y) != ground;
    return count;
}

struct Shown {
    TimeSeriesChart chart;
    explicit Shown(std::vector<Lane> lanes, TimeRange range, QSize size = {900, 300}) {
        chart.resize(size);
        chart.setLanes(std::move(lanes));
        chart.setRange(range);
    }
    QImage image() { return chart.grab().toImage(); }
    QRectF plot(std::size_t lane = 0) const { return chart.layoutBoxes().lanes[lane].plot; }
};

}  // namespace

class TestPainting : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { theme::apply(theme::Scheme::Dark); }

    void oneSampleAmongAMillionIsSeenAtEveryZoom_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
    void oneSampleAmongAMillionIsSeenAtEveryZoom() {
        QFETCH(bool, dark);
        theme::apply(dark ? theme::Scheme::Dark : theme::Scheme::Light);
        constexpr std::size_t spike = 637'211;
        const auto values = buffer(
            1'000'000, [](std::size_t i) { return i == spike ? 100.0 : std::sin(static_cast<double>(i) * 0.001); });
        for (std::int64_t length = 1'000'000; length >= 10; length /= 3) {
            const std::int64_t start = std::max<std::int64_t>(0, static_cast<std::int64_t>(spike) - length / 2);
            Shown shown({lane(values)}, {{start * kSecond}, {(start + length) * kSecond}});
            const QRectF plot = shown.plot();
            const double x = shown.chart.xOf({static_cast<std::int64_t>(spike) * kSecond});
            // The upper half of the plot holds the spike, as wide as a sample when those are wide, and nothing else.
            const double half = std::max(3.0, plot.width() / static_cast<double>(length));
            const QImage image = shown.image();
            QVERIFY2(redPixels(image, {x - half, plot.top(), 2 * half + 1, plot.height() / 2}) >= plot.height() * 0.4,
                     qPrintable(QString::number(length)));
            QCOMPARE(redPixels(image, {plot.left(), plot.top(), std::max(0.0, x - half - 5 - plot.left()),
                                       plot.height() * 0.4}),
                     0);
        }
        theme::apply(theme::Scheme::Dark);
    }
    void gapsStayEmpty_data() {
        QTest::addColumn<int>("count");
        QTest::newRow("lines") << 200;
        QTest::newRow("columns") << 200'000;
    }
    void gapsStayEmpty() {
        QFETCH(int, count);
        const auto n = static_cast<std::size_t>(count);
        const auto values = buffer(n, [n](std::size_t i) {
            return i > n * 2 / 5 && i < n * 3 / 5 ? std::nan("") : 1.0 + static_cast<double>(i % 7);
        });
        Shown shown({lane(values)}, {{0}, {count * kSecond}});
        const QRectF plot = shown.plot();
        const auto part = [&](double from, double to) {
            return QRectF(plot.left() + plot.width() * from, plot.top(), plot.width() * (to - from), plot.height());
        };
        const QImage image = shown.image();
        QCOMPARE(redPixels(image, part(0.42, 0.58)), 0);
        QVERIFY(redPixels(image, part(0.1, 0.38)) > 200);
        QVERIFY(redPixels(image, part(0.62, 0.9)) > 200);
        // The gap is hatched: more ink than the same plot has where nothing was asked for.
        Shown before({lane(values)}, {{-count * kSecond}, {count * kSecond}});
        const QRectF box = before.plot();
        const int nothing =
            inkedPixels(before.image(), QRectF(box.left() + 2, box.top(), box.width() * 0.1, box.height()));
        QVERIFY(inkedPixels(image, part(0.45, 0.55)) > nothing + 400);
    }
    void samplesFarApartAreNotJoined() {
        auto values = std::make_shared<SeriesBuffer>();
        for (const std::int64_t t : {0, 1, 2, 8, 9, 10})
            values->append({t * kSecond}, 5);
        Lane joined = lane(values), apart = lane(values);
        apart.series[0].maxGap = Duration(2 * kSecond);
        Shown a({joined}, {{0}, {10 * kSecond}}), b({apart}, {{0}, {10 * kSecond}});
        const QRectF plot = a.plot();
        const QRectF middle(plot.left() + plot.width() * 0.3, plot.top(), plot.width() * 0.4, plot.height());
        QVERIFY(redPixels(a.image(), middle) > 100);
        QCOMPARE(redPixels(b.image(), middle), 0);
    }
    void aLoneSampleIsADot() {
        const auto values = buffer(11, [](std::size_t i) { return i == 5 ? 1.0 : std::nan(""); });
        Shown shown({lane(values)}, {{0}, {10 * kSecond}});
        const int ink = redPixels(shown.image(), shown.plot());
        QVERIFY(ink >= 4 && ink < 80);
    }
    void intervalsAndEstimates() {
        Lane points = lane(buffer(8, [](std::size_t) { return 0.7; }), Draw::Points);
        points.series[0].low = buffer(8, [](std::size_t) { return 0.6; });
        points.series[0].high = buffer(8, [](std::size_t) { return 0.8; });
        Shown shown({points}, {{-kSecond}, {8 * kSecond}});
        const double x = shown.chart.xOf({3 * kSecond});
        const QRectF plot = shown.plot();
        QVERIFY(redPixels(shown.image(), QRectF(x - 2, plot.top(), 4, plot.height())) > plot.height() * 0.7);
        QCOMPARE(redPixels(shown.image(), QRectF(x + 10, plot.top(), 20, plot.height())), 0);
        // Dashed: the line is there in part of its columns only.
        Shown dashed({lane(buffer(8, [](std::size_t i) { return static_cast<double>(i); }), Draw::Estimate)},
                     {{0}, {7 * kSecond}});
        const QImage image = dashed.image();
        int with = 0, without = 0;
        for (int c = static_cast<int>(dashed.plot().left()) + 2; c < static_cast<int>(dashed.plot().right()) - 2; ++c)
            ++(redPixels(image, QRectF(c, dashed.plot().top(), 1, dashed.plot().height())) > 0 ? with : without);
        QVERIFY(with > 100 && without > 100);
    }
    void growingBuffersShow() {
        auto values = std::make_shared<SeriesBuffer>();
        Shown shown({lane(values)}, {{0}, {100 * kSecond}});
        QCOMPARE(redPixels(shown.image(), shown.plot()), 0);
        for (int i = 0; i < 100; ++i)
            values->append({i * kSecond}, i);
        shown.chart.dataChanged();
        QVERIFY(redPixels(shown.image(), shown.plot()) > 100);
    }
    void emptyAndOddInputs() {
        Shown none({}, {{0}, {1}}),
            empty({lane(std::make_shared<SeriesBuffer>()), lane(nullptr)}, {{0}, {kSecond}}, {20, 10});
        QVERIFY(!none.image().isNull());
        QVERIFY(!empty.image().isNull());
        none.chart.setRange(TimeRange::all());
        QVERIFY(none.chart.range() != TimeRange::all());
        Lane failed = lane(nullptr);
        failed.state = Lane::State::Error;
        failed.stateText = QStringLiteral("nothing listens at this address");
        Shown words({failed}, {{0}, {kSecond}});
        QVERIFY(redPixels(words.image(), words.plot()) > 50);
    }
    void readoutNamesValuesAndGaps() {
        const auto values = buffer(10, [](std::size_t i) { return i == 5 ? std::nan("") : static_cast<double>(i); });
        Shown shown({lane(values)}, {{0}, {9 * kSecond}});
        QVERIFY(shown.chart.readout().isEmpty());
        shown.chart.setCursor(Timestamp{3 * kSecond + 1});
        QCOMPARE(shown.chart.readout(), QStringList{QStringLiteral("lane: a 3")});
        shown.chart.setCursor(Timestamp{5 * kSecond});
        QCOMPARE(shown.chart.readout(), QStringList{QStringLiteral("lane: a no data")});
    }
    void theCursorMovesWithoutPaintingTheDataAgain() {
        Shown shown({lane(buffer(50, [](std::size_t i) { return static_cast<double>(i); }))}, {{0}, {49 * kSecond}});
        const QImage without = shown.image();
        shown.chart.setCursor(Timestamp{25 * kSecond});
        const QImage with = shown.image();
        QVERIFY(with != without);
        shown.chart.setCursor(std::nullopt);
        QCOMPARE(shown.image(), without);
    }

    // Hands.
    void dragSelectsARange() {
        Shown shown({lane(buffer(100, [](std::size_t i) { return static_cast<double>(i); }))}, {{0}, {100 * kSecond}});
        std::optional<TimeRange> chosen;
        connect(&shown.chart, &TimeSeriesChart::rangeSelected, this, [&](TimeRange r) { chosen = r; });
        const QPoint from(static_cast<int>(shown.chart.xOf({20 * kSecond})), 100),
            to(static_cast<int>(shown.chart.xOf({60 * kSecond})), 120);
        QTest::mousePress(&shown.chart, Qt::LeftButton, {}, from);
        QTest::mouseMove(&shown.chart, to);
        QTest::mouseRelease(&shown.chart, Qt::LeftButton, {}, to);
        QVERIFY(chosen);
        QVERIFY(std::abs(chosen->start.ns - 20 * kSecond) < kSecond &&
                std::abs(chosen->end.ns - 60 * kSecond) < kSecond);
        chosen.reset();
        QTest::mouseClick(&shown.chart, Qt::LeftButton, {}, from);
        QVERIFY(!chosen);
        QSignalSpy fit(&shown.chart, &TimeSeriesChart::fitRequested);
        QTest::mouseDClick(&shown.chart, Qt::LeftButton, {}, from);
        QCOMPARE(fit.count(), 1);
    }
    void wheelZoomsAtThePointerAndTellsOnce() {
        Shown shown({lane(buffer(100, [](std::size_t i) { return static_cast<double>(i); }))}, {{0}, {100 * kSecond}});
        int told = 0;
        connect(&shown.chart, &TimeSeriesChart::rangeSelected, this, [&](TimeRange) { ++told; });
        const QPointF at(shown.chart.xOf({30 * kSecond}), 100);
        const Timestamp under = shown.chart.timeAt(at.x());
        for (int i = 0; i < 5; ++i) {
            QWheelEvent wheel(at, shown.chart.mapToGlobal(at), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
                              Qt::NoScrollPhase, false);
            QCoreApplication::sendEvent(&shown.chart, &wheel);
        }
        QVERIFY(shown.chart.range().duration() < Duration(35 * kSecond));
        QVERIFY(std::abs(shown.chart.timeAt(at.x()).ns - under.ns) < kSecond / 10);
        shown.chart.setRange({{0}, {1}});  // from the lens, while the hand is at it
        QVERIFY(shown.chart.range().duration() > Duration(kSecond));
        QCOMPARE(told, 0);
        QTRY_COMPARE(told, 1);
    }
    void keysPanZoomAndMoveTheCursor() {
        Shown shown({lane(buffer(100, [](std::size_t i) { return static_cast<double>(i); }))}, {{0}, {100 * kSecond}});
        shown.chart.setBounds(TimeRange{{0}, {200 * kSecond}});
        QTest::keyClick(&shown.chart, Qt::Key_Right);
        QCOMPARE(shown.chart.range().start.ns, 15 * kSecond);
        for (int i = 0; i < 20; ++i)
            QTest::keyClick(&shown.chart, Qt::Key_Left);
        QCOMPARE(shown.chart.range().start.ns, std::int64_t{0});
        QTest::keyClick(&shown.chart, Qt::Key_Plus);
        QVERIFY(shown.chart.range().duration() < Duration(75 * kSecond));
        for (int i = 0; i < 20; ++i)
            QTest::keyClick(&shown.chart, Qt::Key_Minus);
        QCOMPARE(shown.chart.range().duration(), Duration(200 * kSecond));
        std::optional<Timestamp> cursor;
        connect(&shown.chart, &TimeSeriesChart::cursorMoved, this, [&](std::optional<Timestamp> t) { cursor = t; });
        QTest::keyClick(&shown.chart, Qt::Key_Right, Qt::ShiftModifier);
        QVERIFY(cursor);
    }
    void markersAreFoundByTheHand() {
        Shown shown({lane(buffer(100, [](std::size_t i) { return static_cast<double>(i); }))}, {{0}, {100 * kSecond}});
        shown.chart.setMarkers(
            {{{40 * kSecond},
              Marker::Kind::Deployment,
              QStringLiteral("v2"),
              QStringLiteral("v2 became champion"),
              QStringLiteral("version/v2")},
             {{70 * kSecond}, Marker::Kind::Alert, {}, QStringLiteral("drift"), QStringLiteral("alert/3")}});
        QString id;
        connect(&shown.chart, &TimeSeriesChart::markerActivated, this, [&](const QString& i) { id = i; });
        const int y = static_cast<int>(shown.chart.layoutBoxes().markers.center().y());
        QTest::mouseClick(&shown.chart, Qt::LeftButton, {}, {static_cast<int>(shown.chart.xOf({70 * kSecond})), y});
        QCOMPARE(id, QStringLiteral("alert/3"));
    }
    void sparklinesDrawOrSayNo() {
        QImage image(120, 20, QImage::Format_RGB32);
        image.fill(theme::color(theme::Token::Window));
        const QImage blank = image.copy();
        QPainter painter(&image);
        QVERIFY(!drawSparkline(painter, {0, 0, 120, 20}, std::vector<double>{std::nan(""), std::nan("")}, {Qt::red}));
        QCOMPARE(image, blank);
        for (const std::size_t n : {1u, 30u, 5'000u}) {
            std::vector<double> values(n, 1.0);
            values[n / 2] = 9;
            QVERIFY(drawSparkline(painter, {0, 0, 120, 20}, values, {Qt::red}));
        }
        QVERIFY(image != blank);
    }
    void tilesSayWhyThereIsNoNumber() {
        StatTile tile(QStringLiteral("AUC"), ValueKind::Number);
        QCOMPARE(tile.valueLabel(), QStringLiteral("loading…"));
        StatTile::Content content;
        content.state = StatTile::State::Empty;
        content.stateText = QStringLiteral("no labels yet");
        tile.setContent(content);
        QCOMPARE(tile.valueLabel(), QStringLiteral("no labels yet"));
        content.state = StatTile::State::Ready;
        content.value = 0.712;
        content.previous = 0.731;
        tile.setContent(content);
        QCOMPARE(tile.valueLabel(), QStringLiteral("0.712"));
        QCOMPARE(tile.changeLabel(), QStringLiteral("−0.019"));
        content.previous = std::nan("");
        tile.setContent(content);
        QVERIFY(tile.changeLabel().isEmpty());
    }
    void twoPixelsAPoint() {
        if (qEnvironmentVariableIsSet("QT_SCALE_FACTOR")) return;
        // The ratio is a property of the process: the same checks, once more, in one that has two.
        QProcess other;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("QT_SCALE_FACTOR"), QStringLiteral("2"));
        other.setProcessEnvironment(environment);
        other.start(QCoreApplication::applicationFilePath(),
                    {QStringLiteral("oneSampleAmongAMillionIsSeenAtEveryZoom"), QStringLiteral("gapsStayEmpty"),
                     QStringLiteral("theRatioIsTwo"), QStringLiteral("intervalsAndEstimates"),
                     QStringLiteral("dragSelectsARange")});
        QVERIFY(other.waitForFinished(120'000));
        QVERIFY2(other.exitCode() == 0, other.readAllStandardOutput().constData());
    }
    void theRatioIsTwo() {
        if (!qEnvironmentVariableIsSet("QT_SCALE_FACTOR")) return;  // run by twoPixelsAPoint
        Shown shown({lane(buffer(10'000, [](std::size_t) { return 5.0; }))}, {{0}, {10'000 * kSecond}}, {400, 160});
        const QImage image = shown.image();
        QCOMPARE(image.size(), QSize(800, 320));
        // A line of 1.4 pixels is 2.8 dots high there, and sharp: not more than four rows carry it.
        const int columns = static_cast<int>(shown.plot().width() * 2);
        const int dots = redPixels(image, shown.plot());
        QVERIFY2(dots >= columns * 2 && dots <= columns * 4, qPrintable(QString::number(dots)));
    }
    // PILOTHOUSE_PICTURES=FOLDER keeps what a person should look at.
    void picture_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
    void picture() {
        QFETCH(bool, dark);
        theme::apply(dark ? theme::Scheme::Dark : theme::Scheme::Light);
        const Timestamp start = *Timestamp::parseIso("2013-04-01T04:00:00Z");
        const auto daily = [&](const std::function<double(double)>& value, std::int64_t step = kDay,
                               std::int64_t offset = kDay / 2) {
            auto out = std::make_shared<SeriesBuffer>();
            for (std::int64_t t = 0; t < 105 * kDay; t += step)
                out->append({start.ns + t + offset}, value(static_cast<double>(t / kDay)));
            return out;
        };
        const auto series = [](const char* name, Draw draw, std::shared_ptr<SeriesBuffer> v,
                               std::optional<theme::Token> token = {}) {
            Series s;
            s.name = QString::fromLatin1(name);
            s.draw = draw;
            s.values = std::move(v);
            s.token = token;
            return s;
        };
        Lane traffic;
        traffic.title = QStringLiteral("flights a day");
        traffic.kind = ValueKind::Count;
        traffic.fromZero = true;
        traffic.series = {series("flights", Draw::Area, daily([](double d) {
                                     return static_cast<int>(d) % 7 == 5 ? 760.0 : 930 + 30 * std::sin(d);
                                 }),
                                 theme::Token::Reference)};
        Lane score;
        score.title = QStringLiteral("score and outcome");
        score.note = QStringLiteral("matured labels");
        score.kind = ValueKind::Share;
        score.fromZero = true;
        score.series = {series("score mean", Draw::Line,
                               daily([](double d) { return 0.25 + 0.12 * std::sin(d * 0.9); }), theme::Token::Current),
                        series("late", Draw::Line, daily([](double d) {
                                   return d > 40 && d < 52 ? std::nan("")
                                                           : 0.25 + 0.2 * std::sin(d * 0.9 + 0.3) * std::sin(d * 0.05);
                               }),
                               theme::Token::Positive)};
        score.series[0].low = daily([](double d) { return 0.13 + 0.1 * std::sin(d * 0.9); });
        score.series[0].high = daily([](double d) { return 0.4 + 0.14 * std::sin(d * 0.9); });
        Lane auc;
        auc.title = QStringLiteral("AUC");
        auc.note = QStringLiteral("by week, 95 % interval");
        Series points =
            series("v3", Draw::Points,
                   daily([](double d) { return d > 70 && d < 85 ? std::nan("") : 0.69 + 0.02 * std::sin(d); }, 7 * kDay,
                         7 * kDay / 2));
        points.low = daily([](double d) { return 0.675 + 0.02 * std::sin(d); }, 7 * kDay, 7 * kDay / 2);
        points.high = daily([](double d) { return 0.705 + 0.02 * std::sin(d); }, 7 * kDay, 7 * kDay / 2);
        Series estimate =
            series("estimated without labels", Draw::Estimate,
                   daily([](double d) { return 0.70 - d * 1e-4; }, 7 * kDay, 7 * kDay / 2), theme::Token::Unknown);
        auc.series = {points, estimate};
        auc.limits = {{0.66, QStringLiteral("limit 0.66"), theme::Token::Alarm},
                      {0.663, QStringLiteral("baseline"), theme::Token::TextMuted}};
        Lane empty;
        empty.title = QStringLiteral("wind_gust_mph missing");
        empty.stretch = 0.6;
        Shown shown({traffic, score, auc, empty}, {start, start + Duration(105 * kDay)}, {1000, 560});
        shown.chart.setZone(*Zone::fromName("America/New_York"));
        shown.chart.setMarkers({{start + Duration(30 * kDay), Marker::Kind::Deployment, QStringLiteral("v2"), {}, {}},
                                {start + Duration(73 * kDay), Marker::Kind::Deployment, QStringLiteral("v3"), {}, {}},
                                {start + Duration(72 * kDay), Marker::Kind::Alert, QStringLiteral("drift"), {}, {}},
                                {start + Duration(98 * kDay), Marker::Kind::Warning, QStringLiteral("AUC"), {}, {}}});
        shown.chart.setCursor(start + Duration(60 * kDay));
        const QImage image = shown.image();
        QVERIFY(inkedPixels(image, shown.plot(0)) > 1'000);
        const QString folder = qEnvironmentVariable("PILOTHOUSE_PICTURES");
        if (!folder.isEmpty())
            QVERIFY(
                image.save(folder + (dark ? QStringLiteral("/chart-dark.png") : QStringLiteral("/chart-light.png"))));
    }
};

QTEST_MAIN(TestPainting)
#include "tst_painting.moc"
