// SPDX-License-Identifier: GPL-3.0-or-later
// Repaints of the time-series painter, and of Qt Charts on the same data in the same run. One line a figure.
#include <QApplication>
#include <QChartView>
#include <QElapsedTimer>
#include <QLineSeries>
#include <QValueAxis>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "widgets/chart/time_series_chart.h"
#include "widgets/theme/tokens.h"

using namespace pilothouse;
using namespace pilothouse::chart;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

double median(int rounds, const std::function<void()>& work) {
    std::vector<double> ms;
    for (int i = 0; i < rounds; ++i) {
        QElapsedTimer timer;
        timer.start();
        work();
        ms.push_back(static_cast<double>(timer.nsecsElapsed()) * 1e-6);
    }
    std::nth_element(ms.begin(), ms.begin() + rounds / 2, ms.end());
    return ms[static_cast<std::size_t>(rounds / 2)];
}

double sample(std::size_t i, std::size_t series = 0) {
    const auto x = static_cast<double>(i);
    return std::sin(x * 2e-5 + static_cast<double>(series)) * 3 + std::sin(x * 0.37) * 0.4 +
           static_cast<double>((i * 7919) % 1'000) * 1e-3;
}

Lane lane(std::size_t series, std::size_t samples) {
    Lane out;
    out.title = QStringLiteral("lane");
    for (std::size_t s = 0; s < series; ++s) {
        auto values = std::make_shared<SeriesBuffer>();
        values->reserve(samples);
        for (std::size_t i = 0; i < samples; ++i)
            values->append({static_cast<std::int64_t>(i) * kSecond}, sample(i, s));
        Series one;
        one.name = QStringLiteral("series %1").arg(s);
        one.values = std::move(values);
        out.series.push_back(std::move(one));
    }
    return out;
}

void line(const char* name, double value, const char* unit) { std::printf("%-58s %10.3f %s\n", name, value, unit); }

void million() {
    constexpr std::size_t n = 1'000'000;
    TimeSeriesChart chart;
    chart.resize(1600, 300);
    QElapsedTimer timer;
    timer.start();
    chart.setLanes({lane(1, n)});
    line("append 1 M samples, pyramid included", static_cast<double>(timer.nsecsElapsed()) * 1e-6, "ms");
    chart.setRange({{0}, {static_cast<std::int64_t>(n) * kSecond}});
    QImage image(chart.size(), QImage::Format_RGB32);
    line("repaint 1 M samples",
         median(41,
                [&] {
                    chart.dataChanged();
                    chart.render(&image);
                }),
         "ms");
    std::int64_t shift = 0;
    line("pan a step over 1 M samples",
         median(41,
                [&] {
                    shift += 977 * kSecond;
                    chart.setRange({{shift}, {shift + 500'000 * kSecond}});
                    chart.render(&image);
                }),
         "ms");
    line("move the cursor over 1 M samples",
         median(41,
                [&] {
                    shift += 977 * kSecond;
                    chart.setCursor(Timestamp{shift});
                    chart.render(&image);
                }),
         "ms");
}

void panels() {
    std::vector<std::unique_ptr<TimeSeriesChart>> charts;
    for (int i = 0; i < 12; ++i) {
        auto& chart = charts.emplace_back(std::make_unique<TimeSeriesChart>());
        chart->resize(400, 220);
        chart->setLanes({lane(50, 720)});
        chart->setRange({{0}, {720 * kSecond}});
    }
    QImage image(400, 220, QImage::Format_RGB32);
    line("repaint 12 panels of 50 series of 720 samples",
         median(11,
                [&] {
                    for (auto& chart : charts) {
                        chart->dataChanged();
                        chart->render(&image);
                    }
                }),
         "ms");
}

void peer() {
    constexpr std::size_t n = 1'000'000;
    auto* series = new QLineSeries;
    QList<QPointF> points;
    for (std::size_t i = 0; i < n; ++i)
        points.append({static_cast<double>(i), sample(i)});
    series->replace(points);
    QChart* chart = new QChart;
    chart->addSeries(series);
    chart->createDefaultAxes();
    QChartView view(chart);
    view.resize(1600, 300);
    view.grab();
    line("peer: Qt Charts, repaint 1 M samples", median(3, [&] { view.grab(); }), "ms");
}

}  // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    theme::apply(theme::Scheme::Dark);
    million();
    panels();
    peer();
    return 0;
}
