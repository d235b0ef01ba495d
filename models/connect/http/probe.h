// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QUrl>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/timestamp.h"
#include "models/connect/http/http_client.h"

namespace pilothouse::connect {

/// One step on the way to a server, and what was found there.
struct ProbeStage {
    enum class Outcome { Ok, Failed, Skipped };
    std::string name;  ///< "name", "TCP", "TLS"; of adapters also "authentication", "version", "permissions"
    Outcome outcome = Outcome::Ok;
    std::string words;  ///< one line: the addresses, the certificate, what went wrong
    Duration took{};
};
[[nodiscard]] const char* toString(ProbeStage::Outcome outcome);  ///< "ok", "failed", "skipped"

/// The way to a server, step by step: its name, a TCP connection, TLS with its certificate. Stops at the first step
/// that fails; what a proxy does in our place is skipped. Nothing is sent, so no credentials travel. Blocks for at most
/// `timeoutMs` a step: call it on a thread of its own. Returns what it has when cancelled.
[[nodiscard]] std::vector<ProbeStage> probeWay(const QUrl& url, const HttpOptions& options,
                                               const CancellationToken& token, int timeoutMs = 10'000);

}  // namespace pilothouse::connect
