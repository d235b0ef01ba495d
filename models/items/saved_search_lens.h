// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/items/lens.h"
#include "models/predictions/saved_searches.h"

namespace pilothouse::items {

/// What a lens looks for, under a name; the version is not part of it.
[[nodiscard]] predictions::SavedSearch searchOf(const std::string& name, const LensState& state);
/// The lens that a search is looked through; what it does not say stays as it is.
[[nodiscard]] LensState lensOf(const predictions::SavedSearch& search, LensState state);

}  // namespace pilothouse::items
