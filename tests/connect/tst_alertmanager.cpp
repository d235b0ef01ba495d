// SPDX-License-Identifier: GPL-3.0-or-later
// Against a server that misbehaves on purpose; the real one is asked in tests/peers.
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "models/connect/alertmanager/alertmanager.h"
#include "models/connect/alertmanager/alertmanager_json.h"
#include "tests/connect/fake_server.h"

using namespace pilothouse;
using namespace pilothouse::connect;
using namespace pilothouse::connect::alertmanager;
using namespace std::chrono_literals;
using test::await;
using test::http;

class TestAlertmanager : public QObject {
    Q_OBJECT
    test::FakeServer m_server;

    std::shared_ptr<Alertmanager> receiver(HttpOptions options = {}) {
        return *Alertmanager::create("test", m_server.url() + "/prefix/", std::move(options));
    }
    static ports::OutgoingAlert alert() {
        return {{{"alertname", "drift \"of\" features"}, {"model", "delay"}},
                {{"summary", "7 columns\ndrift"}},
                *Timestamp::parseIso("2026-11-23T10:00:00.5Z"),
                *Timestamp::parseIso("2026-11-23T10:04:00Z"),
                "pilothouse:///w/features"};
    }
    Result<ports::ReceiverAnswer> send(HttpOptions options = {}) {
        return await(receiver(std::move(options))->send({alert()}, {}));
    }

private Q_SLOTS:
    void init() {
        m_server.requests.clear();
        m_server.answer = [](const QByteArray&) { return http(200, ""); };
    }

    void whatIsSent() {
        const auto answer = send();
        QVERIFY(answer && answer->accepted);
        const QByteArray request = m_server.requests.value(0);
        QVERIFY(request.startsWith("POST /prefix/api/v2/alerts HTTP/1.1\r\n"));
        QVERIFY(request.contains("Content-Type: application/json\r\n"));
        const QJsonArray body = QJsonDocument::fromJson(request.mid(request.indexOf("\r\n\r\n") + 4)).array();
        QCOMPARE(body.size(), 1);
        const QJsonObject a = body[0].toObject();
        QCOMPARE(a[QLatin1String("labels")][QLatin1String("alertname")].toString(),
                 QStringLiteral("drift \"of\" features"));
        QCOMPARE(a[QLatin1String("annotations")][QLatin1String("summary")].toString(),
                 QStringLiteral("7 columns\ndrift"));
        QCOMPARE(a[QLatin1String("startsAt")].toString(), QStringLiteral("2026-11-23T10:00:00.5Z"));
        QCOMPARE(a[QLatin1String("endsAt")].toString(), QStringLiteral("2026-11-23T10:04:00Z"));
        QCOMPARE(a[QLatin1String("generatorURL")].toString(), QStringLiteral("pilothouse:///w/features"));
    }

    void whatAnAnswerMeans_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("headers");
        QTest::addColumn<bool>("refused");
        QTest::addColumn<int>("wait");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* name, int status, const char* body, const char* headers, bool refused, int wait,
                            const char* says) {
            QTest::newRow(name) << status << QByteArray(body) << QByteArray(headers) << refused << wait
                                << QByteArray(says);
        };
        row("refused", 400, R"({"code":602,"message":"labels in body\nis required"})", "", true, -1,
            "400: labels in body is required");
        row("refused as a text", 400, "\"start time must be before end time\"\n", "", true, -1,
            "400: start time must be before end time");
        row("unprocessable", 422, "", "", true, -1, "status 422");
        row("server fails", 500, "<html>Internal   error", "", false, -1, "500: <html>Internal error");
        row("behind a proxy", 502, "Bad gateway", "", false, -1, "502");
        row("not authorised", 401, "Unauthorized", "", false, -1, "401");
        row("busy", 429, "slow down", "Retry-After: 120\r\n", false, 120, "429: slow down");
        row("busy for ever", 429, "", "Retry-After: 999999999\r\n", false, 3600, "429");
        row("busy, nonsense", 429, "", "Retry-After: soon\r\n", false, -1, "429");
        row("busy since", 503, "", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", false, 0, "503");
    }
    void whatAnAnswerMeans() {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, headers);
        QFETCH(bool, refused);
        QFETCH(int, wait);
        QFETCH(QByteArray, says);
        m_server.answer = [&](const QByteArray&) { return http(status, body, headers); };
        const auto answer = send();
        QVERIFY2(answer, answer ? "" : answer.error().text().c_str());
        QVERIFY(!answer->accepted);
        QCOMPARE(answer->refused, refused);
        QVERIFY2(answer->reason.find(says.toStdString()) != std::string::npos, answer->reason.c_str());
        QCOMPARE(answer->retryAfter.has_value(), wait >= 0);
        if (wait >= 0) QVERIFY(*answer->retryAfter == std::chrono::seconds(wait));
    }

    void retryAfterAsADate() {
        const auto now = QDateTime::fromString(QStringLiteral("2026-11-23T10:00:00Z"), Qt::ISODate);
        QVERIFY(parseRetryAfter("Mon, 23 Nov 2026 10:01:30 GMT", now) == std::optional<Duration>(90s));
        QVERIFY(!parseRetryAfter("-5", now));
        QVERIFY(!parseRetryAfter("", now));
    }

    void noAnswer() {
        m_server.answer = [](const QByteArray&) {
            return QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{");
        };
        QVERIFY(!send());
        m_server.answer = [](const QByteArray&) { return QByteArray("garbage\r\n\r\n"); };
        QVERIFY(!send());
        m_server.answer = [](const QByteArray&) { return QByteArray(); };
        HttpOptions options;
        options.idleTimeoutMs = 200;
        const auto slow = send(options);
        QVERIFY(!slow);
        QCOMPARE(slow.error().kind, ErrorKind::Timeout);
        m_server.answer = [](const QByteArray&) { return http(200, QByteArray(3 << 20, 'x')); };
        options.maxBytes = 1 << 20;
        QCOMPARE(send(options).error().kind, ErrorKind::ResourceExhausted);
    }

    void itsVersion() {
        m_server.answer = [](const QByteArray&) {
            return http(200, R"({"cluster":{"status":"disabled"},"versionInfo":{"version":"0.25.0"}})");
        };
        QCOMPARE(*await(receiver()->check({})), std::string("Alertmanager 0.25.0"));
        QVERIFY(m_server.requests.last().startsWith("GET /prefix/api/v2/status "));
        m_server.answer = [](const QByteArray&) { return http(200, "[]"); };
        QCOMPARE(await(receiver()->check({})).error().kind, ErrorKind::InvalidInput);
        m_server.answer = [](const QByteArray&) { return http(404, "404 page not found"); };
        QCOMPARE(await(receiver()->check({})).error().kind, ErrorKind::Unavailable);
    }

    void aTokenStaysHereOrOnTls() {
        HttpOptions options;
        options.credentials = bearerFrom("PILOTHOUSE_TEST_TOKEN");
        qputenv("PILOTHOUSE_TEST_TOKEN", "s3cret");
        QVERIFY(send(options));
        QVERIFY(m_server.requests.last().contains("Authorization: Bearer s3cret\r\n"));
        const auto far = await((*Alertmanager::create("far", "http://alerts.invalid", options))->send({alert()}, {}));
        QCOMPARE(far.error().kind, ErrorKind::PermissionDenied);
        QVERIFY(far.error().text().find("s3cret") == std::string::npos);
        // Nor is it sent along to where a server points.
        m_server.requests.clear();
        m_server.answer = [this](const QByteArray&) {
            return http(307, "", "Location: " + QByteArray::fromStdString(m_server.url()) + "/elsewhere\r\n");
        };
        QVERIFY(!send(options));
        QCOMPARE(m_server.requests.size(), 1);
        qunsetenv("PILOTHOUSE_TEST_TOKEN");
        for (const char* url : {"", "localhost:9093", "http://user:secret@host", "file:///x"})
            QVERIFY(!Alertmanager::create("x", url));
    }

    // ---- as a source of alerts

    static QByteArray sample(const char* name) {
        QFile file(QStringLiteral(PILOTHOUSE_TEST_DATA "/alertmanager/") + QLatin1String(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    void recordedAlerts() {
        const auto alerts = parseAlerts(sample("am-alerts.json"), "prod");
        QVERIFY(alerts);
        QCOMPARE(alerts->size(), std::size_t{2});
        const ports::Alert& newest = alerts->front();
        QCOMPARE(newest.name, std::string("TargetDown"));
        QVERIFY(newest.severity == ports::Severity::Alarm);
        QCOMPARE(newest.fingerprint, std::string("5446da78565bad22"));
        QCOMPARE(newest.pendingSince, *Timestamp::parseIso("2026-11-23T08:13:54.419Z"));
        QCOMPARE((*alerts)[1].model, std::string("fraud-scorer"));
        QCOMPARE((*alerts)[1].annotations.at("summary"), std::string("PSI 310m on f03"));
        QCOMPARE((*alerts)[1].receivers, std::vector<std::string>{"hook"});
        const auto silenced = parseAlerts(sample("am-alerts-silenced.json"), "prod");
        QVERIFY(silenced && silenced->front().silenced);
        const auto groups = parseGroups(sample("am-groups.json"), "prod");
        QVERIFY(groups);
        QCOMPARE(groups->size(), std::size_t{2});
        QCOMPARE(groups->front().labels.at("alertname"), std::string("DriftHigh"));
        const auto silences = parseSilences(sample("am-silences.json"), "prod");
        QVERIFY(silences);
        QCOMPARE(ports::toString(silences->front().matchers.front()), std::string("alertname=\"TargetDown\""));
        QCOMPARE(*parseSilenceId(sample("am-silence-create.json"), "prod"),
                 std::string("d4829986-faa9-4f85-a446-6eaf64b12259"));
    }
    void everyTruncationIsAnError() {
        for (const char* name : {"am-alerts.json", "am-silences.json", "am-groups.json"}) {
            const QByteArray whole = sample(name).trimmed();
            QVERIFY(!whole.isEmpty());
            for (qsizetype n = 0; n < whole.size(); ++n) {
                const QByteArray part = whole.left(n);
                QVERIFY(!parseAlerts(part, "x") && !parseSilences(part, "x") && !parseGroups(part, "x"));
            }
        }
    }
    void whatIsNotAsDocumented() {
        for (const char* text :
             {"{}", "[1]", R"([{"labels":{"a":1},"fingerprint":"x","startsAt":"2026-11-23T08:13:54Z"}])",
              R"([{"labels":{},"startsAt":"2026-11-23T08:13:54Z"}])",
              R"([{"labels":{},"fingerprint":"x","startsAt":"0001-01-01T00:00:00Z"}])",
              R"([{"labels":{},"fingerprint":"x","startsAt":7}])"}) {
            const auto got = parseAlerts(text, "x");
            QVERIFY2(!got, text);
            QCOMPARE(got.error().kind, ErrorKind::InvalidInput);
        }
        QByteArray many = "[";
        for (int i = 0; i <= kMaxAlerts; ++i)
            many += "1,";
        QCOMPARE(parseAlerts(many + "1]", "x").error().kind, ErrorKind::ResourceExhausted);
        QVERIFY(!parseSilenceId("{}", "x"));
    }
    void refusalsInTheServersWords() {
        ports::Silence silence;
        silence.matchers = {{"a", "b"}};
        m_server.answer = [](const QByteArray&) { return http(422, sample("am-silence-bad.json")); };
        auto got = await(receiver()->silence(silence));
        QCOMPARE(got.error().kind, ErrorKind::InvalidInput);
        QVERIFY(got.error().message.find("comment in body is required") != std::string::npos);
        m_server.answer = [](const QByteArray&) { return http(429, "slow down", "Retry-After: 7\r\n"); };
        const auto busy = await(receiver()->alerts(true, {}));
        QVERIFY(busy.error().retryable);
        m_server.answer = [](const QByteArray&) { return http(401, "Unauthorized", "Content-Type: text/plain\r\n"); };
        QCOMPARE(await(receiver()->silences({})).error().kind, ErrorKind::PermissionDenied);
        // What is no id makes no path of its own.
        m_server.requests.clear();
        for (const char* id : {"../alerts", "a/b", "", "%2e%2e"})
            QCOMPARE(await(receiver()->expireSilence(id)).error().kind, ErrorKind::NotFound);
        QVERIFY(m_server.requests.isEmpty());
    }
    void severalSourcesEachAlertOnce() {
        auto a = *parseAlerts(sample("am-alerts.json"), "eu");
        auto b = *parseAlerts(sample("am-alerts-silenced.json"), "us");
        b.front().annotations["runbook"] = "x";
        b.front().pendingSince = b.front().pendingSince - 1h;
        const std::string twice = b.front().fingerprint;
        const auto all = ports::mergeAlerts({a, b});
        QCOMPARE(all.size(), std::size_t{2});
        for (const ports::Alert& alert : all) {
            QVERIFY(!alert.silenced);  // where it is not silenced somebody is called
            if (alert.fingerprint != twice) continue;
            QCOMPARE(alert.sources, (std::vector<std::string>{"eu", "us"}));
            QCOMPARE(alert.annotations.at("runbook"), std::string("x"));
            QCOMPARE(alert.pendingSince, b.front().pendingSince);
        }
        const auto both = ports::mergeAlerts({b, b});
        QVERIFY(both.front().silenced || both.back().silenced);
        ports::Alert over = a.front();
        over.state = ports::AlertState::Resolved;
        QCOMPARE(ports::mergeAlerts({{a.front()}, {over}}).size(), std::size_t{2});
    }
    void fiveThousandAlerts() {
        const QByteArray one = sample("am-alerts.json").trimmed();
        const QByteArray item = one.mid(1, one.size() - 2);
        QByteArray many = "[";
        for (int i = 0; i < 2'500; ++i)
            many += (i ? "," : "") + item;
        const auto alerts = parseAlerts(many + "]", "x");
        QVERIFY(alerts);
        QCOMPARE(alerts->size(), std::size_t{5'000});
    }
};

QTEST_GUILESS_MAIN(TestAlertmanager)
#include "tst_alertmanager.moc"
