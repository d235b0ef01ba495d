// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/monitoring/evaluator.h"
#include "models/statistics/profile.h"
#include "models/workspace/workspace.h"

/// Reference profiles by (model, version): those that pipelines registered with a version, and those that a person made
/// of a file or a query. A profile never changes; a newer one of the same version takes its place as reference and the
/// older one stays.
namespace pilothouse::monitoring {

struct StoredProfile {
    std::int64_t id = 0;  ///< 0: registered with its version
    std::string model, version;
    std::string digest;  ///< of the artifact
    Timestamp created;
    std::string source;  ///< "run 3", "query carrier:UA", "file day.csv"
    TimeRange range;     ///< event time of its rows
    std::uint64_t rows = 0;
    std::size_t columns = 0;  ///< 0: not known without reading it
};

/// Within the caller's write transaction. InvalidInput for a profile without a model or without rows.
[[nodiscard]] Result<StoredProfile> storeProfile(const workspace::Workspace& workspace, workspace::Database& database,
                                                 const statistics::Profile& profile, const std::string& source,
                                                 Timestamp now);
/// Newest first; `model` empty: of all models.
[[nodiscard]] Result<std::vector<StoredProfile>> profilesOf(workspace::Database& database, const std::string& model);
[[nodiscard]] Result<statistics::Profile> readProfile(const workspace::Workspace& workspace, const std::string& digest);

/// The newest profile of a version (nothing: of the model), ready to compare windows with; nothing where there is none.
/// Features are the version's own where the registry knows it, else the profile's columns but for the score.
[[nodiscard]] Result<std::optional<Champion>> referenceOf(const workspace::Workspace& workspace,
                                                          workspace::Database& database, const std::string& model,
                                                          const std::optional<std::string>& version);
/// The same by the profile's digest.
[[nodiscard]] Result<Champion> referenceByDigest(const workspace::Workspace& workspace, workspace::Database& database,
                                                 const std::string& model, const std::string& version,
                                                 const std::string& digest);

}  // namespace pilothouse::monitoring
