// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/http/http_client.h"

#include <QElapsedTimer>
#include <QFutureWatcher>
#include <QLocale>
#include <QNetworkAccessManager>
#include <QNetworkProxyFactory>
#include <QNetworkReply>
#include <QPromise>
#include <QTimer>
#include <mutex>
#include <vector>

#include "models/connect/http/http_options.h"
#include "models/connect/http/http_words.h"

namespace pilothouse::connect {

namespace {

constexpr int kPollMs = 30;  // how soon a cancellation is noticed; the timer runs only while a request is open
constexpr int kMaxRedirects = 5;
constexpr qsizetype kMaxHeaders = 64, kMaxHeader = 8 << 10;
constexpr auto kSkewNoticed = std::chrono::seconds(2);

std::map<QByteArray, QByteArray> headersOf(const QNetworkReply& reply) {
    std::map<QByteArray, QByteArray> out;
    for (const QByteArray& name : reply.rawHeaderList()) {
        if (out.size() >= std::size_t{kMaxHeaders}) break;
        out.emplace(name.left(200).toLower(), reply.rawHeader(name).left(kMaxHeader));
    }
    return out;
}

/// Its clock less ours. (https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7; whole seconds)
std::optional<Duration> skewOf(const HttpAnswer& answer) {
    QDateTime theirs = QLocale::c().toDateTime(QString::fromLatin1(answer.header("date")),
                                               QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"));
    if (!theirs.isValid()) return {};
    theirs.setTimeSpec(Qt::UTC);
    // The server's clock is compared with this machine's, whatever clock a workspace has.
    const Duration skew = std::chrono::seconds(QDateTime::currentDateTimeUtc().secsTo(theirs));
    if (std::chrono::abs(skew) < kSkewNoticed) return {};
    return skew;
}

}  // namespace

class HttpClient::Worker : public QObject {
public:
    explicit Worker(HttpOptions options) : m_options(std::move(options)) {}

    using Promise = std::shared_ptr<QPromise<Result<HttpAnswer>>>;

    void start(HttpRequest request, CancellationToken token, Promise promise) {
        auto open = std::make_shared<Open>();
        open->request = std::move(request);
        open->token = std::move(token);
        open->promise = std::move(promise);
        open->since.start();
        if (m_closed || open->token.cancelled()) return end(open, fail(Error::cancelled()));
        if (Status ready = setUp(); !ready) return end(open, fail(ready.error()));
        m_open.push_back(open);
        m_timer->start();
        authorize(open);
    }
    void close() {
        m_closed = true;
        const auto all = m_open;
        for (const auto& open : all)
            abort(open, Error::cancelled());
    }
    [[nodiscard]] HttpFigures figures() const {
        const std::lock_guard lock(m_mutex);
        return m_figures;
    }

private:
    struct Open {
        HttpRequest request;
        QNetworkReply* reply = nullptr;
        QByteArray authorization;
        QByteArray body;
        qint64 bytes = 0;  ///< that came
        QList<QSslError> tls;
        CancellationToken token;
        Promise promise;
        QElapsedTimer since;
        int redirects = 0;
        std::optional<Error> reason;  ///< why we ended it
    };
    using OpenPtr = std::shared_ptr<Open>;

    [[nodiscard]] Status setUp() {
        if (m_manager) return {};
        PH_TRY(checkOptions(m_options));
        PH_ASSIGN(const auto proxy, proxyOf(m_options));
        PH_ASSIGN(m_tls, tlsOf(m_options));
        m_manager = new QNetworkAccessManager(this);
        if (proxy)
            m_manager->setProxy(*proxy);
        else
            QNetworkProxyFactory::setUseSystemConfiguration(true);
        m_timer = new QTimer(this);
        m_timer->setInterval(kPollMs);
        QObject::connect(m_timer, &QTimer::timeout, this, [this] { poll(); });
        return {};
    }
    /// Finds the credentials, which may take a keychain's answer, and sends.
    void authorize(const OpenPtr& open) {
        const Credentials& credentials = m_options.credentials;
        if (open->request.authorization)
            open->authorization = *open->request.authorization;
        else if (credentials.scheme != Credentials::Scheme::None) {
            if (open->request.url.scheme() != u"https"_qs && !isThisMachine(open->request.url))
                return abort(open, plainHttp(open->request.url));
            if (m_secret.isEmpty()) return readThenSend(open);
            open->authorization = value(m_secret);
        }
        if (!open->authorization.isEmpty() && open->request.url.scheme() != u"https"_qs &&
            !isThisMachine(open->request.url))
            return abort(open, plainHttp(open->request.url));
        dispatch(open);
    }
    static Error plainHttp(const QUrl& url) {
        return {ErrorKind::PermissionDenied,
                "credentials are not sent over plain HTTP; use an https address",
                {},
                addressOf(url),
                false};
    }
    void readThenSend(const OpenPtr& open) {
        auto* watcher = new QFutureWatcher<Result<QByteArray>>(this);
        QObject::connect(watcher, &QFutureWatcherBase::finished, this, [this, open, watcher] {
            watcher->deleteLater();
            if (open->reason) return;  // ended meanwhile
            Result<QByteArray> secret = watcher->result();
            if (!secret) {
                Error error = secret.error();
                error.source = addressOf(open->request.url);
                return abort(open, std::move(error));
            }
            // A variable is read each time; a keychain may ask its user, so its answer is kept until it is refused.
            if (m_options.credentials.secret.starts_with("keychain:")) m_secret = *secret;
            open->authorization = value(*secret);
            dispatch(open);
        });
        watcher->setFuture(readSecret(m_options.credentials.secret));
    }
    [[nodiscard]] QByteArray value(const QByteArray& secret) const {
        if (m_options.credentials.scheme == Credentials::Scheme::Bearer) return "Bearer " + secret;
        return "Basic " + (QByteArray::fromStdString(m_options.credentials.user) + ':' + secret).toBase64();
    }
    void dispatch(const OpenPtr& open) {
        const HttpRequest& asked = open->request;
        QNetworkRequest request(asked.url);
        request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
        request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
        request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
        request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
        request.setTransferTimeout(m_options.idleTimeoutMs);
        request.setDecompressedSafetyCheckThreshold(m_options.maxBytes);
        request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("pilothouse"));
        for (const auto& [name, text] : m_options.headers)
            request.setRawHeader(QByteArray::fromStdString(name), QByteArray::fromStdString(text));
        for (const auto& [name, text] : asked.headers)
            request.setRawHeader(name, text);
        request.setRawHeader("Accept", asked.accept);
        if (!open->authorization.isEmpty()) request.setRawHeader("Authorization", open->authorization);
        if (m_tls) request.setSslConfiguration(*m_tls);
        if (!asked.contentType.isEmpty()) request.setHeader(QNetworkRequest::ContentTypeHeader, asked.contentType);
        QNetworkReply* reply = asked.method == "GET" && asked.body.isEmpty()
                                   ? m_manager->get(request)
                                   : m_manager->sendCustomRequest(request, asked.method, asked.body);
        open->reply = reply;
        reply->setReadBufferSize(1 << 20);
        QObject::connect(reply, &QNetworkReply::readyRead, this, [this, open] { take(open); });
        QObject::connect(reply, &QNetworkReply::sslErrors, this,
                         [open](const QList<QSslError>& errors) { open->tls += errors; });
        QObject::connect(reply, &QNetworkReply::finished, this, [this, open, reply] { done(open, reply); });
    }
    void abort(const OpenPtr& open, Error reason) {
        if (open->reason) return;
        open->reason = std::move(reason);
        if (open->reply)
            open->reply->abort();  // emits finished()
        else
            end(open, fail(*open->reason));
    }
    [[nodiscard]] static int statusOf(const QNetworkReply& reply) {
        return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    }
    void take(const OpenPtr& open) {
        if (open->reason || !open->reply->isOpen()) return;
        const QByteArray piece = open->reply->readAll();
        if (piece.isEmpty()) return;
        open->bytes += piece.size();
        const int status = statusOf(*open->reply);
        if (open->request.sink && status >= 200 && status < 300) {
            if (Status taken = open->request.sink(piece); !taken) abort(open, taken.error());
            return;
        }
        open->body += piece;
        if (open->body.size() > m_options.maxBytes)
            abort(open, {ErrorKind::ResourceExhausted,
                         "the answer is longer than " + std::to_string(m_options.maxBytes >> 20) + " MB; ask for less",
                         {},
                         addressOf(open->reply->url()),
                         false});
    }
    void poll() {
        const auto all = m_open;
        for (const auto& open : all) {
            if (open->token.cancelled())
                abort(open, Error::cancelled());
            else if (open->since.elapsed() > m_options.totalTimeoutMs)
                abort(
                    open,
                    {ErrorKind::Timeout, "the server did not answer in time", {}, addressOf(open->request.url), true});
        }
    }
    void done(const OpenPtr& open, QNetworkReply* reply) {
        if (open->reply != reply) return;
        if (!open->reason) take(open);
        reply->deleteLater();
        if (open->reason) return end(open, fail(*open->reason));
        const int status = statusOf(*reply);
        // Qt reports a 4xx or 5xx answer as an error as well; what counts is whether the answer came whole.
        const auto error = reply->error();
        if (status == 0 || (error != QNetworkReply::NoError && error < QNetworkReply::ContentAccessDenied))
            return end(open, fail(networkError(*reply, open->tls)));
        if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308)
            return redirected(open, *reply);
        if (status == 401) m_secret.clear();  // another may be in the keychain by now
        end(open, HttpAnswer{status, reply->header(QNetworkRequest::ContentTypeHeader).toByteArray(),
                             std::move(open->body), reply->rawHeader("Retry-After").left(100), headersOf(*reply)});
    }
    void redirected(const OpenPtr& open, const QNetworkReply& reply) {
        const QUrl from = reply.url();
        const auto target = redirectTarget(reply);
        const bool reads = open->request.method == "GET" || open->request.method == "HEAD";
        const auto refuse = [&](const std::string& why) {
            return end(open, fail(ErrorKind::Unavailable,
                                  "the server sends on to another address" +
                                      (target ? " (" + addressOf(*target) + ")" : std::string()) + ", " + why,
                                  addressOf(from)));
        };
        if (!target || !reads || !open->request.followRedirects)
            return refuse("which is not followed; connect to that one");
        if (++open->redirects > kMaxRedirects) return refuse("and on and on; it was given up");
        if (from.scheme() == u"https"_qs && target->scheme() != u"https"_qs)
            return refuse("which is not encrypted, and so not followed");
        if (!sameOrigin(from, *target)) {
            open->authorization.clear();
            open->request.headers.clear();
        }
        open->request.url = *target;
        open->body.clear();
        dispatch(open);
    }
    void end(const OpenPtr& open, Result<HttpAnswer> result) {
        if (const auto place = std::find(m_open.begin(), m_open.end(), open); place != m_open.end())
            m_open.erase(place);
        if (m_open.empty() && m_timer) m_timer->stop();
        if (!isCancelled(result)) count(*open, result);
        open->promise->addResult(std::move(result));
        open->promise->finish();
    }
    void count(const Open& open, const Result<HttpAnswer>& result) {
        const std::lock_guard lock(m_mutex);
        ++m_figures.requests;
        m_figures.bytes += static_cast<std::uint64_t>(open.bytes);
        m_figures.problem.clear();
        if (!result)
            m_figures.problem = result.error().message;
        else if (result->status == 401 || result->status == 403 || result->status == 429 || result->status >= 500)
            m_figures.problem = "HTTP status " + std::to_string(result->status);
        if (m_figures.problem.empty()) {
            m_figures.failuresInARow = 0;
        } else {
            ++m_figures.failures;
            ++m_figures.failuresInARow;
        }
        if (!result) return;
        m_figures.latency = std::chrono::milliseconds(open.since.elapsed());
        m_figures.skew = skewOf(*result);
    }

    HttpOptions m_options;
    QNetworkAccessManager* m_manager = nullptr;  ///< made on the worker's thread
    QTimer* m_timer = nullptr;
    std::optional<QSslConfiguration> m_tls;
    QByteArray m_secret;  ///< of a keychain
    std::vector<OpenPtr> m_open;
    bool m_closed = false;
    mutable std::mutex m_mutex;
    HttpFigures m_figures;  ///< guarded by m_mutex
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
    return send({.url = url}, std::move(token));
}

QFuture<Result<HttpAnswer>> HttpClient::post(const QUrl& url, const QUrlQuery& form, CancellationToken token) {
    // A plus is a blank in a form, so one that is meant is escaped by hand: QUrlQuery leaves it.
    return send({.url = url,
                 .method = "POST",
                 .contentType = "application/x-www-form-urlencoded",
                 .body = form.toString(QUrl::FullyEncoded).replace(QLatin1Char('+'), QStringLiteral("%2B")).toUtf8()},
                std::move(token));
}

QFuture<Result<HttpAnswer>> HttpClient::postJson(const QUrl& url, QByteArray json, CancellationToken token) {
    return send({.url = url, .method = "POST", .contentType = "application/json", .body = std::move(json)},
                std::move(token));
}

QFuture<Result<HttpAnswer>> HttpClient::send(HttpRequest request, CancellationToken token) {
    auto promise = std::make_shared<QPromise<Result<HttpAnswer>>>();
    promise->start();
    auto future = promise->future();
    QMetaObject::invokeMethod(
        m_worker,
        [worker = m_worker, request = std::move(request), token = std::move(token), promise]() mutable {
            worker->start(std::move(request), std::move(token), std::move(promise));
        },
        Qt::QueuedConnection);
    return future;
}

HttpFigures HttpClient::figures() const { return m_worker->figures(); }

}  // namespace pilothouse::connect
