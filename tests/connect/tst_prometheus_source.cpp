// SPDX-License-Identifier: GPL-3.0-or-later
// Against a server that misbehaves on purpose; the real one is asked in tests/contract.
#include <QElapsedTimer>
#include <QTest>

#include "models/connect/prometheus/prometheus_source.h"
#include "tests/connect/fake_server.h"

using namespace pilothouse;
using namespace pilothouse::connect;
using namespace pilothouse::connect::prometheus;
using test::await;
using test::http;

namespace {

const QByteArray kEmpty = R"({"status":"success","data":{"resultType":"vector","result":[]}})";

}  // namespace

class TestPrometheusSource : public QObject {
    Q_OBJECT
    test::FakeServer m_server;
    std::shared_ptr<PrometheusSource> source(HttpOptions options = {}) {
        return *PrometheusSource::create("test", m_server.url(), std::move(options));
    }
    Result<ports::MetricAnswer> ask(HttpOptions options = {}) {
        return await(source(std::move(options))->instant("up", {0}, {}));
    }

private Q_SLOTS:
    void init() {
        m_server.requests.clear();
        m_server.answer = [](const QByteArray&) { return http(200, kEmpty); };
    }
    void addressesAreChecked() {
        for (const char* url :
             {"", "localhost:9090", "ftp://host", "http://", "http://user:secret@host", "file:///etc/passwd"}) {
            const auto made = PrometheusSource::create("x", url);
            QVERIFY2(!made, url);
            QVERIFY(made.error().text().find("secret") == std::string::npos);
        }
        QVERIFY(PrometheusSource::create("x", "https://host:9090/prefix/"));
    }
    void theExpressionArrivesAsWritten() {
        const auto s = source();
        QVERIFY(await(s->range({"rate(a{b=~\"x+y&z;ü\"}[5m]) % 2",
                                {Timestamp::fromSeconds(1000), Timestamp::fromSeconds(1300)},
                                std::chrono::seconds(15)},
                               {})));
        const QByteArray request = m_server.requests.value(0);
        QVERIFY(request.startsWith("POST /api/v1/query_range "));
        const QByteArray body = request.mid(request.indexOf("\r\n\r\n") + 4);
        QHash<QByteArray, QByteArray> form;
        for (const QByteArray& pair : body.split('&')) {
            QByteArray value = pair.mid(pair.indexOf('=') + 1);
            form[pair.left(pair.indexOf('='))] = QByteArray::fromPercentEncoding(value.replace('+', ' '));
        }
        QCOMPARE(QString::fromUtf8(form["query"]), QStringLiteral("rate(a{b=~\"x+y&z;ü\"}[5m]) % 2"));
        QCOMPARE(form["start"], QByteArray("1000.000"));
        QCOMPARE(form["end"], QByteArray("1299.999"));
        QCOMPARE(form["step"], QByteArray("15.000"));
    }
    void tooManyPointsAreRefusedUnsent() {
        const auto got = await(source()->range(
            {"up", {Timestamp::fromSeconds(0), Timestamp::fromSeconds(86'400)}, std::chrono::seconds(1)}, {}));
        QVERIFY(!got);
        QCOMPARE(got.error().kind, ErrorKind::InvalidInput);
        QVERIFY(m_server.requests.isEmpty());
    }
    void redirectsAreNotFollowed() {
        m_server.answer = [this](const QByteArray&) {
            return http(302, "", "Location: " + QByteArray::fromStdString(m_server.url()) + "/elsewhere\r\n");
        };
        const auto got = ask();
        QVERIFY(!got);
        QVERIFY(got.error().message.find("/elsewhere") != std::string::npos);
        QCOMPARE(m_server.requests.size(), 1);
    }
    void plainTextIsAnError() {
        m_server.answer = [](const QByteArray&) {
            return http(404, "404 page not found\n", "Content-Type: text/plain\r\n");
        };
        QCOMPARE(ask().error().kind, ErrorKind::NotFound);
        m_server.answer = [](const QByteArray&) {
            return http(200, "<html>a login page</html>", "Content-Type: text/html\r\n");
        };
        QCOMPARE(ask().error().kind, ErrorKind::InvalidInput);
        m_server.answer = [](const QByteArray&) { return http(502, "Bad gateway", "Content-Type: text/plain\r\n"); };
        QVERIFY(ask().error().retryable);
    }
    void longAnswersAreCut() {
        m_server.answer = [](const QByteArray&) { return http(200, QByteArray(4 << 20, ' ') + kEmpty); };
        HttpOptions options;
        options.maxBytes = 1 << 20;
        QCOMPARE(ask(options).error().kind, ErrorKind::ResourceExhausted);
        QVERIFY(ask());  // within the usual bound
    }
    void aBrokenAnswerIsAnError() {
        m_server.answer = [](const QByteArray&) {
            return QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"status\"");
        };
        QVERIFY(!ask());
        m_server.answer = [](const QByteArray&) { return QByteArray("SSH-2.0-OpenSSH_9.2\r\n"); };
        QVERIFY(!ask());
    }
    void silenceTimesOut() {
        m_server.answer = [](const QByteArray&) { return QByteArray(); };
        HttpOptions options;
        options.idleTimeoutMs = 200;
        QCOMPARE(ask(options).error().kind, ErrorKind::Timeout);
        options.idleTimeoutMs = 20'000;
        options.totalTimeoutMs = 200;
        QCOMPARE(ask(options).error().kind, ErrorKind::Timeout);
    }
    void cancellationIsNoError() {
        m_server.answer = [](const QByteArray&) { return QByteArray(); };
        CancellationSource cancel;
        auto s = source();
        auto future = s->instant("up", {0}, cancel.token());
        QTRY_COMPARE(m_server.requests.size(), 1);
        cancel.cancel();
        QVERIFY(isCancelled(await(future)));
    }
    void destructionEndsOpenRequests() {
        m_server.answer = [](const QByteArray&) { return QByteArray(); };
        auto s = source();
        auto future = s->instant("up", {0}, {});
        QTRY_COMPARE(m_server.requests.size(), 1);
        s.reset();
        QVERIFY(future.isFinished());
        QVERIFY(isCancelled(future.result()));
    }
    void nobodyListens() {
        const std::string url = m_server.url();
        const quint16 port = m_server.serverPort();
        m_server.close();
        const auto got = await((*PrometheusSource::create("gone", url))->check({}));
        QVERIFY(!got);
        QCOMPARE(got.error().kind, ErrorKind::Unavailable);
        QVERIFY(m_server.listen(QHostAddress::LocalHost, port));
    }
    void theTokenGoesToThisMachineOrHttpsOnly() {
        HttpOptions options;
        options.credentials = bearerFrom("PILOTHOUSE_TEST_TOKEN");
        qunsetenv("PILOTHOUSE_TEST_TOKEN");
        QCOMPARE(ask(options).error().kind, ErrorKind::PermissionDenied);
        qputenv("PILOTHOUSE_TEST_TOKEN", "s3cret\n");
        QVERIFY(ask(options));
        QVERIFY(m_server.requests.last().contains("Authorization: Bearer s3cret\r\n"));
        const auto far = await((*PrometheusSource::create("far", "http://metrics.invalid", options))->check({}));
        QCOMPARE(far.error().kind, ErrorKind::PermissionDenied);
        QVERIFY(far.error().text().find("s3cret") == std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestPrometheusSource)
#include "tst_prometheus_source.moc"
