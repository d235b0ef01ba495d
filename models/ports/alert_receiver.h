// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/base/timestamp.h"

namespace pilothouse::ports {

/// An alert as it is told to whoever notifies people. One whose end is in the past is resolved; one that fires has an
/// end some way ahead, at which the receiver resolves it by itself unless it is told again before.
struct OutgoingAlert {
    std::map<std::string, std::string> labels, annotations;
    Timestamp start, end;
    std::string generator;  ///< an address that says where it came from
};

/// What the receiver said. All of `alerts` were taken, or it is not known which.
struct ReceiverAnswer {
    bool accepted = false;
    std::string reason;  ///< of a refusal
    /// Not worth another try as it is: something in the alerts themselves is refused.
    bool refused = false;
    std::optional<Duration> retryAfter;  ///< asked for by the receiver; at most an hour
};

/// Takes alerts for people to be notified. Thread: any; a future's result is set on a thread of the receiver.
class AlertReceiver {
public:
    virtual ~AlertReceiver() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// The same alert may be sent any number of times. An Error: there was no answer.
    virtual QFuture<Result<ReceiverAnswer>> send(std::vector<OutgoingAlert> alerts, CancellationToken token) = 0;
    /// Its version, as "Alertmanager 0.25.0".
    virtual QFuture<Result<std::string>> check(CancellationToken token) = 0;
};

}  // namespace pilothouse::ports
