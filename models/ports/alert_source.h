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
    std::vector<std::string> silencedBy;   ///< ids of the silences in force that match; of open alerts only
    std::vector<std::string> inhibitedBy;  ///< fingerprints of the alerts that inhibit it; of open alerts only
    std::vector<std::string> receivers;    ///< who is notified, as an Alertmanager names them
    std::vector<std::string> sources;      ///< connections that tell of it; empty: this workspace
    std::string generator;                 ///< address of what made it; text from outside, never opened by itself
    /// Whether it asks for nobody's attention at the moment.
    [[nodiscard]] bool suppressed() const { return silenced || !inhibitedBy.empty(); }
};

/// "=", "!=", "=~", "!~". The last two match the whole value against a regular expression of RE2's syntax. A label that
/// is not there counts as an empty value. (https://prometheus.io/docs/alerting/latest/configuration/#matcher)
enum class MatchOperator { Equal, NotEqual, Matches, NotMatches };
struct Matcher {
    std::string label, value;
    MatchOperator op = MatchOperator::Equal;
    bool operator==(const Matcher&) const = default;
};

struct Silence {
    std::string id;
    std::vector<Matcher> matchers;  ///< all must hold
    TimeRange range;
    std::string author, comment;
    std::string source = {};  ///< the connection that keeps it; empty: this workspace
};

/// Alerts and silences. Thread: any.
class AlertSource {
public:
    virtual ~AlertSource() = default;
    /// Newest first; with `open` only pending and firing ones.
    virtual QFuture<Result<std::vector<Alert>>> alerts(bool open, CancellationToken token) = 0;
    virtual QFuture<Result<std::vector<Silence>>> silences(CancellationToken token) = 0;
    /// Makes a silence and gives its id. With an id, changes that one: end, author and comment in place; another start
    /// or other matchers of one that has begun end it and make a new one, so that what held before stays known.
    virtual QFuture<Result<std::string>> silence(Silence silence) = 0;
    virtual QFuture<Result<void>> expireSilence(std::string id) = 0;
};

/// The alerts that several sources tell of, each once: by fingerprint, from the earliest start, with the receivers and
/// sources of all. It is suppressed where every source that tells of it suppresses it. Newest first.
[[nodiscard]] std::vector<Alert> mergeAlerts(std::vector<std::vector<Alert>> told);
/// What a label "severity" of any system means here: critical, page, error, fatal and alarm are alarms; info, none,
/// debug and notice are informative; others warn.
[[nodiscard]] Severity severityOfLabel(std::string_view text);

[[nodiscard]] const char* toString(AlertState state);   ///< "pending", "firing", "resolved"
[[nodiscard]] const char* toString(Severity severity);  ///< "info", "warning", "alarm"
[[nodiscard]] const char* toString(MatchOperator op);
[[nodiscard]] std::string toString(const Matcher& matcher);  ///< team=~"ml|ops", the value quoted and escaped
[[nodiscard]] std::optional<AlertState> alertStateFrom(std::string_view text);
[[nodiscard]] std::optional<Severity> severityFrom(std::string_view text);

}  // namespace pilothouse::ports
