// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLoggingCategory>
#include <string>

namespace pilothouse::logging {

/// Routes Qt's categories (qCInfo(…) and the like) to spdlog: warnings and above to stderr, all of it to a rotating
/// file when `file` is not empty (5 MB × 3). Call once, before other threads start.
void install(const std::string& file = {}, bool verbose = false);

}  // namespace pilothouse::logging
