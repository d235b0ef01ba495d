// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTest>
#include <cmath>

#include "models/connect/prometheus/prometheus_answer.h"

using namespace pilothouse;
using namespace pilothouse::connect::prometheus;

namespace {
std::string recorded(const char* name) {
    QFile file(QStringLiteral(PILOTHOUSE_TEST_DATA "/") + QLatin1String(name));
    if (!file.open(QIODevice::ReadOnly)) qFatal("%s is missing", name);
    return file.readAll().toStdString();
}
}  // namespace

class TestPrometheusAnswer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aVector() {
        const auto got = parseQuery(recorded("prom-query-vector.json"), "p");
        QVERIFY(got);
        QCOMPARE(got->series.size(), std::size_t{1});
        const auto& s = got->series[0];
        QCOMPARE(s.name, std::string("model_requests_total"));
        QCOMPARE(s.labels.at("version"), std::string("v4"));
        QVERIFY(!s.labels.contains("__name__"));
        QCOMPARE(s.times[0], std::int64_t{1795421677'417'000'000});
        QCOMPARE(s.values[0], 1119.0);
        QCOMPARE(parseQuery(recorded("prom3-query-up.json"), "p")->series.size(), std::size_t{5});
    }
    void aMatrix() {
        const auto got = parseQuery(recorded("prom-query-range.json"), "p");
        QVERIFY(got);
        QCOMPARE(got->series[0].values,
                 (std::vector<double>{14.86120364201643, 19.99840012798976, 19.995201151723585}));
        const auto month = parseQuery(recorded("prom-query-range-28d.json"), "p");
        QVERIFY(month);
        for (const auto& s : month->series) {
            QCOMPARE(s.times.size(), s.values.size());
            QVERIFY(s.times.size() > 600);
            QVERIFY(std::is_sorted(s.times.begin(), s.times.end()));
        }
    }
    void numbersThatAreTexts() {
        QVERIFY(std::isnan(parseQuery(recorded("prom-query-nan.json"), "p")->series[0].values[0]));
        QCOMPARE(parseQuery(recorded("prom-query-inf.json"), "p")->series[0].values[0],
                 std::numeric_limits<double>::infinity());
        QCOMPARE(parseQuery(recorded("prom-query-scalar.json"), "p")->series[0].values[0], 1.5);
        QVERIFY(parseQuery(recorded("prom-query-empty.json"), "p")->series.empty());
        QCOMPARE(parseQuery(recorded("prom-query-string.json"), "p").error().kind, ErrorKind::Unsupported);
    }
    void names() {
        QCOMPARE(*parseNames(recorded("prom-label-values.json"), "p"),
                 (std::vector<std::string>{"churn", "fraud-scorer", "ranker"}));
    }
    void errorsInJson() {
        const Error bad = parseError(400, recorded("prom-query-badparse.json"), "p");
        QCOMPARE(bad.kind, ErrorKind::InvalidInput);
        QVERIFY(bad.message.find("unclosed left parenthesis") != std::string::npos);
        QVERIFY(!bad.retryable);
        QVERIFY(parseError(400, recorded("prom-query-range-toomany.json"), "p").message.find("11,000") !=
                std::string::npos);
    }
    void errorsInPlainText() {
        const Error error = parseError(404, recorded("prom-404.txt"), "p");
        QCOMPARE(error.kind, ErrorKind::NotFound);
        QCOMPARE(error.detail, std::string("404 page not found"));
        QCOMPARE(parseError(401, "", "p").kind, ErrorKind::PermissionDenied);
        QVERIFY(parseError(503, "<html>busy</html>", "p").retryable);
        QVERIFY(parseError(500, std::string(100'000, 'x'), "p").detail.size() < 1'000);
    }
    void whatIsNotAsDocumentedIsRefused_data() {
        QTest::addColumn<QByteArray>("json");
        const auto row = [](const char* name, const char* json) { QTest::newRow(name) << QByteArray(json); };
        row("nothing", "");
        row("text", "404 page not found");
        row("array", "[1,2]");
        row("no data", R"({"status":"success"})");
        row("unknown type", R"({"status":"success","data":{"resultType":"tensor","result":[]}})");
        row("word for a number",
            R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"abc"]}]}})");
        row("number with a tail",
            R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1.5x"]}]}})");
        row("empty value",
            R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,""]}]}})");
        row("time out of range",
            R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1e300,"1"]}]}})");
        row("order",
            R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[2,"1"],[1,"1"]]}]}})");
        row("short pair",
            R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1]}]}})");
        row("label not text",
            R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":1},"value":[1,"1"]}]}})");
        row("error", R"({"status":"error","errorType":"execution","error":"expanding series: context canceled"})");
    }
    void whatIsNotAsDocumentedIsRefused() {
        QFETCH(QByteArray, json);
        const auto got = parseQuery({json.constData(), static_cast<std::size_t>(json.size())}, "p");
        QVERIFY(!got);
        QVERIFY(!got.error().message.empty());
    }
    void everyCutIsRefused() {
        const std::string whole = recorded("prom-query-range.json");
        // Without its last brace everything that counts has been read.
        for (std::size_t n = 0; n + 1 < whole.size(); ++n)
            QVERIFY2(!parseQuery(whole.substr(0, n), "p"), std::to_string(n).c_str());
    }
    void nativeHistogramsAreNamed() {
        const auto got = parseQuery(
            R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"h"},"histogram":[1,{"count":"1"}]}]}})",
            "p");
        QVERIFY(got);
        QVERIFY(got->series.empty());
        QCOMPARE(got->warnings.size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestPrometheusAnswer)
#include "tst_prometheus_answer.moc"
