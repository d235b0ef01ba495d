// SPDX-License-Identifier: GPL-3.0-or-later
// Against a server that answers as MLflow was recorded to, or misbehaves on purpose; the real one is asked in
// tests/peers.
#include <QCryptographicHash>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>
#include <QUrlQuery>
#include <cmath>

#include "models/connect/mlflow/mlflow_server.h"
#include "tests/connect/fake_server.h"

using namespace pilothouse;
using namespace pilothouse::connect;
using mlflow::MlflowServer;
using test::await;
using test::http;

namespace {

QByteArray sample(const char* name) {
    QFile file(QStringLiteral(PILOTHOUSE_TEST_DATA "/mlflow/") + QLatin1String(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}
QByteArray lineOf(const QByteArray& request) { return request.left(request.indexOf(" HTTP/1.1")); }
QJsonObject bodyOf(const QByteArray& request) {
    return QJsonDocument::fromJson(request.mid(request.indexOf("\r\n\r\n") + 4)).object();
}
QByteArray queryValue(const QByteArray& request, const char* key) {
    const QUrlQuery query(QUrl(QString::fromLatin1(lineOf(request).split(' ').value(1))));
    return query.queryItemValue(QLatin1String(key), QUrl::FullyDecoded).toUtf8();
}
QByteArray html(int status, const QByteArray& body) { return http(status, body, "Content-Type: text/html\r\n"); }
QByteArray plain(int status, const QByteArray& body) { return http(status, body, "Content-Type: text/plain\r\n"); }

}  // namespace

class TestMlflowServer : public QObject {
    Q_OBJECT
    test::FakeServer m_server;
    std::shared_ptr<MlflowServer> m_mlflow;

    /// Answers of each path, one after the other; the last again and again.
    void script(std::map<QByteArray, QList<QByteArray>> answers) {
        m_server.answer = [answers = std::move(answers)](const QByteArray& request) mutable {
            const QByteArray path = lineOf(request).split(' ').value(1).split('?').value(0);
            const auto found = answers.find(path);
            if (found == answers.end()) return html(404, sample("error_unknown.html"));
            return found->second.size() > 1 ? found->second.takeFirst() : found->second.first();
        };
    }
    static QByteArray call(const char* name) { return QByteArray("/api/2.0/mlflow/") + name; }
    [[nodiscard]] QByteArray request(int index) const { return m_server.requests.value(index); }

private Q_SLOTS:
    void init() {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".?")));
        m_server.requests.clear();
        m_server.answer = [](const QByteArray&) { return http(200, "{}"); };
        m_mlflow = *MlflowServer::create("test", m_server.url());
    }
    void addressesAreChecked() {
        for (const char* url : {"", "localhost:5000", "ftp://host", "http://user:secret@host"}) {
            const auto made = MlflowServer::create("x", url);
            QVERIFY2(!made, url);
            QVERIFY(made.error().text().find("secret") == std::string::npos);
        }
    }
    void aPathInTheAddressIsKept() {
        m_mlflow = *MlflowServer::create("test", m_server.url() + "/team/mlflow/");
        QVERIFY(await(m_mlflow->run("a&b=c+d é", {})).error().message.find("no run") != std::string::npos);
        QCOMPARE(lineOf(request(0)),
                 QByteArray("GET /team/mlflow/api/2.0/mlflow/runs/get?run_id=a%26b%3Dc%2Bd%20%C3%A9"));
    }
    void checkNamesTheVersion() {
        script({{"/version", {html(200, "3.17.2")}}, {call("registered-models/search"), {http(200, "{}")}}});
        const auto told = await(m_mlflow->check({}));
        QVERIFY2(told, told ? "" : told.error().text().c_str());
        QCOMPARE(*told, std::string("MLflow 3.17.2"));
    }
    void checkFallsBackToHealth() {
        script({{"/health", {plain(200, "OK")}}, {call("registered-models/search"), {http(200, "{}")}}});
        QCOMPARE(*await(m_mlflow->check({})), std::string("MLflow"));
        script({{"/health", {plain(200, "fine")}}});
        QCOMPARE(await(m_mlflow->check({})).error().kind, ErrorKind::InvalidInput);
        script({});
        QCOMPARE(await(m_mlflow->check({})).error().kind, ErrorKind::NotFound);
    }
    void whoIsNotLetInIsToldWhy() {
        script({{"/version", {plain(200, "3.17.2")}},
                {call("registered-models/search"), {plain(403, sample("error_host.txt"))}}});
        auto refused = await(m_mlflow->check({}));
        QCOMPARE(refused.error().kind, ErrorKind::PermissionDenied);
        QVERIFY(refused.error().message.find("Invalid Host header") != std::string::npos);
        m_server.answer = [](const QByteArray&) { return plain(401, "You are not authenticated."); };
        refused = await(m_mlflow->check({}));
        QCOMPARE(refused.error().kind, ErrorKind::PermissionDenied);
        QCOMPARE(await(m_mlflow->models({})).error().kind, ErrorKind::PermissionDenied);
        const auto changed = await(m_mlflow->setAlias("m", "a", "1", "user", ""));
        QCOMPARE(changed.error().kind, ErrorKind::PermissionDenied);
        QVERIFY(changed.error().detail.starts_with("You are not"));
    }
    void tooManyRequestsAreWorthAnotherTry() {
        m_server.answer = [](const QByteArray&) {
            return http(429, "slow down", "Content-Type: text/plain\r\nRetry-After: 7\r\n");
        };
        const auto got = await(m_mlflow->experiments({}));
        QVERIFY(!got && got.error().retryable);
        QVERIFY(got.error().detail.find("7 s") != std::string::npos);
    }
    void modelsAreAllPagesAndCounted() {
        script({{call("registered-models/search"),
                 {http(200, sample("models_page1.json")), http(200, sample("models_alias.json"))}},
                {call("model-versions/search"), {http(200, sample("versions_all.json"))}}});
        const auto models = await(m_mlflow->models({}));
        QVERIFY2(models, models ? "" : models.error().text().c_str());
        QCOMPARE(models->size(), 2U);
        QCOMPARE(models->at(0).name, std::string("churn"));
        QCOMPARE(models->at(0).versions, 1U);
        QCOMPARE(models->at(1).name, std::string("fraud-clf"));
        QCOMPARE(models->at(1).versions, 4U);
        QCOMPARE(models->at(1).aliases.at("champion"), std::string("2"));
        QCOMPARE(queryValue(request(0), "max_results"), QByteArray("1000"));
        QCOMPARE(queryValue(request(0), "page_token"), QByteArray());
        QCOMPARE(queryValue(request(1), "page_token"), QByteArray("eyJvZmZzZXQiOiAxfQ=="));
        m_server.requests.clear();
        m_server.answer = [](const QByteArray&) { return http(200, "{}"); };
        QVERIFY(await(m_mlflow->models({}))->empty());
        QCOMPARE(m_server.requests.size(), 1);  // no versions to count
    }
    void versionsAreOrderedAsNumbers() {
        QByteArray many = "{\"model_versions\":[";
        for (const char* n : {"9", "1", "11", "2", "10"})
            many += QByteArray("{\"name\":\"it's\",\"version\":") + n + "},";
        many += "{\"name\":\"IT'S\",\"version\":\"12\"}]}";
        m_server.answer = [many](const QByteArray&) { return http(200, many); };
        const auto versions = await(m_mlflow->versions("it's", {}));
        QVERIFY2(versions, versions ? "" : versions.error().text().c_str());
        std::vector<std::string> order;
        for (const auto& v : *versions)
            order.push_back(v.version);
        QCOMPARE(order, (std::vector<std::string>{"11", "10", "9", "2", "1"}));
        QCOMPARE(queryValue(request(0), "filter"), QByteArray("name=\"it's\""));
        QCOMPARE(await(m_mlflow->versions("'\"", {})).error().kind, ErrorKind::Unsupported);
        QVERIFY(await(m_mlflow->versions("other", {}))->empty());
        QCOMPARE(queryValue(request(1), "filter"), QByteArray("name='other'"));
    }
    void aliasesArePeriodsThatAreOpen() {
        QByteArray model = sample("models_alias.json");
        model =
            R"({"registered_model":)" +
            QJsonDocument(QJsonDocument::fromJson(model)[QLatin1String("registered_models")][0].toObject()).toJson() +
            "}";
        m_server.answer = [model](const QByteArray&) { return http(200, model); };
        const auto history = await(m_mlflow->aliasHistory("fraud-clf", {}));
        QVERIFY2(history, history ? "" : history.error().text().c_str());
        QCOMPARE(history->size(), 1U);
        QCOMPARE(history->at(0).alias, std::string("champion"));
        QCOMPARE(history->at(0).version, std::string("2"));
        QCOMPARE(history->at(0).from, Timestamp::fromMs(1795422389060));
        QVERIFY(!history->at(0).to);
        m_server.answer = [](const QByteArray&) { return http(404, sample("error_version.json")); };
        QCOMPARE(await(m_mlflow->aliasHistory("none", {})).error().kind, ErrorKind::NotFound);
    }
    void changesAreSentAsTheServerReadsThem() {
        const auto j = [](const QByteArray& text) { return QJsonDocument::fromJson(text).object(); };
        const std::vector<std::pair<QByteArray, std::function<QFuture<Result<void>>()>>> all{
            {R"(POST /api/2.0/mlflow/registered-models/alias {"name":"m","alias":"champion","version":"2"})",
             [&] { return m_mlflow->setAlias("m", "champion", "2", "user", "better"); }},
            {R"(DELETE /api/2.0/mlflow/registered-models/alias {"name":"m","alias":"champion"})",
             [&] { return m_mlflow->removeAlias("m", "champion", "user", "unsafe"); }},
            {R"(POST /api/2.0/mlflow/model-versions/set-tag {"name":"m","version":"2","key":"k é","value":"v\n"})",
             [&] { return m_mlflow->setTag("m", "2", "k é", "v\n", "user"); }},
            {R"(DELETE /api/2.0/mlflow/model-versions/delete-tag {"name":"m","version":"2","key":"k"})",
             [&] { return m_mlflow->setTag("m", "2", "k", {}, "user"); }},
            {R"(POST /api/2.0/mlflow/registered-models/set-tag {"name":"m","key":"k","value":""})",
             [&] { return m_mlflow->setTag("m", "", "k", "", "user"); }},
            {R"(DELETE /api/2.0/mlflow/registered-models/delete-tag {"name":"m","key":"k"})",
             [&] { return m_mlflow->setTag("m", "", "k", {}, "user"); }},
            {R"(POST /api/2.0/mlflow/runs/set-tag {"run_id":"r","key":"k","value":"v"})",
             [&] { return m_mlflow->setRunTag("r", "k", "v"); }},
            {R"(POST /api/2.0/mlflow/runs/delete-tag {"run_id":"r","key":"k"})",
             [&] { return m_mlflow->setRunTag("r", "k", {}); }},
        };
        for (const auto& [sent, change] : all) {
            m_server.requests.clear();
            const auto done = await(change());
            QVERIFY2(done, sent);
            const qsizetype body = sent.indexOf(" {");
            QCOMPARE(lineOf(request(0)), sent.left(body));
            QVERIFY2(bodyOf(request(0)) == j(sent.mid(body + 1)), request(0));
            QVERIFY(request(0).toLower().contains("content-type: application/json"));
        }
        m_server.requests.clear();
        QCOMPARE(await(m_mlflow->setTag("m", "1", "", "x", "user")).error().kind, ErrorKind::InvalidInput);
        QCOMPARE(await(m_mlflow->setRunTag("m", "", "x")).error().kind, ErrorKind::InvalidInput);
        QVERIFY(m_server.requests.isEmpty());
    }
    void refusedChangesSayWhy() {
        m_server.answer = [](const QByteArray&) { return http(404, sample("error_version.json")); };
        QCOMPARE(await(m_mlflow->setAlias("fraud-clf", "a", "2", "", "")).error().kind, ErrorKind::NotFound);
        m_server.answer = [](const QByteArray&) { return http(400, sample("error_reserved.json")); };
        const auto reserved = await(m_mlflow->setAlias("fraud-clf", "latest", "2", "", ""));
        QCOMPARE(reserved.error().kind, ErrorKind::InvalidInput);
        QVERIFY(reserved.error().message.find("is reserved") != std::string::npos);
        m_server.answer = [](const QByteArray&) {
            return http(404, R"({"error_code":"RESOURCE_DOES_NOT_EXIST","message":"No tag with name: k in run r"})");
        };
        QVERIFY(await(m_mlflow->setRunTag("r", "k", {})));  // it is gone already
        QVERIFY(!await(m_mlflow->setRunTag("r", "k", "v")));
        m_server.answer = [](const QByteArray&) { return http(404, sample("error_run.json")); };
        QCOMPARE(await(m_mlflow->setRunTag("r", "k", {})).error().kind, ErrorKind::NotFound);
    }
    void experimentsAreAllPages() {
        script(
            {{call("experiments/search"),
              {http(200, sample("experiments_page1.json")),
               http(200, R"({"experiments":[{"experiment_id":"0","name":"Default","lifecycle_stage":"deleted"}]})")}}});
        const auto experiments = await(m_mlflow->experiments({}));
        QVERIFY2(experiments, experiments ? "" : experiments.error().text().c_str());
        QCOMPARE(experiments->size(), 3U);
        QVERIFY(!experiments->at(2).active);
        QVERIFY(bodyOf(request(0)).value(QLatin1String("max_results")).toInt() > 0);
        QVERIFY(!bodyOf(request(0)).contains(QLatin1String("page_token")));
        QCOMPARE(bodyOf(request(1)).value(QLatin1String("page_token")).toString(),
                 QStringLiteral("eyJvZmZzZXQiOiAyfQ=="));
    }
    void runsGoOnWhereTheyEnded() {
        script({{call("runs/search"), {http(200, sample("runs_page1.json")), http(200, sample("runs_page2.json"))}}});
        const auto first = await(m_mlflow->runs({"1"}, "metrics.auc > 0.8", 2, {}, {}));
        QVERIFY2(first, first ? "" : first.error().text().c_str());
        QCOMPARE(first->runs.size(), 2U);
        QVERIFY(std::isnan(first->runs[0].metrics.at("bad")) && std::isinf(first->runs[0].metrics.at("bad2")));
        const QJsonObject sent = bodyOf(request(0));
        QCOMPARE(sent.value(QLatin1String("filter")).toString(), QStringLiteral("metrics.auc > 0.8"));
        QCOMPARE(sent.value(QLatin1String("max_results")).toInt(), 2);
        const auto second = await(m_mlflow->runs({"1"}, "metrics.auc > 0.8", 2, first->nextPage, {}));
        QCOMPARE(second->runs.size(), 1U);
        QVERIFY(second->nextPage.empty());
        QCOMPARE(bodyOf(request(1)).value(QLatin1String("page_token")).toString().toStdString(), first->nextPage);
        m_server.requests.clear();
        QCOMPARE(await(m_mlflow->runs({"1"}, {}, 0, {}, {})).error().kind, ErrorKind::InvalidInput);
        QCOMPARE(await(m_mlflow->runs({"1"}, {}, 1001, {}, {})).error().kind, ErrorKind::InvalidInput);
        QVERIFY(await(m_mlflow->runs({}, {}, 10, {}, {}))->runs.empty());
        QVERIFY(m_server.requests.isEmpty());
        m_server.answer = [](const QByteArray&) { return http(400, sample("error_filter.json")); };
        const auto bad = await(m_mlflow->runs({"1"}, "metrics.auc >> 0.8", 2, {}, {}));
        QCOMPARE(bad.error().kind, ErrorKind::InvalidInput);
        QVERIFY(bad.error().message.find("'>>'") != std::string::npos);
    }
    void runsThatAreTooMuchAtOnceAreFewer() {
        HttpOptions options;
        options.maxBytes = 100'000;
        m_mlflow = *MlflowServer::create("test", m_server.url(), options);
        m_server.answer = [](const QByteArray& request) {
            const int runs = bodyOf(request).value(QLatin1String("max_results")).toInt();
            return http(200, QByteArray(runs * 3'000, ' ') + R"({"next_page_token":"x"})");
        };
        const auto got = await(m_mlflow->runs({"1"}, {}, 100, {}, {}));
        QVERIFY2(got, got ? "" : got.error().text().c_str());
        QCOMPARE(m_server.requests.size(), 3);  // 100, 50, 25
        QCOMPARE(got->nextPage, std::string("x"));
        m_server.answer = [](const QByteArray&) { return http(200, QByteArray(200'000, ' ') + "{}"); };
        QCOMPARE(await(m_mlflow->runs({"1"}, {}, 4, {}, {})).error().kind, ErrorKind::ResourceExhausted);
    }
    void oneRun() {
        m_server.answer = [](const QByteArray&) { return http(200, sample("run_nan.json")); };
        QCOMPARE(await(m_mlflow->run("5d39", {}))->name, std::string("rest-run"));
        m_server.answer = [](const QByteArray&) { return http(404, sample("error_run.json")); };
        QCOMPARE(await(m_mlflow->run("0", {})).error().kind, ErrorKind::NotFound);
    }
    void historiesAreInOrder() {
        script(
            {{call("metrics/get-history"),
              {http(200, R"({"metrics":[{"step":2,"timestamp":5,"value":3},{"step":1,"timestamp":9,"value":2}],)"
                         R"("next_page_token":"p"})"),
               http(200,
                    R"({"metrics":[{"step":1,"timestamp":8,"value":"NaN"},{"step":-1,"timestamp":9,"value":0}]})")}}});
        const auto points = await(m_mlflow->metricHistory("r", "a/b c", {}));
        QVERIFY2(points, points ? "" : points.error().text().c_str());
        std::vector<std::int64_t> steps;
        for (const auto& p : *points)
            steps.push_back(p.step * 10 + p.at.ms());
        QCOMPARE(steps, (std::vector<std::int64_t>{-1, 18, 19, 25}));
        QVERIFY(std::isnan(points->at(1).value));
        QCOMPARE(queryValue(request(1), "metric_key"), QByteArray("a/b c"));
        QCOMPARE(queryValue(request(1), "page_token"), QByteArray("p"));
        m_server.answer = [](const QByteArray&) { return http(200, "{}"); };
        QVERIFY(await(m_mlflow->metricHistory("r", "none", {}))->empty());
    }
    void pagesWithoutEndAreAnError() {
        m_server.answer = [](const QByteArray&) { return http(200, sample("models_page1.json")); };
        const auto loop = await(m_mlflow->models({}));
        QCOMPARE(loop.error().kind, ErrorKind::InvalidInput);
        QVERIFY(loop.error().message.find("same page") != std::string::npos);
        QCOMPARE(m_server.requests.size(), 2);
        m_server.requests.clear();
        m_server.answer = [n = 0](const QByteArray&) mutable {
            return http(200, R"({"files":[{"path":"a"}],"next_page_token":)" + QByteArray::number(++n) + "}");
        };
        const auto many = await(m_mlflow->artifacts("r", {}, {}));
        QCOMPARE(many.error().kind, ErrorKind::ResourceExhausted);
        QCOMPARE(m_server.requests.size(), 100);
        m_server.requests.clear();
        QByteArray part = "{\"experiments\":[";
        for (int i = 0; i < 40'000; ++i)
            part += R"({"experiment_id":"1"},)";
        part.back() = ']';
        m_server.answer = [part, n = 0](const QByteArray&) mutable {
            return http(200, part + R"(,"next_page_token":)" + QByteArray::number(++n) + "}");
        };
        QCOMPARE(await(m_mlflow->experiments({})).error().kind, ErrorKind::ResourceExhausted);
        QCOMPARE(m_server.requests.size(), 3);
    }
    void anotherProgramIsNotMlflow() {
        m_server.answer = [](const QByteArray&) { return html(200, "<html>log in</html>"); };
        QCOMPARE(await(m_mlflow->models({})).error().kind, ErrorKind::InvalidInput);
        m_server.answer = [](const QByteArray&) { return html(404, sample("error_unknown.html")); };
        const auto got = await(m_mlflow->versions("m", {}));
        QCOMPARE(got.error().kind, ErrorKind::NotFound);
        QCOMPARE(got.error().message, std::string("no MLflow API at this address"));
    }
    void artifactsOfARun() {
        m_server.answer = [](const QByteArray&) { return http(200, sample("artifacts.json")); };
        const auto files = await(m_mlflow->artifacts("r", "notes", {}));
        QVERIFY2(files, files ? "" : files.error().text().c_str());
        QCOMPARE(files->at(0).path, std::string("notes/a.txt"));
        QCOMPARE(files->at(0).bytes, std::uint64_t{12});
        QCOMPARE(lineOf(request(0)), QByteArray("GET /api/2.0/mlflow/artifacts/list?run_id=r&path=notes"));
        QCOMPARE(await(m_mlflow->artifact("sha256:00", {})).error().kind, ErrorKind::Unsupported);
    }
    void downloadsAreWholeAndSummed() {
        QByteArray bytes;
        for (int i = 0; i < 300'000; ++i)
            bytes += QByteArray::number(i);
        m_server.answer = [&](const QByteArray&) {
            return http(200, bytes, "Content-Type: application/octet-stream\r\n");
        };
        QByteArray got;
        int pieces = 0;
        const auto sum = await(m_mlflow->download("r", "model/a b.pkl",
                                                  [&](const QByteArray& piece) -> Status {
                                                      got += piece;
                                                      ++pieces;
                                                      return {};
                                                  },
                                                  {}));
        QVERIFY2(sum, sum ? "" : sum.error().text().c_str());
        QVERIFY(got == bytes);
        QVERIFY(pieces > 1);
        QCOMPARE(*sum, "sha256:" + QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex().toStdString());
        QCOMPARE(lineOf(request(0)), QByteArray("GET /get-artifact?run_uuid=r&path=model%2Fa%20b.pkl"));
        QVERIFY(request(0).contains("Accept-Encoding: identity\r\n"));

        const auto full = await(m_mlflow->download(
            "r", "p",
            [](const QByteArray&) -> Status { return fail(ErrorKind::ResourceExhausted, "the disk is full"); }, {}));
        QCOMPARE(full.error().kind, ErrorKind::ResourceExhausted);
        QCOMPARE(full.error().message, std::string("the disk is full"));
    }
    void aCutDownloadIsAnError() {
        m_server.answer = [](const QByteArray&) {
            return QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nabc");
        };
        QVERIFY(!await(m_mlflow->download("r", "p", [](const QByteArray&) -> Status { return {}; }, {})));
        m_server.answer = [](const QByteArray&) { return http(404, sample("error_run.json")); };
        bool called = false;
        const auto none = await(m_mlflow->download("r", "p",
                                                   [&](const QByteArray&) -> Status {
                                                       called = true;
                                                       return {};
                                                   },
                                                   {}));
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        QVERIFY(!called);
    }
    void aDownloadCanBeCancelled() {
        // Sends a beginning and goes on to wait.
        QTcpServer dripping;
        QVERIFY(dripping.listen(QHostAddress::LocalHost));
        connect(&dripping, &QTcpServer::newConnection, &dripping, [&dripping] {
            QTcpSocket* socket = dripping.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [socket] {
                socket->readAll();
                socket->write("HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + QByteArray(1000, 'x'));
            });
        });
        m_mlflow = *MlflowServer::create("test", "http://127.0.0.1:" + std::to_string(dripping.serverPort()));
        CancellationSource cancel;
        std::atomic<int> bytes = 0;
        auto future = m_mlflow->versionArtifact(
            "m", "1", "model.pkl",
            [&](const QByteArray& piece) -> Status {
                bytes += static_cast<int>(piece.size());
                return {};
            },
            cancel.token());
        QTRY_COMPARE(bytes.load(), 1000);
        cancel.cancel();
        QVERIFY(isCancelled(await(future)));
    }
    void theSignatureIsInTheFilesOfAVersion() {
        m_server.answer = [](const QByteArray&) { return plain(200, sample("MLmodel")); };
        const auto signature = await(m_mlflow->signature("fraud clf", "2", {}));
        QVERIFY2(signature, signature ? "" : signature.error().text().c_str());
        QCOMPARE(signature->features().size(), 4U);
        QCOMPARE(lineOf(request(0)),
                 QByteArray("GET /model-versions/get-artifact?name=fraud%20clf&version=2&path=MLmodel"));
        m_server.answer = [](const QByteArray&) { return plain(200, QByteArray(9 << 20, 'x')); };
        QCOMPARE(await(m_mlflow->signature("m", "2", {})).error().kind, ErrorKind::ResourceExhausted);
    }
    void cancellationIsNoError() {
        CancellationSource before;
        before.cancel();
        QVERIFY(isCancelled(await(m_mlflow->models(before.token()))));
        QVERIFY(isCancelled(await(m_mlflow->versions("m", before.token()))));
        QVERIFY(isCancelled(await(m_mlflow->aliasHistory("m", before.token()))));
        QVERIFY(isCancelled(await(m_mlflow->artifact("sha256:0", before.token()))));
        QVERIFY(isCancelled(await(m_mlflow->runs({"1"}, {}, 5, {}, before.token()))));
        QVERIFY(isCancelled(await(m_mlflow->check(before.token()))));
        QVERIFY(m_server.requests.isEmpty());
        // Between two pages.
        CancellationSource between;
        m_server.answer = [&](const QByteArray&) {
            between.cancel();
            return http(200, sample("experiments_page1.json"));
        };
        QVERIFY(isCancelled(await(m_mlflow->experiments(between.token()))));
        QCOMPARE(m_server.requests.size(), 1);
    }
    void destructionEndsOpenRequests() {
        script({{call("registered-models/search"), {http(200, sample("models_alias.json"))}},
                {call("model-versions/search"), {QByteArray()}}});
        auto future = m_mlflow->models({});
        auto download = m_mlflow->download("r", "p", [](const QByteArray&) -> Status { return {}; }, {});
        QTRY_VERIFY(m_server.requests.size() >= 2);
        m_mlflow.reset();
        QVERIFY(future.isFinished());
        QVERIFY(isCancelled(future.result()));
        QTRY_VERIFY(download.isFinished());
        QVERIFY(!download.result());
    }
};

QTEST_GUILESS_MAIN(TestMlflowServer)
#include "tst_mlflow_server.moc"
