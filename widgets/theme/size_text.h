// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace pilothouse::theme {

/// Sizes of files as people read them: "1.2 MB", "930 B".
[[nodiscard]] QString bytes(double value);

}  // namespace pilothouse::theme
