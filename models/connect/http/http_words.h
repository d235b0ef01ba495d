// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QNetworkReply>
#include <QSslError>
#include <optional>

#include "models/base/error.h"

/// What prevented an answer, in words that say what to do.
namespace pilothouse::connect {

/// An address as errors name it: without user, password and query, which may hold secrets.
[[nodiscard]] std::string addressOf(const QUrl& url);
/// `tls`: what was found wrong with the server's certificate, if anything.
[[nodiscard]] Error networkError(const QNetworkReply& reply, const QList<QSslError>& tls);
/// "expired on 3 May 2024", "is for other.example, not for this host", … and whose certificate it is.
[[nodiscard]] Error certificateError(const QSslError& error, const QUrl& url);
/// The address that a redirect names, resolved; nothing where it names none, or no http or https one.
[[nodiscard]] std::optional<QUrl> redirectTarget(const QNetworkReply& reply);
/// Two addresses of one scheme, host and port.
[[nodiscard]] bool sameOrigin(const QUrl& a, const QUrl& b);

}  // namespace pilothouse::connect
