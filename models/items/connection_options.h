// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/connect/http/http_client.h"
#include "models/workspace/connections.h"

namespace pilothouse::items {

/// How a connection's server is spoken to. What the options say is checked when the client is made.
[[nodiscard]] connect::HttpOptions httpOptions(const workspace::Connection& connection);

}  // namespace pilothouse::items
