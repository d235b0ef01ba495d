// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/workspace/workspace.h"

namespace pilothouse::predictions {

/// Reads every block of every batch and segment, every id index and all ground truth from the file, and names what
/// fails its checksum or contradicts itself: "segment 3, column "temp_f"". An empty list: sound. For
/// Workspace::verify().
[[nodiscard]] Result<std::vector<workspace::Problem>> verifyPredictions(workspace::Database& database);

/// A field that came as more than one type. All of them are kept and can be asked for; rows is how many came as another
/// type than the first.
struct FieldConflict {
    std::string field;
    std::vector<std::string> types;  ///< "number", "text", "time"
    std::int64_t rows = 0;
};
/// By name.
[[nodiscard]] Result<std::vector<FieldConflict>> fieldConflicts(workspace::Database& database);

}  // namespace pilothouse::predictions
