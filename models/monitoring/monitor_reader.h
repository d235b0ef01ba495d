// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/ports/evaluation.h"
#include "models/ports/model_registry.h"
#include "models/statistics/profile.h"
#include "models/workspace/workspace.h"

namespace pilothouse::monitoring {

struct EvaluationsRequest {
    std::string model;                   ///< empty: all
    std::vector<std::string> kinds;      ///< empty: all
    TimeRange range = TimeRange::all();  ///< windows that overlap it
    std::string monitor;                 ///< empty: all
    std::int64_t id = 0;                 ///< this evaluation, whatever its revision; 0: the newest of each window
    bool findings = true;
    bool counts = false;  ///< also the findings' histograms
};

/// What the monitors found, for views, reports and commands. Only the latest revision of each window. Thread: any.
class MonitorReader {
public:
    explicit MonitorReader(std::shared_ptr<workspace::Workspace> workspace) : m_workspace(std::move(workspace)) {}
    virtual ~MonitorReader() = default;
    /// Oldest window first.
    [[nodiscard]] virtual QFuture<Result<std::vector<ports::Evaluation>>> evaluations(EvaluationsRequest request,
                                                                                      CancellationToken token) const;
    [[nodiscard]] virtual QFuture<Result<statistics::Profile>> profile(std::string model, std::string version,
                                                                       CancellationToken token) const;

    /// The same within a transaction of the caller's.
    [[nodiscard]] static Result<std::vector<ports::Evaluation>> read(workspace::Database& database,
                                                                     const EvaluationsRequest& request);
    /// The reference profile stored with a version. NotFound when it has none.
    [[nodiscard]] static Result<statistics::Profile> profileOf(const workspace::Workspace& workspace,
                                                               const ports::ModelVersion& version);

private:
    std::shared_ptr<workspace::Workspace> m_workspace;
};

}  // namespace pilothouse::monitoring
