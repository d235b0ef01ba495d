// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/sparkline.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace pilothouse::chart {

namespace {

struct Scale {
    double low, high;
    QRectF box;
    [[nodiscard]] double y(double v) const { return box.bottom() - (v - low) / (high - low) * box.height(); }
};

void drawColumns(QPainter& painter, const Scale& scale, std::span<const double> values, const QColor& color) {
    const auto columns = static_cast<std::size_t>(std::max(1.0, scale.box.width()));
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (std::size_t c = 0; c < columns; ++c) {
        double low = std::numeric_limits<double>::infinity(), high = -low;
        // One value of overlap joins neighbouring columns.
        const std::size_t from = c * values.size() / columns,
                          to = std::min(values.size(), (c + 1) * values.size() / columns + 1);
        for (const double v : values.subspan(from, to - from))
            if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
        if (low <= high)
            painter.fillRect(QRectF(scale.box.left() + static_cast<double>(c), scale.y(high) - 0.5, 1,
                                    std::max(1.0, scale.y(low) - scale.y(high) + 1)),
                             color);
    }
}

void drawLine(QPainter& painter, const Scale& scale, std::span<const double> values, const QColor& color) {
    const double step = values.size() > 1 ? scale.box.width() / static_cast<double>(values.size() - 1) : 0;
    std::vector<QPointF> points;
    const auto flush = [&] {
        if (points.size() == 1) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(color);
            painter.drawEllipse(points[0], 1.2, 1.2);
        } else if (!points.empty()) {
            painter.setPen(QPen(color, 1.2));
            painter.setBrush(Qt::NoBrush);
            painter.drawPolyline(points.data(), static_cast<int>(points.size()));
        }
        points.clear();
    };
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isfinite(values[i]))
            points.emplace_back(scale.box.left() + step * static_cast<double>(i), scale.y(values[i]));
        else
            flush();
    }
    flush();
}

}  // namespace

bool drawSparkline(QPainter& painter, const QRectF& box, std::span<const double> values,
                   const SparklineOptions& options) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const double v : values)
        if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
    if (!(low <= high) || box.width() < 4 || box.height() < 2) return false;
    if (options.fromZero) low = std::min(low, 0.0), high = std::max(high, 0.0);
    if (low == high) low -= 1, high += 1;  // a flat line runs through the middle
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const Scale scale{low, high, box.adjusted(1, 1.5, -2, -1.5)};
    if (static_cast<double>(values.size()) > 2 * scale.box.width())
        drawColumns(painter, scale, values, options.color);
    else
        drawLine(painter, scale, values, options.color);
    if (options.dotAtEnd && std::isfinite(values.back())) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(options.color);
        painter.drawEllipse(QPointF(scale.box.right(), scale.y(values.back())), 1.7, 1.7);
    }
    painter.restore();
    return true;
}

}  // namespace pilothouse::chart
