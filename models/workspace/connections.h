// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/workspace/database.h"

namespace pilothouse::workspace {

/// What a connection's options may be.
namespace option {
inline constexpr std::string_view kSecret = "secret";  ///< where it is read: "env:NAME" or "keychain:NAME"
inline constexpr std::string_view kUser = "user";  ///< with one, the secret is its password; without, a bearer token
inline constexpr std::string_view kCaFile = "ca_file", kCertificateFile = "certificate_file", kKeyFile = "key_file";
inline constexpr std::string_view kProxy = "proxy";     ///< http://host:port, socks5://host:port or "system"
inline constexpr std::string_view kSsh = "ssh";         ///< a host of the user's ssh configuration to go through
inline constexpr std::string_view kGroup = "group";     ///< "production", "staging", or what people call theirs
inline constexpr std::string_view kHeader = "header.";  ///< and a header's name; never a secret
}  // namespace option

/// A system that the workspace knows how to reach. Never a secret: options name environment variables, entries of the
/// keychain and files at most.
struct Connection {
    std::int64_t id = 0;
    std::string kind;  ///< one of connectionKinds()
    std::string name;  ///< unique
    std::string url;   ///< http or https, without user and password
    std::map<std::string, std::string> options;
    bool watch = false;  ///< polled by the engine even when not on screen

    /// Empty: not set.
    [[nodiscard]] std::string option(std::string_view key) const {
        const auto found = options.find(std::string(key));
        return found == options.end() ? std::string() : found->second;
    }
};

/// What a kind is called, and an address as an example.
struct ConnectionKind {
    const char *kind, *title, *example;
};
[[nodiscard]] const std::vector<ConnectionKind>& connectionKinds();
/// Nothing for a kind that is not known.
[[nodiscard]] const ConnectionKind* connectionKind(std::string_view kind);

/// Each within the caller's transaction. AlreadyExists for a name that is taken; InvalidInput for an unknown kind or
/// option, an empty or overlong name, an address that is not http(s) or holds a user or a password, a secret written
/// down in place of where it is.
[[nodiscard]] Status addConnection(Database& database, const Connection& connection);
/// Changes the connection of that id; NotFound when there is none.
[[nodiscard]] Status changeConnection(Database& database, const Connection& connection);
/// NotFound when there is none of that name.
[[nodiscard]] Status removeConnection(Database& database, const std::string& name);
/// NotFound when there is none of that name.
[[nodiscard]] Result<Connection> findConnection(Database& database, const std::string& name);
/// By name.
[[nodiscard]] Result<std::vector<Connection>> listConnections(Database& database);

}  // namespace pilothouse::workspace
