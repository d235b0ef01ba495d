// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/monitoring/evaluator.h"
#include "models/ports/model_registry.h"
#include "models/workspace/workspace.h"

namespace pilothouse::monitoring {

/// Finds what a window is compared with, as its monitor says (MonitorDefinition::reference), and keeps what it read.
/// One thread at a time.
class ReferenceChoice {
public:
    ReferenceChoice(const workspace::Workspace& workspace, workspace::Database& database)
        : m_workspace(workspace), m_database(database) {}

    struct Reference {
        std::shared_ptr<const Champion> champion;  ///< none: nothing was in production, or there is no profile
        Timestamp since = kTimestampMin;           ///< windows that end before it were compared with another one
        std::string problem;                       ///< why there is none
    };
    /// `arrivals`: the rows that there are, where the reference is made of the window before.
    [[nodiscard]] Result<Reference> of(const MonitorDefinition& monitor, TimeRange window,
                                       const predictions::Arrivals& arrivals, const CancellationToken& token);

private:
    [[nodiscard]] Result<Reference> inProduction(const MonitorDefinition& monitor, Timestamp end);
    [[nodiscard]] Result<Reference> profiled(const std::string& model, const std::optional<std::string>& version);
    [[nodiscard]] Result<Reference> windowBefore(const MonitorDefinition& monitor, TimeRange window,
                                                 const predictions::Arrivals& arrivals, const CancellationToken& token);

    const workspace::Workspace& m_workspace;
    workspace::Database& m_database;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<const Champion>> m_known;  ///< by model and version
};

}  // namespace pilothouse::monitoring
