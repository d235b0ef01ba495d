// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

#include "models/base/time_zone.h"
#include "widgets/chart/chart_layout.h"
#include "widgets/chart/lane.h"
#include "widgets/chart/series_painter.h"
#include "widgets/chart/time_axis.h"

namespace pilothouse::chart {

/// Stacked lanes on one time axis.
///
/// The picture of the data is kept as an image and painted anew only when data, range, size or theme change; the
/// cursor, its readout and a brush are drawn over it. By mouse: drag selects a range, the wheel zooms at the pointer,
/// middle drag pans, a double click asks to fit. By key: arrows pan, + and - zoom, Home fits, Shift+arrows move the
/// cursor. The widget never moves its range by itself: a hand does, and rangeSelected() tells once it rests.
class TimeSeriesChart : public QWidget {
    Q_OBJECT
public:
    explicit TimeSeriesChart(QWidget* parent = nullptr);

    void setLanes(std::vector<Lane> lanes);
    [[nodiscard]] const std::vector<Lane>& lanes() const { return m_lanes; }
    void setLaneState(std::size_t lane, Lane::State state, const QString& text = {});
    void setMarkers(std::vector<Marker> markers);
    /// Ignored while a hand moves the range. An empty or absurd range is ignored.
    void setRange(TimeRange range);
    [[nodiscard]] TimeRange range() const { return m_range; }
    /// Pan and zoom stay within; unset: anywhere.
    void setBounds(std::optional<TimeRange> bounds) { m_bounds = bounds; }
    void setZone(const Zone& zone);
    /// The shared cursor; nothing hides it. Emits nothing.
    void setCursor(std::optional<Timestamp> t);
    [[nodiscard]] std::optional<Timestamp> cursorTime() const { return m_cursor; }
    /// The moment that is now: what lies after it has not happened. Unset: not drawn.
    void setNow(std::optional<Timestamp> t);
    /// Buffers have grown or changed.
    void dataChanged();

    /// Width of all plots in device pixels: how many buckets are worth asking for.
    [[nodiscard]] int plotWidth() const;
    [[nodiscard]] const ChartLayout& layoutBoxes() const { return m_layout; }
    /// What the readout says at the cursor, lane by lane: "traffic: flights 912".
    [[nodiscard]] QStringList readout() const;
    /// x in logical pixels.
    [[nodiscard]] double xOf(Timestamp t) const;
    [[nodiscard]] Timestamp timeAt(double x) const;

    [[nodiscard]] QSize sizeHint() const override { return {720, 420}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {240, 90}; }

Q_SIGNALS:
    void cursorMoved(std::optional<pilothouse::Timestamp> t);
    void rangeSelected(pilothouse::TimeRange range);
    void fitRequested();
    void markerActivated(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    void relayout();
    void renderLayer();
    void renderLane(QPainter& painter, std::size_t index);
    void renderGaps(const Lane& lane, const PlotMapping& mapping);
    void renderState(QPainter& painter, const Lane& lane, const ChartLayout::LaneBox& box);
    void renderTimeAxis(QPainter& painter, const TimeTicks& ticks);
    void renderMarkers(QPainter& painter);
    void paintHeaders(QPainter& painter);
    void paintLegend(QPainter& painter, const Lane& lane, const QRectF& header, double titleEnd);
    void paintCursor(QPainter& painter);
    [[nodiscard]] std::optional<double> valueAtCursor(const Series& series) const;
    [[nodiscard]] QString seriesText(const Lane& lane, const Series& series) const;
    [[nodiscard]] ValueAxis axisOf(const Lane& lane, double plotHeight) const;
    [[nodiscard]] const Marker* markerAt(QPointF position) const;
    /// Shows the range at once and tells of it when the hand rests.
    void moveRange(TimeRange range);
    void pan(double share);
    void zoom(double factor, double x);
    void moveCursorTo(std::optional<Timestamp> t);

    std::vector<Lane> m_lanes;
    std::vector<Marker> m_markers;
    TimeRange m_range;
    std::optional<TimeRange> m_bounds;
    Zone m_zone;
    std::optional<Timestamp> m_cursor, m_now;

    ChartLayout m_layout;
    QImage m_layer;
    bool m_dirty = true;
    SeriesPainter m_painter;
    std::vector<std::uint8_t> m_covered;

    enum class Hand { None, Brush, Pan } m_hand = Hand::None;
    double m_handFrom = 0, m_handTo = 0;
    TimeRange m_handRange;
    QTimer m_rest;  ///< since the last wheel step, key or pan
};

}  // namespace pilothouse::chart
