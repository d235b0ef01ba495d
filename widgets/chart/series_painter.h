// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QImage>
#include <QRect>
#include <vector>

#include "widgets/chart/lane.h"

namespace pilothouse::chart {

/// From time and value to device pixels.
struct PlotMapping {
    TimeRange range;
    QRectF plot;  ///< device pixels
    double low = 0, high = 1;

    [[nodiscard]] double x(Timestamp t) const {
        return plot.left() + static_cast<double>(t.ns - range.start.ns) / span() * plot.width();
    }
    [[nodiscard]] double y(double value) const { return plot.bottom() - (value - low) / (high - low) * plot.height(); }
    [[nodiscard]] Timestamp timeAt(double px) const {
        return {range.start.ns + static_cast<std::int64_t>((px - plot.left()) / plot.width() * span())};
    }
    [[nodiscard]] double span() const { return static_cast<double>(range.end.ns - range.start.ns); }
};

/// Paints series into an image. Where samples are denser than pixels, a column at a time: one span from the column's
/// minimum to its maximum, taken from the pyramid, with soft ends, straight into the image's memory. Where they are
/// sparser, antialiased lines. Keeps its buffers from frame to frame. The image: 32 bits a pixel, premultiplied or
/// opaque.
class SeriesPainter {
public:
    explicit SeriesPainter(double devicePixelRatio = 1) : m_ratio(devicePixelRatio) {}
    void setDevicePixelRatio(double ratio) { m_ratio = ratio; }

    void paint(QImage& image, const PlotMapping& mapping, const Series& series);
    /// Marks in `covered` (one a device column of the plot) where the series has data or a line between data.
    void cover(const PlotMapping& mapping, const Series& series, std::vector<std::uint8_t>& covered);

    /// Samples [first, last) lie in each device column of the plot; true when they are too dense for lines.
    [[nodiscard]] bool dense(const PlotMapping& mapping, const SeriesBuffer& values) const;

private:
    struct Visible {
        std::size_t first = 0, last = 0;  ///< with one sample beyond each side
    };
    [[nodiscard]] static Visible visible(const PlotMapping& mapping, const SeriesBuffer& values);
    template <class Visit>
    void forEachColumn(const PlotMapping& mapping, const SeriesBuffer& values, Visit visit) const;
    void denseLine(QImage& image, const PlotMapping& mapping, const Series& series, bool area);
    void denseBand(QImage& image, const PlotMapping& mapping, const Series& series, QColor color);
    void sparseLine(QImage& image, const PlotMapping& mapping, const Series& series);
    void sparseBand(QImage& image, const PlotMapping& mapping, const Series& series, QColor color);
    void points(QImage& image, const PlotMapping& mapping, const Series& series);

    double m_ratio;
    std::vector<QPointF> m_points;
};

/// One upright span [top, bottom) of a column, blended over what is there; fractions at the ends give soft edges.
void blendSpan(QImage& image, int x, double top, double bottom, QRgb color);
/// Fills with thin diagonal lines: "no data here".
void hatch(QImage& image, const QRect& area, QColor color, double devicePixelRatio);

}  // namespace pilothouse::chart
