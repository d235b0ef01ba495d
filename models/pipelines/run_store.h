// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/ports/orchestrator.h"
#include "models/workspace/database.h"

/// Runs and tasks in the workspace's tables; in the caller's transaction.
namespace pilothouse::pipelines::store {

[[nodiscard]] std::string toJson(const std::vector<std::string>& texts);
[[nodiscard]] std::string toJson(const std::vector<ports::TaskValue>& values);
[[nodiscard]] std::string toJson(const std::map<std::string, std::string>& map);
[[nodiscard]] std::vector<std::string> textsFromJson(std::string_view json);
[[nodiscard]] std::vector<ports::TaskValue> valuesFromJson(std::string_view json);
[[nodiscard]] std::map<std::string, std::string> mapFromJson(std::string_view json);

/// Everything of the run but its tasks, definition and creation.
[[nodiscard]] Status updateRun(workspace::Database& database, std::int64_t runId, const ports::Run& run);
/// Everything of the task but its place in the plan.
[[nodiscard]] Status updateTask(workspace::Database& database, std::int64_t runId, const ports::Task& task);
[[nodiscard]] Status updateProgress(workspace::Database& database, std::int64_t runId, const ports::Task& task);
[[nodiscard]] Status appendLog(workspace::Database& database, std::int64_t runId, const std::string& task,
                               const ports::LogLine& line);
/// The YAML text with which the run was made.
[[nodiscard]] Result<std::string> definitionOf(workspace::Database& database, std::int64_t runId);

}  // namespace pilothouse::pipelines::store
