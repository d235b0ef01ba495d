// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>
#include <memory>
#include <optional>
#include <vector>

#include "widgets/chart/series_buffer.h"
#include "widgets/chart/value_axis.h"
#include "widgets/theme/tokens.h"

namespace pilothouse::chart {

enum class Draw {
    Line,
    Step,      ///< a value holds until the next sample
    Area,      ///< a line with its area down to zero
    Points,    ///< dots, with an upright bar from low to high where those are given
    Estimate,  ///< dashed, with a band from low to high: not measured, and drawn so
    Band,      ///< only the band from low to high (quantiles behind a line)
};

/// One series of a lane. The buffers may be appended to by their owner on the GUI thread;
/// TimeSeriesChart::dataChanged() shows it.
struct Series {
    QString name;
    Draw draw = Draw::Line;
    std::shared_ptr<const SeriesBuffer> values;
    std::shared_ptr<const SeriesBuffer> low, high;  ///< same times as `values`; null: no interval
    std::optional<theme::Token> token;              ///< a meaning's colour; else the colour of `colorName`
    QString colorName;                              ///< empty: the series' name
    Duration maxGap{};  ///< samples further apart are not joined; 0: only values that are not finite make a gap

    [[nodiscard]] QColor color() const;
};

/// A horizontal line that must not be crossed, named at the right edge.
struct Limit {
    double value = 0;
    QString label;
    theme::Token token = theme::Token::Alarm;
};

/// A plot of its own on the shared time axis.
struct Lane {
    enum class State { Ready, Loading, Outdated, Empty, Error };

    QString id;
    QString title;
    QString note;  ///< muted, behind the title: "by week, 95 % interval"
    ValueKind kind = ValueKind::Number;
    bool fromZero = false;
    std::optional<double> low, high;
    std::vector<Series> series;
    std::vector<Limit> limits;
    double stretch = 1;
    State state = State::Ready;
    QString stateText;  ///< why there is nothing, in words; empty: a text for the state
};

/// Something that happened, on the strip above the lanes and as an upright line through them.
struct Marker {
    enum class Kind { Deployment, Alert, Warning, Run };
    Timestamp time;
    Kind kind = Kind::Deployment;
    QString label;  ///< "v3"
    QString text;   ///< a sentence for the tool tip
    QString id;     ///< given back by markerActivated()
};

}  // namespace pilothouse::chart
