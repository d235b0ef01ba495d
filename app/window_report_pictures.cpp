// SPDX-License-Identifier: GPL-3.0-or-later
#include <QBuffer>
#include <QPainter>
#include <QSvgGenerator>
#include <algorithm>
#include <cmath>

#include "app/window_report.h"
#include "widgets/chart/plot_picture.h"
#include "widgets/chart/time_series_chart.h"
#include "widgets/drift/drift_words.h"
#include "widgets/performance/performance_pictures.h"
#include "widgets/theme/format.h"
#include "widgets/theme/scheme_scope.h"

namespace pilothouse::app {

namespace {

using chart::PlotCurve;
using chart::PlotPicture;
using theme::Token;

/// The same painter as in the window, as a drawing within the page.
QString svg(const PlotPicture& picture, QSize size) {
    QByteArray bytes;
    {
        QBuffer buffer(&bytes);
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setSize(size);
        generator.setViewBox(QRect(QPoint(0, 0), size));
        generator.setResolution(96);
        QPainter painter(&generator);
        chart::paintPlot(painter, QRectF(QPointF(4, 4), QSizeF(size) - QSizeF(8, 8)), picture);
    }
    const qsizetype start = bytes.indexOf("<svg");
    return u"<figure>"_qs + QString::fromUtf8(start < 0 ? QByteArray() : bytes.mid(start)) + u"</figure>\n"_qs;
}

PlotPicture histogramPicture(const items::DriftHistogram& h, const ports::Finding& finding) {
    PlotPicture p;
    p.title = h.feature;
    p.note = drift::effectText(finding.verdict.effect, finding.verdict.method) + u" · "_qs +
             drift::stateWord(finding.verdict.state);
    p.y.fromZero = true;
    p.y.kind = h.scaled ? chart::ValueKind::Number : chart::ValueKind::Share;
    p.yTitle = h.scaled ? u"share a unit"_qs : u"share"_qs;
    p.yHigh = 0;
    PlotCurve now, then;
    now.style = then.style = PlotCurve::Style::Bars;
    now.token = Token::Current;
    then.token = Token::Reference;
    then.outline = true;
    now.name = u"now"_qs;
    then.name = u"reference"_qs;
    for (const items::DriftBin& bin : h.bins) {
        const double middle = (bin.low + bin.high) / 2;
        now.points.emplace_back(middle, h.height(bin.current, bin));
        then.points.emplace_back(middle, h.height(bin.reference, bin));
        p.yHigh = std::max({p.yHigh, now.points.back().y(), then.points.back().y()});
        now.edges.push_back(bin.low);
    }
    now.edges.push_back(h.bins.back().high);
    then.edges = now.edges;
    p.xLow = h.bins.front().low;
    p.xHigh = h.bins.back().high;
    p.x.low = p.xLow;
    p.x.high = p.xHigh;
    if (h.categorical || !h.scaled) {  // side by side: names under the bars in place of a scale
        p.xTitle = h.bins.front().label + u" … "_qs + h.bins.back().label;
        p.x.maxTicks = 0;
    }
    p.curves = {now, then};
    return p;
}

QString lanesPicture(const items::PerformanceReport& report, const Zone& zone) {
    const auto* v = report.main();
    const std::string metric = v->task == items::PerformanceTask::Regression ? "mae" : "roc_auc";
    chart::TimeSeriesChart chart;
    QPalette palette = chart.palette();
    palette.setColor(QPalette::Window, theme::color(Token::Window));
    chart.setPalette(palette);
    chart.setZone(zone);
    chart.setRange(report.question.range);
    chart.setLanes(performance::lanesOf(report, metric));
    chart.resize(1000, 320);
    QImage image(chart.size() * 2, QImage::Format_RGB32);
    image.setDevicePixelRatio(2);
    image.fill(theme::color(Token::Window));
    chart.render(&image, {}, {}, QWidget::DrawChildren);
    QByteArray png;
    QBuffer buffer(&png);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return u"<figure><img alt=\"Performance over time\" width=\"1000\" height=\"320\" src=\"data:image/png;base64,"_qs +
           QString::fromLatin1(png.toBase64()) + u"\"/></figure>\n"_qs;
}

}  // namespace

QString histogramFigures(const ReportData& data, std::size_t most) {
    const theme::SchemeScope light(theme::Scheme::Light);
    std::vector<std::pair<const items::DriftHistogram*, const ports::Finding*>> shown;
    for (const ports::Finding& f : data.drift.evaluation.findings) {
        if (f.check != "drift") continue;
        if (const auto* h = data.drift.histogram(QString::fromStdString(f.feature)); h && !h->bins.empty())
            shown.emplace_back(h, &f);
    }
    const auto key = [](const ports::Finding& f) { return std::isfinite(f.verdict.effect) ? f.verdict.effect : -1; };
    std::stable_sort(shown.begin(), shown.end(), [&](const auto& a, const auto& b) {
        const bool left = a.second->verdict.state == statistics::State::Drift,
                   right = b.second->verdict.state == statistics::State::Drift;
        return left != right ? left : key(*a.second) > key(*b.second);
    });
    if (shown.empty()) return {};
    QString out = u"<div class=\"figures\">\n"_qs;
    for (std::size_t i = 0; i < shown.size() && i < most; ++i)
        out += svg(histogramPicture(*shown[i].first, *shown[i].second), {330, 190});
    out += u"</div>\n"_qs;
    if (shown.size() > most)
        out += u"<p class=\"muted\">The %1 strongest of %2 columns are drawn.</p>\n"_qs.arg(most).arg(shown.size());
    return out;
}

QString performanceFigures(const ReportData& data) {
    const theme::SchemeScope light(theme::Scheme::Light);
    QString out = lanesPicture(data.performance, data.zone) + u"<div class=\"figures\">\n"_qs;
    for (const PlotPicture& picture : performance::picturesOf(data.performance))
        out += svg(picture, {330, 250});
    return out + u"</div>\n"_qs;
}

}  // namespace pilothouse::app
