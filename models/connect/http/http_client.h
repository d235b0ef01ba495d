// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QFuture>
#include <QThread>
#include <QUrl>
#include <QUrlQuery>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/base/timestamp.h"
#include "models/connect/http/credentials.h"

namespace pilothouse::connect {

/// What a server said. Every HTTP status but a redirect is an answer; only what prevented one is an Error.
struct HttpAnswer {
    int status = 0;
    QByteArray contentType;
    QByteArray body;        ///< empty where the request's sink took it
    QByteArray retryAfter;  ///< the header Retry-After, as it came
    /// Other headers, names in lower case; at most 64 of 8 KB. Of several of one name, all, with a comma between.
    std::map<QByteArray, QByteArray> headers = {};
    [[nodiscard]] QByteArray header(const QByteArray& lowerName) const {
        const auto found = headers.find(lowerName);
        return found == headers.end() ? QByteArray() : found->second;
    }
};

struct HttpRequest {
    QUrl url;
    QByteArray method = "GET";
    QByteArray accept = "application/json";
    QByteArray contentType = {};  ///< of the body
    QByteArray body = {};
    std::vector<std::pair<QByteArray, QByteArray>> headers = {};
    /// In place of the credentials of the options: the whole value of Authorization, or nothing (an empty one).
    std::optional<QByteArray> authorization = {};
    /// Goes on to where the server sends, five times at most, for GET and HEAD: with no credentials and none of
    /// `headers` to another scheme, host or port, and never from https to http.
    bool followRedirects = false;
    /// Takes the bytes of a 2xx answer as they come, in place of HttpAnswer::body, on the worker's thread; a failure
    /// ends the request with it. Then maxBytes bounds nothing by itself.
    std::function<Status(const QByteArray& piece)> sink = {};
};

/// An adapter's base address: http or https, with a host, without user and password, query and last slash.
/// InvalidInput for another, with an example of one.
[[nodiscard]] Result<QUrl> baseUrl(const std::string& url, const char* example);
/// Whether the address is this machine by name or number, so that nothing travels.
[[nodiscard]] bool isThisMachine(const QUrl& url);

struct HttpOptions {
    Credentials credentials;      ///< never sent over plain HTTP except to this machine
    std::string caFile;           ///< PEM with the authorities to trust in place of the system's; empty: those
    std::string certificateFile;  ///< PEM of the client; empty: none is shown
    std::string keyFile;          ///< PEM of its key, without a passphrase; empty: in certificateFile
    std::string proxy;            ///< http://host:port or socks5://host:port; empty: none; "system": the desktop's
    std::map<std::string, std::string> headers;  ///< sent with each request, such as X-Scope-OrgID; no secrets
    int idleTimeoutMs = 15'000;                  ///< without a byte
    int totalTimeoutMs = 60'000;
    qint64 maxBytes = 64LL * 1024 * 1024;  ///< of an answer, unpacked
};
/// InvalidInput for options that no request could be made with: a proxy's address, files that are not readable or not
/// PEM, headers that are not sound or that carry credentials.
[[nodiscard]] Status checkOptions(const HttpOptions& options);

/// How a client's server has done, for the list of connections.
struct HttpFigures {
    std::uint64_t requests = 0, failures = 0;  ///< ended; failures: no answer, 401, 403, 429 or 5xx
    std::uint64_t bytes = 0;                   ///< of bodies, unpacked
    int failuresInARow = 0;
    std::optional<Duration> latency;  ///< of the last answer, from sent to whole
    std::optional<Duration> skew;     ///< its clock less ours, of the last header Date, where 2 s or more
    std::string problem;              ///< of the last request; empty: it went well
};

/// HTTP requests from a thread of its own. Thread: any; the future's result is set, and what is chained to it runs, on
/// the worker's thread. Destruction ends open requests as cancelled.
class HttpClient {
public:
    explicit HttpClient(HttpOptions options);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    [[nodiscard]] QFuture<Result<HttpAnswer>> send(HttpRequest request, CancellationToken token);
    [[nodiscard]] QFuture<Result<HttpAnswer>> get(const QUrl& url, CancellationToken token);
    /// A form in the body.
    [[nodiscard]] QFuture<Result<HttpAnswer>> post(const QUrl& url, const QUrlQuery& form, CancellationToken token);
    [[nodiscard]] QFuture<Result<HttpAnswer>> postJson(const QUrl& url, QByteArray json, CancellationToken token);
    [[nodiscard]] HttpFigures figures() const;

private:
    class Worker;
    QThread m_thread;
    Worker* m_worker;  ///< lives on m_thread, deleted by it
};

}  // namespace pilothouse::connect
