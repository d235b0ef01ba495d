// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPointF>

class QPainter;

namespace pilothouse::chart {

/// Marks that can be told apart without colour.
enum class Shape {
    Circle,    ///< ok
    Diamond,   ///< warning, deployment
    Triangle,  ///< alarm
    Ring,      ///< run
    Hatched,   ///< not known
};
/// Centred, about `radius` from centre to edge.
void drawShape(QPainter& painter, Shape shape, QPointF centre, double radius, const QColor& color);

}  // namespace pilothouse::chart
