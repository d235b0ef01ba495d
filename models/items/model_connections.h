// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "models/ports/model_registry.h"
#include "models/workspace/connections.h"

namespace pilothouse::items {

/// The registry that a connection names; asks nothing yet. Unsupported for a connection of another kind.
[[nodiscard]] Result<std::shared_ptr<ports::ModelRegistry>> makeModelRegistry(const workspace::Connection& connection);

}  // namespace pilothouse::items
