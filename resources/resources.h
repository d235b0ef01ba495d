// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Files compiled into the program (":/migrations/…", ":/data/…").
namespace pilothouse::resources {
/// Makes them available. Needed once before the first use, because they lie in a static library; safe to repeat.
void init();
}  // namespace pilothouse::resources
