// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <memory>
#include <mutex>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::items {

/// Several questions asked at once, their answers put into one T. No thread waits: the answer is there when the last
/// part is. `fill(T&, X)` runs on whatever thread an answer comes on, one at a time.
template <class T>
class Join {
public:
    explicit Join(T initial = {}) : m_state(std::make_shared<State>(std::move(initial))) {}

    /// Without this part there is no answer: its error is the whole's.
    template <class X, class Fill>
    void need(QFuture<Result<X>> part, Fill fill) {
        want(std::move(part), std::move(fill), [](T&, const Error&) { return false; });
    }
    /// The rest is worth having without this part: `missed(T&, Error)` notes what failed.
    template <class X, class Fill, class Missed>
    void like(QFuture<Result<X>> part, Fill fill, Missed missed) {
        want(std::move(part), std::move(fill), [missed = std::move(missed)](T& value, const Error& error) {
            missed(value, error);
            return true;
        });
    }
    [[nodiscard]] QFuture<Result<T>> answer() {
        const auto take = [state = m_state, count = m_parts.size()]() -> Result<T> {
            const std::lock_guard lock(state->mutex);
            if (state->error) return fail(*state->error);
            if (state->arrived < count) return fail(Error::cancelled());  // a part was dropped unanswered
            return std::move(state->value);
        };
        if (m_parts.empty()) return QtFuture::makeReadyFuture(take());
        return QtFuture::whenAll(m_parts.begin(), m_parts.end()).then([take](const QList<QFuture<void>>&) {
            return take();
        });
    }

private:
    struct State {
        explicit State(T initial) : value(std::move(initial)) {}
        std::mutex mutex;
        T value;
        std::optional<Error> error;
        std::size_t arrived = 0;
    };
    template <class X, class Fill, class Failed>
    void want(QFuture<Result<X>> part, Fill fill, Failed failed) {
        m_parts.push_back(
            part.then([state = m_state, fill = std::move(fill), failed = std::move(failed)](Result<X> got) mutable {
                const std::lock_guard lock(state->mutex);
                ++state->arrived;
                if (got)
                    fill(state->value, std::move(*got));
                else if (isCancelled(got) || !failed(state->value, got.error())) {
                    if (!state->error || isCancelled(got)) state->error = got.error();
                }
            }));
    }
    std::shared_ptr<State> m_state;
    std::vector<QFuture<void>> m_parts;
};

}  // namespace pilothouse::items
