// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPromise>

#include "models/base/result.h"

namespace pilothouse {

/// A future of what is known already.
template <class T>
[[nodiscard]] QFuture<Result<T>> ready(Result<T> result) {
    QPromise<Result<T>> promise;
    promise.start();
    promise.addResult(std::move(result));
    promise.finish();
    return promise.future();
}

}  // namespace pilothouse
