// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/pipelines/definition.h"

#include <charconv>
#include <cmath>

#include "models/pipelines/step.h"

namespace pilothouse::pipelines {

std::string Parameters::text(const std::string& name, const std::string& fallback) const {
    const auto it = scalars.find(name);
    return it == scalars.end() ? fallback : it->second;
}

Result<double> Parameters::number(const std::string& name, double fallback) const {
    const auto it = scalars.find(name);
    if (it == scalars.end()) return fallback;
    const std::string& text = it->second;
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return fail(Error::invalid(name + ": \"" + text + "\" is not a number"));
    return value;
}

Result<std::int64_t> Parameters::integer(const std::string& name, std::int64_t fallback, std::int64_t low,
                                         std::int64_t high) const {
    const auto it = scalars.find(name);
    if (it == scalars.end()) return fallback;
    const std::string& text = it->second;
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || value < low || value > high)
        return fail(Error::invalid(name + ": \"" + text + "\" is not a whole number from " + std::to_string(low) +
                                   " to " + std::to_string(high)));
    return value;
}

std::vector<std::string> Parameters::list(const std::string& name) const {
    const auto it = lists.find(name);
    return it == lists.end() ? std::vector<std::string>{} : it->second;
}

const ColumnDeclaration* PipelineDefinition::column(std::string_view columnName) const {
    for (const ColumnDeclaration& c : columns)
        if (c.name == columnName) return &c;
    return nullptr;
}

namespace {

std::size_t indexOf(const PipelineDefinition& definition, const std::string& task) {
    std::size_t i = 0;
    while (i < definition.tasks.size() && definition.tasks[i].name != task)
        ++i;
    return i;
}

}  // namespace

std::vector<std::size_t> planOrder(const PipelineDefinition& definition) {
    const std::size_t n = definition.tasks.size();
    std::vector<std::size_t> order;
    std::vector<bool> placed(n, false);
    while (order.size() < n) {
        std::size_t next = n;
        for (std::size_t i = 0; i < n && next == n; ++i) {
            if (placed[i]) continue;
            bool ready = true;
            for (const std::string& before : definition.tasks[i].after) {
                const std::size_t j = indexOf(definition, before);
                ready = ready && j < n && placed[j];
            }
            if (ready) next = i;
        }
        if (next == n) break;  // a cycle; parsePipeline() refuses it
        placed[next] = true;
        order.push_back(next);
    }
    return order;
}

std::vector<PlannedSpan> planSpans(const PipelineDefinition& definition, std::int64_t durationNs) {
    std::vector<PlannedSpan> spans(definition.tasks.size());
    std::int64_t total = 1;
    for (const std::size_t i : planOrder(definition)) {
        const TaskDefinition& task = definition.tasks[i];
        std::int64_t start = 0;
        for (const std::string& before : task.after)
            start = std::max(start, spans[indexOf(definition, before)].endNs);
        spans[i] = {start, start + task.weight};
        total = std::max(total, spans[i].endNs);
    }
    const auto scale = [&](std::int64_t weight) {
        return durationNs / total * weight + durationNs % total * weight / total;  // exact, without overflow
    };
    for (PlannedSpan& span : spans)
        span = {scale(span.startNs), scale(span.endNs)};
    return spans;
}

Result<std::map<std::string, std::string>> mergeParameters(const PipelineDefinition& definition,
                                                           const std::map<std::string, std::string>& overrides) {
    std::map<std::string, std::string> merged = definition.parameters;
    for (const auto& [name, value] : overrides) {
        const auto it = merged.find(name);
        if (it == merged.end()) {
            std::string there;
            for (const auto& [known, ignored] : definition.parameters)
                there += (there.empty() ? "" : ", ") + known;
            return fail(Error::invalid("the pipeline " + definition.name + " has no parameter \"" + name + "\"" +
                                       (there.empty() ? std::string() : "; it has: " + there)));
        }
        it->second = value;
    }
    return merged;
}

namespace {

std::string replaced(const std::string& text, const std::map<std::string, std::string>& values) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
        const std::size_t open = text.find("${", at);
        const std::size_t close = open == std::string::npos ? open : text.find('}', open);
        if (close == std::string::npos) return out + text.substr(at);
        out += text.substr(at, open - at);
        const auto it = values.find(text.substr(open + 2, close - open - 2));
        out += it == values.end() ? text.substr(open, close - open + 1) : it->second;
        at = close + 1;
    }
}

}  // namespace

Parameters resolve(const Parameters& parameters, const std::map<std::string, std::string>& values) {
    Parameters out = parameters;
    for (auto& [name, value] : out.scalars)
        value = replaced(value, values);
    for (auto& [name, list] : out.lists)
        for (std::string& value : list)
            value = replaced(value, values);
    return out;
}

std::string explain(const PipelineDefinition& definition) {
    std::string out = definition.name;
    if (!definition.description.empty()) out += ": " + definition.description;
    out += "\n";
    if (!definition.model.empty())
        out += "model " + definition.model + ", " + std::to_string(definition.features.size()) + " features of " +
               std::to_string(definition.columns.size()) + " declared columns\n";
    for (const auto& [name, value] : definition.parameters)
        out += "parameter " + name + " = " + value + "\n";
    int place = 0;
    for (const std::size_t i : planOrder(definition)) {
        const TaskDefinition& task = definition.tasks[i];
        out += std::to_string(++place) + ". " + task.name;
        for (std::size_t k = 0; k < task.after.size(); ++k)
            out += (k ? ", " : " (after ") + task.after[k];
        if (!task.after.empty()) out += ")";
        const Step* step = StepRegistry::builtIn().find(task.step);
        if (step && !step->summary.empty()) out += ": " + step->summary;
        out += "\n";
        const Parameters p = resolve(task.parameters, definition.parameters);
        for (const auto& [name, value] : p.scalars)
            out += "     " + name + " = " + value + "\n";
        for (const auto& [name, list] : p.lists) {
            out += "     " + name + " =";
            for (std::size_t k = 0; k < list.size(); ++k)
                out += (k ? ", " : " ") + list[k];
            out += "\n";
        }
    }
    return out;
}

}  // namespace pilothouse::pipelines
