// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/drift/drift_chart.h"

#include <QAreaSeries>
#include <QChart>
#include <QFontMetrics>
#include <QKeyEvent>
#include <QLineSeries>
#include <QMouseEvent>
#include <QToolTip>
#include <QValueAxis>
#include <cmath>

#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::drift {
namespace {

using items::DriftBin;
using items::DriftHistogram;
using theme::Token;

QPen cosmetic(const QColor& color, double width) {
    QPen pen(color, width);
    pen.setCosmetic(true);
    pen.setJoinStyle(Qt::MiterJoin);
    return pen;
}

/// The area between a line and zero (or another line), owned by the series.
QAreaSeries* area(const QList<QPointF>& upper, const QList<QPointF>& lower, const QColor& fill) {
    auto* series = new QAreaSeries;
    auto* top = new QLineSeries(series);
    top->replace(upper);
    auto* bottom = new QLineSeries(series);
    bottom->replace(lower);
    series->setUpperSeries(top);
    series->setLowerSeries(bottom);
    series->setPen(Qt::NoPen);
    series->setBrush(fill);
    return series;
}

QLineSeries* line(const QList<QPointF>& points, const QColor& color, double width) {
    auto* series = new QLineSeries;
    series->replace(points);
    series->setPen(cosmetic(color, width));
    return series;
}

}  // namespace

DriftChart::DriftChart(Size size, QWidget* parent) : QChartView(new QChart, parent), m_size(size) {
    QChart* chart = this->chart();
    chart->setAnimationOptions(QChart::NoAnimation);
    chart->legend()->hide();
    chart->setBackgroundVisible(false);
    chart->setPlotAreaBackgroundVisible(false);
    chart->setMargins({});
    chart->layout()->setContentsMargins(0, 0, 0, 0);
    chart->setBackgroundRoundness(0);
    m_x = new QValueAxis(chart);
    m_y = new QValueAxis(chart);
    for (QValueAxis* axis : {m_x, m_y}) {
        axis->setLabelsVisible(false);
        axis->setGridLineVisible(false);
        axis->setLineVisible(false);
        axis->setVisible(false);
    }
    chart->addAxis(m_x, Qt::AlignBottom);
    chart->addAxis(m_y, Qt::AlignLeft);
    setFrameShape(QFrame::NoFrame);
    setBackgroundBrush(Qt::NoBrush);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
    viewport()->setMouseTracking(true);
    setFocusPolicy(size == Size::Large ? Qt::StrongFocus : Qt::NoFocus);
    setViewportUpdateMode(QGraphicsView::FullViewportUpdate);
}

void DriftChart::setHistogram(std::optional<DriftHistogram> histogram) {
    m_histogram = std::move(histogram);
    if (!m_histogram || m_selected >= static_cast<int>(m_histogram->bins.size())) m_selected = -1;
    m_hover = -1;
    rebuild();
}

void DriftChart::setMode(Mode mode) {
    if (mode == m_mode) return;
    m_mode = mode;
    rebuild();
}

void DriftChart::setReferenceRange(std::optional<std::pair<double, double>> range) {
    m_referenceRange = range;
    viewport()->update();
}

void DriftChart::setSelectedBin(int bin) {
    m_selected = bin;
    viewport()->update();
}

void DriftChart::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) rebuild();
    QChartView::changeEvent(event);
}

void DriftChart::resizeEvent(QResizeEvent* event) {
    QChartView::resizeEvent(event);
    const QFontMetrics metrics(theme::font(false, true));
    const double left = m_size == Size::Large ? metrics.horizontalAdvance(u"−00.0 %"_qs) + 6 : 2;
    const double bottom = metrics.height() + 3;
    chart()->setPlotArea(
        QRectF(left, 4, std::max(10.0, width() - left - 4.0), std::max(10.0, height() - bottom - 6.0)));
}

void DriftChart::rebuild() {
    chart()->removeAllSeries();
    if (!m_histogram || m_histogram->bins.empty()) {
        viewport()->update();
        return;
    }
    double low = 0, top = 0;
    switch (m_mode) {
        case Mode::Histogram:
            addHistogram(top);
            break;
        case Mode::Cumulative:
            addCumulative(top);
            break;
        case Mode::Difference:
            addDifference(low, top);
            break;
    }
    setRenderHint(QPainter::Antialiasing, m_mode == Mode::Cumulative);
    fitAxes(low, top);
    for (QAbstractSeries* series : chart()->series()) {
        series->attachAxis(m_x);
        series->attachAxis(m_y);
    }
    viewport()->update();
}

void DriftChart::addHistogram(double& top) {
    const DriftHistogram& h = *m_histogram;
    QList<QPointF> current, zero, reference;
    const double gap = h.scaled ? 0.06 : 0.12;
    for (const DriftBin& b : h.bins) {
        const double width = b.high - b.low, height = h.height(b.current, b), outline = h.height(b.reference, b);
        const double left = b.low + gap * width / 2, right = b.high - gap * width / 2;
        current << QPointF(left, 0) << QPointF(left, height) << QPointF(right, height) << QPointF(right, 0);
        if (reference.isEmpty()) reference << QPointF(b.low, 0);
        if (h.scaled) {
            reference << QPointF(b.low, outline) << QPointF(b.high, outline);
        } else {
            reference << QPointF(left, 0) << QPointF(left, outline) << QPointF(right, outline) << QPointF(right, 0);
        }
        top = std::max({top, height, outline});
    }
    reference << QPointF(h.bins.back().high, 0);
    zero << QPointF(h.bins.front().low, 0) << QPointF(h.bins.back().high, 0);
    QColor fill = theme::color(Token::Current);
    fill.setAlphaF(0.85F);
    chart()->addSeries(area(current, zero, fill));
    chart()->addSeries(line(reference, theme::color(Token::Reference), m_size == Size::Large ? 1.5 : 1));
}

void DriftChart::addCumulative(double& top) {
    const DriftHistogram& h = *m_histogram;
    QList<QPointF> current, reference;
    double sumCurrent = 0, sumReference = 0;
    current << QPointF(h.bins.front().low, 0);
    reference << QPointF(h.bins.front().low, 0);
    for (const DriftBin& b : h.bins) {
        if (!h.scaled) {
            current << QPointF(b.low, sumCurrent);
            reference << QPointF(b.low, sumReference);
        }
        sumCurrent += b.current;
        sumReference += b.reference;
        current << QPointF(h.scaled ? b.high : b.low, sumCurrent);
        reference << QPointF(h.scaled ? b.high : b.low, sumReference);
    }
    QColor between = theme::color(Token::Current);
    between.setAlphaF(0.22F);  // its area is the Wasserstein distance
    chart()->addSeries(area(current, reference, between));
    chart()->addSeries(line(reference, theme::color(Token::Reference), 1.5));
    chart()->addSeries(line(current, theme::color(Token::Current), 2));
    top = 1;
}

void DriftChart::addDifference(double& low, double& top) {
    const DriftHistogram& h = *m_histogram;
    QList<QPointF> steps, zero;
    for (const DriftBin& b : h.bins) {
        const double value = h.height(b.current, b) - h.height(b.reference, b), gap = (b.high - b.low) * 0.04;
        steps << QPointF(b.low + gap, 0) << QPointF(b.low + gap, value) << QPointF(b.high - gap, value)
              << QPointF(b.high - gap, 0);
        low = std::min(low, value);
        top = std::max(top, value);
    }
    zero << QPointF(h.bins.front().low, 0) << QPointF(h.bins.back().high, 0);
    chart()->addSeries(area(steps, zero, theme::color(Token::Current)));
    chart()->addSeries(line(zero, theme::color(Token::Reference), 1));
}

/// Even bins: labels are shares a bin. Uneven ones: shares per unit of the axis have no label of use.
double DriftChart::labelFactor() const {
    const DriftHistogram& h = *m_histogram;
    if (!h.scaled || m_mode == Mode::Cumulative) return 1;
    const double width = h.bins.front().high - h.bins.front().low;
    for (const DriftBin& b : h.bins)
        if (std::abs(b.high - b.low - width) > 1e-6 * width) return 0;
    return width;
}

void DriftChart::fitAxes(double low, double top) {
    const DriftHistogram& h = *m_histogram;
    m_x->setRange(h.bins.front().low, h.bins.back().high);
    const double factor = labelFactor() > 0 ? labelFactor() : 1;
    chart::ValueAxisOptions options;
    options.kind = chart::ValueKind::Share;
    options.fromZero = true;
    options.maxTicks = 4;
    if (m_mode == Mode::Cumulative) {
        options.low = 0;
        options.high = 1;
    }
    m_ticksY = chart::ValueAxis::make(low * factor, std::max(top * factor, 1e-9), options);
    m_y->setRange(low < 0 ? low * 1.06 : 0, top > 0 ? top * (m_mode == Mode::Cumulative ? 1.02 : 1.06) : 1e-9);
    chart::ValueAxisOptions along;
    along.low = h.bins.front().low;
    along.high = h.bins.back().high;
    along.maxTicks = m_size == Size::Large ? 7 : 4;
    m_ticksX = chart::ValueAxis::make(*along.low, *along.high, along);
    // One number alone says nothing of a scale.
    if (m_ticksX.ticks.size() < 3) {
        along.maxTicks = 6;
        m_ticksX = chart::ValueAxis::make(*along.low, *along.high, along);
    }
}

double DriftChart::plotX(double value) const {
    const QRectF plot = chart()->plotArea();
    return plot.left() + (value - m_x->min()) / (m_x->max() - m_x->min()) * plot.width();
}

double DriftChart::plotY(double value) const {
    const QRectF plot = chart()->plotArea();
    return plot.bottom() - (value - m_y->min()) / (m_y->max() - m_y->min()) * plot.height();
}

int DriftChart::binAt(QPoint at) const {
    if (!m_histogram || m_histogram->bins.empty()) return -1;
    const QRectF plot = chart()->plotArea();
    if (at.x() < plot.left() || at.x() > plot.right() || at.y() > plot.bottom() + 18) return -1;
    const double value = m_x->min() + (at.x() - plot.left()) / plot.width() * (m_x->max() - m_x->min());
    for (std::size_t i = 0; i < m_histogram->bins.size(); ++i)
        if (value >= m_histogram->bins[i].low && value < m_histogram->bins[i].high) return static_cast<int>(i);
    return -1;
}

QPoint DriftChart::binPoint(int bin) const {
    if (!m_histogram || bin < 0 || bin >= static_cast<int>(m_histogram->bins.size())) return {};
    const DriftBin& b = m_histogram->bins[static_cast<std::size_t>(bin)];
    return {static_cast<int>(plotX((b.low + b.high) / 2)), static_cast<int>(chart()->plotArea().center().y())};
}

void DriftChart::mousePressEvent(QMouseEvent* event) {
    if (m_size == Size::Small) return event->ignore();  // the tile takes it
    const int bin = binAt(event->pos());
    if (bin >= 0 && event->button() == Qt::LeftButton) {
        setSelectedBin(bin);
        Q_EMIT binClicked(bin);
    }
}

QString DriftChart::binWords(int bin) const {
    const DriftBin& b = m_histogram->bins[static_cast<std::size_t>(bin)];
    return m_histogram->feature + u' ' + b.label + u"\nreference "_qs + theme::percent(b.reference) + u"\ncurrent "_qs +
           theme::percent(b.current) + u" · "_qs + theme::count(static_cast<std::uint64_t>(b.currentCount)) +
           u" rows"_qs;
}

void DriftChart::mouseMoveEvent(QMouseEvent* event) {
    const int bin = binAt(event->pos());
    if (bin != m_hover) {
        m_hover = bin;
        viewport()->update();
        if (bin >= 0) {
            QToolTip::showText(event->globalPosition().toPoint(), binWords(bin), this);
        } else {
            QToolTip::hideText();
        }
    }
    event->ignore();
}

void DriftChart::leaveEvent(QEvent* event) {
    m_hover = -1;
    viewport()->update();
    QChartView::leaveEvent(event);
}

void DriftChart::keyPressEvent(QKeyEvent* event) {
    const int bins = m_histogram ? static_cast<int>(m_histogram->bins.size()) : 0;
    const int step = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    if (m_size == Size::Large && bins > 0 && step != 0) {
        setSelectedBin(std::clamp(m_selected + step, 0, bins - 1));
        Q_EMIT binClicked(m_selected);
        return;
    }
    event->ignore();
}

}  // namespace pilothouse::drift
