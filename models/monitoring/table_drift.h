// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/monitoring/table_profile.h"
#include "models/statistics/drift.h"

/// Drift of a file against a profile or another file, with no workspace.
namespace pilothouse::monitoring {

struct TableDriftOptions {
    statistics::DriftOptions drift;
    std::vector<std::string> columns;  ///< only these; empty: all
    std::vector<std::string> except;   ///< not these
    std::vector<std::string> cluster;  ///< rows with the same values here depend on each other; empty: all independent
};

/// One column's two checks.
struct FeatureDrift {
    std::string name;
    std::string type;                  ///< "numeric", "categorical", "boolean", "identifier"; of the reference
    statistics::Verdict distribution;  ///< of the values that are there
    statistics::Verdict missing;       ///< of the share that is not
    [[nodiscard]] bool onlyMissingDrifts() const {
        return missing.state == statistics::State::Drift && distribution.state != statistics::State::Drift;
    }
    /// The check that says what the feature's state is: missing values where they alone drift.
    [[nodiscard]] const statistics::Verdict& decisive() const { return onlyMissingDrifts() ? missing : distribution; }
    [[nodiscard]] const char* check() const { return onlyMissingDrifts() ? "missing" : "drift"; }
};

struct TableDrift {
    statistics::State state = statistics::State::Unavailable;  ///< drift if any feature's; otherwise what most are
    std::string summary;  ///< "2 of 12 features drift: age 0.40 σ, city 12 % moved"
    std::uint64_t rowsReference = 0, rowsCurrent = 0;
    std::vector<FeatureDrift> features;  ///< as the reference lists them, then those that only the current file has
};

/// Judges every column of `current` against the profile by judgeDrift(). The reference decides what a column is: values
/// of another type count as texts where it is categorical and as missing where it is numeric; where they are the most,
/// the column is unavailable. A column that the file lacks has only missing values there. InvalidInput for a name in
/// the options that neither has. Deterministic for the seed. Thread: any; uses all cores.
[[nodiscard]] Result<TableDrift> judgeTable(const statistics::Profile& reference, const predictions::FileTable& current,
                                            const TableDriftOptions& options, const CancellationToken& token);
/// The same against the profile that profileTable() makes of `reference`.
[[nodiscard]] Result<TableDrift> compareTables(const predictions::FileTable& reference,
                                               const predictions::FileTable& current, const TableDriftOptions& options,
                                               const CancellationToken& token);

}  // namespace pilothouse::monitoring
