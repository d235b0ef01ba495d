// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/ports/prediction_log.h"

namespace pilothouse::dashboard {

/// A dashboard for a log with these fields, as YAML: what every model has (requests, errors, latency, score, outcomes)
/// as far as the log has it, missing values of its first features, what drifted most, and the performance.
[[nodiscard]] std::string suggestedDashboard(const std::vector<ports::FieldInfo>& fields);

}  // namespace pilothouse::dashboard
