// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "models/workspace/workspace.h"

namespace pilothouse::predictions {

/// Reads every block of every batch and segment, every id index and all ground truth from the file, and names what
/// fails its checksum or contradicts itself: "segment 3, column "temp_f"". An empty list: sound. For
/// Workspace::verify().
[[nodiscard]] Result<std::vector<workspace::Problem>> verifyPredictions(workspace::Database& database);

}  // namespace pilothouse::predictions
