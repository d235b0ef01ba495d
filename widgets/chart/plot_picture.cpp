// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/plot_picture.h"

#include <QPainter>
#include <QPainterPath>
#include <cmath>

namespace pilothouse::chart {

using theme::Token;

namespace {

constexpr double kHead = 20, kAxis = 17, kNear = 10;

/// Where a picture's parts lie, and from values to pixels.
struct Frame {
    QRectF plot;
    ValueAxis x, y;
    Frame(const QRectF& box, const PlotPicture& p) {
        ValueAxisOptions across = p.x, up = p.y;
        up.maxTicks = std::clamp(static_cast<int>(box.height() / 36), 2, 6);
        across.maxTicks = std::clamp(static_cast<int>(box.width() / 52), 2, 6);
        x = ValueAxis::make(p.xLow, p.xHigh, across);
        if (p.x.maxTicks == 0) x.ticks.clear();  // places, not values
        y = ValueAxis::make(p.yLow, p.yHigh, up);
        const QFontMetricsF metrics(theme::font(false, true));
        double gutter = 0;
        for (const ValueTick& tick : y.ticks)
            gutter = std::max(gutter, metrics.horizontalAdvance(tick.label));
        const double below = kAxis + (p.xTitle.isEmpty() ? 0 : metrics.height());
        plot = box.adjusted(gutter + 8, kHead + (p.yTitle.isEmpty() ? 2 : metrics.height() + 7), -8, -below);
    }
    [[nodiscard]] double px(double v) const { return plot.left() + (v - x.low) / (x.high - x.low) * plot.width(); }
    [[nodiscard]] double py(double v) const { return plot.bottom() - (v - y.low) / (y.high - y.low) * plot.height(); }
    [[nodiscard]] QPointF at(QPointF v) const { return {px(v.x()), py(v.y())}; }
};

void paintHead(QPainter& painter, const QRectF& box, const PlotPicture& p) {
    const QRectF head(box.left(), box.top(), box.width(), kHead);
    painter.setFont(theme::font(true, true));
    painter.setPen(theme::color(Token::Text));
    painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter, p.title);
    const double used = QFontMetricsF(painter.font()).horizontalAdvance(p.title) + 8;
    painter.setFont(theme::font(false, true));
    painter.setPen(theme::color(Token::TextMuted));
    const QRectF rest = head.adjusted(used, 0, 0, 0);
    painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetricsF(painter.font()).elidedText(p.note, Qt::ElideRight, rest.width()));
}

void paintAxes(QPainter& painter, const QRectF& box, const PlotPicture& p, const Frame& f) {
    painter.setFont(theme::font(false, true));
    const QFontMetricsF metrics(painter.font());
    for (const ValueTick& tick : f.y.ticks) {
        const double at = std::round(f.py(tick.value));
        if (at < f.plot.top() - 1 || at > f.plot.bottom() + 1) continue;
        painter.setPen(theme::color(Token::Grid));
        painter.drawLine(QPointF(f.plot.left(), at), QPointF(f.plot.right(), at));
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QRectF(box.left(), at - 8, f.plot.left() - box.left() - 5, 16),
                         Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
    double free = box.left();
    for (const ValueTick& tick : f.x.ticks) {
        const double at = std::round(f.px(tick.value)), half = metrics.horizontalAdvance(tick.label) / 2;
        if (at < f.plot.left() - 1 || at > f.plot.right() + 1) continue;
        painter.setPen(theme::color(Token::Grid));
        painter.drawLine(QPointF(at, f.plot.top()), QPointF(at, f.plot.bottom()));
        const double left = std::clamp(at - half, box.left(), box.right() - 2 * half);
        if (left < free) continue;
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QPointF(left, f.plot.bottom() + metrics.ascent() + 3), tick.label);
        free = left + 2 * half + 6;
    }
    painter.setPen(theme::color(Token::Hairline));
    painter.drawRect(f.plot);
    painter.setPen(theme::color(Token::TextMuted));
    if (!p.xTitle.isEmpty())
        painter.drawText(QRectF(f.plot.left(), box.bottom() - metrics.height() - 1, f.plot.width(), metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, p.xTitle);
    if (!p.yTitle.isEmpty())
        painter.drawText(QRectF(box.left(), box.top() + kHead, box.width(), metrics.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, p.yTitle);
}

void paintBars(QPainter& painter, const PlotCurve& c, const Frame& f) {
    QPainterPath outline;
    for (std::size_t i = 0; i < c.points.size() && i + 1 < c.edges.size(); ++i) {
        const double left = f.px(c.edges[i]), right = f.px(c.edges[i + 1]), top = f.py(c.points[i].y());
        const QRectF bar(QPointF(left, top), QPointF(right, f.py(0)));
        if (!c.outline) {
            painter.fillRect(bar.adjusted(0.5, 0, -0.5, 0), c.color());
            continue;
        }
        i == 0 ? outline.moveTo(left, f.py(0)) : void();
        outline.lineTo(left, top);
        outline.lineTo(right, top);
    }
    if (c.outline) painter.strokePath(outline, QPen(c.color(), 1.4));
}

void paintDots(QPainter& painter, const PlotCurve& c, const Frame& f) {
    const double radius = c.points.size() > 200 ? 1.2 : c.outline ? 2.4 : 3;
    QColor color = c.color();
    if (c.points.size() > 200) color.setAlpha(150);
    for (std::size_t i = 0; i < c.points.size(); ++i) {
        const QPointF at = f.at(c.points[i]);
        if (i < c.low.size() && i < c.high.size() && std::isfinite(c.low[i]) && std::isfinite(c.high[i])) {
            painter.setPen(QPen(color, 1.2));
            painter.drawLine(QPointF(at.x(), f.py(c.low[i])), QPointF(at.x(), f.py(c.high[i])));
        }
        painter.setPen(c.outline ? QPen(color, 1.2) : QPen(Qt::NoPen));
        painter.setBrush(c.outline ? QBrush(theme::color(Token::Window)) : QBrush(color));
        painter.drawEllipse(at, radius, radius);
    }
    painter.setBrush(Qt::NoBrush);
}

void paintCurve(QPainter& painter, const PlotCurve& c, const Frame& f) {
    if (c.style == PlotCurve::Style::Bars) return paintBars(painter, c, f);
    if (c.style == PlotCurve::Style::Dots) return paintDots(painter, c, f);
    QPolygonF line;
    for (const QPointF& p : c.points) {
        const QPointF at = f.at(p);
        if (c.style == PlotCurve::Style::Steps && !line.isEmpty()) line << QPointF(line.back().x(), at.y());
        line << at;
    }
    QPen pen(c.color(), c.outline ? 1.2 : 2);
    if (c.style == PlotCurve::Style::Diagonal) {
        pen.setWidthF(1);
        pen.setStyle(Qt::DashLine);
    }
    painter.setPen(pen);
    painter.drawPolyline(line);
}

void paintTable(QPainter& painter, const QRectF& box, const PlotPicture& p) {
    painter.setFont(theme::font(false, true));
    const QFontMetricsF metrics(painter.font());
    double gutter = 0;
    for (const QString& row : p.rows)
        gutter = std::max(gutter, metrics.horizontalAdvance(row));
    const QRectF table = box.adjusted(gutter + 8, kHead + metrics.height() + 4, -4, -4);
    const double width = table.width() / static_cast<double>(p.columns.size()),
                 height = table.height() / static_cast<double>(p.rows.size());
    painter.setPen(theme::color(Token::TextMuted));
    for (qsizetype c = 0; c < p.columns.size(); ++c) {
        const QString& name = metrics.horizontalAdvance(p.columns[c]) <= width || c >= p.shortColumns.size()
                                  ? p.columns[c]
                                  : p.shortColumns[c];
        painter.drawText(
            QRectF(table.left() + width * static_cast<double>(c), box.top() + kHead, width, metrics.height() + 2),
            Qt::AlignCenter, metrics.elidedText(name, Qt::ElideRight, width));
    }
    for (qsizetype r = 0; r < p.rows.size(); ++r) {
        painter.setFont(theme::font(false, true));
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QRectF(box.left(), table.top() + height * static_cast<double>(r), gutter + 4, height),
                         Qt::AlignLeft | Qt::AlignVCenter, p.rows[r]);
        for (qsizetype c = 0; c < p.columns.size(); ++c) {
            const auto& cell = p.cells[static_cast<std::size_t>(r * p.columns.size() + c)];
            const QRectF at = QRectF(table.left() + width * static_cast<double>(c),
                                     table.top() + height * static_cast<double>(r), width, height)
                                  .adjusted(1, 1, -1, -1);
            QColor ground = theme::color(cell.good ? Token::Current : Token::Warning);
            ground.setAlphaF(static_cast<float>(0.08 + 0.3 * std::clamp(cell.shade, 0.0, 1.0)));
            painter.fillRect(at, ground);
            painter.setPen(theme::color(Token::Text));
            painter.setFont(theme::font(true));
            const double line = QFontMetricsF(painter.font()).height();
            const bool two = at.height() > 2 * line;
            painter.drawText(two ? at.adjusted(0, 0, 0, -at.height() / 2 + line / 4) : at,
                             two ? Qt::AlignHCenter | Qt::AlignBottom : Qt::AlignCenter, cell.text);
            if (!two) continue;
            painter.setFont(theme::font(false, true));
            painter.setPen(theme::color(Token::TextMuted));
            const bool fits = metrics.horizontalAdvance(cell.more) <= at.width();
            painter.drawText(at.adjusted(0, at.height() / 2 + line / 4, 0, 0), Qt::AlignHCenter | Qt::AlignTop,
                             fits ? cell.more : cell.shortMore);
        }
    }
}

void paintLegend(QPainter& painter, const PlotPicture& p, const Frame& f, const QRectF& box) {
    painter.setFont(theme::font(false, true));
    const QFontMetricsF metrics(painter.font());
    double right = f.plot.right();
    const double least = p.yTitle.isEmpty() ? f.plot.left() : box.left() + metrics.horizontalAdvance(p.yTitle) + 6;
    const double y = p.yTitle.isEmpty() ? box.top() + kHead / 2 : box.top() + kHead + metrics.height() / 2;
    for (auto c = p.curves.rbegin(); c != p.curves.rend(); ++c) {
        if (c->name.isEmpty()) continue;
        const double width = metrics.horizontalAdvance(c->name);
        if (right - width - 16 < least) break;
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QRectF(right - width, y - 8, width, 16), Qt::AlignRight | Qt::AlignVCenter, c->name);
        right -= width + 5;
        painter.setPen(QPen(c->color(), c->outline ? 1.2 : 2.4));
        painter.drawLine(QPointF(right - 11, y), QPointF(right, y));
        right -= 24;
    }
}

}  // namespace

QColor PlotCurve::color() const { return token ? theme::color(*token) : theme::seriesColor(colorName); }

void paintPlot(QPainter& painter, const QRectF& box, const PlotPicture& p) {
    painter.save();
    paintHead(painter, box, p);
    if (!p.empty.isEmpty()) {
        painter.setFont(theme::font(false, true));
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(box.adjusted(8, kHead, -8, -4), Qt::AlignCenter | Qt::TextWordWrap, p.empty);
    } else if (!p.cells.empty()) {
        paintTable(painter, box, p);
    } else if (const Frame f(box, p); f.plot.width() > 20 && f.plot.height() > 20) {
        paintAxes(painter, box, p, f);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setClipRect(f.plot.adjusted(-4, -4, 4, 4));
        QColor ground = theme::color(Token::Reference);
        ground.setAlpha(70);
        for (const auto& bar : p.floor) {
            const double high = f.plot.height() / 6 * bar.share;
            painter.fillRect(
                QRectF(f.px(bar.from), f.plot.bottom() - high, std::max(1.0, f.px(bar.to) - f.px(bar.from)), high),
                ground);
        }
        for (const PlotCurve& c : p.curves)
            paintCurve(painter, c, f);
        painter.setClipping(false);
        paintLegend(painter, p, f, box);
    }
    painter.restore();
}

QString plotTip(const QRectF& box, const PlotPicture& p, QPointF at) {
    if (!p.empty.isEmpty()) return p.empty;
    if (!p.cells.empty()) {
        const QFontMetricsF metrics(theme::font(false, true));
        double gutter = 0;
        for (const QString& row : p.rows)
            gutter = std::max(gutter, metrics.horizontalAdvance(row));
        const QRectF table = box.adjusted(gutter + 8, kHead + metrics.height() + 4, -4, -4);
        if (!table.contains(at)) return p.note;
        const auto c =
            static_cast<qsizetype>((at.x() - table.left()) / table.width() * static_cast<double>(p.columns.size()));
        const auto r =
            static_cast<qsizetype>((at.y() - table.top()) / table.height() * static_cast<double>(p.rows.size()));
        const auto place = static_cast<std::size_t>(std::min(r, p.rows.size() - 1) * p.columns.size() +
                                                    std::min(c, p.columns.size() - 1));
        return place < p.cells.size() ? p.cells[place].tip : QString();
    }
    const Frame f(box, p);
    QString best;
    double nearest = kNear * kNear;
    for (const PlotCurve& c : p.curves)
        for (std::size_t i = 0; i < c.points.size() && i < static_cast<std::size_t>(c.tips.size()); ++i) {
            QPointF off = f.at(c.points[i]) - at;
            if (c.style == PlotCurve::Style::Bars) {
                if (at.x() < f.px(c.edges[i]) || at.x() >= f.px(c.edges[i + 1])) continue;
                off = {0, 0};
            }
            const double distance = off.x() * off.x() + off.y() * off.y();
            if (distance >= nearest) continue;
            nearest = distance;
            best = c.tips[static_cast<qsizetype>(i)];
        }
    return best.isEmpty() && box.contains(at) && at.y() < box.top() + kHead ? p.title + u": "_qs + p.note : best;
}

}  // namespace pilothouse::chart
