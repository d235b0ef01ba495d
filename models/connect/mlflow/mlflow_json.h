// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/base/result.h"
#include "models/ports/model_registry.h"
#include "models/ports/run_tracker.h"

/// The JSON of MLflow's REST API 2.0 (https://mlflow.org/docs/latest/rest-api.html; github.com/mlflow/mlflow,
/// mlflow/protos/service.proto and model_registry.proto), as servers from 2.9 to 3.x answer. An empty result is `{}`.
/// Input is hostile: lists, texts and nesting are bounded, and what is not as documented is InvalidInput that names it.
/// What an answer holds besides is left alone. Thread: any.
namespace pilothouse::connect::mlflow {

inline constexpr std::size_t kMaxItems = 100'000;     ///< models, versions, runs, files in one answer
inline constexpr std::size_t kMaxPoints = 1'000'000;  ///< of a metric's history
inline constexpr std::size_t kMaxMetrics = 100'000;   ///< of a run

/// A part of a list. The token is opaque; empty: this is the last.
template <class T>
struct Page {
    std::vector<T> items;
    std::string next;
};

/// A point of a metric's history, and whose it is (empty where the answer does not say).
struct RunPoint {
    std::string run;
    ports::MetricPoint point;
};

/// Of registered-models/search. `versions` is 0: the answer has the latest of each stage only.
[[nodiscard]] Result<Page<ports::ModelSummary>> parseModels(std::string_view json, const std::string& source);
/// Of registered-models/get.
[[nodiscard]] Result<ports::ModelSummary> parseModel(std::string_view json, const std::string& source);
/// Of model-versions/search, in its order. The stage "None" is none.
[[nodiscard]] Result<Page<ports::ModelVersion>> parseVersions(std::string_view json, const std::string& source);
/// Of experiments/search.
[[nodiscard]] Result<Page<ports::Experiment>> parseExperiments(std::string_view json, const std::string& source);
/// Of runs/search, in its order.
[[nodiscard]] Result<ports::TrackedRuns> parseRuns(std::string_view json, const std::string& source);
/// Of runs/get.
[[nodiscard]] Result<ports::TrackedRun> parseRun(std::string_view json, const std::string& source);
/// Of metrics/get-history, in its order.
[[nodiscard]] Result<Page<ports::MetricPoint>> parseHistory(std::string_view json, const std::string& source);
/// Of metrics/get-history-bulk-interval.
[[nodiscard]] Result<std::vector<RunPoint>> parseBulkHistory(std::string_view json, const std::string& source);
/// Of artifacts/list. Paths are relative to the run's artifacts.
[[nodiscard]] Result<Page<ports::ArtifactInfo>> parseArtifacts(std::string_view json, const std::string& source);
/// Of GET /version, which is plain text: "3.17.2". InvalidInput for anything else, such as a page in HTML.
[[nodiscard]] Result<std::string> parseVersion(std::string_view text, const std::string& source);

/// Whether version `a` is newer than `b`: whole numbers are compared as numbers, and are newer than other texts.
[[nodiscard]] bool newerVersion(std::string_view a, std::string_view b);

}  // namespace pilothouse::connect::mlflow
