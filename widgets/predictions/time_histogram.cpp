// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/time_histogram.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <cmath>
#include <numeric>

#include "widgets/chart/time_axis.h"
#include "widgets/theme/format.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {
namespace {

using theme::Token;

constexpr int kAxis = 18, kPad = 10, kTop = 18, kBrushed = 4;

}  // namespace

TimeHistogram::TimeHistogram(QWidget* parent) : QWidget(parent) {
    setObjectName(u"timeHistogram"_qs);
    setAccessibleName(u"Matching rows over time"_qs);
    setMouseTracking(true);
    setFixedHeight(96);
    setCursor(Qt::CrossCursor);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleDescription(u"Arrows choose a bar, Shift extends, Enter takes the range"_qs);
}

void TimeHistogram::setZone(const Zone& zone) {
    m_zone = zone;
    update();
}

void TimeHistogram::setWords(const QString& positive, const QString& negative) {
    m_positive = positive;
    m_negative = negative;
}

void TimeHistogram::setCounts(std::vector<Timestamp> edges, const ports::TimeCounts& counts, bool byOutcome) {
    m_edges = std::move(edges);
    m_groups = counts.groups;
    m_byOutcome = byOutcome;
    m_bars.assign(m_edges.size() > 1 ? m_edges.size() - 1 : 0, Bar(m_groups.size()));
    for (std::size_t g = 0; g < counts.groups.size(); ++g)
        for (std::size_t i = 0; i < counts.counts[g].size() && i < m_bars.size(); ++i)
            m_bars[i][g] = counts.counts[g][i];
    m_keyFrom = m_keyTo = -1;  // other bars
    update();
}

std::uint64_t TimeHistogram::total(const Bar& bar) { return std::accumulate(bar.begin(), bar.end(), std::uint64_t{0}); }

QString TimeHistogram::wordOf(const std::string& group) const {
    if (!m_byOutcome) return group.empty() ? u"no version"_qs : QString::fromStdString(group);
    return group == "1" ? m_positive : group == "0" ? m_negative : u"not known"_qs;
}

QColor TimeHistogram::colorOf(const std::string& group) const {
    if (group.empty()) return theme::color(Token::History);
    if (!m_byOutcome) return theme::seriesColor(QString::fromStdString(group));
    return theme::color(group == "1" ? Token::Positive : Token::Current);
}

void TimeHistogram::setCursorTime(std::optional<Timestamp> t) {
    if (t == m_cursor) return;
    m_cursor = t;
    update();
}

void TimeHistogram::setMarked(std::optional<Timestamp> t) {
    if (t == m_marked) return;
    m_marked = t;
    update();
}

QRectF TimeHistogram::plot() const { return QRectF(kPad, kTop, width() - 2.0 * kPad, height() - kTop - kAxis - 1.0); }

double TimeHistogram::xOf(Timestamp t) const {
    if (m_edges.size() < 2) return 0;
    const double share = static_cast<double>((t - m_edges.front()).count()) /
                         static_cast<double>((m_edges.back() - m_edges.front()).count());
    return plot().left() + share * plot().width();
}

Timestamp TimeHistogram::timeAt(double x) const {
    if (m_edges.size() < 2) return {};
    const double share = std::clamp((x - plot().left()) / plot().width(), 0.0, 1.0);
    return m_edges.front() +
           Duration(static_cast<std::int64_t>(share * static_cast<double>((m_edges.back() - m_edges.front()).count())));
}

int TimeHistogram::barAt(double x) const {
    if (m_bars.empty() || x < plot().left() || x > plot().right()) return -1;
    const auto it = std::upper_bound(m_edges.begin(), m_edges.end(), timeAt(x));
    return std::clamp(static_cast<int>(it - m_edges.begin()) - 1, 0, static_cast<int>(m_bars.size()) - 1);
}

void TimeHistogram::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && !m_bars.empty()) m_pressX = m_dragX = event->position().x();
}

void TimeHistogram::mouseMoveEvent(QMouseEvent* event) {
    if (m_bars.empty()) return;
    if (m_pressX >= 0) {
        m_dragX = event->position().x();
        update();
    }
    const double x = event->position().x();
    Q_EMIT hovered(x >= plot().left() && x <= plot().right() ? std::optional(timeAt(x)) : std::nullopt);
}

/// A brush takes whole bars: what is seen is what is counted. A click without a drag takes one bar.
void TimeHistogram::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_pressX < 0) return;
    const double from = std::clamp(std::min(m_pressX, m_dragX), plot().left(), plot().right());
    const double to = std::clamp(std::max(m_pressX, m_dragX), plot().left(), plot().right());
    m_pressX = m_dragX = -1;
    update();
    const int first = barAt(from), last = barAt(to);
    if (first < 0 || last < 0 || to - from < kBrushed) return;
    Q_EMIT brushed({m_edges[static_cast<std::size_t>(first)], m_edges[static_cast<std::size_t>(last) + 1]});
}

void TimeHistogram::leaveEvent(QEvent* event) {
    Q_EMIT hovered(std::nullopt);
    QWidget::leaveEvent(event);
}

/// Moves the end of the brush by keys; its other end goes along unless it is being extended.
void TimeHistogram::moveTo(int bar, bool extend) {
    m_keyTo = std::clamp(bar, 0, static_cast<int>(m_bars.size()) - 1);
    if (!extend || m_keyFrom < 0) m_keyFrom = m_keyTo;
    update();
    const auto at = static_cast<std::size_t>(m_keyTo);
    Q_EMIT hovered(m_edges[at] + (m_edges[at + 1] - m_edges[at]) / 2);
}

void TimeHistogram::forgetKeys() {
    if (m_keyTo < 0) return;
    m_keyFrom = m_keyTo = -1;
    Q_EMIT hovered(std::nullopt);
    update();
}

void TimeHistogram::keyPressEvent(QKeyEvent* event) {
    const int bars = static_cast<int>(m_bars.size());
    const bool extend = event->modifiers() & Qt::ShiftModifier;
    const int step = event->modifiers() & Qt::ControlModifier ? std::max(1, bars / 20) : 1;
    if (event->key() == Qt::Key_Escape && (m_pressX >= 0 || m_keyTo >= 0)) {
        m_pressX = m_dragX = -1;
        forgetKeys();
        update();
        return;
    }
    if (bars > 0 && !(event->modifiers() & Qt::AltModifier)) {
        switch (event->key()) {
            case Qt::Key_Left:
                return moveTo(m_keyTo < 0 ? bars - 1 : m_keyTo - step, extend);
            case Qt::Key_Right:
                return moveTo(m_keyTo < 0 ? bars - 1 : m_keyTo + step, extend);
            case Qt::Key_Home:
                return moveTo(0, extend);
            case Qt::Key_End:
                return moveTo(bars - 1, extend);
            case Qt::Key_Return:
            case Qt::Key_Enter:
                if (m_keyTo >= 0) {
                    const auto [from, to] = std::minmax(m_keyFrom, m_keyTo);
                    const TimeRange range{m_edges[static_cast<std::size_t>(from)],
                                          m_edges[static_cast<std::size_t>(to) + 1]};
                    forgetKeys();
                    Q_EMIT brushed(range);
                }
                return;
            default:
                break;
        }
    }
    QWidget::keyPressEvent(event);
}

void TimeHistogram::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void TimeHistogram::focusOutEvent(QFocusEvent* event) {
    forgetKeys();
    QWidget::focusOutEvent(event);
    update();
}

bool TimeHistogram::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int i = barAt(help->pos().x());
        if (i >= 0) {
            const Bar& b = m_bars[static_cast<std::size_t>(i)];
            const TimeRange span{m_edges[static_cast<std::size_t>(i)], m_edges[static_cast<std::size_t>(i) + 1]};
            QStringList parts;
            for (std::size_t g = 0; g < b.size(); ++g)
                if (b[g] > 0 || m_byOutcome) parts += theme::count(b[g]) + u' ' + wordOf(m_groups[g]);
            QToolTip::showText(
                help->globalPos(),
                u"%1\n%2 rows: %3"_qs.arg(theme::range(span, m_zone), theme::count(total(b)), parts.join(u", ")), this);
        }
        return true;
    }
    return QWidget::event(event);
}

void TimeHistogram::paintBars(QPainter& painter) {
    const QRectF area = plot();
    std::uint64_t most = 0;
    for (const Bar& b : m_bars)
        most = std::max(most, total(b));
    if (most == 0) return;
    const double scale = area.height() / static_cast<double>(most);
    std::vector<QColor> colors;
    for (const std::string& group : m_groups)
        colors.push_back(colorOf(group));
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        const Bar& b = m_bars[i];
        if (total(b) == 0) continue;
        const double left = std::round(xOf(m_edges[i])), next = std::round(xOf(m_edges[i + 1]));
        const double right = std::max(left + 1, next - (next - left > 3 ? 1 : 0));
        double y = area.bottom();
        const auto stack = [&](std::uint64_t n, const QColor& color) {
            if (n == 0) return;
            const double h = std::max(1.0, static_cast<double>(n) * scale);
            painter.fillRect(QRectF(left, std::max(area.top(), y - h), right - left, std::min(h, y - area.top())),
                             color);
            y -= h;
        };
        for (std::size_t g = 0; g < b.size(); ++g)
            stack(b[g], colors[g]);
    }
}

void TimeHistogram::paintAxis(QPainter& painter) {
    const QRectF area = plot();
    painter.fillRect(QRectF(area.left(), area.bottom(), area.width(), 1), theme::color(Token::Hairline));
    painter.setFont(theme::font(false, true));
    painter.setPen(theme::color(Token::TextMuted));
    const QFontMetrics metrics(painter.font());
    const auto ticks =
        chart::timeTicks({m_edges.front(), m_edges.back()}, m_zone, std::max(2, static_cast<int>(area.width() / 90)));
    double free = area.left();
    if (!ticks.context.isEmpty() && !ticks.ticks.empty()) {
        const double room = xOf(ticks.ticks.front().time) - area.left();
        const double needed = metrics.horizontalAdvance(ticks.context) + 10;
        if (room > needed) {
            painter.drawText(QPointF(area.left(), height() - 5.0), ticks.context);
            free = area.left() + needed;
        }
    }
    for (const chart::TimeTick& tick : ticks.ticks) {
        const double x = std::round(xOf(tick.time)), wide = metrics.horizontalAdvance(tick.label);
        painter.drawLine(QPointF(x, area.bottom() + 1), QPointF(x, area.bottom() + 3));
        const double left = std::clamp(x - wide / 2, area.left(), std::max(area.left(), area.right() - wide));
        if (left < free || std::abs(left + wide / 2 - x) > 20) continue;
        painter.drawText(QPointF(left, height() - 5.0), tick.label);
        free = left + wide + 10;
    }
}

/// What the colours mean, above the bars, right to left; what finds no room is left to the tooltip.
void TimeHistogram::paintLegend(QPainter& painter) {
    constexpr int kSwatch = 8;
    painter.setFont(theme::font(false, true));
    const QFontMetrics metrics(painter.font());
    double right = plot().right();
    for (std::size_t g = m_groups.size(); g-- > 0;) {
        const QString word = wordOf(m_groups[g]);
        const double wide = metrics.horizontalAdvance(word) + kSwatch + 4;
        if (right - wide < plot().left()) return;
        painter.fillRect(QRectF(right - wide, 5, kSwatch, kSwatch), colorOf(m_groups[g]));
        painter.setPen(theme::color(Token::TextMuted));
        painter.drawText(QPointF(right - wide + kSwatch + 4, 13), word);
        right -= wide + 12;
    }
}

void TimeHistogram::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (m_edges.size() < 2) return;
    const QRectF area = plot();
    paintBars(painter);
    paintAxis(painter);
    paintLegend(painter);
    if (m_pressX >= 0 && std::abs(m_dragX - m_pressX) >= kBrushed) {
        const double from = std::clamp(std::min(m_pressX, m_dragX), area.left(), area.right());
        const double to = std::clamp(std::max(m_pressX, m_dragX), area.left(), area.right());
        painter.fillRect(QRectF(from, area.top(), to - from, area.height()), theme::color(Token::Brush));
    }
    if (m_keyTo >= 0 && static_cast<std::size_t>(std::max(m_keyFrom, m_keyTo)) < m_bars.size()) {
        const auto [first, last] = std::minmax(m_keyFrom, m_keyTo);
        const double from = xOf(m_edges[static_cast<std::size_t>(first)]),
                     to = xOf(m_edges[static_cast<std::size_t>(last) + 1]);
        painter.fillRect(QRectF(from, area.top(), std::max(2.0, to - from), area.height()), theme::color(Token::Brush));
    }
    if (hasFocus()) {
        painter.setPen(theme::color(Token::Accent));
        painter.drawRect(rect().adjusted(2, 1, -3, -2));
    }
    const auto upright = [&](Timestamp t, Token token, int width) {
        if (t < m_edges.front() || m_edges.back() < t) return;
        painter.setPen(QPen(theme::color(token), width));
        painter.drawLine(QPointF(xOf(t), area.top() - 4), QPointF(xOf(t), area.bottom()));
    };
    if (m_marked) upright(*m_marked, Token::Accent, 2);
    if (m_cursor) upright(*m_cursor, Token::Cursor, 1);
}

}  // namespace pilothouse::predictions_view
