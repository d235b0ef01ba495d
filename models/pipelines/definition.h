// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/ports/rows.h"

namespace pilothouse::pipelines {

class StepRegistry;

/// A step's parameters as read from YAML: scalars stay text, lists are lists; nested maps use dotted names.
struct Parameters {
    std::map<std::string, std::string> scalars;  ///< "validation.maximum_missing" → "0.2"
    std::map<std::string, std::vector<std::string>> lists;
    std::map<std::string, int> lines;  ///< where each name stands in the file

    [[nodiscard]] bool has(const std::string& name) const { return scalars.contains(name) || lists.contains(name); }
    [[nodiscard]] std::string text(const std::string& name, const std::string& fallback = {}) const;
    [[nodiscard]] Result<double> number(const std::string& name, double fallback) const;
    /// A whole number within [low, high].
    [[nodiscard]] Result<std::int64_t> integer(const std::string& name, std::int64_t fallback, std::int64_t low,
                                               std::int64_t high) const;
    [[nodiscard]] std::vector<std::string> list(const std::string& name) const;
};

struct TaskDefinition {
    std::string name, step;
    std::vector<std::string> after;
    Parameters parameters;
    int weight = 1;  ///< its part of a simulated run's time, beside the other tasks on its path (1-1000)
    int line = 0;
};

/// When a column's value is known, seen from the moment at which a prediction is asked for.
enum class Known { Before, After };

/// A column as declared; the validate step holds the rows to it.
struct ColumnDeclaration {
    std::string name;
    ports::ColumnType type = ports::ColumnType::Number;
    std::string unit;  ///< "°F", "miles"; for people
    Known known = Known::Before;
    std::optional<double> low, high;  ///< Number: inclusive limits
    double maximumMissing = 1;        ///< share of the rows
    int line = 0;
};

/// What is to be predicted: the column's value above `above`, or, without a limit, above 0.5.
struct LabelRule {
    std::string column = "outcome";
    double above = 0.5;
    int line = 0;
};

struct FeatureUse {
    std::string name;
    int line = 0;
};

/// A pipeline as declared. Tasks are in the file's order; validated: unique names, known steps, no cycle.
struct PipelineDefinition {
    std::string name, description, model;
    std::string task = "binary";        ///< the version's task type
    std::string positiveClass;          ///< "late"
    double threshold = 0.5;             ///< decision threshold
    std::string moment = "prediction";  ///< what "before" and "after" refer to: "departure"
    std::string timeColumn = "time";    ///< event time; empty: rows have none
    LabelRule label;
    std::vector<ColumnDeclaration> columns;
    std::vector<FeatureUse> features;  ///< in the model's order
    std::map<std::string, std::string>
        parameters;  ///< defaults; a trigger may override them ("${name}" in task values)
    std::vector<TaskDefinition> tasks;
    std::string source;  ///< the YAML text
    std::string file;    ///< for messages

    [[nodiscard]] const ColumnDeclaration* column(std::string_view columnName) const;
    /// "file:line", for errors.
    [[nodiscard]] std::string place(int line) const { return file + ":" + std::to_string(line); }
};

/// Errors name "file:line" and the key. Bounded: 1 MiB, no anchors or aliases. `steps`: what a task's step may be; null
/// means the built-in ones.
[[nodiscard]] Result<PipelineDefinition> parsePipeline(std::string_view yaml, const std::string& file,
                                                       const StepRegistry* steps = nullptr);
/// A topological order of task indices, the file's order among equals.
[[nodiscard]] std::vector<std::size_t> planOrder(const PipelineDefinition& definition);

/// Start and end of each task (by index into `tasks`) in a run that takes `duration`, as offsets from its start: a task
/// begins when the last one that it waits for has ended, and lasts as its weight says.
struct PlannedSpan {
    std::int64_t startNs = 0, endNs = 0;
};
[[nodiscard]] std::vector<PlannedSpan> planSpans(const PipelineDefinition& definition, std::int64_t durationNs);

/// The defaults with `overrides`; an override of a parameter that the pipeline does not have is an error.
[[nodiscard]] Result<std::map<std::string, std::string>> mergeParameters(
    const PipelineDefinition& definition, const std::map<std::string, std::string>& overrides);
/// The task's parameters with "${name}" replaced.
[[nodiscard]] Parameters resolve(const Parameters& parameters, const std::map<std::string, std::string>& values);

/// What a run would do, task by task in plan order, as text for a person.
[[nodiscard]] std::string explain(const PipelineDefinition& definition);

}  // namespace pilothouse::pipelines
