// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/workspace/database.h"

namespace pilothouse::workspace {

/// A system that the workspace knows how to reach. Never a secret: options name environment variables and files at
/// most.
struct Connection {
    std::int64_t id = 0;
    std::string kind;                            ///< "prometheus", "alertmanager"
    std::string name;                            ///< unique
    std::string url;                             ///< http or https, without user and password
    std::map<std::string, std::string> options;  ///< "token_variable", "ca_file"
    bool watch = false;                          ///< polled by the engine even when not on screen
};

/// Each within the caller's transaction. AlreadyExists for a name that is taken; InvalidInput for an unknown kind or
/// option, an empty or overlong name, an address that is not http(s) or holds a user or a password.
[[nodiscard]] Status addConnection(Database& database, const Connection& connection);
/// NotFound when there is none of that name.
[[nodiscard]] Status removeConnection(Database& database, const std::string& name);
/// By name.
[[nodiscard]] Result<std::vector<Connection>> listConnections(Database& database);

}  // namespace pilothouse::workspace
