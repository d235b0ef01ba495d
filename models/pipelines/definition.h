// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::pipelines {

/// A step's parameters as read from YAML: scalars stay text, lists are lists; `at(path)` uses dotted names.
struct Parameters {
    std::map<std::string, std::string> scalars;               ///< "validation.maximum_missing" → "0.2"
    std::map<std::string, std::vector<std::string>> lists;

    [[nodiscard]] std::string text(const std::string& name, const std::string& fallback = {}) const;
    [[nodiscard]] Result<double> number(const std::string& name, double fallback) const;
    [[nodiscard]] std::vector<std::string> list(const std::string& name) const;
};

struct TaskDefinition {
    std::string name, step;
    std::vector<std::string> after;
    Parameters parameters;
    int line = 0;
};

/// A pipeline as declared. Tasks are in the file's order; validated: unique names, known steps, no cycle.
struct PipelineDefinition {
    std::string name, description, model;
    std::map<std::string, std::string> parameters;   ///< defaults; a trigger may override them ("${name}" in task values)
    std::vector<TaskDefinition> tasks;
    std::string source;                              ///< the YAML text
};

/// Errors name "file:line" and the key. Bounded: 1 MiB, no aliases.
[[nodiscard]] Result<PipelineDefinition> parsePipeline(std::string_view yaml, const std::string& file);
/// A topological order of task indices, the file's order among equals.
[[nodiscard]] std::vector<std::size_t> planOrder(const PipelineDefinition& definition);

}  // namespace pilothouse::pipelines
