// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <pthread.h>

#include <QFuture>
#include <QPromise>
#include <memory>
#include <thread>

namespace pilothouse::items {

/// Runs `work() -> Result<T>` on a thread of its own, for what may take long and would keep a pool's threads from their
/// short work. Nobody waits for the thread: let the work hold the workspace, which the program waits for at its end.
/// `name`: at most 15 characters.
template <class Work>
auto onThread(const char* name, Work work) -> QFuture<std::invoke_result_t<Work&>> {
    using R = std::invoke_result_t<Work&>;
    auto promise = std::make_shared<QPromise<R>>();
    promise->start();
    auto future = promise->future();
    std::thread([promise, name, work = std::move(work)]() mutable {
        pthread_setname_np(pthread_self(), name);
        promise->addResult(work());
        promise->finish();
    }).detach();
    return future;
}

}  // namespace pilothouse::items
