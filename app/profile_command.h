// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "models/predictions/file_table.h"
#include "models/statistics/profile.h"

namespace pilothouse::app {

/// Says on stderr how many rows of a file were left out, and why the first one was.
void noteUnusable(const predictions::FileTable& table);

/// A profile that `profile --out` wrote. Errors name the file.
[[nodiscard]] Result<statistics::Profile> readProfile(const std::string& path);

}  // namespace pilothouse::app
