// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/monitoring/evaluate_kinds.h"
#include "models/monitoring/window_reference.h"

/// What a monitor found in the windows before the one that is judged. Inside of the folder.
namespace pilothouse::monitoring {

/// What earlier evaluations of this monitor found for one check: column → the share in each window, oldest first.
[[nodiscard]] Result<std::map<std::string, std::vector<ShareBefore>>> sharesBefore(const Judging& j, const char* check);
/// The same of the check's statistic.
[[nodiscard]] Result<std::map<std::string, std::vector<LevelBefore>>> levelsBefore(const Judging& j, const char* check);
/// Rows of earlier windows, oldest first; days are compared within their weekday, hours within their time of day,
/// longer windows are one group.
[[nodiscard]] int groupOf(const Judging& j, Timestamp t);
[[nodiscard]] Result<std::vector<CountBefore>> countsBefore(const Judging& j);

}  // namespace pilothouse::monitoring
