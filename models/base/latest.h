// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QObject>
#include <QPointer>
#include <memory>
#include <optional>
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
        // Not then(context, …): Qt 6.4 asserts there when the context is gone by the time of the answer, and looks at
        // it from the thread that answers. The answer is posted to an object that nobody can destroy meanwhile.
        if (!m_mailbox) m_mailbox = std::shared_ptr<QObject>(new QObject, [](QObject* o) { o->deleteLater(); });
        future.then(
            [mailbox = m_mailbox, call = std::make_shared<Call<Answer, Done>>(Call<Answer, Done>{
                                      this, context, m_generation, generation, std::move(done), {}})](Answer result) {
                call->answer.emplace(std::move(result));
                QMetaObject::invokeMethod(
                    mailbox.get(), [call] { call->run(); }, Qt::QueuedConnection);
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
    template <class Answer, class Done>
    struct Call {
        Latest* self;
        QPointer<QObject> context;
        std::shared_ptr<quint64> alive;
        quint64 generation;
        Done done;
        std::optional<Answer> answer;

        void run() {
            if (*alive != generation) return;  // superseded, or the Latest is gone (see its destructor)
            self->m_running = false;
            if (context && !isCancelled(*answer)) done(std::move(*answer));
        }
    };

    CancellationSource m_source;
    std::shared_ptr<QObject> m_mailbox;
    std::shared_ptr<quint64> m_generation = std::make_shared<quint64>(0);
    bool m_running = false;
};

}  // namespace pilothouse
