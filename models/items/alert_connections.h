// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "models/engine/alert_delivery.h"
#include "models/ports/alert_receiver.h"
#include "models/ports/alert_source.h"
#include "models/workspace/connections.h"

namespace pilothouse::items {

/// The Alertmanager that a connection names; asks nothing yet. Unsupported for a connection of another kind.
[[nodiscard]] Result<std::shared_ptr<ports::AlertReceiver>> makeAlertReceiver(const workspace::Connection& connection);
/// The alerts and silences that a connection tells of; asks nothing yet. Unsupported for a kind that has none.
[[nodiscard]] Result<std::shared_ptr<ports::AlertSource>> makeAlertSource(const workspace::Connection& connection);
/// All Alertmanagers of a workspace. One that cannot be used is left out with a line in the log.
[[nodiscard]] Result<std::vector<engine::AlertDelivery::Target>> loadAlertReceivers(workspace::Database& database);

}  // namespace pilothouse::items
