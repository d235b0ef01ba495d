// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/time_series_chart.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace pilothouse::chart {

namespace {

constexpr int kRestMs = 180;
constexpr double kBrushStart = 4;                 // pixels before a press becomes a drag
constexpr std::int64_t kShortest = 1'000;         // 1 µs
constexpr std::int64_t kLongest = INT64_MAX / 4;  // 73 years: sums and differences stay within 64 bits
constexpr double kMarkerReach = 8;

bool sound(TimeRange r) {
    return r.start < r.end && r.start.ns > INT64_MIN / 2 && r.end.ns < INT64_MAX / 2 &&
           r.end.ns - r.start.ns <= kLongest;
}

}  // namespace

TimeSeriesChart::TimeSeriesChart(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(QStringLiteral("time series"));
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRestMs);
    connect(&m_rest, &QTimer::timeout, this, [this] { Q_EMIT rangeSelected(m_range); });
}

void TimeSeriesChart::setLanes(std::vector<Lane> lanes) {
    m_lanes = std::move(lanes);
    relayout();
}

void TimeSeriesChart::setLaneState(std::size_t lane, Lane::State state, const QString& text) {
    if (lane >= m_lanes.size() || (m_lanes[lane].state == state && m_lanes[lane].stateText == text)) return;
    m_lanes[lane].state = state;
    m_lanes[lane].stateText = text;
    dataChanged();
}

void TimeSeriesChart::setMarkers(std::vector<Marker> markers) {
    m_markers = std::move(markers);
    relayout();
}

void TimeSeriesChart::setRange(TimeRange range) {
    if (m_hand != Hand::None || m_rest.isActive() || range == m_range || !sound(range)) return;
    m_range = range;
    dataChanged();
}

void TimeSeriesChart::setZone(const Zone& zone) {
    m_zone = zone;
    dataChanged();
}

void TimeSeriesChart::setCursor(std::optional<Timestamp> t) {
    if (t == m_cursor) return;
    m_cursor = t;
    update();
}

void TimeSeriesChart::setNow(std::optional<Timestamp> t) {
    if (t == m_now) return;
    m_now = t;
    dataChanged();
}

void TimeSeriesChart::dataChanged() {
    m_dirty = true;
    update();
}

int TimeSeriesChart::plotWidth() const {
    return static_cast<int>((m_layout.right - m_layout.left) * devicePixelRatioF());
}

double TimeSeriesChart::xOf(Timestamp t) const {
    const auto span = static_cast<double>(m_range.end.ns - m_range.start.ns);
    return m_layout.left + static_cast<double>(t.ns - m_range.start.ns) / span * (m_layout.right - m_layout.left);
}

Timestamp TimeSeriesChart::timeAt(double x) const {
    const double width = std::max(1.0, m_layout.right - m_layout.left);
    const auto span = static_cast<double>(m_range.end.ns - m_range.start.ns);
    return {m_range.start.ns + static_cast<std::int64_t>((x - m_layout.left) / width * span)};
}

void TimeSeriesChart::moveCursorTo(std::optional<Timestamp> t) {
    if (t == m_cursor) return;
    m_cursor = t;
    update();
    Q_EMIT cursorMoved(t);
}

void TimeSeriesChart::moveRange(TimeRange range) {
    if (m_bounds && !m_bounds->empty()) {
        const Duration length = std::min(range.duration(), m_bounds->duration());
        const Timestamp start = std::clamp(range.start, m_bounds->start, m_bounds->end - length);
        range = {start, start + length};
    }
    if (!sound(range) || range.duration().count() < kShortest || range == m_range) return;
    m_range = range;
    m_rest.start();
    dataChanged();
}

void TimeSeriesChart::pan(double share) {
    const Duration by{static_cast<std::int64_t>(static_cast<double>(m_range.duration().count()) * share)};
    moveRange({m_range.start + by, m_range.end + by});
}

void TimeSeriesChart::zoom(double factor, double x) {
    const Timestamp centre = timeAt(std::clamp(x, m_layout.left, m_layout.right));
    const auto scaled = [factor](Duration d) {
        return Duration{static_cast<std::int64_t>(static_cast<double>(d.count()) * factor)};
    };
    moveRange({centre - scaled(centre - m_range.start), centre + scaled(m_range.end - centre)});
}

const Marker* TimeSeriesChart::markerAt(QPointF position) const {
    if (!m_layout.markers.contains(position)) return nullptr;
    const Marker* best = nullptr;
    double distance = kMarkerReach;
    for (const Marker& m : m_markers) {
        const double d = std::abs(xOf(m.time) - position.x());
        if (d <= distance) best = &m, distance = d;
    }
    return best;
}

void TimeSeriesChart::mousePressEvent(QMouseEvent* event) {
    const double x = event->position().x();
    if (event->button() == Qt::LeftButton) {
        m_hand = Hand::Brush;
        // Shift extends from the cursor that stands, or from the nearer end of the last press.
        m_handFrom = event->modifiers() & Qt::ShiftModifier ? m_handFrom : x;
        m_handTo = x;
    } else if (event->button() == Qt::MiddleButton) {
        m_hand = Hand::Pan;
        m_handFrom = x;
        m_handRange = m_range;
        QWidget::setCursor(Qt::ClosedHandCursor);
    } else {
        QWidget::mousePressEvent(event);
    }
}

void TimeSeriesChart::mouseMoveEvent(QMouseEvent* event) {
    const double x = event->position().x();
    if (m_hand == Hand::Brush) {
        m_handTo = x;
        update();
    } else if (m_hand == Hand::Pan) {
        const double share = (m_handFrom - x) / std::max(1.0, m_layout.right - m_layout.left);
        const Duration by{static_cast<std::int64_t>(static_cast<double>(m_handRange.duration().count()) * share)};
        moveRange({m_handRange.start + by, m_handRange.end + by});
    }
    if (x >= m_layout.left && x <= m_layout.right)
        moveCursorTo(timeAt(x));
    else
        moveCursorTo(std::nullopt);
}

void TimeSeriesChart::mouseReleaseEvent(QMouseEvent* event) {
    const Hand hand = std::exchange(m_hand, Hand::None);
    if (hand == Hand::Pan) unsetCursor();
    if (hand != Hand::Brush) return;
    update();
    const double from = std::clamp(std::min(m_handFrom, m_handTo), m_layout.left, m_layout.right);
    const double to = std::clamp(std::max(m_handFrom, m_handTo), m_layout.left, m_layout.right);
    if (to - from >= kBrushStart) {
        const TimeRange chosen{timeAt(from), timeAt(to)};
        if (chosen.duration().count() >= kShortest) Q_EMIT rangeSelected(chosen);
    } else if (const Marker* marker = markerAt(event->position())) {
        Q_EMIT markerActivated(marker->id);
    }
}

void TimeSeriesChart::mouseDoubleClickEvent(QMouseEvent* event) {
    m_hand = Hand::None;
    if (event->button() == Qt::LeftButton) Q_EMIT fitRequested();
}

void TimeSeriesChart::wheelEvent(QWheelEvent* event) {
    const QPoint angle = event->angleDelta();
    if (angle.x() != 0 && std::abs(angle.x()) > std::abs(angle.y()))
        pan(-angle.x() / 1200.0);
    else if (angle.y() != 0)
        zoom(std::pow(0.8, angle.y() / 120.0), event->position().x());
    event->accept();
}

void TimeSeriesChart::keyPressEvent(QKeyEvent* event) {
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    const double centre = m_cursor ? xOf(*m_cursor) : (m_layout.left + m_layout.right) / 2;
    const auto step = [&](int direction) {
        if (!shift) return pan(0.15 * direction);
        const Timestamp from = m_cursor.value_or(timeAt(centre));
        const Timestamp to{from.ns + direction * std::max<std::int64_t>(1, m_range.duration().count() / 100)};
        moveCursorTo(std::clamp(to, m_range.start, m_range.end));
    };
    switch (event->key()) {
        case Qt::Key_Left:
            return step(-1);
        case Qt::Key_Right:
            return step(1);
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            return zoom(0.7, centre);
        case Qt::Key_Minus:
            return zoom(1 / 0.7, centre);
        case Qt::Key_Home:
            Q_EMIT fitRequested();
            return;
        case Qt::Key_Escape:
            if (m_hand != Hand::None) {
                m_hand = Hand::None;
                return update();
            }
            break;
        default:
            break;
    }
    QWidget::keyPressEvent(event);
}

void TimeSeriesChart::leaveEvent(QEvent* event) {
    moveCursorTo(std::nullopt);
    QWidget::leaveEvent(event);
}

void TimeSeriesChart::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    relayout();
}

void TimeSeriesChart::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) relayout();
    QWidget::changeEvent(event);
}

bool TimeSeriesChart::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const Marker* marker = markerAt(help->pos()))
            QToolTip::showText(help->globalPos(), marker->text, this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

}  // namespace pilothouse::chart
