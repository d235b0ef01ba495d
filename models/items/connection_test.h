// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/connect/http/probe.h"
#include "models/workspace/connections.h"

namespace pilothouse::items {

/// What a test of a connection found, step by step; the first failure is the last step but for those it makes moot.
struct ConnectionReport {
    std::vector<connect::ProbeStage> stages;  ///< name, TCP, TLS, authentication, version, permissions
    std::string version;                      ///< "Prometheus 2.42.0"; empty: it did not say
    [[nodiscard]] bool ok() const {
        for (const connect::ProbeStage& s : stages)
            if (s.outcome == connect::ProbeStage::Outcome::Failed) return false;
        return !stages.empty();
    }
};

/// Tries a connection, stored or not. InvalidInput for one that could not be made. Thread: any.
[[nodiscard]] QFuture<Result<ConnectionReport>> testConnection(workspace::Connection connection,
                                                               CancellationToken token);

}  // namespace pilothouse::items
