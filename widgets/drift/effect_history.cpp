// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/drift/effect_history.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <cmath>

#include "widgets/chart/time_axis.h"
#include "widgets/chart/value_axis.h"
#include "widgets/drift/drift_words.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::drift {

using theme::Token;

EffectHistory::EffectHistory(QWidget* parent) : QWidget(parent) {
    setObjectName(u"driftHistory"_qs);
    setAccessibleName(u"Effect over the windows"_qs);
    setFixedHeight(112);
    setMouseTracking(true);
    setCursor(Qt::PointingHandCursor);
}

void EffectHistory::setZone(const Zone& zone) {
    m_zone = zone;
    update();
}

void EffectHistory::setHistory(std::vector<ColumnDetails::Point> points, const TimeRange& chosen) {
    m_points = std::move(points);
    m_chosen = chosen;
    update();
}

QRectF EffectHistory::plot() const { return QRectF(40, 6, width() - 44.0, height() - 26.0); }

double EffectHistory::top() const {
    double result = 0;
    for (const auto& p : m_points) {
        if (std::isfinite(p.verdict.effect)) result = std::max(result, p.verdict.effect);
        if (std::isfinite(p.verdict.effectHigh)) result = std::max(result, p.verdict.effectHigh);
        if (std::isfinite(p.verdict.minimumEffect)) result = std::max(result, 1.5 * p.verdict.minimumEffect);
    }
    return result > 0 ? result * 1.05 : 1;
}

double EffectHistory::x(Timestamp t) const {
    const Timestamp start = m_points.front().window.start, end = m_points.back().window.end;
    return plot().left() +
           static_cast<double>((t - start).count()) / static_cast<double>((end - start).count()) * plot().width();
}

int EffectHistory::indexAt(QPoint at) const {
    for (std::size_t i = 0; i < m_points.size(); ++i)
        if (at.x() >= x(m_points[i].window.start) && at.x() < x(m_points[i].window.end)) return static_cast<int>(i);
    return -1;
}

QPoint EffectHistory::pointAt(int index) const {
    const TimeRange& w = m_points.at(static_cast<std::size_t>(index)).window;
    return {static_cast<int>((x(w.start) + x(w.end)) / 2), static_cast<int>(plot().center().y())};
}

void EffectHistory::mousePressEvent(QMouseEvent* event) {
    const int index = indexAt(event->pos());
    if (index >= 0) Q_EMIT windowChosen(m_points[static_cast<std::size_t>(index)].window);
}

bool EffectHistory::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int index = indexAt(help->pos());
        if (index >= 0) {
            const auto& p = m_points[static_cast<std::size_t>(index)];
            QString text = windowName(p.window, m_zone) + u'\n' + stateWord(p.verdict.state) + u" · "_qs +
                           effectText(p.verdict.effect, p.verdict.method);
            if (!intervalText(p.verdict).isEmpty()) text += u" ("_qs + intervalText(p.verdict) + u')';
            QToolTip::showText(help->globalPos(), text, this);
        }
        return true;
    }
    return QWidget::event(event);
}

void EffectHistory::paintEvent(QPaintEvent*) {
    if (m_points.empty()) return;
    QPainter painter(this);
    const QRectF area = plot();
    const double high = top();
    const auto y = [&](double v) { return area.bottom() - std::clamp(v / high, 0.0, 1.0) * area.height(); };
    painter.setFont(theme::font(false, true));
    const QFontMetrics metrics(painter.font());
    const bool share = m_points.back().verdict.method.find("sigma") == std::string::npos;
    chart::ValueAxisOptions options;
    options.kind = share ? chart::ValueKind::Share : chart::ValueKind::Number;
    options.low = 0;
    options.high = high;
    options.maxTicks = 3;
    for (const chart::ValueTick& tick : chart::ValueAxis::make(0, high, options).ticks) {
        painter.setPen(theme::color(Token::Grid));
        painter.drawLine(QPointF(area.left(), std::round(y(tick.value))),
                         QPointF(area.right(), std::round(y(tick.value))));
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QRectF(0, y(tick.value) - 8, area.left() - 6, 16), Qt::AlignRight | Qt::AlignVCenter,
                         tick.label);
    }
    const TimeRange whole{m_points.front().window.start, m_points.back().window.end};
    double free = 0;
    for (const chart::TimeTick& tick :
         chart::timeTicks(whole, m_zone, std::max(2, static_cast<int>(area.width() / 44))).ticks) {
        const double at = x(tick.time);
        if (at < std::max(free, area.left()) || at + metrics.horizontalAdvance(tick.label) > area.right() + 4) continue;
        painter.drawText(QPointF(at, height() - 5), tick.label);
        free = at + metrics.horizontalAdvance(tick.label) + 8;
    }
    const double floor = m_points.back().verdict.minimumEffect;
    if (std::isfinite(floor)) {
        painter.setPen(QPen(theme::color(Token::TextMuted), 1, Qt::DashLine));
        painter.drawLine(QPointF(area.left(), y(floor)), QPointF(area.right(), y(floor)));
    }
    for (const auto& p : m_points) {
        if (!std::isfinite(p.verdict.effect)) continue;
        const double left = x(p.window.start), right = x(p.window.end), middle = (left + right) / 2;
        const QColor color = theme::color(theme::markToken(stateMark(p.verdict.state, p.severity)));
        if (p.window == m_chosen) {
            painter.fillRect(QRectF(left, area.top() - 4, right - left, area.height() + 4),
                             theme::color(Token::Selection));
            painter.setPen(theme::color(Token::Accent));
            painter.drawLine(QPointF(left, area.bottom() + 1), QPointF(right, area.bottom() + 1));
        }
        if (std::isfinite(p.verdict.effectLow) && std::isfinite(p.verdict.effectHigh)) {
            QColor soft = color;
            soft.setAlphaF(0.35F);
            painter.fillRect(QRectF(middle - 1.5, y(p.verdict.effectHigh), 3,
                                    std::max(1.0, y(p.verdict.effectLow) - y(p.verdict.effectHigh))),
                             soft);
        }
        const double half = std::clamp((right - left) * 0.35, 1.5, 6.0);
        painter.fillRect(QRectF(middle - half, y(p.verdict.effect) - 1, 2 * half, 2), color);
    }
}

}  // namespace pilothouse::drift
