// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QNetworkProxy>
#include <QSslConfiguration>
#include <optional>

#include "models/base/result.h"

/// What the options of a client mean to Qt.
namespace pilothouse::connect {

struct HttpOptions;

/// Nothing: the desktop's own choice.
[[nodiscard]] Result<std::optional<QNetworkProxy>> proxyOf(const HttpOptions& options);
/// Nothing: Qt's default.
[[nodiscard]] Result<std::optional<QSslConfiguration>> tlsOf(const HttpOptions& options);

}  // namespace pilothouse::connect
