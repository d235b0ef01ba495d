// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFuture>
#include <string>

#include "models/base/result.h"

namespace pilothouse::connect {

/// How a client says who it is. The secret itself is not here: only where it is read when a request is made.
struct Credentials {
    enum class Scheme { None, Bearer, Basic } scheme = Scheme::None;
    std::string user;    ///< of Basic
    std::string secret;  ///< reference: "env:NAME" or "keychain:NAME"
};

/// The bearer token in an environment variable.
[[nodiscard]] Credentials bearerFrom(const std::string& variable);

/// Reads the secret that a reference names: "env:NAME" at once, "keychain:NAME" from the desktop's keychain.
/// PermissionDenied when it is not set or access is refused, Unavailable when no keychain runs, InvalidInput for
/// another reference. No error text holds a secret. Thread: one with an event loop, for the keychain's answer.
[[nodiscard]] QFuture<Result<QByteArray>> readSecret(const std::string& reference);
/// Keeps a secret in the keychain under "keychain:NAME"; an empty one is removed. Thread: one with an event loop.
[[nodiscard]] QFuture<Result<void>> writeSecret(const std::string& reference, QByteArray secret);

}  // namespace pilothouse::connect
