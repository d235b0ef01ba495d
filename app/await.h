// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>

#include "models/base/result.h"

namespace pilothouse::app {

/// Waits for an answer; for commands, which have nothing else to do. Never on the GUI thread.
template <class T>
[[nodiscard]] Result<T> await(QFuture<Result<T>> future) {
    future.waitForFinished();
    if (future.resultCount() == 0) return fail(Error::cancelled());  // whoever was asked is gone
    return future.result();
}

}  // namespace pilothouse::app
