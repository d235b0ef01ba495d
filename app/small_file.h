// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "models/base/result.h"

namespace pilothouse::app {

/// A file's bytes, of a larger one the first `most` + 1: the parser that has the limit says that it is too long.
[[nodiscard]] Result<std::string> readSmallFile(const std::string& path, std::int64_t most);

}  // namespace pilothouse::app
