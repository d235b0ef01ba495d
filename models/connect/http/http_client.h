// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFuture>
#include <QThread>
#include <QUrl>
#include <QUrlQuery>
#include <memory>
#include <string>

#include "models/base/cancellation.h"
#include "models/base/result.h"

namespace pilothouse::connect {

/// What a server said. Every HTTP status but a redirect is an answer; only what prevented one is an Error.
struct HttpAnswer {
    int status = 0;
    QByteArray contentType;
    QByteArray body;
    QByteArray retryAfter;  ///< the header Retry-After, as it came
};

/// An adapter's base address: http or https, with a host, without user and password, query and last slash.
/// InvalidInput for another, with an example of one.
[[nodiscard]] Result<QUrl> baseUrl(const std::string& url, const char* example);

struct HttpOptions {
    /// Name of the environment variable that holds a bearer token; empty: no credentials. The token is read when a
    /// request is made and stored nowhere; it is not sent over plain HTTP except to this machine.
    std::string tokenVariable;
    std::string caFile;          ///< PEM with the authorities to trust in place of the system's; empty: those
    int idleTimeoutMs = 15'000;  ///< without a byte
    int totalTimeoutMs = 60'000;
    qint64 maxBytes = 64LL * 1024 * 1024;  ///< of an answer, unpacked
};

/// HTTP requests from a thread of its own. Redirects are not followed. Thread: any; the future's result is set, and
/// what is chained to it runs, on the worker's thread. Destruction ends open requests as cancelled.
class HttpClient {
public:
    explicit HttpClient(HttpOptions options);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    [[nodiscard]] QFuture<Result<HttpAnswer>> get(const QUrl& url, CancellationToken token);
    /// A form in the body.
    [[nodiscard]] QFuture<Result<HttpAnswer>> post(const QUrl& url, const QUrlQuery& form, CancellationToken token);
    [[nodiscard]] QFuture<Result<HttpAnswer>> postJson(const QUrl& url, QByteArray json, CancellationToken token);

private:
    class Worker;
    struct Body {
        const char* type;
        QByteArray bytes;
    };
    [[nodiscard]] QFuture<Result<HttpAnswer>> send(const QUrl& url, std::optional<Body> body, CancellationToken token);
    QThread m_thread;
    Worker* m_worker;  ///< lives on m_thread, deleted by it
};

}  // namespace pilothouse::connect
