// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "models/ports/alert_source.h"
#include "models/workspace/workspace.h"

namespace pilothouse::monitoring {

/// Alerts of the workspace's own monitors, and its silences. A silence is stamped with the workspace's clock, and
/// making or ending one is a line in the audit trail. It hides an alert's call for attention, not the alert: what is
/// silenced still fires, resolves and triggers.
class EmbeddedAlertSource final : public ports::AlertSource {
public:
    explicit EmbeddedAlertSource(std::shared_ptr<workspace::Workspace> workspace) : m_workspace(std::move(workspace)) {}
    QFuture<Result<std::vector<ports::Alert>>> alerts(bool open, CancellationToken token) override;
    QFuture<Result<std::vector<ports::Silence>>> silences(CancellationToken token) override;
    /// InvalidInput without a matcher, for matchers that hold of everything or cannot be used, and for a range that is
    /// empty or over; a start in the past becomes now. NotFound for an id that is not there. Ids are made here.
    QFuture<Result<std::string>> silence(ports::Silence silence) override;
    /// Ends it now. NotFound for an unknown id; one that has ended stays as it is.
    QFuture<Result<void>> expireSilence(std::string id) override;

private:
    std::shared_ptr<workspace::Workspace> m_workspace;
};

}  // namespace pilothouse::monitoring
