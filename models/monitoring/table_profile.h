// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/predictions/file_table.h"
#include "models/statistics/profile.h"

namespace pilothouse::monitoring {

struct TableProfileOptions {
    std::vector<std::string> columns;  ///< only these; empty: all
    std::vector<std::string> except;   ///< not these
    std::vector<std::string> cluster;  ///< rows with the same values here depend on each other; empty: all independent
    statistics::ProfileOptions profile{};
};

/// The reference profile of a file. A column of which most values are texts is categorical (its numbers count as
/// texts), one of numbers is numeric (its texts count as missing). Times, ids and whole numbers that grow with every
/// row are identifiers, with the reason. InvalidInput for a name in the options that the file does not have. Thread:
/// any; uses all cores.
[[nodiscard]] Result<statistics::Profile> profileTable(const predictions::FileTable& table,
                                                       const TableProfileOptions& options,
                                                       const CancellationToken& token);

}  // namespace pilothouse::monitoring
