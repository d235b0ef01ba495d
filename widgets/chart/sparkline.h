// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QRectF>
#include <span>

class QPainter;

namespace pilothouse::chart {

struct SparklineOptions {
    QColor color;
    bool fromZero = false;
    bool dotAtEnd = true;  ///< the newest value, if there is one
};
/// A word-sized line of equally spaced values into `box` (logical pixels), without axes; for delegates. NaN is a gap; a
/// value between two gaps is a dot. Fewer values than pixels: a line; more: a span a pixel column. Nothing is drawn,
/// and false returned, without any finite value: the caller says "no data".
bool drawSparkline(QPainter& painter, const QRectF& box, std::span<const double> values,
                   const SparklineOptions& options);

}  // namespace pilothouse::chart
