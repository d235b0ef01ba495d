// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/metrics_text.h"
#include "models/engine/workspace_metrics.h"
#include "models/monitoring/alert_rules.h"
#include "models/monitoring/evaluator.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::engine;
using namespace std::chrono_literals;
using Type = MetricsText::Type;

class TestMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void bothFormats() {
        MetricsText m;
        m.family("pilothouse_x_seconds", Type::Counter, "What \"x\" is\nand \\ more");
        m.add({{"b", "q\"u\\o\nt"}, {"a", "ü"}, {"empty", ""}, {"not a label", "x"}, {"__reserved", "x"}}, 0.1);
        m.family("pilothouse_y", Type::Gauge, "Y");
        m.add({{"k", "1"}}, NAN);
        m.add({{"k", "2"}}, INFINITY);
        m.add({{"k", "3"}}, -INFINITY);
        m.add(1e21);
        m.add(12'345'678);
        m.family("pilothouse_nothing", Type::Gauge, "Without a sample");
        const std::string series =
            "pilothouse_y{k=\"1\"} NaN\npilothouse_y{k=\"2\"} +Inf\npilothouse_y{k=\"3\"} -Inf\npilothouse_y 1e+21\n"
            "pilothouse_y 12345678\n";
        const std::string dropped =
            "# HELP pilothouse_metrics_dropped_series Series that were left out because there are too many\n"
            "# TYPE pilothouse_metrics_dropped_series gauge\npilothouse_metrics_dropped_series 0\n";
        QCOMPARE(m.text(false),
                 "# HELP pilothouse_x_seconds_total What \"x\" is\\nand \\\\ more\n"
                 "# TYPE pilothouse_x_seconds_total counter\n"
                 "pilothouse_x_seconds_total{a=\"ü\",b=\"q\\\"u\\\\o\\nt\"} 0.1\n"
                 "# HELP pilothouse_y Y\n# TYPE pilothouse_y gauge\n" +
                     series + dropped);
        QCOMPARE(m.text(true),
                 "# HELP pilothouse_x_seconds What \\\"x\\\" is\\nand \\\\ more\n"
                 "# TYPE pilothouse_x_seconds counter\n# UNIT pilothouse_x_seconds seconds\n"
                 "pilothouse_x_seconds_total{a=\"ü\",b=\"q\\\"u\\\\o\\nt\"} 0.1\n"
                 "# HELP pilothouse_y Y\n# TYPE pilothouse_y gauge\n" +
                     series + dropped + "# EOF\n");
    }

    void bytesThatAreNoText() {
        MetricsText m;
        m.family("x", Type::Gauge, "X");
        m.add({{"a", "b\xff\xfe"}}, 1);
        QVERIFY(m.text(false).find("{a=\"b\xEF\xBF\xBD\xEF\xBF\xBD\"}") != std::string::npos);
    }

    void seriesAreBounded() {
        MetricsText m;
        m.family("x", Type::Gauge, "X");
        for (std::size_t i = 0; i < MetricsText::kMaxSeries + 5; ++i)
            m.add({{"i", std::to_string(i)}}, 1);
        QCOMPARE(m.series(), MetricsText::kMaxSeries);
        QVERIFY(m.text(false).ends_with("pilothouse_metrics_dropped_series 5\n"));
    }

    void whatIsAccepted() {
        // As Prometheus 2.42 asks.
        QVERIFY(
            MetricsText::wantsOpenMetrics("application/openmetrics-text;version=1.0.0,application/"
                                          "openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*"));
        QVERIFY(!MetricsText::wantsOpenMetrics("text/plain;version=0.0.4,application/openmetrics-text;q=0.1"));
        QVERIFY(!MetricsText::wantsOpenMetrics("*/*"));
        QVERIFY(!MetricsText::wantsOpenMetrics(""));
    }

    void ofAWorkspace() {
        const test::Folder folder;
        const auto made = workspace::Workspace::create(folder.file(), ClockKind::Logical, "UTC");
        PH_VERIFY(made);
        const auto database = std::move(*(*made)->connect());
        monitoring::MonitorDefinition monitor;
        monitor.name = monitor.alert = "features";
        monitor.model = "delay";
        monitor.labels = {{"team", "ml"}};
        monitor.persistence = monitor.of = 1;
        PH_VERIFY(
            database->run("INSERT INTO monitor (name, kind, model, definition, created) VALUES ('features', "
                          "'drift', 'delay', '', 0), ('unjudged', 'drift', 'delay', '', 0)"));
        monitoring::EvaluationResult r;
        r.evaluation.monitor = monitor.name;
        r.evaluation.kind = "drift";
        r.evaluation.model = "delay";
        r.evaluation.window = {Timestamp::fromSeconds(1'000), Timestamp::fromSeconds(2'000)};
        r.evaluation.evaluatedAt = Timestamp::fromSeconds(2'500);
        r.evaluation.state = statistics::State::Drift;
        r.evaluation.rows = 7;
        ports::Finding f;
        f.feature = "temp_f";
        f.check = "drift";
        f.verdict.state = statistics::State::Drift;
        f.verdict.method = "wasserstein_sigma";
        f.verdict.effect = 0.5;
        f.verdict.qValue = 0.001;
        f.verdict.effectLow = 0.25;
        f.missingShare = 0.125;
        r.evaluation.findings = {f};
        auto id = monitoring::store(*database, r);
        PH_VERIFY(id);
        r.evaluation.id = *id;
        PH_VERIFY(monitoring::advanceAlert(*database, monitor, r.evaluation, kTimestampMin));
        MetricsText m;
        PH_VERIFY(addWorkspaceMetrics(m, *database, Timestamp::fromSeconds(3'000)));
        addProcessMetrics(m);
        const std::string text = m.text(false);
        for (const char* line :
             {"pilothouse_monitor_evaluations_total{kind=\"drift\",model=\"delay\",monitor=\"features\"} 1\n",
              "pilothouse_monitor_evaluations_total{kind=\"drift\",model=\"delay\",monitor=\"unjudged\"} 0\n",
              "pilothouse_monitor_state{kind=\"drift\",model=\"delay\",monitor=\"features\",state=\"drift\"} 1\n",
              "pilothouse_monitor_state{kind=\"drift\",model=\"delay\",monitor=\"features\",state=\"ok\"} 0\n",
              "pilothouse_monitor_last_evaluation_timestamp_seconds{kind=\"drift\",model=\"delay\",monitor="
              "\"features\"} "
              "2500\n",
              "pilothouse_monitor_window_rows{kind=\"drift\",model=\"delay\",monitor=\"features\"} 7\n",
              "pilothouse_finding_effect{check=\"drift\",feature=\"temp_f\",kind=\"drift\",method=\"wasserstein_"
              "sigma\","
              "model=\"delay\",monitor=\"features\"} 0.5\n",
              "pilothouse_finding_q_value{check=\"drift\",feature=\"temp_f\",kind=\"drift\",method=\"wasserstein_"
              "sigma\","
              "model=\"delay\",monitor=\"features\"} 0.001\n",
              "pilothouse_alerts{alertname=\"features\",alertstate=\"firing\",model=\"delay\",monitor=\"features\","
              "severity=\"warning\",team=\"ml\"} 1\n",
              "pilothouse_prediction_log_rows 0\n", "\nprocess_cpu_seconds_total ", "\nprocess_start_time_seconds 1"})
            QVERIFY2(text.find(line) != std::string::npos, (line + ("\n" + text)).c_str());
        QVERIFY(text.find("effect_high{") == std::string::npos);  // what is not known is absent
        QVERIFY(text.find("monitor_state{kind=\"drift\",model=\"delay\",monitor=\"unjudged\"") == std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
