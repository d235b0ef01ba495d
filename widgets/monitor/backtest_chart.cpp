// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/monitor/backtest_chart.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <cmath>

#include "widgets/chart/time_axis.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::monitor_view {

using statistics::State;
using theme::Token;

namespace {

constexpr double kLeast = 0.05, kMost = 20, kStep = 0.05;
constexpr int kGrip = 5;  ///< pixels above and below the line that take hold of it

Token tokenOf(State state) {
    switch (state) {
        case State::Drift:
            return Token::Alarm;
        case State::Ok:
            return Token::Ok;
        case State::Insufficient:
        case State::Unavailable:
            break;
    }
    return Token::Unknown;
}

}  // namespace

BacktestChart::BacktestChart(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("backtestChart"));
    setAccessibleName(QStringLiteral("What the monitor would have done; up and down move the threshold"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
}

void BacktestChart::setZone(const Zone& zone) {
    m_zone = zone;
    update();
}

void BacktestChart::setBacktest(std::shared_ptr<const monitoring::Backtest> backtest, const QString& whyNone) {
    m_backtest = std::move(backtest);
    m_whyNone = whyNone;
    m_strengths.clear();
    m_factor = 1;
    m_top = 3;
    if (m_backtest)
        for (const ports::Evaluation& e : m_backtest->windows) {
            m_strengths.push_back(monitoring::strengthOf(m_backtest->monitor, e));
            if (std::isfinite(m_strengths.back().value)) m_top = std::max(m_top, 1.1 * m_strengths.back().value);
        }
    m_top = std::min(m_top, kMost);
    setFactor(1);
}

void BacktestChart::setFactor(double factor) {
    m_factor = std::clamp(factor, kLeast, kMost);
    m_outcome = {};
    if (m_backtest) {
        monitoring::Strictness strictness = monitoring::strictnessOf(m_backtest->monitor);
        strictness.effectFactor = m_factor;
        m_outcome = monitoring::outcomeAt(*m_backtest, strictness);
    }
    update();
    Q_EMIT factorChanged(m_factor);
}

QRectF BacktestChart::plot() const { return QRectF(34, 8, width() - 40.0, height() - 30.0); }

double BacktestChart::x(Timestamp t) const {
    const Timestamp start = m_backtest->windows.front().window.start, end = m_backtest->windows.back().window.end;
    return plot().left() +
           static_cast<double>((t - start).count()) / static_cast<double>((end - start).count()) * plot().width();
}

double BacktestChart::y(double times) const {
    return plot().bottom() - std::clamp(times / m_top, 0.0, 1.0) * plot().height();
}

QPoint BacktestChart::thresholdAt() const { return QPointF(plot().center().x(), y(m_factor)).toPoint(); }

void BacktestChart::mousePressEvent(QMouseEvent* event) {
    m_dragging = m_backtest && event->button() == Qt::LeftButton && std::abs(event->pos().y() - y(m_factor)) <= kGrip;
}

void BacktestChart::mouseMoveEvent(QMouseEvent* event) {
    const bool over = m_backtest && std::abs(event->pos().y() - y(m_factor)) <= kGrip;
    setCursor(over || m_dragging ? Qt::SizeVerCursor : Qt::ArrowCursor);
    if (m_dragging) setFactor((plot().bottom() - event->pos().y()) / plot().height() * m_top);
}

void BacktestChart::mouseReleaseEvent(QMouseEvent*) { m_dragging = false; }

void BacktestChart::keyPressEvent(QKeyEvent* event) {
    if (!m_backtest) return QWidget::keyPressEvent(event);
    const double step = event->modifiers().testFlag(Qt::ShiftModifier) ? 10 * kStep : kStep;
    if (event->key() == Qt::Key_Up)
        setFactor(m_factor + step);
    else if (event->key() == Qt::Key_Down)
        setFactor(m_factor - step);
    else if (event->key() == Qt::Key_Home)
        setFactor(1);
    else
        QWidget::keyPressEvent(event);
}

QString BacktestChart::words(std::size_t i) const {
    const ports::Evaluation& e = m_backtest->windows[i];
    return QStringLiteral("%1 – %2\n%3: %4")
        .arg(theme::time(e.window.start, m_zone), theme::time(e.window.end, m_zone),
             QLatin1String(statistics::toString(m_outcome.states[i])), QString::fromStdString(e.summary));
}

bool BacktestChart::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || !m_backtest) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (std::size_t i = 0; i < m_backtest->windows.size(); ++i) {
        const TimeRange& window = m_backtest->windows[i].window;
        if (help->x() < x(window.start) || help->x() >= x(window.end)) continue;
        QToolTip::showText(help->globalPos(), words(i), this);
        return true;
    }
    QToolTip::hideText();
    return true;
}

void BacktestChart::paintAxes(QPainter& painter) const {
    const QFontMetrics metrics(painter.font());
    const QRectF area = plot();
    const double step = m_top > 12 ? 5 : m_top > 5 ? 2 : 1;
    for (double times = 0; times <= m_top; times += step) {
        painter.setPen(theme::color(Token::Grid));
        painter.drawLine(QPointF(area.left(), std::round(y(times))), QPointF(area.right(), std::round(y(times))));
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QRectF(0, y(times) - 8, area.left() - 6, 16), Qt::AlignRight | Qt::AlignVCenter,
                         QStringLiteral("%1 ×").arg(times));
    }
    const TimeRange whole{m_backtest->windows.front().window.start, m_backtest->windows.back().window.end};
    double free = 0;
    for (const chart::TimeTick& tick :
         chart::timeTicks(whole, m_zone, std::max(2, static_cast<int>(area.width() / 56))).ticks) {
        const double at = x(tick.time);
        if (at < std::max(free, area.left()) || at + metrics.horizontalAdvance(tick.label) > area.right() + 4) continue;
        painter.drawText(QPointF(at, height() - 6), tick.label);
        free = at + metrics.horizontalAdvance(tick.label) + 8;
    }
}

void BacktestChart::paintWindows(QPainter& painter) const {
    const QRectF area = plot();
    QColor alarm = theme::color(Token::Alarm);
    alarm.setAlphaF(0.12F);
    for (const auto& spell : m_outcome.alarms) {
        const double from = std::max(area.left(), x(spell.fired));
        const double to = spell.resolved ? std::min(area.right(), x(*spell.resolved)) : area.right();
        painter.fillRect(QRectF(std::min(from, area.right() - 2), area.top(), std::max(2.0, to - from), area.height()),
                         alarm);
    }
    for (std::size_t i = 0; i < m_strengths.size(); ++i) {
        const TimeRange& window = m_backtest->windows[i].window;
        const double middle = (x(window.start) + x(window.end)) / 2;
        const double half = std::clamp((x(window.end) - x(window.start)) * 0.35, 1.0, 6.0);
        const QColor color = theme::color(tokenOf(m_outcome.states[i]));
        const statistics::Interval& strength = m_strengths[i];
        if (!std::isfinite(strength.value)) {
            painter.fillRect(QRectF(middle - half, area.bottom() - 3, 2 * half, 3), color);
            continue;
        }
        if (std::isfinite(strength.low) && std::isfinite(strength.high)) {
            QColor soft = color;
            soft.setAlphaF(0.35F);
            painter.fillRect(QRectF(middle - 1, y(strength.high), 2, std::max(1.0, y(strength.low) - y(strength.high))),
                             soft);
        }
        painter.fillRect(QRectF(middle - half, y(strength.value) - 1.5, 2 * half, 3), color);
    }
}

void BacktestChart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme::color(Token::Panel));
    painter.setFont(theme::font(false, true));
    if (!m_backtest || m_backtest->windows.empty()) {
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(rect().adjusted(12, 8, -12, -8), Qt::AlignCenter | Qt::TextWordWrap, m_whyNone);
        return;
    }
    paintAxes(painter);
    paintWindows(painter);
    const QRectF area = plot();
    painter.setPen(QPen(theme::color(hasFocus() || m_dragging ? Token::Accent : Token::Text), 2));
    painter.drawLine(QPointF(area.left(), y(m_factor)), QPointF(area.right(), y(m_factor)));
    painter.setBrush(theme::color(Token::Accent));
    painter.setPen(Qt::NoPen);
    painter.drawRoundedRect(QRectF(area.right() - 4, y(m_factor) - 5, 8, 10), 3, 3);
}

}  // namespace pilothouse::monitor_view
