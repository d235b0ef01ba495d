// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QObject>
#include <utility>

#include "models/base/cancellation.h"

namespace pilothouse {

/// The newest question wins: start() cancels the question before it, and an answer that comes late is dropped.
/// Lives on the thread of its context object; the callback runs there, and not at all once the context is gone.
class Latest {
public:
    /// `ask(token)` returns QFuture<Result<T>>; `done(Result<T>)` gets the answer unless a newer question was asked.
    template <class Ask, class Done>
    void start(QObject* context, Ask&& ask, Done done) {
        cancel();
        m_source = CancellationSource();
        m_running = true;
        const quint64 generation = ++*m_generation;
        auto future = ask(m_source.token());
        using Answer = std::decay_t<decltype(future.result())>;  // named: then() would hand a generic lambda the future
        future.then(context, [this, alive = m_generation, generation, done = std::move(done)](Answer result) mutable {
            if (*alive != generation) return;  // superseded, or this object is gone (see the destructor)
            m_running = false;
            if (!isCancelled(result)) done(std::move(result));
        });
    }
    void cancel() {
        m_source.cancel();
        ++*m_generation;
        m_running = false;
    }
    [[nodiscard]] bool running() const { return m_running; }

    Latest() = default;
    Latest(const Latest&) = delete;
    Latest& operator=(const Latest&) = delete;
    ~Latest() { cancel(); }

private:
    CancellationSource m_source;
    std::shared_ptr<quint64> m_generation = std::make_shared<quint64>(0);
    bool m_running = false;
};

}  // namespace pilothouse
