// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPointF>
#include <QString>
#include <QStringList>
#include <optional>
#include <vector>

#include "widgets/chart/value_axis.h"
#include "widgets/theme/tokens.h"

class QPainter;
class QRectF;

/// Small pictures of a few marks over two value axes, and of a table of counts: described as values, painted anywhere
/// (a widget, a picture in a report).
namespace pilothouse::chart {

struct PlotCurve {
    enum class Style {
        Line,
        Steps,    ///< the level of a point holds back to the point before it
        Dots,     ///< with an upright bar from `low` to `high` where those are given
        Bars,     ///< from zero up, between `edges`
        Diagonal  ///< what would be expected: thin and dashed
    };
    QString name;  ///< in the legend; empty: not named
    Style style = Style::Line;
    std::vector<QPointF> points;
    std::vector<double> low, high;  ///< Dots: ends of the bars; NaN: none
    std::vector<double> edges;      ///< Bars: one more than points
    QStringList tips;               ///< one a point, or empty
    std::optional<theme::Token> token;
    QString colorName;     ///< where there is no token: the colour of this name
    bool outline = false;  ///< the comparison: thin, beside what is filled or thick
    [[nodiscard]] QColor color() const;
};

struct PlotPicture {
    QString title, note;
    QString xTitle, yTitle;
    ValueAxisOptions x, y;
    double xLow = 0, xHigh = 1, yLow = 0, yHigh = 1;  ///< what the axes must hold
    std::vector<PlotCurve> curves;
    /// Counts along the floor, at most a sixth of the height: (x from, x to, share of the largest).
    struct Floor {
        double from = 0, to = 0, share = 0;
    };
    std::vector<Floor> floor;
    QString empty;  ///< why there is nothing to draw, in words

    // A table of counts in place of a plot.
    struct Cell {
        QString text, more, shortMore, tip;  ///< shortMore: in place of `more` where that has no room
        double shade = 0;                    ///< 0 … 1
        bool good = false;
    };
    QStringList rows, columns, shortColumns;
    std::vector<Cell> cells;  ///< [row * columns + column]
};

/// Draws it into the box, in the theme's colours of the moment.
void paintPlot(QPainter& painter, const QRectF& box, const PlotPicture& picture);
/// What stands at a place of the box, in words; empty: nothing near.
[[nodiscard]] QString plotTip(const QRectF& box, const PlotPicture& picture, QPointF at);

}  // namespace pilothouse::chart
