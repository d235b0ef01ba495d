// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <map>
#include <string>
#include <vector>

#include "models/connect/http/http_client.h"
#include "models/ports/alert_source.h"

/// Reading what an Alertmanager lists (github.com/prometheus/alertmanager, api/v2/openapi.yaml). Hostile input: counts
/// and lengths are bounded, and what is not as documented is InvalidInput that names it.
namespace pilothouse::connect::alertmanager {

inline constexpr qsizetype kMaxAlerts = 100'000, kMaxSilences = 100'000, kMaxLabels = 500;

/// Alerts that a receiver is notified of together.
struct AlertGroup {
    std::map<std::string, std::string> labels;
    std::string receiver;
    std::vector<std::string> fingerprints;
};

/// Of GET alerts: newest first, each with `source` as its source.
[[nodiscard]] Result<std::vector<ports::Alert>> parseAlerts(const QByteArray& json, const std::string& source);
/// Of GET alerts/groups.
[[nodiscard]] Result<std::vector<AlertGroup>> parseGroups(const QByteArray& json, const std::string& source);
/// Of GET silences, also those that have ended; newest start first.
[[nodiscard]] Result<std::vector<ports::Silence>> parseSilences(const QByteArray& json, const std::string& source);
/// Of POST silences.
[[nodiscard]] Result<std::string> parseSilenceId(const QByteArray& json, const std::string& source);
/// The body of POST silences; with an id, changes that one.
[[nodiscard]] QByteArray postableSilence(const ports::Silence& silence);
/// Letters, digits and dashes, as all that servers make.
[[nodiscard]] bool isSilenceId(const std::string& id);
/// What an answer means whose status is not 200, in the server's own words where it has any.
[[nodiscard]] Error parseError(const HttpAnswer& answer, const std::string& source);

}  // namespace pilothouse::connect::alertmanager
