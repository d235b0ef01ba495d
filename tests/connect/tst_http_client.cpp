// SPDX-License-Identifier: GPL-3.0-or-later
// What is behind every adapter: credentials, redirects, proxies, TLS, and what a client says of its server.
#include <QCryptographicHash>
#include <QFile>
#include <QSslKey>
#include <QSslSocket>
#include <QTest>
#include <atomic>
#include <thread>

#include "models/connect/http/http_client.h"
#include "models/connect/http/probe.h"
#include "tests/connect/fake_server.h"

using namespace pilothouse;
using namespace pilothouse::connect;
using test::await;
using test::http;

namespace {

std::string data(const char* name) { return std::string(PILOTHOUSE_TEST_DATA "/tls/") + name; }

/// Answers "hello" over TLS as the certificate says.
class TlsServer : public QTcpServer {
public:
    explicit TlsServer(const char* name, bool asksForClient = false) : m_asks(asksForClient) {
        m_chain = QSslCertificate::fromPath(QString::fromStdString(data(name) + ".pem"));
        QFile key(QString::fromStdString(data(name) + ".key"));
        if (key.open(QIODevice::ReadOnly)) m_key = QSslKey(key.readAll(), QSsl::Ec);
        listen(QHostAddress::LocalHost);
    }
    [[nodiscard]] QUrl url() const { return QUrl(QStringLiteral("https://127.0.0.1:%1/").arg(serverPort())); }
    QString client;  ///< common name of the certificate that was shown
    int answered = 0;

protected:
    void incomingConnection(qintptr handle) override {
        auto* socket = new QSslSocket(this);
        socket->setSocketDescriptor(handle);
        socket->setLocalCertificateChain(m_chain);
        socket->setPrivateKey(m_key);
        if (m_asks) {
            socket->setPeerVerifyMode(QSslSocket::VerifyPeer);
            QSslConfiguration tls = socket->sslConfiguration();
            tls.setCaCertificates(QSslCertificate::fromPath(QString::fromStdString(data("ca.pem"))));
            socket->setSslConfiguration(tls);
        }
        connect(socket, &QSslSocket::readyRead, this, [this, socket] {
            if (!socket->readAll().contains("\r\n\r\n")) return;
            client = socket->peerCertificate().subjectInfo(QSslCertificate::CommonName).value(0);
            ++answered;
            socket->write(http(200, "hello"));
            socket->disconnectFromHost();
        });
        socket->startServerEncryption();
    }

private:
    QList<QSslCertificate> m_chain;
    QSslKey m_key;
    bool m_asks;
};

}  // namespace

class TestHttpClient : public QObject {
    Q_OBJECT
    test::FakeServer m_server;
    QUrl url(const char* path = "/") const {
        return QUrl(QString::fromStdString(m_server.url()) + QLatin1String(path));
    }

private Q_SLOTS:
    void initTestCase() { qputenv("PILOTHOUSE_TEST_SECRET", "hunter2"); }
    void init() {
        m_server.requests.clear();
        m_server.answer = [](const QByteArray&) { return http(200, "ok"); };
    }

    void credentialsAsTheSchemeSays() {
        HttpOptions options;
        options.credentials = {Credentials::Scheme::Basic, "ann", "env:PILOTHOUSE_TEST_SECRET"};
        HttpClient basic(options);
        QVERIFY(await(basic.get(url(), {})));
        QVERIFY(
            m_server.requests.last().contains("Authorization: Basic " + QByteArray("ann:hunter2").toBase64() + "\r\n"));
        // A request's own authorization takes the place of it, also an empty one.
        QVERIFY(await(basic.send({.url = url(), .authorization = "Bearer abc"}, {})));
        QVERIFY(m_server.requests.last().contains("Authorization: Bearer abc\r\n"));
        QVERIFY(await(basic.send({.url = url(), .authorization = ""}, {})));
        QVERIFY(!m_server.requests.last().contains("Authorization"));
    }
    void aSecretThatIsMissingIsSaid() {
        HttpOptions options;
        options.credentials = {Credentials::Scheme::Basic, "ann", "env:PILOTHOUSE_TEST_MISSING"};
        HttpClient client(options);
        const auto got = await(client.get(url(), {}));
        QCOMPARE(got.error().kind, ErrorKind::PermissionDenied);
        QVERIFY(got.error().message.find("PILOTHOUSE_TEST_MISSING") != std::string::npos);
        options.credentials.secret = "hunter2";  // written down in place of its name
        HttpClient careless(options);
        const auto refused = await(careless.get(url(), {}));
        QCOMPARE(refused.error().kind, ErrorKind::InvalidInput);
        QVERIFY(refused.error().text().find("hunter2") == std::string::npos);
        QVERIFY(m_server.requests.isEmpty());
    }
    void noCredentialsOverPlainHttpToAnother() {
        HttpClient client({});
        const auto got =
            await(client.send({.url = QUrl(QStringLiteral("http://far.invalid/")), .authorization = "x"}, {}));
        QCOMPARE(got.error().kind, ErrorKind::PermissionDenied);
    }
    void headersOfTheConnectionAndTheRequest() {
        HttpOptions options;
        options.headers = {{"X-Scope-OrgID", "team 7"}};
        HttpClient client(options);
        QVERIFY(await(client.send({.url = url(),
                                   .method = "PATCH",
                                   .accept = "text/plain",
                                   .contentType = "a/b",
                                   .body = "xy",
                                   .headers = {{"If-Match", "7"}}},
                                  {})));
        const QByteArray sent = m_server.requests.last();
        for (const char* part : {"PATCH / HTTP/1.1\r\n", "X-Scope-OrgID: team 7\r\n", "If-Match: 7\r\n",
                                 "Accept: text/plain\r\n", "Content-Type: a/b\r\n", "\r\n\r\nxy"})
            QVERIFY2(sent.contains(part), part);
        for (const auto& [name, value] : std::map<std::string, std::string>{
                 {"Authorization", "Basic x"}, {"cookie", "x"}, {"Bad Name", "x"}, {"X", "a\r\nHost: b"}, {"", "x"}}) {
            options.headers = {{name, value}};
            QCOMPARE(checkOptions(options).error().kind, ErrorKind::InvalidInput);
            HttpClient bad(options);
            QCOMPARE(await(bad.get(url(), {})).error().kind, ErrorKind::InvalidInput);
        }
    }

    void redirectsLoseCredentialsElsewhere() {
        test::FakeServer other;
        other.answer = [](const QByteArray&) { return http(200, "there"); };
        m_server.answer = [&](const QByteArray& request) {
            if (request.startsWith("GET /here ")) return http(307, "", "Location: /next\r\n");
            return http(302, "", "Location: " + QByteArray::fromStdString(other.url()) + "/blob\r\n");
        };
        HttpOptions options;
        options.credentials = bearerFrom("PILOTHOUSE_TEST_SECRET");
        HttpClient client(options);
        const auto got =
            await(client.send({.url = url("/here"), .headers = {{"X-Own", "1"}}, .followRedirects = true}, {}));
        QVERIFY(got);
        QCOMPARE(got->body, QByteArray("there"));
        QCOMPARE(m_server.requests.size(), 2);
        QVERIFY(m_server.requests[1].contains("Bearer hunter2"));  // the same server
        QVERIFY(m_server.requests[1].contains("X-Own"));
        QCOMPARE(other.requests.size(), 1);
        QVERIFY(!other.requests[0].contains("hunter2"));
        QVERIFY(!other.requests[0].contains("X-Own"));
        QVERIFY(!await(client.send({.url = url("/here")}, {})));
        QVERIFY(!await(client.send({.url = url("/here"), .method = "POST", .followRedirects = true}, {})));
    }
    void redirectsEnd() {
        m_server.answer = [](const QByteArray&) { return http(302, "", "Location: /again\r\n"); };
        HttpClient client({});
        const auto got = await(client.send({.url = url(), .followRedirects = true}, {}));
        QVERIFY(!got);
        QVERIFY(m_server.requests.size() <= 6);
        for (const char* target : {"", "file:///etc/passwd", "ftp://h/", "//"}) {
            m_server.answer = [&](const QByteArray&) {
                return http(302, "", QByteArray("Location: ") + target + "\r\n");
            };
            QCOMPARE(await(client.send({.url = url(), .followRedirects = true}, {})).error().kind,
                     ErrorKind::Unavailable);
        }
    }

    void aSinkTakesWhatComes() {
        const QByteArray body(5'000'000, 'x');
        m_server.answer = [&](const QByteArray&) { return http(200, body, "Digest: y\r\n"); };
        HttpOptions options;
        options.maxBytes = 1000;  // of what is kept
        HttpClient client(options);
        QByteArray got;
        const auto answer = await(client.send({.url = url(),
                                               .sink = [&](const QByteArray& piece) -> Status {
                                                   got += piece;
                                                   return {};
                                               }},
                                              {}));
        QVERIFY(answer);
        QVERIFY(answer->body.isEmpty());
        QCOMPARE(answer->header("digest"), QByteArray("y"));
        QCOMPARE(got.size(), body.size());
        const auto full = await(client.send({.url = url(),
                                             .sink = [&](const QByteArray&) -> Status {
                                                 return fail(ErrorKind::ResourceExhausted, "the disk is full");
                                             }},
                                            {}));
        QCOMPARE(full.error().message, std::string("the disk is full"));
        // What is no success is an answer, not what was asked for.
        m_server.answer = [](const QByteArray&) { return http(404, "no such thing"); };
        got.clear();
        const auto missing = await(client.send({.url = url(),
                                                .sink = [&](const QByteArray& piece) -> Status {
                                                    got += piece;
                                                    return {};
                                                }},
                                               {}));
        QCOMPARE(missing->body, QByteArray("no such thing"));
        QVERIFY(got.isEmpty());
    }

    void itsFigures() {
        HttpClient client({});
        QCOMPARE(client.figures().requests, std::uint64_t{0});
        QVERIFY(await(client.get(url(), {})));
        QCOMPARE(client.figures().requests, std::uint64_t{1});
        QCOMPARE(client.figures().bytes, std::uint64_t{2});
        QVERIFY(client.figures().latency && !client.figures().skew);
        m_server.answer = [](const QByteArray&) { return http(503, "x", "Date: Tue, 01 Jan 2030 00:00:00 GMT\r\n"); };
        QVERIFY(await(client.get(url(), {})));
        QVERIFY(await(client.get(url(), {})));
        QCOMPARE(client.figures().failuresInARow, 2);
        QVERIFY(client.figures().skew);
        QVERIFY(client.figures().problem.find("503") != std::string::npos);
        m_server.answer = [](const QByteArray&) { return http(404, "x"); };
        QVERIFY(await(client.get(url(), {})));
        QCOMPARE(client.figures().failuresInARow, 0);
        QCOMPARE(client.figures().failures, std::uint64_t{2});
    }

    void aProxyIsSpokenTo() {
        HttpOptions options;
        options.proxy = m_server.url();
        HttpClient client(options);
        QVERIFY(await(client.get(QUrl(QStringLiteral("http://far.invalid/x")), {})));
        QVERIFY(m_server.requests.last().startsWith("GET http://far.invalid/x HTTP/1.1\r\n"));
        for (const char* bad : {"proxy:3128", "ftp://h:1", "http://h", "http://u:hunter2@h:1", "socks5://"}) {
            options.proxy = bad;
            const auto checked = checkOptions(options);
            QVERIFY2(!checked, bad);
            QVERIFY(checked.error().text().find("hunter2") == std::string::npos);
        }
        options.proxy = "socks5://127.0.0.1:1";
        HttpClient socks(options);
        const auto got = await(socks.get(QUrl(QStringLiteral("http://far.invalid/x")), {}));
        QCOMPARE(got.error().kind, ErrorKind::Unavailable);
    }

    void certificates_data() {
        QTest::addColumn<QByteArray>("server");
        QTest::addColumn<bool>("trusted");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("sound") << QByteArray("sound") << true << QByteArray();
        QTest::newRow("unknown authority") << QByteArray("sound") << false << QByteArray("Pilothouse test authority");
        QTest::newRow("expired") << QByteArray("expired") << true << QByteArray("expired on 1 Jan 2021");
        QTest::newRow("of another host") << QByteArray("other") << true
                                         << QByteArray("for other.example, not for 127.0.0.1");
    }
    void certificates() {
        QFETCH(QByteArray, server);
        QFETCH(bool, trusted);
        QFETCH(QByteArray, words);
        TlsServer tls(server.constData());
        HttpOptions options;
        if (trusted) options.caFile = data("ca.pem");
        options.credentials = bearerFrom("PILOTHOUSE_TEST_SECRET");
        HttpClient client(options);
        const auto got = await(client.get(tls.url(), {}));
        if (words.isEmpty()) {
            QVERIFY2(got, got ? "" : got.error().text().c_str());
            QCOMPARE(got->body, QByteArray("hello"));
            return;
        }
        QVERIFY(!got);
        QCOMPARE(got.error().kind, ErrorKind::PermissionDenied);
        QVERIFY2(QByteArray::fromStdString(got.error().message).contains(words), got.error().text().c_str());
        QVERIFY(!got.error().retryable);
        QCOMPARE(tls.answered, 0);
    }
    void aClientShowsItsCertificate() {
        TlsServer tls("sound", true);
        HttpOptions options;
        options.caFile = data("ca.pem");
        options.certificateFile = data("client.pem");
        options.keyFile = data("client.key");
        HttpClient client(options);
        QVERIFY(await(client.get(tls.url(), {})));
        QCOMPARE(tls.client, QStringLiteral("client"));
        options.certificateFile.clear();
        HttpClient nobody(options);
        QVERIFY(!await(nobody.get(tls.url(), {})));
        for (const char* file : {"make.sh", "missing.pem"}) {
            options.certificateFile = data(file);
            QCOMPARE(checkOptions(options).error().kind, ErrorKind::InvalidInput);
        }
        options.certificateFile = data("client.pem");
        options.keyFile.clear();  // it is not in there
        QCOMPARE(checkOptions(options).error().kind, ErrorKind::InvalidInput);
    }

    // The probe blocks, and its server lives on this thread: it is asked from another one.
    static std::vector<ProbeStage> probe(const QUrl& url, const HttpOptions& options) {
        std::vector<ProbeStage> out;
        std::atomic<bool> done = false;
        std::thread thread([&] {
            out = probeWay(url, options, {}, 5'000);
            done = true;
        });
        [&] { QTRY_VERIFY_WITH_TIMEOUT(done, 20'000); }();
        thread.join();
        return out;
    }
    void theWayIsProbed() {
        using Outcome = ProbeStage::Outcome;
        auto stages = probe(url(), {});
        QCOMPARE(stages.size(), std::size_t{3});
        QVERIFY(stages[0].outcome == Outcome::Ok && stages[1].outcome == Outcome::Ok);
        QVERIFY(stages[2].outcome == Outcome::Skipped);
        QVERIFY(m_server.requests.isEmpty());
        HttpOptions options;
        options.caFile = data("ca.pem");
        TlsServer sound("sound");
        stages = probe(sound.url(), options);
        QCOMPARE(stages.size(), std::size_t{3});
        QVERIFY2(stages[2].outcome == Outcome::Ok, stages[2].words.c_str());
        QVERIFY2(stages[2].words.find("certificate of sound by Pilothouse test authority") != std::string::npos,
                 stages[2].words.c_str());
        TlsServer expired("expired");
        stages = probe(expired.url(), options);
        QVERIFY(stages[2].outcome == Outcome::Failed);
        QVERIFY2(stages[2].words.find("expired on") != std::string::npos, stages[2].words.c_str());
        stages = probe(QUrl(QStringLiteral("http://127.0.0.1:1")), {});
        QCOMPARE(stages.size(), std::size_t{2});
        QVERIFY(stages[1].outcome == Outcome::Failed);
        stages = probe(QUrl(QStringLiteral("http://name.invalid")), {});
        QCOMPARE(stages.size(), std::size_t{1});
        QVERIFY(stages[0].outcome == Outcome::Failed);
        options.proxy = "http://127.0.0.1:3128";
        stages = probe(sound.url(), options);
        QVERIFY(std::all_of(stages.begin(), stages.end(),
                            [](const ProbeStage& s) { return s.outcome == Outcome::Skipped; }));
    }
};

QTEST_GUILESS_MAIN(TestHttpClient)
#include "tst_http_client.moc"
