// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/mlflow/mlflow_json.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/connect/mlflow/json_reader.h"

namespace pilothouse::connect::mlflow {

using fields::Unsound;
using fields::json::object;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string needed(object from, std::string_view key, const char* whose) {
    std::string out = fields::text(from, key);
    if (out.empty()) throw Unsound{std::string(whose) + " has no " + std::string(key)};
    return out;
}

ports::ModelSummary modelOf(object from) {
    ports::ModelSummary out;
    out.name = needed(from, "name", "a model");
    out.updated = fields::time(from, "last_updated_timestamp")
                      .value_or(fields::time(from, "creation_timestamp").value_or(Timestamp{}));
    out.tags = fields::pairs(from, "tags");
    fields::objects(from, "aliases", kMaxItems, [&](object alias) {
        out.aliases.insert_or_assign(needed(alias, "alias", "an alias"), needed(alias, "version", "an alias"));
    });
    return out;
}

ports::ModelVersion versionOf(object from) {
    ports::ModelVersion out;
    out.model = needed(from, "name", "a version");
    out.version = needed(from, "version", "a version");
    out.created = fields::time(from, "creation_timestamp").value_or(Timestamp{});
    out.runId = fields::text(from, "run_id");
    out.description = fields::text(from, "description", fields::kMaxValue);
    out.source = fields::text(from, "source", fields::kMaxValue);
    out.stage = fields::text(from, "current_stage");
    if (out.stage == "None") out.stage.clear();
    out.tags = fields::pairs(from, "tags");
    // Servers from 3.0 on repeat what the logged model has.
    fields::objects(from, "model_params", kMaxMetrics, [&](object parameter) {
        std::string name = fields::text(parameter, "name");
        if (name.empty()) name = needed(parameter, "key", "a parameter");
        out.parameters.insert_or_assign(std::move(name), fields::text(parameter, "value", fields::kMaxValue));
    });
    fields::objects(from, "model_metrics", kMaxMetrics, [&](object metric) {
        out.metrics.push_back({needed(metric, "key", "a metric"), fields::number(metric, "value"), kNone, kNone, 0});
    });
    return out;
}

ports::Experiment experimentOf(object from) {
    ports::Experiment out;
    out.id = needed(from, "experiment_id", "an experiment");
    out.name = fields::text(from, "name");
    out.active = fields::text(from, "lifecycle_stage") != "deleted";
    out.updated = fields::time(from, "last_update_time");
    return out;
}

ports::TrackedState stateOf(const std::string& status) {
    using enum ports::TrackedState;
    for (const auto& [name, state] :
         {std::pair{"RUNNING", Running}, std::pair{"SCHEDULED", Scheduled}, std::pair{"FINISHED", Finished},
          std::pair{"FAILED", Failed}, std::pair{"KILLED", Killed}})
        if (status == name) return state;
    return Unknown;
}

ports::TrackedRun runOf(object from) {
    const auto info = fields::object(from, "info");
    if (!info) throw Unsound{"a run has no info"};
    ports::TrackedRun out;
    out.id = fields::text(*info, "run_id");
    if (out.id.empty()) out.id = needed(*info, "run_uuid", "a run");
    out.name = fields::text(*info, "run_name");
    out.experiment = fields::text(*info, "experiment_id");
    out.user = fields::text(*info, "user_id");
    out.state = stateOf(fields::text(*info, "status"));
    out.started = fields::time(*info, "start_time");
    out.ended = fields::time(*info, "end_time");
    out.artifacts = fields::text(*info, "artifact_uri", fields::kMaxValue);
    if (const auto data = fields::object(from, "data")) {
        out.parameters = fields::pairs(*data, "params");
        out.tags = fields::pairs(*data, "tags");
        fields::objects(*data, "metrics", kMaxMetrics, [&](object metric) {
            out.metrics.insert_or_assign(needed(metric, "key", "a metric"), fields::number(metric, "value"));
        });
    }
    // Both were tags before they were fields.
    const auto tag = [&](const char* key) {
        const auto found = out.tags.find(key);
        return found == out.tags.end() ? std::string() : found->second;
    };
    if (out.name.empty()) out.name = tag("mlflow.runName");
    if (out.user.empty()) out.user = tag("mlflow.user");
    return out;
}

ports::MetricPoint pointOf(object from) {
    return {fields::integer(from, "step"), fields::time(from, "timestamp").value_or(Timestamp{}),
            fields::number(from, "value")};
}

template <class T, class One>
Page<T> pageOf(object root, const char* key, std::size_t most, One one) {
    Page<T> out;
    fields::objects(root, key, most, [&](object item) { out.items.push_back(one(item)); });
    out.next = fields::text(root, "next_page_token", fields::kMaxValue);
    return out;
}

bool digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Result<Page<ports::ModelSummary>> parseModels(std::string_view text, const std::string& source) {
    return fields::read(text, source, [](object root) {
        return pageOf<ports::ModelSummary>(root, "registered_models", kMaxItems, modelOf);
    });
}

Result<ports::ModelSummary> parseModel(std::string_view text, const std::string& source) {
    return fields::read(text, source, [](object root) {
        const auto model = fields::object(root, "registered_model");
        if (!model) throw Unsound{"it has no registered_model"};
        return modelOf(*model);
    });
}

Result<Page<ports::ModelVersion>> parseVersions(std::string_view text, const std::string& source) {
    return fields::read(text, source, [](object root) {
        return pageOf<ports::ModelVersion>(root, "model_versions", kMaxItems, versionOf);
    });
}

Result<Page<ports::Experiment>> parseExperiments(std::string_view text, const std::string& source) {
    return fields::read(text, source, [](object root) {
        return pageOf<ports::Experiment>(root, "experiments", kMaxItems, experimentOf);
    });
}

Result<ports::TrackedRuns> parseRuns(std::string_view text, const std::string& source) {
    return fields::read(text, source, [](object root) {
        auto page = pageOf<ports::TrackedRun>(root, "runs", kMaxItems, runOf);
        return ports::TrackedRuns{std::move(page.items), std::move(page.next)};
    });
}

Result<ports::TrackedRun> parseRun(std::string_view text, const std::string& source) {
    return fields::read(text, source, [](object root) {
        const auto run = fields::object(root, "run");
        if (!run) throw Unsound{"it has no run"};
        return runOf(*run);
    });
}

Result<Page<ports::MetricPoint>> parseHistory(std::string_view text, const std::string& source) {
    return fields::read(text, source,
                        [](object root) { return pageOf<ports::MetricPoint>(root, "metrics", kMaxPoints, pointOf); });
}

Result<std::vector<RunPoint>> parseBulkHistory(std::string_view text, const std::string& source) {
    return fields::read(text, source, [](object root) {
        std::vector<RunPoint> out;
        fields::objects(root, "metrics", kMaxPoints, [&](object point) {
            out.push_back({fields::text(point, "run_id"), pointOf(point)});
        });
        return out;
    });
}

Result<Page<ports::ArtifactInfo>> parseArtifacts(std::string_view text, const std::string& source) {
    return fields::read(text, source, [](object root) {
        return pageOf<ports::ArtifactInfo>(root, "files", kMaxItems, [](object file) {
            const std::int64_t bytes = fields::integer(file, "file_size");
            return ports::ArtifactInfo{needed(file, "path", "a file"), fields::flag(file, "is_dir"),
                                       static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes))};
        });
    });
}

Result<std::string> parseVersion(std::string_view text, const std::string& source) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    const std::size_t dot = text.find('.');
    const bool sound = text.size() <= 40 && dot != std::string_view::npos && digits(text.substr(0, dot)) &&
                       std::all_of(text.begin(), text.end(), [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '+' || c == '-';
                       });
    if (!sound) return fail(ErrorKind::InvalidInput, "not an answer of MLflow: it is no version", source);
    return std::string(text);
}

bool newerVersion(std::string_view a, std::string_view b) {
    const bool numbers = digits(a), others = digits(b);
    if (numbers != others) return numbers;
    if (!numbers) return a > b;
    const auto bare = [](std::string_view n) {
        n.remove_prefix(std::min(n.find_first_not_of('0'), n.size()));
        return n;
    };
    a = bare(a);
    b = bare(b);
    return a.size() != b.size() ? a.size() > b.size() : a > b;
}

}  // namespace pilothouse::connect::mlflow
