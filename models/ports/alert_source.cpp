// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/ports/alert_source.h"

namespace pilothouse::ports {

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
