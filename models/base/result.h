// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "models/base/error.h"

namespace pilothouse {

/// A value or an Error. Cancellation travels in the same channel so that TRY passes it on, but is never reported as an
/// error: ask isCancelled() first.
template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string source = {},
                                                std::string detail = {}) {
    return tl::unexpected<Error>(Error{kind, std::move(message), std::move(detail), std::move(source), false});
}

template <class T>
[[nodiscard]] bool isCancelled(const Result<T>& result) {
    return !result && result.error().kind == ErrorKind::Cancelled;
}

}  // namespace pilothouse

#define PILOTHOUSE_CONCAT_(a, b) a##b
#define PILOTHOUSE_CONCAT(a, b) PILOTHOUSE_CONCAT_(a, b)

/// PH_TRY(expression): returns the error of a Status or Result from the enclosing function.
#define PH_TRY(expression)                                                             \
    do {                                                                               \
        if (auto ph_status_ = (expression); !ph_status_)                               \
            return tl::unexpected<::pilothouse::Error>(std::move(ph_status_.error())); \
    } while (false)

/// PH_ASSIGN(auto x, expression): x is the value of the Result, or its error is returned.
#define PH_ASSIGN(declaration, expression) PH_ASSIGN_(PILOTHOUSE_CONCAT(ph_result_, __LINE__), declaration, expression)
#define PH_ASSIGN_(name, declaration, expression)                                   \
    auto name = (expression);                                                       \
    if (!name) return tl::unexpected<::pilothouse::Error>(std::move(name.error())); \
    declaration = std::move(*name)
