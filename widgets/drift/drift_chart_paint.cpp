// SPDX-License-Identifier: GPL-3.0-or-later
#include <QChart>
#include <QFontMetrics>
#include <QPainter>
#include <cmath>

#include "widgets/drift/drift_chart.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::drift {

using items::DriftBin;
using theme::Token;

void DriftChart::drawBackground(QPainter* painter, const QRectF&) {
    if (!m_histogram || m_histogram->bins.empty()) return;
    const QRectF plot = chart()->plotArea();
    if (m_histogram->scaled && m_referenceRange && m_mode == Mode::Histogram) {
        // Beyond what the reference ever held.
        const QColor color = theme::color(Token::Hairline);
        const auto hatch = [&](double from, double to) {
            if (to - from < 3) return;
            painter->save();
            painter->setClipRect(QRectF(from, plot.top(), to - from, plot.height()));
            painter->setPen(QPen(color, 1));
            for (double x = from - plot.height(); x < to; x += 7)
                painter->drawLine(QPointF(x, plot.bottom()), QPointF(x + plot.height(), plot.top()));
            painter->restore();
        };
        hatch(plot.left(), std::min(plotX(m_referenceRange->first), plot.right()));
        hatch(std::max(plotX(m_referenceRange->second), plot.left()), plot.right());
    }
    if (m_size == Size::Large) {
        const double factor = labelFactor();
        painter->setPen(QPen(theme::color(Token::Grid), 1));
        for (const chart::ValueTick& tick : m_ticksY.ticks) {
            if (factor <= 0 && tick.value != 0) continue;
            const double y = std::round(plotY(tick.value / (factor > 0 ? factor : 1)));
            if (y >= plot.top() && y <= plot.bottom())
                painter->drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        }
    }
    painter->setPen(QPen(theme::color(Token::Hairline), 1));
    painter->drawLine(QPointF(plot.left(), plot.bottom() + 1), QPointF(plot.right(), plot.bottom() + 1));
}

void DriftChart::drawForeground(QPainter* painter, const QRectF&) {
    const QRectF plot = chart()->plotArea();
    painter->setFont(theme::font(false, true));
    if (!m_histogram || m_histogram->bins.empty()) return;
    for (const auto& [bin, token] : {std::pair{m_hover, Token::Hover}, std::pair{m_selected, Token::Accent}}) {
        if (bin < 0 || bin >= static_cast<int>(m_histogram->bins.size())) continue;
        const DriftBin& b = m_histogram->bins[static_cast<std::size_t>(bin)];
        const QRectF box(QPointF(plotX(b.low), plot.top()), QPointF(plotX(b.high), plot.bottom()));
        if (token == Token::Accent) {
            painter->setPen(QPen(theme::color(token), 1.5));
            painter->setBrush(Qt::NoBrush);
            painter->drawRect(box);
        } else {
            QColor veil = theme::color(Token::Text);
            veil.setAlphaF(0.10F);
            painter->fillRect(box, veil);
        }
    }
    drawLabels(*painter, plot);
}

void DriftChart::drawLabels(QPainter& painter, const QRectF& plot) {
    const QFontMetrics metrics(painter.font());
    painter.setPen(theme::color(Token::TextMuted));
    if (!m_histogram->scaled) {
        drawCategoryLabels(painter, plot);
    } else {
        double free = -1e9;
        for (const chart::ValueTick& tick : m_ticksX.ticks) {
            const double x = plotX(tick.value), half = metrics.horizontalAdvance(tick.label) / 2.0;
            const double left = std::clamp(x - half, plot.left(), std::max(plot.left(), plot.right() - 2 * half));
            if (x < plot.left() - 1 || x > plot.right() + 1 || left < free) continue;
            painter.drawLine(QPointF(x, plot.bottom() + 1), QPointF(x, plot.bottom() + 3));
            painter.drawText(QPointF(left, plot.bottom() + 3 + metrics.ascent()), tick.label);
            free = left + 2 * half + 8;
        }
    }
    if (m_size != Size::Large) return;
    const double factor = labelFactor();
    if (factor <= 0) return;
    for (const chart::ValueTick& tick : m_ticksY.ticks) {
        const double y = plotY(tick.value / factor);
        if (y < plot.top() - 1 || y > plot.bottom() + 1) continue;
        painter.drawText(QRectF(0, y - 10, plot.left() - 6, 20), Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
}

/// A label under each bar that has room for it; the others keep their tool tip.
void DriftChart::drawCategoryLabels(QPainter& painter, const QRectF& plot) {
    const QFontMetrics metrics(painter.font());
    double free = plot.left() - 1;
    for (const DriftBin& b : m_histogram->bins) {
        const double centre = plotX((b.low + b.high) / 2), width = metrics.horizontalAdvance(b.label);
        const double left = std::clamp(centre - width / 2, plot.left(), std::max(plot.left(), plot.right() - width));
        if (left < free || std::abs(left + width / 2 - centre) > plot.width() / 8) continue;
        painter.drawText(QPointF(left, plot.bottom() + 3 + metrics.ascent()), b.label);
        free = left + width + 7;
    }
}

}  // namespace pilothouse::drift
