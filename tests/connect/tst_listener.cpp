// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSemaphore>
#include <QTcpSocket>
#include <QTest>

#include "models/connect/listener/listener.h"

using namespace pilothouse;
using namespace pilothouse::connect;

class TestListener : public QObject {
    Q_OBJECT

    std::unique_ptr<Listener> m_listener;

    void open(ListenerOptions options = {}) {
        options.token = "s3cret";
        auto made = Listener::open(std::move(options),
                                   {{"GET /metrics",
                                     [](const Request& r) {
                                         return Response{200, "text/plain", "q=" + QByteArray::fromStdString(r.query)};
                                     }},
                                    {"POST /hook", [](const Request& r) {
                                         return Response{200, "text/plain", r.body};
                                     }}});
        QVERIFY2(made, made ? "" : made.error().text().c_str());
        m_listener = std::move(*made);
    }
    /// Sends bytes and reads until the server closes.
    QByteArray ask(const QByteArray& bytes) const {
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, m_listener->port());
        if (!socket.waitForConnected()) return "not connected";
        socket.write(bytes);
        while (socket.state() == QAbstractSocket::ConnectedState && socket.waitForReadyRead(20'000)) {
        }
        return socket.readAll();
    }
    static QByteArray get(const char* path, const QByteArray& headers = "Authorization: Bearer s3cret\r\n") {
        return QByteArray("GET ") + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
    }
    static int status(const QByteArray& answer) { return answer.mid(9, 3).toInt(); }

private Q_SLOTS:
    void init() { open(); }
    void cleanup() { m_listener.reset(); }

    void anAnswer() {
        const QByteArray answer = ask(get("/metrics?a=b"));
        QCOMPARE(status(answer), 200);
        QVERIFY(answer.contains("\r\nContent-Length: 5\r\n"));
        QVERIFY(answer.endsWith("\r\n\r\nq=a=b"));
        QCOMPARE(status(ask(get("/metrics", "authorization: bearer s3cret\r\n"))), 200);
    }

    void whoHasNoTokenLearnsNothing() {
        for (const char* headers : {"", "Authorization: Bearer s3cre\r\n", "Authorization: Bearer s3cretx\r\n",
                                    "Authorization: Basic s3cret\r\n", "Authorization: \r\n", "X: Bearer s3cret\r\n"})
            for (const char* path : {"/metrics", "/hook", "/nothing"}) {
                const QByteArray answer = ask(get(path, headers));
                QCOMPARE(status(answer), 401);
                QVERIFY(answer.contains("WWW-Authenticate: Bearer\r\n"));
                QVERIFY(!answer.contains("s3cret"));
            }
        // Nor is a body read.
        QCOMPARE(status(ask("POST /hook HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")), 401);
    }

    void whatCannotBeServed_data() {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<int>("status");
        const auto row = [](const char* name, const QByteArray& request, int status) {
            QTest::newRow(name) << request << status;
        };
        const QByteArray token = "Authorization: Bearer s3cret\r\n";
        row("path", get("/nothing"), 404);
        row("method", "DELETE /metrics HTTP/1.1\r\n" + token + "\r\n", 405);
        row("no request", "hello\r\n\r\n", 400);
        row("version", "GET /metrics HTTP/2.0\r\n\r\n", 505);
        row("tls", QByteArray("\x16\x03\x01\x02\r\n\r\n"), 400);
        row("no path", "GET metrics HTTP/1.1\r\n\r\n", 400);
        row("header", "GET /metrics HTTP/1.1\r\nnonsense\r\n\r\n", 400);
        row("folded header", "GET /metrics HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400);
        row("two tokens", "GET /metrics HTTP/1.1\r\n" + token + token + "\r\n", 400);
        row("long head", "GET /metrics HTTP/1.1\r\nA: " + QByteArray(20'000, 'x'), 431);
        row("long path", "GET /" + QByteArray(20'000, 'x'), 431);
        row("chunked", "POST /hook HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + token + "\r\n", 411);
        row("long body", "POST /hook HTTP/1.1\r\nContent-Length: 2000000\r\n" + token + "\r\n", 413);
        row("endless body", "POST /hook HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n" + token + "\r\n", 413);
        row("length", "POST /hook HTTP/1.1\r\nContent-Length: -1\r\n" + token + "\r\n", 400);
        row("lengths", "POST /hook HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + token + "\r\n", 400);
    }
    void whatCannotBeServed() {
        QFETCH(QByteArray, request);
        QFETCH(int, status);
        QCOMPARE(TestListener::status(ask(request)), status);
    }

    /// However the request is cut.
    void anyPieces() {
        const QByteArray whole = "POST /hook?x HTTP/1.1\r\nContent-Length: 5\r\nA:  b \r\n\r\nhello";
        for (qsizetype cut = 0; cut <= whole.size(); ++cut)
            for (const qsizetype second : {cut, std::min(cut + 1, whole.size())}) {
                RequestReader reader;
                for (const QByteArray& piece : {whole.left(cut), whole.mid(cut, second - cut), whole.mid(second)})
                    QVERIFY(!reader.feed(piece));
                QVERIFY(reader.complete());
                QCOMPARE(reader.request().body, QByteArray("hello"));
                QCOMPARE(reader.request().query, std::string("x"));
                QCOMPARE(reader.request().headers.at("a"), std::string("b"));
            }
        QByteArray bytes = whole;
        bytes.insert(bytes.indexOf("\r\n\r\n"), "\r\nAuthorization: Bearer s3cret\r\nExpect: 100-continue");
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, m_listener->port());
        QVERIFY(socket.waitForConnected());
        const auto head = bytes.indexOf("\r\n\r\n") + 4;
        socket.write(bytes.left(head));
        QVERIFY(socket.waitForReadyRead(20'000));
        QCOMPARE(socket.readAll(), QByteArray("HTTP/1.1 100 Continue\r\n\r\n"));
        socket.write(bytes.mid(head));
        while (socket.state() == QAbstractSocket::ConnectedState && socket.waitForReadyRead(20'000)) {
        }
        QVERIFY(socket.readAll().endsWith("\r\n\r\nhello"));
    }

    void slowOnesAreCut() {
        ListenerOptions options;
        options.totalMs = 200;
        open(options);
        QVERIFY(ask("GET /metrics HTTP/1.1\r\nA: b").isEmpty());
        QCOMPARE(status(ask(get("/metrics"))), 200);
    }

    void notTooManyAtOnce() {
        ListenerOptions options;
        options.maxConnections = 2;
        open(options);
        QTcpSocket first, second;
        for (QTcpSocket* socket : {&first, &second}) {
            socket->connectToHost(QHostAddress::LocalHost, m_listener->port());
            QVERIFY(socket->waitForConnected());
        }
        QVERIFY(ask(get("/metrics")).isEmpty());
        first.abort();
        second.abort();
        QTRY_COMPARE(status(ask(get("/metrics"))), 200);
    }

    /// The listener goes while a handler runs, and while its client is gone already.
    void goingWhileItAnswers() {
        QSemaphore begun, go;
        ListenerOptions options;
        options.token = "s3cret";
        auto made = Listener::open(options, {{"GET /slow", [&](const Request&) {
                                                  begun.release();
                                                  go.acquire();
                                                  return Response{};
                                              }}});
        QVERIFY(made);
        m_listener = std::move(*made);
        QTcpSocket gone, here;
        for (QTcpSocket* socket : {&gone, &here}) {
            socket->connectToHost(QHostAddress::LocalHost, m_listener->port());
            QVERIFY(socket->waitForConnected());
            socket->write(get("/slow"));
            QVERIFY(socket->waitForBytesWritten());
        }
        begun.acquire(2);
        gone.abort();
        go.release(2);
        m_listener.reset();
    }

    void thePort() {
        ListenerOptions options;
        options.token = "x";
        options.port = m_listener->port();
        const auto taken = Listener::open(options, {});
        QVERIFY(!taken);
        QCOMPARE(taken.error().kind, ErrorKind::Unavailable);
        options.token.clear();
        QCOMPARE(Listener::open(options, {}).error().kind, ErrorKind::InvalidInput);
        // Only this machine can reach it.
        QTcpSocket socket;
        socket.connectToHost(QHostAddress(QStringLiteral("127.0.0.2")), m_listener->port());
        QVERIFY(!socket.waitForConnected(2'000));
    }
};

QTEST_GUILESS_MAIN(TestListener)
#include "tst_listener.moc"
