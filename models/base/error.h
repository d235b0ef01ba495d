// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>

namespace pilothouse {

enum class ErrorKind {
    InvalidInput,  ///< what came from outside cannot be used; message names file, line or field
    NotFound,
    AlreadyExists,
    Conflict,  ///< somebody else holds it or changed it meanwhile
    PermissionDenied,
    Unavailable,  ///< a server, file or device that does not answer
    Timeout,
    Corrupt,            ///< stored data fails its check
    Unsupported,        ///< known, but not by this version
    ResourceExhausted,  ///< disk full, a bound exceeded
    Internal,
    Cancelled,  ///< not a failure: the caller asked for it. Test with isCancelled() before showing an error.
};

/// What went wrong, to what, and what to do.
struct Error {
    ErrorKind kind = ErrorKind::Internal;
    std::string message;  ///< one sentence for a person, without a trailing full stop
    std::string detail;   ///< more lines: the server's answer, SQLite's message
    std::string source;   ///< file[:line], URL or subsystem
    bool retryable = false;

    static Error cancelled() { return {ErrorKind::Cancelled, "cancelled", {}, {}, false}; }
    static Error invalid(std::string message, std::string source = {}) {
        return {ErrorKind::InvalidInput, std::move(message), {}, std::move(source), false};
    }
    static Error internal(std::string message) { return {ErrorKind::Internal, std::move(message), {}, {}, false}; }

    /// "source: message (detail)", as the command line prints it.
    [[nodiscard]] std::string text() const {
        std::string out = source.empty() ? message : source + ": " + message;
        if (!detail.empty()) out += " (" + detail + ")";
        return out;
    }
};

}  // namespace pilothouse
