// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/monitor_text.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "models/monitoring/monitor.h"
#include "models/monitoring/performance_metrics.h"
#include "models/monitoring/yaml_edit.h"

namespace pilothouse::monitoring {

namespace {

constexpr std::array<std::string_view, 5> kLists{"columns", "cluster", "checks", "classes", "probabilities"};
constexpr std::array<std::string_view, 3> kFirst{"name", "model", "kind"};

bool isList(std::string_view key) { return std::ranges::find(kLists, key) != kLists.end(); }

std::vector<std::string> partsOf(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        std::string_view part = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (!part.empty() && part.front() == ' ')
            part.remove_prefix(1);
        while (!part.empty() && part.back() == ' ')
            part.remove_suffix(1);
        if (!part.empty()) out.emplace_back(part);
    }
    return out;
}

YamlValue valueOf(const std::string& key, const std::string& text) {
    if (!isList(key)) return YamlValue::text(text);
    std::vector<YamlValue> items;
    for (std::string& part : partsOf(text))
        items.push_back(YamlValue::text(std::move(part)));
    return YamlValue::list(std::move(items));
}

/// A threshold that was dragged says no more than this.
double rounded(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return std::strtod(text, nullptr);
}

}  // namespace

Result<MonitorValues> valuesOf(std::string_view yaml, const std::string& file) {
    try {
        YAML::Node node = YAML::Load(std::string(yaml));
        if (node.IsMap() && node["monitors"]) node.reset(node["monitors"]);
        if (node.IsSequence() && node.size() > 0) node.reset(node[0]);
        MonitorValues out;
        if (!node.IsMap()) return out;
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) continue;
            if (entry.second.IsScalar()) out[entry.first.Scalar()] = entry.second.Scalar();
            if (!entry.second.IsSequence()) continue;
            std::string& list = out[entry.first.Scalar()];
            for (const auto& item : entry.second)
                if (item.IsScalar()) list += (list.empty() ? "" : ", ") + item.Scalar();
        }
        return out;
    } catch (const YAML::Exception& e) {
        return fail(Error::invalid(e.msg, file));
    }
}

Result<std::string> withValues(std::string_view yaml, const std::string& file, const MonitorValues& values) {
    std::string text(yaml);
    PH_ASSIGN(const MonitorValues before, valuesOf(yaml, file));
    const auto set = [&](const std::string& key, const std::string& value) -> Status {
        const auto was = before.find(key);
        const bool there = was != before.end();
        if (value.empty() && !there) return {};
        if (there && (isList(key) ? partsOf(was->second) == partsOf(value) : was->second == value)) return {};
        if (text.empty()) {
            // A first line to edit; whatever it says is replaced.
            text = key + ": \"\"\n";
        }
        PH_ASSIGN(
            text,
            editMonitor(text, file,
                        {{}, {key}, value.empty() ? std::optional<YamlValue>() : std::optional(valueOf(key, value))}));
        return {};
    };
    for (const std::string_view key : kFirst)
        if (const auto place = values.find(std::string(key)); place != values.end())
            PH_TRY(set(place->first, place->second));
    for (const auto& [key, value] : values)
        if (std::ranges::find(kFirst, key) == kFirst.end()) PH_TRY(set(key, value));
    return text;
}

Result<std::string> withFactor(std::string_view yaml, const std::string& file, double factor) {
    PH_ASSIGN(const auto monitors, parseMonitors(yaml, file));
    const MonitorDefinition& monitor = monitors.front();
    std::string text(yaml);
    const auto set = [&](std::vector<std::string> path, double value) -> Status {
        PH_ASSIGN(text, editMonitor(text, file, {{}, std::move(path), YamlValue::number(rounded(value))}));
        return {};
    };
    const double by = (factor - 1) * monitor.options.minimumEffect;
    if (monitor.limit > 0) {
        const bool rises = monitor.kind == MonitorKind::Latency || lowerIsBetter(monitor.metric);
        PH_TRY(set({"limit"}, monitor.limit + (rises ? by : -by)));
    } else if (monitor.atLeast) {
        PH_TRY(set({"at_least"}, *monitor.atLeast - by));
    } else if (monitor.atMost) {
        PH_TRY(set({"at_most"}, *monitor.atMost + by));
    } else {
        PH_TRY(set({"minimum_effect"}, monitor.options.minimumEffect * factor));
        if (monitor.kind == MonitorKind::Drift || monitor.kind == MonitorKind::Score ||
            monitor.kind == MonitorKind::Quality)
            PH_TRY(set({"minimum_missing_effect"}, monitor.options.minimumMissingEffect * factor));
        for (const auto& [column, effect] : monitor.minimumEffects)
            PH_TRY(set({"minimum_effects", column}, effect * factor));
    }
    return text;
}

}  // namespace pilothouse::monitoring
