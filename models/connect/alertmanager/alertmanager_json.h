// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QDateTime>
#include <string>
#include <vector>

#include "models/connect/http/http_client.h"
#include "models/ports/alert_receiver.h"

/// The JSON of Alertmanager's API, version 2 (github.com/prometheus/alertmanager, api/v2/openapi.yaml). What a server
/// says is hostile: bounded, and shown as text only.
namespace pilothouse::connect::alertmanager {

/// The body of POST /api/v2/alerts. Text that is no UTF-8 gets replacement characters.
[[nodiscard]] QByteArray postableAlerts(const std::vector<ports::OutgoingAlert>& alerts);
/// What an answer to it means, whatever its status: 2xx is taken; 400 and 422 refuse the alerts as they are; all others
/// are worth another try. The reason is the server's own, JSON or plain text, cut to one line of 300 characters.
[[nodiscard]] ports::ReceiverAnswer readAnswer(const HttpAnswer& answer, const QDateTime& now);
/// Of GET /api/v2/status: "0.25.0". InvalidInput for anything else.
[[nodiscard]] Result<std::string> parseStatus(const QByteArray& json, const std::string& source);
/// Retry-After: a number of seconds or an HTTP date; at most an hour, nothing for what is neither.
[[nodiscard]] std::optional<Duration> parseRetryAfter(const QByteArray& value, const QDateTime& now);

}  // namespace pilothouse::connect::alertmanager
