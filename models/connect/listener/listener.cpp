// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/connect/listener/listener.h"

#include <QPointer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QThreadPool>
#include <QTimer>

namespace pilothouse::connect {

namespace {

const char* phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 431:
            return "Request Header Fields Too Large";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return status < 500 ? "Refused" : "Server Error";
    }
}

QByteArray written(const Response& r) {
    QByteArray out = "HTTP/1.1 " + QByteArray::number(r.status) + ' ' + phrase(r.status) +
                     "\r\nContent-Type: " + r.contentType + "\r\nContent-Length: " + QByteArray::number(r.body.size()) +
                     "\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
    if (r.status == 401) out += "WWW-Authenticate: Bearer\r\n";
    out += "\r\n";
    return out + r.body;
}

Response plain(int status) { return {status, "text/plain; charset=utf-8", QByteArray(phrase(status)) + '\n'}; }

/// Takes as long for a wrong token as for the right one, so that its bytes cannot be guessed one by one.
bool sameToken(std::string_view given, std::string_view wanted) {
    unsigned difference = given.size() == wanted.size() ? 0 : 1;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        difference |=
            static_cast<unsigned char>(wanted[i]) ^ static_cast<unsigned char>(i < given.size() ? given[i] : '\0');
    return difference == 0;
}

}  // namespace

/// One connection; goes with its socket.
class Connection : public QObject {
public:
    Connection(QTcpSocket* socket, const ListenerOptions& options, const std::map<std::string, Handler>& routes,
               QThreadPool& pool)
        : QObject(socket),
          m_socket(socket),
          m_options(options),
          m_routes(routes),
          m_pool(pool),
          m_reader(options.limits) {
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, [this] { m_socket->abort(); });
        connect(socket, &QTcpSocket::readyRead, this, &Connection::read);
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        m_socket->setReadBufferSize(64 << 10);
        m_timer.start(options.totalMs);
        read();
    }

private:
    void read() {
        const QByteArray bytes = m_socket->readAll();
        if (m_asked) return;
        const bool knew = m_reader.headRead();
        if (const auto problem = m_reader.feed(bytes)) return answer(plain(*problem));
        if (!knew && m_reader.headRead()) {
            // Before the body is read: a stranger may not even send one.
            if (!authorised()) return answer(plain(401));
            const auto expect = m_reader.request().headers.find("expect");
            if (expect != m_reader.request().headers.end() && !m_reader.complete())
                m_socket->write("HTTP/1.1 100 Continue\r\n\r\n");
        }
        if (m_reader.complete()) dispatch();
    }
    [[nodiscard]] bool authorised() const {
        const auto header = m_reader.request().headers.find("authorization");
        if (header == m_reader.request().headers.end()) return false;
        const std::string_view value = header->second;
        constexpr std::string_view kScheme = "bearer ";
        if (value.size() < kScheme.size() || qstrnicmp(value.data(), static_cast<qsizetype>(kScheme.size()),
                                                       kScheme.data(), static_cast<qsizetype>(kScheme.size())) != 0)
            return false;
        return sameToken(value.substr(kScheme.size()), m_options.token);
    }
    void dispatch() {
        const Request& request = m_reader.request();
        const auto route = m_routes.find(request.method + ' ' + request.path);
        if (route == m_routes.end()) {
            const bool other = std::any_of(m_routes.begin(), m_routes.end(), [&](const auto& r) {
                return r.first.substr(r.first.find(' ') + 1) == request.path;
            });
            return answer(plain(other ? 405 : 404));
        }
        m_asked = true;
        m_timer.stop();
        m_pool.start(
            [self = QPointer<Connection>(this), context = m_socket->parent(), handler = route->second, request] {
                Response response = handler(request);
                // By way of the server, which outlives the pool's work: the connection may be gone.
                QMetaObject::invokeMethod(
                    context,
                    [self, response = std::move(response)] {
                        if (self) self->answer(response);
                    },
                    Qt::QueuedConnection);
            });
    }
    void answer(const Response& response) {
        m_asked = true;
        m_timer.start(m_options.totalMs);
        m_socket->write(written(response));
        m_socket->disconnectFromHost();
    }

    QTcpSocket* m_socket;
    const ListenerOptions& m_options;
    const std::map<std::string, Handler>& m_routes;
    QThreadPool& m_pool;
    RequestReader m_reader;
    QTimer m_timer;
    bool m_asked = false;
};

class Listener::Server : public QTcpServer {
public:
    Server(ListenerOptions options, std::map<std::string, Handler> routes)
        : m_options(std::move(options)), m_routes(std::move(routes)) {
        m_pool.setMaxThreadCount(2);
        connect(this, &QTcpServer::newConnection, this, &Server::accept);
    }
    ~Server() override {
        close();
        m_pool.waitForDone();
    }

private:
    void accept() {
        while (QTcpSocket* socket = nextPendingConnection()) {
            if (findChildren<QTcpSocket*>(Qt::FindDirectChildrenOnly).size() > m_options.maxConnections) {
                socket->abort();
                socket->deleteLater();
            } else {
                new Connection(socket, m_options, m_routes, m_pool);
            }
        }
    }

    const ListenerOptions m_options;
    const std::map<std::string, Handler> m_routes;
    QThreadPool m_pool;
};

Result<std::unique_ptr<Listener>> Listener::open(ListenerOptions options, std::map<std::string, Handler> routes) {
    if (options.token.empty()) return fail(Error::invalid("a listener needs a token that is asked for"));
    std::unique_ptr<Listener> out(new Listener);
    const quint16 port = options.port;
    out->m_server = new Server(std::move(options), std::move(routes));
    out->m_server->moveToThread(&out->m_thread);
    QObject::connect(&out->m_thread, &QThread::finished, out->m_server, &QObject::deleteLater);
    out->m_thread.setObjectName(QStringLiteral("listener"));
    out->m_thread.start();
    bool listens = false;
    QString problem;
    QMetaObject::invokeMethod(
        out->m_server,
        [&] {
            listens = out->m_server->listen(QHostAddress::LocalHost, port);
            out->m_port = out->m_server->serverPort();
            problem = out->m_server->errorString();
        },
        Qt::BlockingQueuedConnection);
    if (!listens)
        return fail(ErrorKind::Unavailable, "cannot listen on port " + std::to_string(port) + " of this machine", {},
                    problem.toStdString());
    return out;
}

Listener::~Listener() {
    m_thread.quit();
    m_thread.wait();
}

}  // namespace pilothouse::connect
