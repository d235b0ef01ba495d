// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "models/predictions/ingest.h"
#include "tests/predictions/support.h"

using namespace pilothouse;
using namespace pilothouse::test;

namespace {

std::string loggedEvent(const std::string& id, bool request, const std::string& data, const std::string& time) {
    return R"({"specversion":"1.0","id":")" + id + R"(","source":"s","type":"org.kubeflow.serving.inference.)" +
           (request ? "request" : "response") + R"(","time":"2024-01-01T00:00:)" + time +
           R"(Z","inferenceservicename":"delay","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","data":)" +
           data + "}\n";
}
std::string request(const std::string& id, double x) {
    return loggedEvent(
        id, true, R"({"inputs":[{"name":"x","datatype":"FP64","shape":[1,1],"data":[)" + std::to_string(x) + "]}]}",
        "00");
}
std::string response(const std::string& id, const char* score) {
    return loggedEvent(
        id, false,
        std::string(
            R"({"model_name":"delay","model_version":"3","outputs":[{"name":"p","datatype":"FP64","shape":[1],"data":[)") +
            score + "]}]}",
        "00.250");
}

class Loading {
public:
    predictions::IngestReport load(const std::string& name, const std::string& content) {
        const std::string path = m_folder.filePath(QString::fromStdString(name)).toStdString();
        std::ofstream(path, std::ios::binary) << content;
        predictions::IngestOptions options;
        options.files = {path};
        auto report = predictions::ingest(*store.workspace(), options, {});
        if (!report) qFatal("%s", report.error().text().c_str());
        if (report->files[0].error) qFatal("%s", report->files[0].error->text().c_str());
        return *report;
    }
    ports::RowSet rows(const std::vector<std::string>& columns) {
        auto got = predictions::collect(store.database(), {{}, TimeRange::all(), columns, kTimestampMax}, {});
        if (!got) qFatal("%s", got.error().text().c_str());
        return *got;
    }
    Store store;

private:
    QTemporaryDir m_folder;
};

}  // namespace

class TestCloudEvents : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void requestAndResponseMakeARow() {
        Loading loading;
        const auto report =
            loading.load("a", request("1", 2.5) + request("2", 3) + response("2", "0.75") + response("1", "0.5"));
        QCOMPARE(report.files[0].rows, std::uint64_t{2});
        QCOMPARE(report.waitingEvents, std::uint64_t{0});
        const auto rows =
            loading.rows({"request_id", "model", "version", "score", "x", "latency_ms", "trace_id", "status", "time"});
        QCOMPARE(cell(rows, "request_id", 0), std::optional<Value>("2"));
        QCOMPARE(cell(rows, "model", 0), std::optional<Value>("delay"));
        QCOMPARE(cell(rows, "version", 0), std::optional<Value>("3"));
        QCOMPARE(cell(rows, "score", 0), std::optional<Value>(0.75));
        QCOMPARE(cell(rows, "x", 1), std::optional<Value>(2.5));
        QCOMPARE(cell(rows, "latency_ms", 1), std::optional<Value>(250.0));
        QCOMPARE(cell(rows, "trace_id", 1), std::optional<Value>("0af7651916cd43dd8448eb211c80319c"));
        QCOMPARE(cell(rows, "status", 1), std::optional<Value>("ok"));
        QCOMPARE(cell(rows, "time", 1), std::optional<Value>(*Timestamp::parseIso("2024-01-01T00:00:00Z")));
    }

    /// The halves may lie in different files; what waits survives the end of the process.
    void halvesWaitForEachOther() {
        Loading loading;
        QCOMPARE(loading.load("responses", response("1", "0.5") + response("2", "0.25")).waitingEvents,
                 std::uint64_t{2});
        QCOMPARE(loading.store.count("SELECT count(*) FROM ingest_pending"), 2);
        const auto joined = loading.load("requests", request("2", 1) + request("3", 1));
        QCOMPARE(joined.files[0].rows, std::uint64_t{1});
        QCOMPARE(joined.waitingEvents, std::uint64_t{2});
        QCOMPARE(loading.store.count("SELECT count(*) FROM ingest_pending"), 2);
        // The pair in one file once more is the row that is there.
        const auto again = loading.load("both", request("2", 1) + response("2", "0.25"));
        QCOMPARE(again.files[0].rows, std::uint64_t{0});
        QCOMPARE(again.files[0].repeated, std::uint64_t{1});
    }

    void aBatchIsARowAnInstance() {
        Loading loading;
        const auto report = loading.load(
            "a",
            loggedEvent(
                "b", true,
                R"({"inputs":[{"name":"m","shape":[2,2],"datatype":"FP32","data":[[1,2],[3,4]]},{"name":"c","shape":[2],"datatype":"BYTES","data":["u","v"]}]})",
                "01") +
                loggedEvent("b", false,
                            R"({"outputs":[{"name":"p","shape":[2,2],"datatype":"FP32","data":[0.9,0.1,0.2,0.8]}]})",
                            "02") +
                loggedEvent("i", true, R"({"instances":[{"x":7},{"x":8}]})", "03") +
                loggedEvent("i", false, R"({"predictions":[0.1,0.6]})", "04"));
        QCOMPARE(report.files[0].rows, std::uint64_t{4});
        const auto rows = loading.rows({"request_id", "m.0", "m.1", "c", "score", "x"});
        QCOMPARE(cell(rows, "request_id", 1), std::optional<Value>("b/1"));
        QCOMPARE(cell(rows, "m.0", 1), std::optional<Value>(3.0));
        QCOMPARE(cell(rows, "m.1", 0), std::optional<Value>(2.0));
        QCOMPARE(cell(rows, "c", 1), std::optional<Value>("v"));
        QCOMPARE(cell(rows, "score", 1), std::optional<Value>(0.8));
        QCOMPARE(cell(rows, "score", 3), std::optional<Value>(0.6));
        QCOMPARE(cell(rows, "x", 2), std::optional<Value>(7.0));
    }

    void whatIsNoPairIsInQuarantine() {
        Loading loading;
        const auto report =
            loading.load("a", request("1", 1) + loggedEvent("1", false, "{\"outputs\":7}", "02") +
                                  R"({"type":"other","id":"x","data":{}})"
                                  "\n" +
                                  "{\"type\":\"org.kubeflow.serving.inference.request\",\"data\":{}}\n" +
                                  loggedEvent("z", true, "[]", "01"));
        QCOMPARE(report.files[0].rows, std::uint64_t{0});
        QCOMPARE(report.files[0].reasons.at("no inference payload"), std::uint64_t{2});
        QCOMPARE(report.files[0].reasons.at("no inference event"), std::uint64_t{2});
        // An error that the server answered with is a row.
        const auto refused =
            loading.load("b", request("9", 1) + loggedEvent("9", false, R"({"error":"no such model"})", "01"));
        QCOMPARE(refused.files[0].rows, std::uint64_t{1});
        QCOMPARE(loading.store.ids("status:error \"no such model\"")->size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestCloudEvents)
#include "tst_cloud_events.moc"
