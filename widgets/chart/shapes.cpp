// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/shapes.h"

#include <QPainter>
#include <array>

namespace pilothouse::chart {

void drawShape(QPainter& painter, Shape shape, QPointF c, double r, const QColor& color) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    switch (shape) {
        case Shape::Circle:
            painter.drawEllipse(c, r, r);
            break;
        case Shape::Diamond: {
            const std::array<QPointF, 4> points{c + QPointF(0, -r * 1.15), c + QPointF(r * 1.15, 0),
                                                c + QPointF(0, r * 1.15), c + QPointF(-r * 1.15, 0)};
            painter.drawPolygon(points.data(), 4);
            break;
        }
        case Shape::Triangle: {
            const std::array<QPointF, 3> points{c + QPointF(0, -r), c + QPointF(r * 1.1, r * 0.9),
                                                c + QPointF(-r * 1.1, r * 0.9)};
            painter.drawPolygon(points.data(), 3);
            break;
        }
        case Shape::Ring:
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(color, 1.4));
            painter.drawEllipse(c, r - 0.7, r - 0.7);
            break;
        case Shape::Hatched: {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(color, 1.2));
            painter.setClipRect(QRectF(c.x() - r, c.y() - r, 2 * r, 2 * r));
            for (double d = -2 * r; d <= 2 * r; d += r * 0.75)
                painter.drawLine(QPointF(c.x() - r, c.y() - r - d), QPointF(c.x() + r, c.y() + r - d));
            break;
        }
    }
    painter.restore();
}

}  // namespace pilothouse::chart
