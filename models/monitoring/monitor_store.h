// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/monitoring/monitor.h"
#include "models/workspace/database.h"

/// The monitors of a workspace. Writes happen in the caller's transaction.
namespace pilothouse::monitoring {

/// "sha256:…" of the monitor's text: what an evaluation says it was judged by.
[[nodiscard]] std::string definitionDigest(const MonitorDefinition& monitor);
/// Adds the monitor, or declares one of that name anew; evaluations by the former text stay as they are. InvalidInput
/// where the name is another model's or another kind's. One line in the audit trail. False: it was declared so already.
[[nodiscard]] Result<bool> declareMonitor(workspace::Database& database, const MonitorDefinition& monitor,
                                          Timestamp now, const std::string& actor);
/// Takes it away; what it found stays. NotFound for an unknown name.
[[nodiscard]] Status removeMonitor(workspace::Database& database, const std::string& name, Timestamp now,
                                   const std::string& actor);
/// By name; `model` empty: of all models.
[[nodiscard]] Result<std::vector<MonitorDefinition>> monitorsOf(workspace::Database& database,
                                                                const std::string& model = {});
/// As an evaluation was judged by; NotFound for a digest that no monitor had.
[[nodiscard]] Result<MonitorDefinition> definitionOf(workspace::Database& database, const std::string& digest);

}  // namespace pilothouse::monitoring
