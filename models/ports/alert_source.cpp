// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/ports/alert_source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

namespace pilothouse::ports {

namespace {

void addOnce(std::vector<std::string>& to, const std::vector<std::string>& from) {
    for (const std::string& text : from)
        if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
}

/// `into` gets what `from` knows of the same alert.
void merge(Alert& into, Alert from) {
    const bool suppressed = into.suppressed() && from.suppressed();
    if (from.state == AlertState::Firing && into.state != AlertState::Firing) {
        into.state = from.state;
        into.resolvedAt.reset();
    }
    if (from.firingSince && (!into.firingSince || *from.firingSince < *into.firingSince))
        into.firingSince = from.firingSince;
    into.pendingSince = std::min(into.pendingSince, from.pendingSince);
    into.severity = std::max(into.severity, from.severity);
    into.annotations.merge(from.annotations);
    addOnce(into.receivers, from.receivers);
    addOnce(into.sources, from.sources);
    if (!suppressed) {
        into.silencedBy.clear();
        into.inhibitedBy.clear();
    } else {
        addOnce(into.silencedBy, from.silencedBy);
        addOnce(into.inhibitedBy, from.inhibitedBy);
    }
    into.silenced = !into.silencedBy.empty();
}

}  // namespace

std::vector<Alert> mergeAlerts(std::vector<std::vector<Alert>> told) {
    std::vector<Alert> out;
    std::map<std::string, std::size_t> open;  // fingerprint → index in out; spells that are over stay apart
    for (auto& alerts : told)
        for (Alert& alert : alerts) {
            if (alert.state == AlertState::Resolved) {
                out.push_back(std::move(alert));
                continue;
            }
            const auto [place, isNew] = open.emplace(alert.fingerprint, out.size());
            if (isNew)
                out.push_back(std::move(alert));
            else
                merge(out[place->second], std::move(alert));
        }
    std::stable_sort(out.begin(), out.end(),
                     [](const Alert& a, const Alert& b) { return a.pendingSince > b.pendingSince; });
    return out;
}

Severity severityOfLabel(std::string_view text) {
    std::string lower(text.substr(0, 20));
    for (char& c : lower)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    static constexpr std::array kAlarm{"critical", "page", "error", "fatal", "alarm", "emergency", "high"};
    static constexpr std::array kInfo{"info", "none", "debug", "notice", "informational"};
    if (std::find(kAlarm.begin(), kAlarm.end(), lower) != kAlarm.end()) return Severity::Alarm;
    if (std::find(kInfo.begin(), kInfo.end(), lower) != kInfo.end()) return Severity::Info;
    return Severity::Warning;
}

const char* toString(AlertState state) {
    switch (state) {
        case AlertState::Pending:
            return "pending";
        case AlertState::Firing:
            return "firing";
        case AlertState::Resolved:
            return "resolved";
    }
    return "";
}

const char* toString(Severity severity) {
    switch (severity) {
        case Severity::Info:
            return "info";
        case Severity::Warning:
            return "warning";
        case Severity::Alarm:
            return "alarm";
    }
    return "";
}

const char* toString(MatchOperator op) {
    switch (op) {
        case MatchOperator::Equal:
            return "=";
        case MatchOperator::NotEqual:
            return "!=";
        case MatchOperator::Matches:
            return "=~";
        case MatchOperator::NotMatches:
            return "!~";
    }
    return "";
}

std::string toString(const Matcher& matcher) {
    std::string out = matcher.label + toString(matcher.op) + "\"";
    for (const char c : matcher.value) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out + "\"";
}

std::optional<AlertState> alertStateFrom(std::string_view text) {
    for (const AlertState s : {AlertState::Pending, AlertState::Firing, AlertState::Resolved})
        if (text == toString(s)) return s;
    return {};
}

std::optional<Severity> severityFrom(std::string_view text) {
    for (const Severity s : {Severity::Info, Severity::Warning, Severity::Alarm})
        if (text == toString(s)) return s;
    return {};
}

}  // namespace pilothouse::ports
