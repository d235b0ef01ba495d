// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/ports/prediction_log.h"
#include "widgets/chart/lane.h"

namespace pilothouse::dashboard {

/// Where numbers come from: an aggregate of the prediction log, what a monitor found, or PromQL.
struct Source {
    enum class Kind { Measure, Monitor, PromQl } kind = Kind::Measure;
    ports::MeasureSpec measure;
    std::string monitorKind;  ///< "performance" (its AUC) or "drift" (the effect of `column`; "*": of the
                              ///< columns with the largest)
    std::string column;
    std::string expression;  ///< PromQL
};
struct SeriesDefinition {
    std::string name;
    Source source;
    std::optional<ports::MeasureSpec> low, high;
    chart::Draw draw = chart::Draw::Line;
    std::optional<theme::Token> color;
};
struct LaneDefinition {
    std::string title, note;
    chart::ValueKind kind = chart::ValueKind::Number;
    bool fromZero = false;
    double stretch = 1;
    std::string connection;  ///< of a metric source, for promql
    std::vector<SeriesDefinition> series;
    std::vector<chart::Limit> limits;
};
struct TileDefinition {
    std::string title, note;
    chart::ValueKind kind = chart::ValueKind::Number;
    Source source;
    enum class Better { Neither, More, Less } better = Better::Neither;
};
struct DashboardDefinition {
    std::string name, title;
    std::vector<TileDefinition> tiles;
    std::vector<LaneDefinition> lanes;
};

/// Errors name "file:line" and the key. Bounded: 200 lanes and tiles, 50 series a lane.
[[nodiscard]] Result<DashboardDefinition> parseDashboard(std::string_view yaml, const std::string& name);

}  // namespace pilothouse::dashboard
