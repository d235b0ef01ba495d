// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "models/workspace/workspace.h"

namespace pilothouse::workspace {

/// Who holds the engine lease.
struct LeaseHolder {
    std::int64_t pid = 0;
    std::string processStart;  ///< of that pid, in the kernel's ticks since boot; a pid may come again
    std::string pidNamespace;  ///< "pid:[4026531836]": a pid of another container cannot be looked up here
    std::string bootId;
    std::string host;
    std::int64_t heartbeat = 0;  ///< ns of CLOCK_MONOTONIC, which stands while the machine sleeps
    std::string token;

    bool operator==(const LeaseHolder&) const = default;
    /// This process, now.
    [[nodiscard]] static LeaseHolder self();
};

/// The engine lease: one process (pid, boot id, heartbeat) seals, evaluates and runs. A lease whose process is gone on
/// this machine (or which another boot left) is taken over at once; one whose heartbeat is older than 30 s as well.
class Lease {
public:
    /// Conflict when another live process (or another Lease of this one) holds it; the error names its pid.
    [[nodiscard]] static Result<std::unique_ptr<Lease>> take(const Workspace& workspace);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();  ///< gives it back
    /// At least every 10 s. Conflict when it was lost meanwhile: stop at once.
    [[nodiscard]] Status beat();
    /// Conflict when it was lost. Asked first in a write transaction, it keeps a holder that was stopped for long from
    /// writing after somebody else took over.
    [[nodiscard]] Status check(Database& database) const;

    /// Nothing when nobody runs an engine (also when the holder is gone and the lease would be taken over).
    [[nodiscard]] static Result<std::optional<LeaseHolder>> holder(Database& database);

private:
    Lease() = default;
    std::unique_ptr<Database> m_database;
    std::string m_token;
};

}  // namespace pilothouse::workspace
