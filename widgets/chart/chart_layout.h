// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRectF>
#include <QSizeF>
#include <span>
#include <vector>

namespace pilothouse::chart {

/// Where things lie in a chart, in logical pixels.
struct ChartLayout {
    struct LaneBox {
        QRectF header;  ///< title and legend
        QRectF plot;
    };
    QRectF markers;  ///< strip above the lanes; empty without markers
    std::vector<LaneBox> lanes;
    QRectF axis;                 ///< time labels below
    double left = 0, right = 0;  ///< of all plots
};

struct LayoutOptions {
    double gutter = 56;       ///< left of the plots, for value labels
    double rightMargin = 10;  ///< right of the plots, for names of limits
    double headerHeight = 20;
    double markerHeight = 0;
    double axisHeight = 20;
    double minPlotHeight = 14;  ///< below it a lane's plot is left out (zero height)
};
/// Lanes share the height by their stretch.
[[nodiscard]] ChartLayout layoutChart(QSizeF size, std::span<const double> stretches, const LayoutOptions& options);

/// Centres of labels that want to stand at `wanted`, each `height` high, within [top, bottom], moved as little as
/// needed so that none overlaps another; the order is kept. When they do not fit they are spread evenly.
[[nodiscard]] std::vector<double> spreadLabels(std::span<const double> wanted, double height, double top,
                                               double bottom);

/// For labels of the given widths beginning at `starts`, the more important first: which can be shown so that none
/// covers another or an obstacle [x - halfObstacle, x + halfObstacle], or leaves [0, end).
[[nodiscard]] std::vector<bool> labelsThatFit(std::span<const double> starts, std::span<const double> widths,
                                              std::span<const double> obstacles, double halfObstacle, double end);

}  // namespace pilothouse::chart
