// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "models/statistics/profile.h"

namespace pilothouse::app {

/// A profile that `profile --out` wrote. Errors name the file.
[[nodiscard]] Result<statistics::Profile> readProfile(const std::string& path);

}  // namespace pilothouse::app
