// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonObject>
#include <QRegularExpression>
#include <cmath>

#include "models/connect/mlflow/mlflow_server.h"
#include "models/connect/mlflow/run_table.h"
#include "tests/peers/peer_server.h"

using namespace pilothouse;
using connect::mlflow::MlflowServer;

namespace {

template <class T>
Result<T> await(QFuture<Result<T>> future) {
    [&] { QTRY_VERIFY_WITH_TIMEOUT(future.isFinished(), 60'000); }();
    if (!future.isFinished()) return fail(Error::internal("no answer"));
    return future.result();
}

constexpr qint64 kStart = 1'700'000'000'000;
const char* const kMlModel =
    "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\nsignature:\n"
    "  inputs: '[{\"type\": \"string\", \"name\": \"carrier\", \"required\": true}, {\"type\": \"double\", \"name\":\n"
    "    \"distance mi\", \"required\": true}]'\n  outputs: null\n";

}  // namespace

/// A real MLflow, whose program PILOTHOUSE_MLFLOW names, with a model of three versions and a few runs.
class TestMlflowPeer : public QObject {
    Q_OBJECT

    test::PeerServer m_server;
    quint16 m_port = 0;
    std::shared_ptr<MlflowServer> m_mlflow;
    std::string m_experiment;
    std::vector<std::string> m_runs;

    [[nodiscard]] QString url(const QString& path) const {
        return QStringLiteral("http://127.0.0.1:%1%2").arg(m_port).arg(path);
    }
    test::Answer send(const char* method, const QString& path, const QByteArray& body, const char* type) const {
        QNetworkAccessManager manager;
        QNetworkRequest request{QUrl(url(path))};
        request.setHeader(QNetworkRequest::ContentTypeHeader, QString::fromLatin1(type));
        QNetworkReply* reply = manager.sendCustomRequest(request, method, body);
        QEventLoop loop;
        QObject::connect(reply, &QNetworkReply::finished, &loop, &QEventLoop::quit);
        loop.exec();
        return {reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), reply->readAll()};
    }
    QJsonObject post(const char* call, const QJsonObject& body) const {
        const auto answer = send("POST", QStringLiteral("/api/2.0/mlflow/") + QLatin1String(call),
                                 QJsonDocument(body).toJson(), "application/json");
        if (answer.status != 200) QTest::qFail(answer.body.constData(), __FILE__, __LINE__);
        return answer.json().object();
    }
    static QString qt(const std::string& text) { return QString::fromStdString(text); }
    void put(const std::string& run, const char* path, const QByteArray& bytes) const {
        const auto answer = send("PUT",
                                 QStringLiteral("/api/2.0/mlflow-artifacts/artifacts/%1/%2/artifacts/%3")
                                     .arg(qt(m_experiment), qt(run), QLatin1String(path)),
                                 bytes, "application/octet-stream");
        QCOMPARE(answer.status, 200);
    }
    void fill() {
        const QString experiment = post("experiments/create", {{QStringLiteral("name"), QStringLiteral("delays é")}})
                                       .value(QLatin1String("experiment_id"))
                                       .toString();
        m_experiment = experiment.toStdString();
        for (int r = 0; r < 3; ++r) {
            const QString id = post("runs/create", {{QStringLiteral("experiment_id"), experiment},
                                                    {QStringLiteral("run_name"), QStringLiteral("run %1").arg(r)},
                                                    {QStringLiteral("start_time"), kStart + r * 1000}})
                                   .value(QLatin1String("run"))[QLatin1String("info")][QLatin1String("run_id")]
                                   .toString();
            m_runs.push_back(id.toStdString());
            QJsonArray metrics;
            for (int step = 0; step < 900; ++step)
                metrics.append(QJsonObject{{QStringLiteral("key"), QStringLiteral("val/loss")},
                                           {QStringLiteral("value"), 1.0 / (1 + step + r)},
                                           {QStringLiteral("timestamp"), kStart + step},
                                           {QStringLiteral("step"), 899 - step}});
            for (const char* odd : {"NaN", "Infinity", "-Infinity"})
                metrics.append(QJsonObject{{QStringLiteral("key"), QLatin1String(odd)},
                                           {QStringLiteral("value"), QLatin1String(odd)},
                                           {QStringLiteral("timestamp"), kStart},
                                           {QStringLiteral("step"), 0}});
            post("runs/log-batch",
                 {{QStringLiteral("run_id"), id},
                  {QStringLiteral("metrics"), metrics},
                  {QStringLiteral("params"), QJsonArray{QJsonObject{{QStringLiteral("key"), QStringLiteral("depth")},
                                                                    {QStringLiteral("value"), QString::number(r)}}}}});
        }
        post("runs/update", {{QStringLiteral("run_id"), qt(m_runs[0])},
                             {QStringLiteral("status"), QStringLiteral("FINISHED")},
                             {QStringLiteral("end_time"), kStart + 5000}});
        put(m_runs[0], "model/MLmodel", kMlModel);
        put(m_runs[0], "notes.bin", QByteArray(3'000'000, 'n'));
        for (const char* model : {"delay é", "other"})
            post("registered-models/create", {{QStringLiteral("name"), QString::fromUtf8(model)}});
        for (int v = 0; v < 3; ++v)
            post("model-versions/create",
                 {{QStringLiteral("name"), QStringLiteral("delay é")},
                  {QStringLiteral("source"),
                   QStringLiteral("mlflow-artifacts:/%1/%2/artifacts/model").arg(experiment, qt(m_runs[0]))},
                  {QStringLiteral("run_id"), qt(m_runs[0])},
                  {QStringLiteral("description"), QStringLiteral("number %1").arg(v)}});
        post("model-versions/transition-stage", {{QStringLiteral("name"), QStringLiteral("delay é")},
                                                 {QStringLiteral("version"), QStringLiteral("2")},
                                                 {QStringLiteral("stage"), QStringLiteral("Staging")},
                                                 {QStringLiteral("archive_existing_versions"), false}});
    }
    ports::ModelSummary model() {
        const auto models = await(m_mlflow->models({}));
        if (!models || models->size() != 2) return {};
        return models->at(0);
    }

private Q_SLOTS:
    void initTestCase() {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".?")));
        const QString program = qEnvironmentVariable("PILOTHOUSE_MLFLOW");
        if (program.isEmpty()) QSKIP("MLflow (PILOTHOUSE_MLFLOW is not set)");
        // Nothing goes out, and no second server is started for jobs.
        qputenv("MLFLOW_DISABLE_TELEMETRY", "true");
        qputenv("DO_NOT_TRACK", "true");
        qputenv("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
        m_port = test::PeerServer::freePort();
        QVERIFY(m_server.start(
            program,
            {QStringLiteral("server"), QStringLiteral("--backend-store-uri"),
             QStringLiteral("sqlite:///") + m_server.path("mlflow.db"), QStringLiteral("--artifacts-destination"),
             m_server.path("artifacts"), QStringLiteral("--host"), QStringLiteral("127.0.0.1"),
             QStringLiteral("--port"), QString::number(m_port), QStringLiteral("--workers"), QStringLiteral("1")},
            true));
        QTRY_COMPARE_WITH_TIMEOUT(test::get(url(QStringLiteral("/health"))).status, 200, 120'000);
        m_mlflow = *MlflowServer::create("real", url({}).toStdString());
        fill();
    }
    void cleanupTestCase() {
        m_mlflow.reset();
        m_server.stop();
        if (m_port != 0) QCOMPARE(test::get(url(QStringLiteral("/health"))).status, 0);
    }
    void itSaysWhatItIs() {
        const auto told = await(m_mlflow->check({}));
        QVERIFY2(told, told ? "" : told.error().text().c_str());
        QVERIFY2(told->starts_with("MLflow ") && told->find('.') != std::string::npos, told->c_str());
    }
    void modelsAndVersions() {
        const auto models = await(m_mlflow->models({}));
        QVERIFY2(models, models ? "" : models.error().text().c_str());
        QCOMPARE(models->size(), 2U);
        QCOMPARE(models->at(0).name, std::string("delay é"));
        QCOMPARE(models->at(0).versions, 3U);
        QCOMPARE(models->at(1).versions, 0U);
        const auto versions = await(m_mlflow->versions("delay é", {}));
        QVERIFY2(versions, versions ? "" : versions.error().text().c_str());
        QCOMPARE(versions->size(), 3U);
        QCOMPARE(versions->at(0).version, std::string("3"));
        QCOMPARE(versions->at(0).description, std::string("number 2"));
        QCOMPARE(versions->at(0).runId, m_runs[0]);
        QCOMPARE(versions->at(0).stage, std::string());
        QCOMPARE(versions->at(1).stage, std::string("Staging"));
        QVERIFY(await(m_mlflow->versions("nobody", {}))->empty());
    }
    void aliasesComeAndGo() {
        QVERIFY(await(m_mlflow->setAlias("delay é", "champion", "1", "user", "first")));
        QVERIFY(await(m_mlflow->setAlias("delay é", "champion", "2", "user", "better")));
        QVERIFY(await(m_mlflow->setAlias("delay é", "challenger", "3", "user", "")));
        QCOMPARE(model().aliases, (std::map<std::string, std::string>{{"champion", "2"}, {"challenger", "3"}}));
        const auto history = await(m_mlflow->aliasHistory("delay é", {}));
        QVERIFY2(history, history ? "" : history.error().text().c_str());
        QCOMPARE(history->size(), 2U);
        QVERIFY(!history->at(0).to.has_value() && history->at(0).from.ns > 0);
        QVERIFY(await(m_mlflow->removeAlias("delay é", "champion", "user", "unsafe")));
        QVERIFY(await(m_mlflow->removeAlias("delay é", "champion", "user", "again")));
        QCOMPARE(model().aliases, (std::map<std::string, std::string>{{"challenger", "3"}}));
        QCOMPARE(await(m_mlflow->setAlias("delay é", "champion", "99", "", "")).error().kind, ErrorKind::NotFound);
        QCOMPARE(await(m_mlflow->setAlias("nobody", "champion", "1", "", "")).error().kind, ErrorKind::NotFound);
        QCOMPARE(await(m_mlflow->setAlias("delay é", "latest", "1", "", "")).error().kind, ErrorKind::InvalidInput);
        QCOMPARE(await(m_mlflow->removeAlias("nobody", "champion", "", "")).error().kind, ErrorKind::NotFound);
        QCOMPARE(await(m_mlflow->aliasHistory("nobody", {})).error().kind, ErrorKind::NotFound);
    }
    void tagsComeAndGo() {
        QVERIFY(await(m_mlflow->setTag("delay é", "1", "state é", "a \"b\"\n", "user")));
        QVERIFY(await(m_mlflow->setTag("delay é", "", "owner", "ann", "user")));
        auto versions = await(m_mlflow->versions("delay é", {}));
        QCOMPARE(versions->at(2).tags.at("state é"), std::string("a \"b\"\n"));
        QCOMPARE(model().tags.at("owner"), std::string("ann"));
        for (int again = 0; again < 2; ++again) {
            QVERIFY(await(m_mlflow->setTag("delay é", "1", "state é", {}, "user")));
            QVERIFY(await(m_mlflow->setTag("delay é", "", "owner", {}, "user")));
            QVERIFY(await(m_mlflow->setRunTag(m_runs[1], "never set", {})));
        }
        versions = await(m_mlflow->versions("delay é", {}));
        QVERIFY(versions->at(2).tags.empty());
        QVERIFY(model().tags.empty());
        QVERIFY(await(m_mlflow->setRunTag(m_runs[0], "reviewed", "yes")));
        QCOMPARE(await(m_mlflow->run(m_runs[0], {}))->tags.at("reviewed"), std::string("yes"));
        QVERIFY(await(m_mlflow->setRunTag(m_runs[0], "reviewed", {})));
        QCOMPARE(await(m_mlflow->run(m_runs[0], {}))->tags.count("reviewed"), 0U);
        QCOMPARE(await(m_mlflow->setTag("delay é", "77", "k", "v", "")).error().kind, ErrorKind::NotFound);
        QCOMPARE(await(m_mlflow->setTag("nobody", "", "k", "v", "")).error().kind, ErrorKind::NotFound);
        QCOMPARE(await(m_mlflow->setRunTag("0123", "k", "v")).error().kind, ErrorKind::NotFound);
    }
    void experimentsAndRuns() {
        const auto experiments = await(m_mlflow->experiments({}));
        QVERIFY2(experiments, experiments ? "" : experiments.error().text().c_str());
        QCOMPARE(experiments->size(), 2U);
        QCOMPARE(experiments->at(0).name, std::string("delays é"));
        const auto first = await(m_mlflow->runs({m_experiment}, {}, 2, {}, {}));
        QVERIFY2(first, first ? "" : first.error().text().c_str());
        QCOMPARE(first->runs.size(), 2U);
        QCOMPARE(first->runs[0].name, std::string("run 2"));
        QVERIFY(!first->nextPage.empty());
        const auto second = await(m_mlflow->runs({m_experiment}, {}, 2, first->nextPage, {}));
        QCOMPARE(second->runs.size(), 1U);
        QVERIFY(second->nextPage.empty());
        const ports::TrackedRun& run = second->runs[0];
        QVERIFY(run.state == ports::TrackedState::Finished);
        QCOMPARE(run.started, std::optional(Timestamp::fromMs(kStart)));
        QCOMPARE(run.ended, std::optional(Timestamp::fromMs(kStart + 5000)));
        QCOMPARE(run.parameters.at("depth"), std::string("0"));
        QVERIFY(std::isnan(run.metrics.at("NaN")));
        QCOMPARE(run.metrics.at("Infinity"), std::numeric_limits<double>::infinity());
        QCOMPARE(run.metrics.at("-Infinity"), -std::numeric_limits<double>::infinity());
        const auto filtered = await(m_mlflow->runs({m_experiment}, "params.depth = '1'", 10, {}, {}));
        QCOMPARE(filtered->runs.size(), 1U);
        QCOMPARE(filtered->runs[0].id, m_runs[1]);
        const auto bad = await(m_mlflow->runs({m_experiment}, "metrics.a >> 1", 10, {}, {}));
        QCOMPARE(bad.error().kind, ErrorKind::InvalidInput);
        QVERIFY(!bad.error().message.empty());
        QCOMPARE(await(m_mlflow->run("0123456789abcdef0123456789abcdef", {})).error().kind, ErrorKind::NotFound);

        connect::mlflow::RunTable table;
        for (const auto& page : {*first, *second})
            for (const auto& r : page.runs)
                QVERIFY(table.add(r));
        std::vector<std::string> names;
        for (const std::size_t column : table.differences())
            names.push_back(table.name(column));
        QCOMPARE(names, (std::vector<std::string>{"val/loss", "depth"}));
    }
    void histories() {
        const auto points = await(m_mlflow->metricHistory(m_runs[0], "val/loss", {}));
        QVERIFY2(points, points ? "" : points.error().text().c_str());
        QCOMPARE(points->size(), 900U);
        for (std::size_t i = 0; i < points->size(); ++i)
            QCOMPARE(points->at(i).step, static_cast<std::int64_t>(i));
        QCOMPARE(points->at(899).value, 1.0);
        QCOMPARE(points->at(899).at, Timestamp::fromMs(kStart));
        QVERIFY(std::isnan(await(m_mlflow->metricHistory(m_runs[0], "NaN", {}))->at(0).value));
        QVERIFY(await(m_mlflow->metricHistory(m_runs[0], "none", {}))->empty());
    }
    void artifacts() {
        auto files = await(m_mlflow->artifacts(m_runs[0], {}, {}));
        QVERIFY2(files, files ? "" : files.error().text().c_str());
        QCOMPARE(files->size(), 2U);
        QCOMPARE(files->at(0).path, std::string("model"));
        QVERIFY(files->at(0).folder);
        QCOMPARE(files->at(1).bytes, std::uint64_t{3'000'000});
        files = await(m_mlflow->artifacts(m_runs[0], "model", {}));
        QCOMPARE(files->at(0).path, std::string("model/MLmodel"));
        QVERIFY(await(m_mlflow->artifacts(m_runs[1], {}, {}))->empty());
        QByteArray got;
        const auto take = [&](const QByteArray& piece) -> Status {
            got += piece;
            return {};
        };
        const auto sum = await(m_mlflow->download(m_runs[0], "notes.bin", take, {}));
        QVERIFY2(sum, sum ? "" : sum.error().text().c_str());
        QVERIFY(got == QByteArray(3'000'000, 'n'));
        QCOMPARE(*sum, "sha256:" + QCryptographicHash::hash(got, QCryptographicHash::Sha256).toHex().toStdString());
        got.clear();
        QVERIFY(!await(m_mlflow->download(m_runs[0], "nothing.bin", take, {})));
        QVERIFY(got.isEmpty());
        const auto signature = await(m_mlflow->signature("delay é", "1", {}));
        QVERIFY2(signature, signature ? "" : signature.error().text().c_str());
        QCOMPARE(signature->features(), (std::vector<std::string>{"carrier", "distance mi"}));
        QVERIFY(!await(m_mlflow->signature("delay é", "44", {})));
    }
    void unknownPathsAreHtml() {
        const auto other = *MlflowServer::create("x", url(QStringLiteral("/elsewhere")).toStdString());
        const auto got = await(other->models({}));
        QCOMPARE(got.error().kind, ErrorKind::NotFound);
        QCOMPARE(got.error().message, std::string("no MLflow API at this address"));
    }
};

QTEST_GUILESS_MAIN(TestMlflowPeer)
#include "tst_mlflow_server.moc"
