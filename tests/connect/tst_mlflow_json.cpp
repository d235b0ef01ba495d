// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTest>
#include <cmath>

#include "models/connect/mlflow/mlflow_error.h"
#include "models/connect/mlflow/mlflow_json.h"
#include "models/connect/mlflow/mlmodel.h"

using namespace pilothouse;
using namespace pilothouse::connect::mlflow;

namespace {

std::string sample(const char* name) {
    QFile file(QStringLiteral(PILOTHOUSE_TEST_DATA "/mlflow/") + QLatin1String(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

template <class T>
QByteArray problem(const Result<T>& read) {
    return read ? QByteArray("nothing") : QByteArray::fromStdString(read.error().text());
}

Error errorOf(int status, const std::string& body, const char* retryAfter = "") {
    return parseError({status, {}, QByteArray::fromStdString(body), retryAfter}, "here");
}

/// Every answer, by every reader of its kind; the text of what went wrong, if anything.
QByteArray readBy(const QByteArray& reader, std::string_view text) {
    if (reader == "models") return problem(parseModels(text, "s"));
    if (reader == "model") return problem(parseModel(text, "s"));
    if (reader == "versions") return problem(parseVersions(text, "s"));
    if (reader == "experiments") return problem(parseExperiments(text, "s"));
    if (reader == "runs") return problem(parseRuns(text, "s"));
    if (reader == "run") return problem(parseRun(text, "s"));
    if (reader == "history") return problem(parseHistory(text, "s"));
    if (reader == "bulk") return problem(parseBulkHistory(text, "s"));
    if (reader == "artifacts") return problem(parseArtifacts(text, "s"));
    return "no such reader";
}

}  // namespace

class TestMlflowJson : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void modelsOfASearch() {
        auto page = parseModels(sample("models_page1.json"), "s");
        QVERIFY2(page, problem(page));
        QCOMPARE(page->items.size(), 1U);
        QCOMPARE(page->items[0].name, std::string("churn"));
        QCOMPARE(page->items[0].tags.at("owner"), std::string("ann"));
        QCOMPARE(page->items[0].updated, Timestamp::fromMs(1795421464962));
        QVERIFY(page->items[0].aliases.empty());
        QCOMPARE(page->next, std::string("eyJvZmZzZXQiOiAxfQ=="));
        page = parseModels(sample("models_alias.json"), "s");
        QVERIFY2(page, problem(page));
        QCOMPARE(page->items[0].aliases, (std::map<std::string, std::string>{{"champion", "2"}}));
        QVERIFY(page->next.empty());
        const auto model = parseModel(sample("model.json"), "s");
        QVERIFY2(model, problem(model));
        QCOMPARE(model->name, std::string("fraud-clf"));
    }
    void versionsAsTheyAre() {
        const auto page = parseVersions(sample("versions_all.json"), "s");
        QVERIFY2(page, problem(page));
        QCOMPARE(page->items.size(), 6U);
        const ports::ModelVersion& v = page->items[1];
        QCOMPARE(v.model, std::string("fraud-clf"));
        QCOMPARE(v.version, std::string("4"));
        QCOMPARE(v.created, Timestamp::fromMs(1795422387470));
        QCOMPARE(v.runId, std::string("e1cd595e8694461fab822176da9f40e7"));
        QCOMPARE(v.source, std::string("models:/m-4e288690710d4d42ba56eb3262e464b6"));
        QCOMPARE(v.stage, std::string());  // "None"
        QCOMPARE(page->items[0].tags.at("k"), std::string("v"));
        const auto staged = parseVersions(
            R"({"model_versions":[{"name":"m","version":7,"current_stage":"Production","description":"d é",)"
            R"("model_params":[{"name":"depth","value":"6"}],"model_metrics":[{"key":"auc","value":"NaN"}]}]})",
            "s");
        QVERIFY2(staged, problem(staged));
        QCOMPARE(staged->items[0].version, std::string("7"));
        QCOMPARE(staged->items[0].stage, std::string("Production"));
        QCOMPARE(staged->items[0].description, std::string("d é"));
        QCOMPARE(staged->items[0].parameters.at("depth"), std::string("6"));
        QVERIFY(std::isnan(staged->items[0].metric("auc")->value));
    }
    void experimentsAndRuns() {
        const auto experiments = parseExperiments(sample("experiments_page1.json"), "s");
        QVERIFY2(experiments, problem(experiments));
        QCOMPARE(experiments->items.size(), 2U);
        QCOMPARE(experiments->items[1].id, std::string("4"));
        QCOMPARE(experiments->items[1].updated, std::optional(Timestamp::fromMs(1795421436900)));
        QVERIFY(experiments->items[0].active);
        const auto page = parseRuns(sample("runs_page1.json"), "s");
        QVERIFY2(page, problem(page));
        QCOMPARE(page->runs.size(), 2U);
        QVERIFY(!page->nextPage.empty());
        const ports::TrackedRun& run = page->runs[0];
        QCOMPARE(run.name, std::string("rest-run"));
        QVERIFY(run.state == ports::TrackedState::Finished);
        QCOMPARE(run.ended, std::optional(Timestamp::fromMs(1795421437099)));
        QCOMPARE(run.parameters.at("lr"), std::string("0.01"));
        QCOMPARE(run.metrics.at("auc"), 0.9);
        QVERIFY(std::isnan(run.metrics.at("bad")));
        QVERIFY(std::isinf(run.metrics.at("bad2")));
        QVERIFY(page->runs[1].state == ports::TrackedState::Running);
        QVERIFY(!page->runs[1].ended.has_value());
        const auto trained = parseRuns(sample("runs_sklearn.json"), "s");
        QVERIFY2(trained, problem(trained));
        QCOMPARE(trained->runs[0].parameters.at("max_iter"), std::string("3000"));
        QCOMPARE(trained->runs[0].user, std::string("root"));
        const auto one = parseRun(sample("run_nan.json"), "s");
        QVERIFY2(one, problem(one));
        QCOMPARE(one->id, std::string("5d39ef7e764b43e89ee0ac3f87cf4fb9"));
        // A run without data, of an old server: its name and user are tags.
        const auto old = parseRun(R"({"run":{"info":{"run_uuid":"a","status":"EXPLODED","start_time":"1795421437099"},)"
                                  R"("data":{"tags":[{"key":"mlflow.runName","value":"n"},)"
                                  R"({"key":"mlflow.user","value":"u"}]}}})",
                                  "s");
        QVERIFY2(old, problem(old));
        QCOMPARE(old->id, std::string("a"));
        QCOMPARE(old->name, std::string("n"));
        QCOMPARE(old->user, std::string("u"));
        QVERIFY(old->state == ports::TrackedState::Unknown);
        QCOMPARE(old->started, std::optional(Timestamp::fromMs(1795421437099)));
    }
    void histories() {
        const auto page = parseHistory(sample("history_page1.json"), "s");
        QVERIFY2(page, problem(page));
        QCOMPARE(page->items.size(), 100U);
        QCOMPARE(page->items[99].step, 99);
        QCOMPARE(page->items[99].value, 0.6760251140532085);
        QCOMPARE(page->items[99].at, Timestamp::fromMs(1795418193499));
        QCOMPARE(page->next, std::string("eyJvZmZzZXQiOiAxMDB9"));
        const auto bulk = parseBulkHistory(sample("history_bulk.json"), "s");
        QVERIFY2(bulk, problem(bulk));
        QCOMPARE(bulk->size(), 12U);
        QCOMPARE(bulk->at(1).run, std::string("5d39ef7e764b43e89ee0ac3f87cf4fb9"));
        QCOMPARE(bulk->at(1).point.step, 20);
    }
    void artifactLists() {
        const auto page = parseArtifacts(sample("artifacts_model.json"), "s");
        QVERIFY2(page, problem(page));
        QCOMPARE(page->items.size(), 5U);
        QCOMPARE(page->items[2].path, std::string("model.pkl"));
        QCOMPARE(page->items[2].bytes, std::uint64_t{194652});
        const auto none = parseArtifacts(sample("artifacts_none.json"), "s");
        QVERIFY2(none, problem(none));
        QVERIFY(none->items.empty());
        const auto folder = parseArtifacts(R"({"files":[{"path":"model","is_dir":true}]})", "s");
        QVERIFY(folder && folder->items[0].folder);
    }
    void numbersAsServersWriteThem_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<double>("value");
        const double inf = std::numeric_limits<double>::infinity();
        QTest::newRow("number") << QByteArray("0.25") << 0.25;
        QTest::newRow("whole") << QByteArray("-3") << -3.0;
        QTest::newRow("large") << QByteArray("18446744073709551615") << 18446744073709551615.0;
        QTest::newRow("text") << QByteArray("\"1e-3\"") << 1e-3;
        QTest::newRow("the database's infinity") << QByteArray("1.7976931348623157e+308") << inf;
        QTest::newRow("and the other") << QByteArray("-1.7976931348623157e+308") << -inf;
        QTest::newRow("infinity") << QByteArray("\"Infinity\"") << inf;
        QTest::newRow("-infinity") << QByteArray("\"-Infinity\"") << -inf;
        QTest::newRow("nan") << QByteArray("\"NaN\"") << std::nan("");
        QTest::newRow("null") << QByteArray("null") << 0.0;
    }
    void numbersAsServersWriteThem() {
        QFETCH(QByteArray, json);
        QFETCH(double, value);
        const auto page = parseHistory(
            (R"({"metrics":[{"key":"a","value":)" + json + R"(,"timestamp":"5","step":"9007199254740993"}]})")
                .toStdString(),
            "s");
        QVERIFY2(page, problem(page));
        const ports::MetricPoint& point = page->items.at(0);
        QVERIFY(std::isnan(value) ? std::isnan(point.value) : point.value == value);
        QCOMPARE(point.step, std::int64_t{9007199254740993});
        QCOMPARE(point.at, Timestamp::fromMs(5));
    }
    void emptyIsEmpty() {
        QVERIFY(parseModels("{}", "s")->items.empty());
        QVERIFY(parseVersions("{}", "s")->items.empty());
        QVERIFY(parseExperiments("{}", "s")->items.empty());
        QVERIFY(parseRuns("{}", "s")->runs.empty());
        QVERIFY(parseHistory("{}", "s")->items.empty());
        QVERIFY(parseBulkHistory("{}", "s")->empty());
        QVERIFY(parseArtifacts("{}", "s")->items.empty());
    }
    void aCutAnswerIsAnError() {
        for (const auto& [reader, name] :
             {std::pair{"models", "models_alias.json"}, std::pair{"versions", "versions_page1.json"},
              std::pair{"experiments", "experiments_page1.json"}, std::pair{"runs", "runs_page2.json"},
              std::pair{"run", "run_nan.json"}, std::pair{"artifacts", "artifacts.json"}}) {
            std::string text = sample(name);
            while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
                text.pop_back();
            QCOMPARE(readBy(reader, text), QByteArray("nothing"));
            for (std::size_t length = 0; length < text.size(); ++length)
                QVERIFY2(readBy(reader, std::string_view(text).substr(0, length)) != "nothing", name);
        }
    }
    void whatIsWrongIsNamed_data() {
        QTest::addColumn<QByteArray>("reader");
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("what");
        const auto row = [](const char* reader, const QByteArray& json, const char* what) {
            QTest::addRow("%s: %s", reader, what) << QByteArray(reader) << json << QByteArray(what);
        };
        row("models", "<html>log in</html>", "JSON cannot be read");
        row("models", "[]", "not an object");
        row("models", R"({"registered_models":{}})", "registered_models is not a list");
        row("models", R"({"registered_models":[1]})", "an entry of registered_models is not an object");
        row("models", R"({"registered_models":[{}]})", "a model has no name");
        row("models", R"({"registered_models":[{"name":["x"]}]})", "name is not a text");
        row("models", R"({"registered_models":[{"name":"a","aliases":[{"alias":"x"}]}]})", "an alias has no version");
        row("models", R"({"registered_models":[{"name":")" + QByteArray(3000, 'n') + R"("}]})", "name is longer than");
        row("models", R"({"registered_models":[{"name":"a","last_updated_timestamp":"soon"}]})",
            "last_updated_timestamp is not a whole number");
        row("models", R"({"registered_models":[{"name":"a","last_updated_timestamp":9223372036854775807}]})",
            "out of range");
        row("models", R"({"registered_models":[{"name":"a","tags":[{"value":"x"}]}]})", "an entry of tags has no key");
        row("models",
            R"({"registered_models":[{"name":"a","tags":[{"key":"k","value":")" + QByteArray(200'000, 'v') +
                R"("}]}]})",
            "value is longer than");
        row("model", "{}", "no registered_model");
        row("versions", R"({"model_versions":[{"name":"a"}]})", "a version has no version");
        row("versions", R"({"model_versions":[{"name":"a","version":1.5}]})", "version is not a text");
        row("experiments", R"({"experiments":[{"name":"a"}]})", "an experiment has no experiment_id");
        row("runs", R"({"runs":[{}]})", "a run has no info");
        row("runs", R"({"runs":[{"info":{}}]})", "a run has no run_uuid");
        row("run", "{}", "it has no run");
        row("run", R"({"run":{"info":{"run_id":"a"},"data":{"metrics":[{"key":"m","value":"much"}]}}})",
            "value is not a number");
        row("run", R"({"run":{"info":{"run_id":"a"},"data":{"metrics":[{"key":"m","value":true}]}}})",
            "value is not a number");
        row("run", R"({"run":{"info":{"run_id":"a"},"data":{"metrics":[{"key":"m","value":1e400}]}}})",
            "JSON cannot be read");
        row("history", R"({"metrics":[{"step":1.5}]})", "step is not a whole number");
        row("history", R"({"metrics":[{"step":18446744073709551615}]})", "step is not a whole number");
        row("bulk", R"({"metrics":[{"run_id":{}}]})", "run_id is not a text");
        row("artifacts", R"({"files":[{"path":"a","is_dir":"yes"}]})", "is_dir is not true or false");
        row("artifacts",
            R"({"files":[{"path":"a","is_dir":false,"x":)" + QByteArray(60, '[') + QByteArray(60, ']') + "}]}",
            "nested too deeply");
        row("artifacts", "{\"files\":[{\"path\":\"\xff\xfe\"}]}", "JSON cannot be read");
        QByteArray many = "{\"experiments\":[";
        for (std::size_t i = 0; i <= kMaxItems; ++i)
            many += R"({"experiment_id":"1"},)";
        many.back() = ']';
        row("experiments", many + "}", "more than 100000 entries");
    }
    void whatIsWrongIsNamed() {
        QFETCH(QByteArray, reader);
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, what);
        const QByteArray said = readBy(reader, json.toStdString());
        QVERIFY2(said.contains("not an answer of MLflow") && said.contains(what), said);
    }
    void errors_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("message");
        const auto row = [](const char* name, int status, const std::string& body, ErrorKind kind,
                            const char* message) {
            QTest::newRow(name) << status << QByteArray::fromStdString(body) << static_cast<int>(kind)
                                << QByteArray(message);
        };
        row("run", 404, sample("error_run.json"), ErrorKind::NotFound,
            "Run with id=00000000000000000000000000000000 not found");
        row("version", 404, sample("error_version.json"), ErrorKind::NotFound,
            "Model Version (name=fraud-clf, version=2) not found");
        row("alias", 400, sample("error_alias.json"), ErrorKind::InvalidInput,
            "Registered model alias nope not found.");
        row("reserved", 400, sample("error_reserved.json"), ErrorKind::InvalidInput,
            "'latest' alias name (case insensitive) is reserved.");
        row("HTML", 404, sample("error_unknown.html"), ErrorKind::NotFound, "no MLflow API at this address");
        row("Host", 403, sample("error_host.txt"), ErrorKind::PermissionDenied,
            "the server refuses access: Invalid Host header - possible DNS rebinding attack detected");
        row("basic", 401, "You are not authenticated. Please see https://mlflow.org/docs", ErrorKind::PermissionDenied,
            "the server asks for credentials");
        row("denied", 403, R"({"error_code":"PERMISSION_DENIED","message":"Permission denied"})",
            ErrorKind::PermissionDenied, "Permission denied");
        row("number", 400, R"({"error_code":1000,"message":"old"})", ErrorKind::InvalidInput, "old");
        row("busy", 429, "slow down", ErrorKind::Unavailable, "the server asks for fewer requests");
        row("down", 503, R"({"error_code":"TEMPORARILY_UNAVAILABLE"})", ErrorKind::Unavailable,
            "the server answered with HTTP status 503");
        row("proxy", 502, "<html><title>502 Bad Gateway</title>", ErrorKind::Unavailable,
            "the server answered with HTTP status 502");
        row("nothing", 500, "", ErrorKind::Unavailable, "the server answered with HTTP status 500");
    }
    void errors() {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(int, kind);
        QFETCH(QByteArray, message);
        const Error error = errorOf(status, body.toStdString());
        QCOMPARE(QByteArray::fromStdString(error.message), message);
        QCOMPARE(static_cast<int>(error.kind), kind);
        QCOMPARE(error.retryable, status >= 500 || status == 429);
        QCOMPARE(error.source, std::string("here"));
    }
    void errorsHaveDetails() {
        QCOMPARE(errorOf(404, sample("error_unknown.html")).detail, std::string("404 Not Found"));
        QVERIFY(errorOf(401, "You are not authenticated.").detail.starts_with("You are not"));
        QCOMPARE(errorOf(429, "slow down", "7").detail, std::string("slow down; again after 7 s"));
        const Error exists = errorOf(400, sample("error_exists.json"));
        QCOMPARE(static_cast<int>(exists.kind), static_cast<int>(ErrorKind::AlreadyExists));
        QVERIFY(exists.message.size() <= 500 && exists.message.find('\n') == std::string::npos);
    }
    void versionTexts() {
        QCOMPARE(*parseVersion("3.17.2", "s"), std::string("3.17.2"));
        QCOMPARE(*parseVersion("2.9.0rc1\n", "s"), std::string("2.9.0rc1"));
        for (const char* text : {"", "OK", "<html>3.17</html>", "3", "3.17 <b>", ".5"})
            QVERIFY2(!parseVersion(text, "s"), text);
    }
    void versionsAreNumbers() {
        QVERIFY(newerVersion("10", "9"));
        QVERIFY(!newerVersion("9", "10"));
        QVERIFY(!newerVersion("9", "9"));
        QVERIFY(newerVersion("123456789012345678901", "99999999999999999999"));
        QVERIFY(newerVersion("010", "9"));
        QVERIFY(newerVersion("1", "v2"));
        QVERIFY(!newerVersion("v2", "1"));
        QVERIFY(!newerVersion("0", "00"));
    }
    void theSignatureOfAModel() {
        const auto read = parseMlModel(sample("MLmodel"), "s");
        QVERIFY2(read, problem(read));
        QCOMPARE(read->features(),
                 (std::vector<std::string>{"mean radius", "mean texture", "mean perimeter", "mean concave points"}));
        QVERIFY(read->inputs[0].required);
        QVERIFY(!read->inputs[3].required);
        QCOMPARE(read->inputs[0].type, std::string("double"));
        QCOMPARE(read->outputs.size(), 1U);
        QCOMPARE(read->outputs[0].type, std::string("tensor"));
        QVERIFY(read->outputs[0].name.empty());
        QVERIFY(parseMlModel("flavors: {}\n", "s")->inputs.empty());
        QVERIFY(parseMlModel("signature: null\n", "s")->inputs.empty());
    }
    void whatIsNoModelFileIsNamed_data() {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QByteArray>("what");
        QTest::newRow("empty") << QByteArray() << QByteArray("not a map");
        QTest::newRow("text") << QByteArray("model") << QByteArray("not a map");
        QTest::newRow("broken") << QByteArray("a: [1\nb: 2") << QByteArray("cannot be read");
        QTest::newRow("anchor") << QByteArray("a: &x [1]\nb: *x\n") << QByteArray("anchors");
        QTest::newRow("deep") << QByteArray("a: ") + QByteArray(200, '[') + QByteArray(200, ']')
                              << QByteArray("nested too deeply");
        QTest::newRow("list") << QByteArray("signature: [1]\n") << QByteArray("signature is not a map");
        QTest::newRow("no text") << QByteArray("signature: {inputs: [1]}\n") << QByteArray("inputs is not a text");
        QTest::newRow("no JSON") << QByteArray("signature: {inputs: 'x'}\n") << QByteArray("not a list in JSON");
        QTest::newRow("no object") << QByteArray("signature: {outputs: '[1]'}\n") << QByteArray("not an object");
        QTest::newRow("large") << QByteArray(9 << 20, 'a') << QByteArray("larger than 8 MiB");
    }
    void whatIsNoModelFileIsNamed() {
        QFETCH(QByteArray, yaml);
        QFETCH(QByteArray, what);
        const QByteArray said = problem(parseMlModel(yaml.toStdString(), "s"));
        QVERIFY2(said.contains("not an MLmodel file") && said.contains(what), said);
    }
};

QTEST_GUILESS_MAIN(TestMlflowJson)
#include "tst_mlflow_json.moc"
