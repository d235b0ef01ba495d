// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QPromise>
#include <functional>
#include <memory>
#include <set>
#include <string_view>

#include "models/connect/http/http_client.h"
#include "models/connect/mlflow/mlflow_error.h"
#include "models/connect/mlflow/mlflow_json.h"

/// Requests after requests without a thread that waits: each step is sent from the step before, on the client's thread.
/// Within this library only.
namespace pilothouse::connect::mlflow {

inline std::string_view view(const QByteArray& bytes) {
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

/// A promise that is kept: who drops it unanswered (a chain that a closing client cut) answers "cancelled".
template <class T>
class Answer {
public:
    Answer() { m_promise.start(); }
    ~Answer() { give(fail(Error::cancelled())); }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    [[nodiscard]] QFuture<Result<T>> future() { return m_promise.future(); }
    void give(Result<T> result) {
        if (m_given) return;
        m_given = true;
        m_promise.addResult(std::move(result));
        m_promise.finish();
    }

private:
    QPromise<Result<T>> m_promise;
    bool m_given = false;
};

template <class T>
QFuture<Result<T>> ready(Result<T> result) {
    Answer<T> answer;
    answer.give(std::move(result));
    return answer.future();
}

/// `next` is called with the value of `first` and gives the future of a Result<U>; an error goes past it.
template <class U, class T, class Next>
QFuture<Result<U>> chain(QFuture<Result<T>> first, Next next) {
    auto answer = std::make_shared<Answer<U>>();
    auto future = answer->future();
    first.then([answer, next = std::move(next)](Result<T> got) mutable {
        if (!got) return answer->give(fail(got.error()));
        QFuture<Result<U>> second = next(std::move(*got));
        second.then([answer](Result<U> result) { answer->give(std::move(result)); });
    });
    return future;
}

/// The parsed body of a 2xx answer.
template <class T>
Result<T> parsed(const Result<HttpAnswer>& got, const std::string& source,
                 Result<T> (*parse)(std::string_view, const std::string&)) {
    if (!got) return fail(got.error());
    if (got->status < 200 || got->status > 299) return fail(parseError(*got, source));
    return parse(view(got->body), source);
}

/// All pages of a list. Holds itself while a request is under way.
template <class T>
class Paging : public std::enable_shared_from_this<Paging<T>> {
public:
    using Parse = Result<Page<T>> (*)(std::string_view, const std::string&);
    using MakeRequest = std::function<HttpRequest(const std::string& page)>;
    static constexpr std::size_t kMaxPages = 100;

    Paging(HttpClient& http, std::string source, MakeRequest request, Parse parse, std::size_t most,
           CancellationToken token)
        : m_http(http),
          m_source(std::move(source)),
          m_request(std::move(request)),
          m_parse(parse),
          m_most(most),
          m_token(std::move(token)) {}

    QFuture<Result<std::vector<T>>> start() {
        auto future = m_answer.future();
        ask({});
        return future;
    }

private:
    void ask(const std::string& page) {
        m_http.send(m_request(page), m_token).then([self = this->shared_from_this()](const Result<HttpAnswer>& got) {
            self->take(got);
        });
    }
    void take(const Result<HttpAnswer>& got) {
        Result<Page<T>> page = parsed(got, m_source, m_parse);
        if (!page) return m_answer.give(fail(page.error()));
        // A cancellation is no error, even where the last page came before it was seen.
        if (Status go = m_token.check(); !go) return m_answer.give(fail(go.error()));
        if (m_all.size() + page->items.size() > m_most)
            return m_answer.give(fail(ErrorKind::ResourceExhausted,
                                      "the server has more than " + std::to_string(m_most) + " of what was asked for",
                                      m_source));
        if (m_all.empty())
            m_all = std::move(page->items);
        else
            std::move(page->items.begin(), page->items.end(), std::back_inserter(m_all));
        if (page->next.empty()) return m_answer.give(std::move(m_all));
        if (!m_seen.insert(page->next).second)
            return m_answer.give(
                fail(ErrorKind::InvalidInput, "the server gives the same page again and again", m_source));
        if (m_seen.size() >= kMaxPages)
            return m_answer.give(fail(ErrorKind::ResourceExhausted,
                                      "the server's answer has more than " + std::to_string(kMaxPages) + " pages",
                                      m_source));
        ask(page->next);
    }

    HttpClient& m_http;  ///< ends its requests before it is gone
    std::string m_source;
    MakeRequest m_request;
    Parse m_parse;
    std::size_t m_most;
    CancellationToken m_token;
    Answer<std::vector<T>> m_answer;
    std::vector<T> m_all;
    std::set<std::string> m_seen;  ///< page tokens
};

}  // namespace pilothouse::connect::mlflow
