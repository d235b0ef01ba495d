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

enum class AlertState { Pending, Firing, Resolved };
enum class Severity { Info, Warning, Alarm };

/// One spell of an alert, from pending to resolved. The fingerprint is of its labels and stays from spell to spell.
struct Alert {
    std::int64_t id = 0;
    std::string fingerprint;
    std::string name;  ///< the label alertname
    std::string model;
    std::string monitor;
    Severity severity = Severity::Warning;
    AlertState state = AlertState::Pending;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> annotations;  ///< "summary", "description", "version", …
    Timestamp pendingSince;
    std::optional<Timestamp> firingSince;
    std::optional<Timestamp> resolvedAt;
    TimeRange window;  ///< the window that was judged last
    bool silenced = false;
};

struct Silence {
    std::string id;
    std::map<std::string, std::string> matchers;  ///< label → value, all equal
    TimeRange range;
    std::string author, comment;
};

/// Alerts and silences. Thread: any.
class AlertSource {
public:
    virtual ~AlertSource() = default;
    /// Newest first; with `open` only pending and firing ones.
    virtual QFuture<Result<std::vector<Alert>>> alerts(bool open, CancellationToken token) = 0;
    virtual QFuture<Result<std::vector<Silence>>> silences(CancellationToken token) = 0;
    virtual QFuture<Result<std::string>> silence(Silence silence) = 0;
    virtual QFuture<Result<void>> expireSilence(std::string id) = 0;
};

[[nodiscard]] const char* toString(AlertState state);   ///< "pending", "firing", "resolved"
[[nodiscard]] const char* toString(Severity severity);  ///< "info", "warning", "alarm"
[[nodiscard]] std::optional<AlertState> alertStateFrom(std::string_view text);
[[nodiscard]] std::optional<Severity> severityFrom(std::string_view text);

}  // namespace pilothouse::ports
