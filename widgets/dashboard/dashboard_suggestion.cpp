// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dashboard/dashboard_suggestion.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace pilothouse::dashboard {

namespace {

/// Lines that one lane can be read with.
constexpr std::size_t kMostLines = 5;

using Pairs = std::vector<std::pair<const char*, std::string>>;

YAML::Node flow(const Pairs& pairs) {
    YAML::Node out(YAML::NodeType::Map);
    out.SetStyle(YAML::EmitterStyle::Flow);
    for (const auto& [key, value] : pairs)
        out[key] = value;
    return out;
}

YAML::Node lane(const Pairs& head, const std::vector<YAML::Node>& series) {
    YAML::Node out(YAML::NodeType::Map);
    for (const auto& [key, value] : head)
        out[key] = value;
    for (const YAML::Node& one : series)
        out["series"].push_back(one);
    return out;
}

YAML::Node quantileOf(const char* field, const char* quantile) {
    return flow({{"measure", "quantile"}, {"field", field}, {"quantile", quantile}});
}

void addScore(YAML::Node& lanes) {
    YAML::Node series =
        flow({{"name", "mean, 10 – 90 %"}, {"measure", "mean"}, {"field", "score"}, {"color", "current"}});
    series["low"] = quantileOf("score", "0.1");
    series["high"] = quantileOf("score", "0.9");
    lanes.push_back(lane({{"title", "score"}, {"stretch", "1.2"}}, {series}));
}

void addMissing(YAML::Node& lanes, const std::vector<ports::FieldInfo>& fields) {
    std::vector<YAML::Node> series;
    for (const ports::FieldInfo& field : fields)
        if (field.feature && field.type != ports::ColumnType::Time && series.size() < kMostLines)
            series.push_back(flow({{"name", field.name}, {"measure", "missing_share"}, {"field", field.name}}));
    if (!series.empty())
        lanes.push_back(
            lane({{"title", "missing"}, {"unit", "share"}, {"from_zero", "true"}, {"stretch", "0.8"}}, series));
}

}  // namespace

std::string suggestedDashboard(const std::vector<ports::FieldInfo>& fields) {
    const auto has = [&](std::string_view name) {
        return std::ranges::find(fields, name, &ports::FieldInfo::name) != fields.end();
    };
    YAML::Node tiles(YAML::NodeType::Sequence), lanes(YAML::NodeType::Sequence);
    tiles.push_back(flow({{"title", "requests"}, {"measure", "count"}}));
    lanes.push_back(lane({{"title", "requests"}, {"unit", "count"}, {"from_zero", "true"}},
                         {flow({{"measure", "count"}, {"draw", "area"}, {"color", "reference"}})}));
    if (has(ports::field::status))
        lanes.push_back(lane({{"title", "errors"}, {"unit", "share"}, {"from_zero", "true"}, {"stretch", "0.8"}},
                             {flow({{"measure", "error_share"}, {"color", "alarm"}})}));
    if (has(ports::field::latencyMs)) {
        YAML::Node p50 = quantileOf("latency_ms", "0.5"), p95 = quantileOf("latency_ms", "0.95");
        p50["name"] = "p50";
        p95["name"] = "p95";
        lanes.push_back(lane({{"title", "latency"}, {"unit", "ms"}, {"from_zero", "true"}}, {p50, p95}));
        YAML::Node tile = quantileOf("latency_ms", "0.95");
        tile["title"] = "p95 latency";
        tile["unit"] = "ms";
        tile["better"] = "less";
        tiles.push_back(tile);
    }
    if (has(ports::field::score)) {
        tiles.push_back(flow({{"title", "mean score"}, {"measure", "mean"}, {"field", "score"}}));
        addScore(lanes);
    }
    if (has(ports::field::score) || has(ports::field::outcome)) {
        tiles.push_back(flow({{"title", "labelled"}, {"measure", "labelled_share"}, {"unit", "share"}}));
        lanes.push_back(
            lane({{"title", "positive outcomes"}, {"note", "matured labels"}, {"unit", "share"}, {"from_zero", "true"}},
                 {flow({{"measure", "positive_share"}, {"color", "positive"}})}));
    }
    addMissing(lanes, fields);
    lanes.push_back(lane({{"title", "drift"}, {"note", "effect by window, the largest"}, {"from_zero", "true"}},
                         {flow({{"monitor", "drift"}, {"column", "*"}})}));
    lanes.push_back(lane({{"title", "performance"}, {"note", "by window, 95 % interval"}, {"stretch", "1.2"}},
                         {flow({{"monitor", "performance"}})}));
    YAML::Node root;
    root["title"] = "Model";
    root["tiles"] = tiles;
    root["lanes"] = lanes;
    return YAML::Dump(root) + "\n";
}

}  // namespace pilothouse::dashboard
