// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QFile>
#include <QTest>
#include <cmath>
#include <limits>

#include "models/connect/mlflow/run_table.h"

using namespace pilothouse;
using namespace pilothouse::connect::mlflow;
using Kind = RunTable::Kind;

namespace {

ports::TrackedRun run(const char* id, std::map<std::string, double> metrics,
                      std::map<std::string, std::string> parameters = {}) {
    ports::TrackedRun out;
    out.id = id;
    out.metrics = std::move(metrics);
    out.parameters = std::move(parameters);
    return out;
}

std::vector<std::string> names(const RunTable& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> out;
    for (const std::size_t c : columns)
        out.push_back(table.name(c));
    return out;
}

/// Resident memory, or 0 where it is not known.
std::size_t residentBytes() {
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    return file.readAll().split(' ').value(1).toULongLong() * 4096;
}

}  // namespace

class TestMlflowRunTable : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatARunHasNotIsNothing() {
        RunTable table;
        QVERIFY(table.add(run("a", {{"auc", 0.9}, {"loss", std::nan("")}}, {{"lr", "0.1"}})));
        QVERIFY(table.add(run("b", {{"auc", 0.0}, {"f1", 0.5}}, {{"depth", ""}})));
        QVERIFY(table.add(run("c", {})));
        QCOMPARE(table.runCount(), 3U);
        QCOMPARE(table.runId(1), std::string("b"));
        QCOMPARE(table.columnCount(), 5U);
        const auto auc = *table.find(Kind::Metric, "auc");
        QCOMPARE(table.metric(auc, 0), std::optional(0.9));
        QCOMPARE(table.metric(auc, 1), std::optional(0.0));
        QVERIFY(!table.metric(auc, 2).has_value());
        const auto loss = *table.find(Kind::Metric, "loss");
        QVERIFY(table.metric(loss, 0).has_value() && std::isnan(*table.metric(loss, 0)));
        QVERIFY(!table.metric(loss, 1).has_value());
        const auto f1 = *table.find(Kind::Metric, "f1");
        QVERIFY(!table.metric(f1, 0).has_value());
        QCOMPARE(table.metric(f1, 1), std::optional(0.5));
        const auto lr = *table.find(Kind::Parameter, "lr");
        QCOMPARE(table.parameter(lr, 0), std::optional<std::string_view>("0.1"));
        QVERIFY(!table.parameter(lr, 1).has_value());
        const auto depth = *table.find(Kind::Parameter, "depth");
        QVERIFY(!table.parameter(depth, 0).has_value());
        QCOMPARE(table.parameter(depth, 1), std::optional<std::string_view>(""));
        QVERIFY(!table.find(Kind::Metric, "lr").has_value());
        QVERIFY(table.kind(lr) == Kind::Parameter);
        QVERIFY(!table.metric(lr, 0).has_value());
        QVERIFY(!table.parameter(auc, 0).has_value());
    }
    void aMetricAndAParameterMayShareAName() {
        RunTable table;
        QVERIFY(table.add(run("a", {{"x", 1}}, {{"x", "one"}})));
        QVERIFY(table.add(run("b", {{"x", 1}}, {{"x", "two"}})));
        QCOMPARE(table.columnCount(), 2U);
        QCOMPARE(table.differences(), (std::vector<std::size_t>{*table.find(Kind::Parameter, "x")}));
    }
    void differencesAreWhatIsNotTheSame() {
        const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
        RunTable table(3);
        QVERIFY(
            table.add(run("a", {{"same", 1}, {"nan", nan}, {"inf", inf}, {"late", 1}, {"first", 2}, {"nanOrNot", nan}},
                          {{"p", "x"}, {"q", "x"}})));
        QVERIFY(table.differences().empty());  // one run differs from none
        QVERIFY(table.add(run("b",
                              {{"same", 1}, {"nan", -nan}, {"inf", inf}, {"late", 1}, {"middle", 1}, {"nanOrNot", nan}},
                              {{"p", "x"}, {"q", "x"}})));
        QVERIFY(table.add(run("c", {{"same", 1}, {"nan", nan}, {"inf", inf}, {"late", 2}}, {{"p", "x"}, {"q", "y"}})));
        QCOMPARE(names(table, table.differences()),
                 (std::vector<std::string>{"first", "late", "nanOrNot", "q", "middle"}));
    }
    void tooManyCellsAreRefused() {
        RunTable table(RunTable::kMaxCells / 2);
        QVERIFY(table.add(run("a", {{"x", 1}})));
        QVERIFY(table.add(run("b", {{"x", 2}, {"y", 1}})));
        const Status refused = table.add(run("c", {{"x", 3}, {"z", 1}}));
        QVERIFY(!refused);
        QCOMPARE(static_cast<int>(refused.error().kind), static_cast<int>(ErrorKind::ResourceExhausted));
        QCOMPARE(table.runCount(), 2U);
        QCOMPARE(table.columnCount(), 2U);
        QVERIFY(table.add(run("c", {{"x", 3}, {"y", 1}})));
    }
    void aThousandRunsOfTenThousandMetrics() {
        constexpr std::size_t kRuns = 1'000, kMetrics = 10'000;
        ports::TrackedRun one;
        for (std::size_t m = 0; m < kMetrics; ++m)
            one.metrics["layer_" + std::to_string(m) + "/gradient_norm"] = static_cast<double>(m);
        one.parameters = {{"lr", "0.1"}, {"optimizer", "adam"}};
        auto& loss = one.metrics["layer_77/gradient_norm"];
        const std::size_t before = residentBytes();
        qint64 ns = 0;
        RunTable table(kRuns);
        for (std::size_t r = 0; r < kRuns; ++r) {
            one.id = std::to_string(r);
            loss = static_cast<double>(r);
            one.parameters["lr"] = std::to_string(r % 5);
            QElapsedTimer timer;
            timer.start();
            QVERIFY(table.add(one));
            ns += timer.nsecsElapsed();
        }
        QElapsedTimer timer;
        timer.start();
        const auto differences = table.differences();
        ns += timer.nsecsElapsed();
        QCOMPARE(names(table, differences), (std::vector<std::string>{"layer_77/gradient_norm", "lr"}));
        QCOMPARE(table.metric(differences[0], 500), std::optional(500.0));
        const std::size_t bytes = residentBytes() - before;
        qInfo("1,000 runs of 10,000 metrics: %lld ms, %zu MB", ns / 1'000'000, bytes >> 20);
#ifndef __SANITIZE_ADDRESS__
        QVERIFY2(bytes < (std::size_t{200} << 20), QByteArray::number(static_cast<qulonglong>(bytes)));
#endif
    }
};

QTEST_GUILESS_MAIN(TestMlflowRunTable)
#include "tst_mlflow_run_table.moc"
