// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dashboard/dashboard_definition.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <cmath>
#include <set>

namespace pilothouse::dashboard {

namespace {

constexpr std::size_t kMaxPanels = 200, kMaxSeries = 50, kMaxText = 64 * 1024;

/// Throws Bad within this file; parseDashboard() turns it into an Error.
struct Bad {
    std::string message;
    int line;
};
[[noreturn]] void bad(const YAML::Node& node, std::string message) {
    throw Bad{std::move(message), node.Mark().line + 1};
}

template <class T>
struct Word {
    const char* text;
    T value;
};

template <class T, std::size_t N>
T oneOf(const YAML::Node& node, const char* key, const std::array<Word<T>, N>& words) {
    const auto text = node.IsScalar() ? node.Scalar() : std::string();
    std::string known;
    for (const auto& w : words) {
        if (text == w.text) return w.value;
        known += (known.empty() ? "" : ", ") + std::string(w.text);
    }
    bad(node, std::string(key) + ": \"" + text.substr(0, 80) + "\" is none of: " + known);
}

constexpr std::array<Word<ports::Measure>, 10> kMeasures{{{"count", ports::Measure::Count},
                                                          {"error_share", ports::Measure::ErrorShare},
                                                          {"mean", ports::Measure::Mean},
                                                          {"min", ports::Measure::Min},
                                                          {"max", ports::Measure::Max},
                                                          {"sum", ports::Measure::Sum},
                                                          {"quantile", ports::Measure::Quantile},
                                                          {"missing_share", ports::Measure::MissingShare},
                                                          {"labelled_share", ports::Measure::LabelledShare},
                                                          {"positive_share", ports::Measure::PositiveShare}}};
constexpr std::array<Word<chart::ValueKind>, 4> kUnits{{{"number", chart::ValueKind::Number},
                                                        {"count", chart::ValueKind::Count},
                                                        {"share", chart::ValueKind::Share},
                                                        {"ms", chart::ValueKind::Milliseconds}}};
constexpr std::array<Word<chart::Draw>, 5> kDraws{{{"line", chart::Draw::Line},
                                                   {"step", chart::Draw::Step},
                                                   {"area", chart::Draw::Area},
                                                   {"points", chart::Draw::Points},
                                                   {"estimate", chart::Draw::Estimate}}};
constexpr std::array<Word<theme::Token>, 6> kColors{{{"reference", theme::Token::Reference},
                                                     {"current", theme::Token::Current},
                                                     {"positive", theme::Token::Positive},
                                                     {"negative", theme::Token::Negative},
                                                     {"warning", theme::Token::Warning},
                                                     {"alarm", theme::Token::Alarm}}};
constexpr std::array<Word<TileDefinition::Better>, 2> kBetter{
    {{"more", TileDefinition::Better::More}, {"less", TileDefinition::Better::Less}}};

void onlyKeys(const YAML::Node& node, std::initializer_list<const char*> allowed) {
    if (!node.IsMap()) bad(node, "a map of keys is expected here");
    const std::set<std::string> names(allowed.begin(), allowed.end());
    for (const auto& entry : node)
        if (!entry.first.IsScalar() || !names.contains(entry.first.Scalar()))
            bad(entry.first, "unknown key \"" +
                                 (entry.first.IsScalar() ? entry.first.Scalar().substr(0, 80) : std::string("?")) +
                                 "\"");
}

std::string text(const YAML::Node& parent, const char* key) {
    const YAML::Node node = parent[key];
    if (!node) return {};
    if (!node.IsScalar()) bad(node, std::string(key) + ": a text is expected");
    return node.Scalar();
}

double number(const YAML::Node& node, const char* key, double low, double high) {
    double value = 0;
    if (!YAML::convert<double>::decode(node, value) || !std::isfinite(value) || value < low || value > high)
        bad(node, std::string(key) + ": a number from " + std::to_string(low) + " to " + std::to_string(high) +
                      " is expected");
    return value;
}

ports::MeasureSpec measureOf(const YAML::Node& node) {
    ports::MeasureSpec spec;
    spec.measure = oneOf(node["measure"], "measure", kMeasures);
    spec.field = text(node, "field");
    if (node["quantile"]) spec.quantile = number(node["quantile"], "quantile", 0, 1);
    using ports::Measure;
    const bool needsField = spec.measure == Measure::Mean || spec.measure == Measure::Min ||
                            spec.measure == Measure::Max || spec.measure == Measure::Sum ||
                            spec.measure == Measure::Quantile || spec.measure == Measure::MissingShare;
    if (needsField && spec.field.empty()) bad(node, "field: this measure needs one");
    if (spec.measure == Measure::Quantile && !node["quantile"]) bad(node, "quantile: this measure needs one");
    return spec;
}

Source sourceOf(const YAML::Node& node) {
    Source source;
    const int given = (node["measure"] ? 1 : 0) + (node["monitor"] ? 1 : 0) + (node["promql"] ? 1 : 0);
    if (given != 1) bad(node, "exactly one of measure, monitor and promql is expected");
    if (node["measure"]) {
        source.measure = measureOf(node);
    } else if (node["monitor"]) {
        source.kind = Source::Kind::Monitor;
        source.monitorKind = text(node, "monitor");
        source.column = text(node, "column");
        if (source.monitorKind != "performance" && source.monitorKind != "drift")
            bad(node["monitor"], "monitor: performance or drift is expected");
        if (source.monitorKind == "drift" && source.column.empty()) bad(node, "column: drift needs one");
    } else {
        source.kind = Source::Kind::PromQl;
        source.expression = text(node, "promql");
        if (source.expression.empty()) bad(node["promql"], "promql: an expression is expected");
    }
    return source;
}

SeriesDefinition seriesOf(const YAML::Node& node) {
    onlyKeys(node,
             {"name", "measure", "field", "quantile", "monitor", "column", "promql", "low", "high", "draw", "color"});
    SeriesDefinition s;
    s.name = text(node, "name");
    s.source = sourceOf(node);
    if (node["draw"]) s.draw = oneOf(node["draw"], "draw", kDraws);
    if (node["color"]) s.color = oneOf(node["color"], "color", kColors);
    if (static_cast<bool>(node["low"]) != static_cast<bool>(node["high"])) bad(node, "low and high belong together");
    if (node["low"]) {
        onlyKeys(node["low"], {"measure", "field", "quantile"});
        onlyKeys(node["high"], {"measure", "field", "quantile"});
        s.low = measureOf(node["low"]);
        s.high = measureOf(node["high"]);
    }
    return s;
}

LaneDefinition laneOf(const YAML::Node& node) {
    onlyKeys(node, {"title", "note", "unit", "from_zero", "stretch", "connection", "series", "limits"});
    LaneDefinition lane;
    lane.title = text(node, "title");
    if (lane.title.empty()) bad(node, "title: a lane needs one");
    lane.note = text(node, "note");
    lane.connection = text(node, "connection");
    if (node["unit"]) lane.kind = oneOf(node["unit"], "unit", kUnits);
    if (node["from_zero"] && !YAML::convert<bool>::decode(node["from_zero"], lane.fromZero))
        bad(node["from_zero"], "from_zero: true or false is expected");
    if (node["stretch"]) lane.stretch = number(node["stretch"], "stretch", 0.1, 10);
    const YAML::Node series = node["series"];
    if (!series || !series.IsSequence() || series.size() == 0 || series.size() > kMaxSeries)
        bad(node, "series: a list of 1 to 50 is expected");
    for (const auto& s : series) {
        lane.series.push_back(seriesOf(s));
        if (lane.series.back().source.kind == Source::Kind::PromQl && lane.connection.empty())
            bad(s, "promql: the lane names no connection");
    }
    if (node["limits"]) {
        if (!node["limits"].IsSequence() || node["limits"].size() > kMaxSeries)
            bad(node["limits"], "limits: a list is expected");
        for (const auto& l : node["limits"]) {
            onlyKeys(l, {"value", "label"});
            if (!l["value"]) bad(l, "value: a limit needs one");
            lane.limits.push_back({number(l["value"], "value", -1e300, 1e300), QString::fromStdString(text(l, "label")),
                                   theme::Token::Alarm});
        }
    }
    return lane;
}

TileDefinition tileOf(const YAML::Node& node) {
    onlyKeys(node, {"title", "note", "unit", "measure", "field", "quantile", "monitor", "column", "better"});
    TileDefinition tile;
    tile.title = text(node, "title");
    if (tile.title.empty()) bad(node, "title: a tile needs one");
    tile.note = text(node, "note");
    tile.source = sourceOf(node);
    if (tile.source.kind == Source::Kind::Monitor && tile.source.monitorKind != "performance")
        bad(node["monitor"], "monitor: a tile shows performance only");
    if (tile.source.kind == Source::Kind::PromQl) bad(node["promql"], "promql: belongs to a lane");
    tile.kind = node["unit"] ? oneOf(node["unit"], "unit", kUnits)
                : tile.source.kind == Source::Kind::Measure && tile.source.measure.measure == ports::Measure::Count
                    ? chart::ValueKind::Count
                    : chart::ValueKind::Number;
    if (node["better"]) tile.better = oneOf(node["better"], "better", kBetter);
    return tile;
}

DashboardDefinition read(std::string_view yaml, const std::string& name) {
    const YAML::Node root = YAML::Load(std::string(yaml));
    onlyKeys(root, {"title", "tiles", "lanes"});
    DashboardDefinition out;
    out.name = name;
    out.title = text(root, "title");
    for (const char* key : {"tiles", "lanes"})
        if (root[key] && (!root[key].IsSequence() || root[key].size() > kMaxPanels))
            bad(root[key], std::string(key) + ": a list of at most 200 is expected");
    for (const auto& t : root["tiles"])
        out.tiles.push_back(tileOf(t));
    for (const auto& l : root["lanes"])
        out.lanes.push_back(laneOf(l));
    if (out.lanes.empty() && out.tiles.empty()) bad(root, "a dashboard needs tiles or lanes");
    if (out.title.empty()) out.title = name;
    return out;
}

}  // namespace

Result<DashboardDefinition> parseDashboard(std::string_view yaml, const std::string& name) {
    if (yaml.size() > kMaxText) return fail(ErrorKind::InvalidInput, "a dashboard has at most 64 KiB of text", name);
    try {
        return read(yaml, name);
    } catch (const Bad& b) {
        return fail(ErrorKind::InvalidInput, b.message, name + ":" + std::to_string(b.line));
    } catch (const YAML::Exception& e) {
        return fail(ErrorKind::InvalidInput, e.msg, name + ":" + std::to_string(e.mark.line + 1));
    }
}

}  // namespace pilothouse::dashboard
