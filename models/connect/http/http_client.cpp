// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/http/http_client.h"

#include <QElapsedTimer>
#include <QFile>
#include <QHostAddress>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QPromise>
#include <QSslConfiguration>
#include <QTimer>
#include <vector>

namespace pilothouse::connect {

namespace {

constexpr int kPollMs = 30;  // how soon a cancellation is noticed; the timer runs only while a request is open

bool isThisMachine(const QUrl& url) {
    const QString host = url.host();
    return host == u"localhost"_qs || QHostAddress(host).isLoopback();
}

Error networkError(const QNetworkReply& reply) {
    const std::string where = reply.url().toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery).toStdString();
    Error error{ErrorKind::Unavailable, "the server does not answer", reply.errorString().toStdString(), where, true};
    switch (reply.error()) {
        case QNetworkReply::ConnectionRefusedError:
            error.message = "nothing listens at this address";
            break;
        case QNetworkReply::HostNotFoundError:
            error.message = "the host name is not known";
            break;
        case QNetworkReply::RemoteHostClosedError:
            error.message = "the server closed the connection";
            break;
        case QNetworkReply::OperationCanceledError:
        case QNetworkReply::TimeoutError:
            error.kind = ErrorKind::Timeout;
            error.message = "the server did not answer in time";
            break;
        case QNetworkReply::SslHandshakeFailedError:
            error.kind = ErrorKind::PermissionDenied;
            error.message = "the server's certificate is not trusted";
            error.retryable = false;
            break;
        case QNetworkReply::ProtocolUnknownError:
        case QNetworkReply::ProtocolFailure:
        case QNetworkReply::UnknownContentError:
            error.kind = ErrorKind::InvalidInput;
            error.message = "the answer is not sound HTTP";
            error.retryable = false;
            break;
        default:
            break;
    }
    return error;
}

}  // namespace

Result<QUrl> baseUrl(const std::string& url, const char* example) {
    QUrl out(QString::fromStdString(url), QUrl::StrictMode);
    if (!out.isValid() || out.host().isEmpty() || (out.scheme() != u"http"_qs && out.scheme() != u"https"_qs))
        return fail(ErrorKind::InvalidInput, std::string("not an address such as ") + example, url);
    if (!out.userInfo().isEmpty())
        return fail(ErrorKind::InvalidInput,
                    "the address holds a user or a password; name an environment variable with a token instead",
                    out.toString(QUrl::RemoveUserInfo).toStdString());
    QString base = out.path();
    while (base.endsWith(QLatin1Char('/')))
        base.chop(1);
    out.setPath(base);
    out.setQuery(QString());
    out.setFragment(QString());
    return out;
}

class HttpClient::Worker : public QObject {
public:
    explicit Worker(HttpOptions options) : m_options(std::move(options)) {}

    void start(const QUrl& url, const std::optional<Body>& body, CancellationToken token,
               std::shared_ptr<QPromise<Result<HttpAnswer>>> promise) {
        const auto finish = [&promise](Result<HttpAnswer> result) {
            promise->addResult(std::move(result));
            promise->finish();
        };
        if (m_closed || token.cancelled()) return finish(fail(Error::cancelled()));
        auto request = prepare(url);
        if (!request) return finish(fail(request.error()));
        if (!m_manager) {
            m_manager = new QNetworkAccessManager(this);
            m_timer = new QTimer(this);
            m_timer->setInterval(kPollMs);
            QObject::connect(m_timer, &QTimer::timeout, this, [this] { poll(); });
        }
        if (body) request->setHeader(QNetworkRequest::ContentTypeHeader, QLatin1String(body->type));
        QNetworkReply* reply = body ? m_manager->post(*request, body->bytes) : m_manager->get(*request);
        reply->setReadBufferSize(1 << 20);
        auto open = std::make_shared<Open>(Open{reply, {}, std::move(token), std::move(promise), {}, std::nullopt});
        open->since.start();
        m_open.push_back(open);
        QObject::connect(reply, &QNetworkReply::readyRead, this, [this, open] { take(*open); });
        QObject::connect(reply, &QNetworkReply::finished, this, [this, open] { done(open); });
        m_timer->start();
    }
    void close() {
        m_closed = true;
        const auto all = m_open;
        for (const auto& open : all)
            abort(*open, Error::cancelled());
    }

private:
    struct Open {
        QNetworkReply* reply;
        QByteArray body;
        CancellationToken token;
        std::shared_ptr<QPromise<Result<HttpAnswer>>> promise;
        QElapsedTimer since;
        std::optional<Error> reason;  ///< why we ended it
    };

    [[nodiscard]] Result<QNetworkRequest> prepare(const QUrl& url) const {
        QNetworkRequest request(url);
        request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
        request.setTransferTimeout(m_options.idleTimeoutMs);
        request.setDecompressedSafetyCheckThreshold(m_options.maxBytes);
        request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("pilothouse"));
        request.setRawHeader("Accept", "application/json");
        const std::string where = url.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery).toStdString();
        if (!m_options.tokenVariable.empty()) {
            if (url.scheme() != u"https"_qs && !isThisMachine(url))
                return fail(ErrorKind::PermissionDenied,
                            "credentials are not sent over plain HTTP; use an https address", where);
            const QByteArray token = qgetenv(m_options.tokenVariable.c_str()).trimmed();
            if (token.isEmpty())
                return fail(ErrorKind::PermissionDenied,
                            "the environment variable " + m_options.tokenVariable + " with the access token is not set",
                            where);
            request.setRawHeader("Authorization", "Bearer " + token);
        }
        if (!m_options.caFile.empty()) {
            const auto authorities = QSslCertificate::fromPath(QString::fromStdString(m_options.caFile));
            if (authorities.isEmpty())
                return fail(ErrorKind::InvalidInput, "no certificate could be read", m_options.caFile);
            QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
            tls.setCaCertificates(authorities);
            request.setSslConfiguration(tls);
        }
        return request;
    }
    void abort(Open& open, Error reason) {
        if (!open.reason) open.reason = std::move(reason);
        open.reply->abort();  // emits finished()
    }
    void take(Open& open) {
        if (open.reason || !open.reply->isOpen()) return;
        open.body += open.reply->readAll();
        if (open.body.size() > m_options.maxBytes)
            abort(open, {ErrorKind::ResourceExhausted,
                         "the answer is longer than " + std::to_string(m_options.maxBytes >> 20) + " MB; ask for less",
                         {},
                         open.reply->url().toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery).toStdString(),
                         false});
    }
    void poll() {
        const auto all = m_open;
        for (const auto& open : all) {
            if (open->token.cancelled())
                abort(*open, Error::cancelled());
            else if (open->since.elapsed() > m_options.totalTimeoutMs)
                abort(*open, {ErrorKind::Timeout,
                              "the server did not answer in time",
                              {},
                              open->reply->url().toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery).toStdString(),
                              true});
        }
    }
    void done(const std::shared_ptr<Open>& open) {
        const auto place = std::find(m_open.begin(), m_open.end(), open);
        if (place == m_open.end()) return;
        m_open.erase(place);
        if (m_open.empty()) m_timer->stop();
        if (!open->reason) take(*open);
        open->reply->deleteLater();
        open->promise->addResult(resultOf(*open));
        open->promise->finish();
    }
    [[nodiscard]] static Result<HttpAnswer> resultOf(const Open& open) {
        if (open.reason) return fail(*open.reason);
        const int status = open.reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        // Qt reports a 4xx or 5xx answer as an error as well; what counts is whether the answer came whole.
        const auto error = open.reply->error();
        if (status == 0 || (error != QNetworkReply::NoError && error < QNetworkReply::ContentAccessDenied))
            return fail(networkError(*open.reply));
        if (status >= 300 && status < 400) {
            const QUrl target = open.reply->attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl();
            return fail(ErrorKind::Unavailable,
                        "the server sends on to another address (" +
                            open.reply->url()
                                .resolved(target)
                                .toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery)
                                .toStdString() +
                            "), which is not followed; connect to that one",
                        open.reply->url().toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery).toStdString());
        }
        return HttpAnswer{status, open.reply->header(QNetworkRequest::ContentTypeHeader).toByteArray(), open.body,
                          open.reply->rawHeader("Retry-After").left(100)};
    }

    HttpOptions m_options;
    QNetworkAccessManager* m_manager = nullptr;  ///< made on the worker's thread
    QTimer* m_timer = nullptr;
    std::vector<std::shared_ptr<Open>> m_open;
    bool m_closed = false;
};

HttpClient::HttpClient(HttpOptions options) : m_worker(new Worker(std::move(options))) {
    m_thread.setObjectName(QStringLiteral("http"));
    m_worker->moveToThread(&m_thread);
    QObject::connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    m_thread.start();
}

HttpClient::~HttpClient() {
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker] { worker->close(); }, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

QFuture<Result<HttpAnswer>> HttpClient::get(const QUrl& url, CancellationToken token) {
    return send(url, std::nullopt, std::move(token));
}

QFuture<Result<HttpAnswer>> HttpClient::post(const QUrl& url, const QUrlQuery& form, CancellationToken token) {
    // A plus is a blank in a form, so one that is meant is escaped by hand: QUrlQuery leaves it.
    return send(url,
                Body{"application/x-www-form-urlencoded",
                     form.toString(QUrl::FullyEncoded).replace(QLatin1Char('+'), QStringLiteral("%2B")).toUtf8()},
                std::move(token));
}

QFuture<Result<HttpAnswer>> HttpClient::postJson(const QUrl& url, QByteArray json, CancellationToken token) {
    return send(url, Body{"application/json", std::move(json)}, std::move(token));
}

QFuture<Result<HttpAnswer>> HttpClient::send(const QUrl& url, std::optional<Body> body, CancellationToken token) {
    auto promise = std::make_shared<QPromise<Result<HttpAnswer>>>();
    promise->start();
    auto future = promise->future();
    QMetaObject::invokeMethod(
        m_worker,
        [worker = m_worker, url, body = std::move(body), token = std::move(token), promise] {
            worker->start(url, body, token, promise);
        },
        Qt::QueuedConnection);
    return future;
}

}  // namespace pilothouse::connect
