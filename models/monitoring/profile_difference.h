// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/statistics/profile.h"

namespace pilothouse::monitoring {

/// One thing in which two profiles differ, as a person reads it.
struct ProfileDifference {
    std::string column;  ///< empty: the profile as a whole
    std::string what;    ///< "rows", "kind", "missing", "mean", "scale", "median", "new categories", …
    std::string from, to;
};
/// As the first profile lists its columns, then those that only the second has. Numbers that agree to five digits are
/// no difference.
[[nodiscard]] std::vector<ProfileDifference> profileDifference(const statistics::Profile& from,
                                                               const statistics::Profile& to);

}  // namespace pilothouse::monitoring
