// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "models/workspace/workspace.h"

namespace pilothouse::workspace {

/// The engine lease: one process (pid, boot id, heartbeat) seals, evaluates and runs. A lease whose process is gone on this
/// machine (or which another boot left) is taken over at once; one whose heartbeat is older than 30 s as well.
class Lease {
public:
    /// Conflict when another live process holds it; the error names its pid.
    [[nodiscard]] static Result<std::unique_ptr<Lease>> take(const Workspace& workspace);
    ~Lease();  ///< gives it back
    /// At least every 10 s. Conflict when it was lost meanwhile: stop at once.
    [[nodiscard]] Status beat();

private:
    Lease() = default;
    std::unique_ptr<Database> m_database;
};

}  // namespace pilothouse::workspace
