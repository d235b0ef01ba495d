// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/monitor.h"

#include "resources/resources.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;
using namespace std::chrono_literals;

/// Reading monitors, and when their windows are due.
class TestMonitor : public QObject {
    Q_OBJECT

    static Zone newYork() { return *Zone::fromName("America/New_York"); }
    static Timestamp at(const char* iso) { return *Timestamp::parseIso(iso); }

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void readsOne() {
        const auto read = parseMonitors(
            "name: features\nmodel: delay\nkind: drift\ncluster: [origin, hour]\nminimum_effect: 0.25\n"
            "persistence: 3 of 5\nseverity: alarm\ntriggers: train\ncool_down: 14d\nmaturity: 36h\nresamples: 200\n",
            "m.yaml");
        PH_VERIFY(read);
        QCOMPARE(read->size(), 1u);
        const MonitorDefinition& m = read->front();
        QCOMPARE(m.name, std::string("features"));
        QCOMPARE(m.alert, std::string("features"));
        QVERIFY(m.kind == MonitorKind::Drift);
        QCOMPARE(m.window, std::string("week"));
        QCOMPARE(m.cluster, (std::vector<std::string>{"origin", "hour"}));
        QCOMPARE(m.options.minimumEffect, 0.25);
        QCOMPARE(m.options.falseAlarmRate, 0.01);
        QCOMPARE(m.options.resamples, 200);
        QCOMPARE(m.persistence, 3);
        QCOMPARE(m.of, 5);
        QVERIFY(m.severity == ports::Severity::Alarm);
        QVERIFY(m.coolDown == 14 * 24h);
        QVERIFY(m.maturity == 36h);
        // What is stored with the workspace reads back to the same monitor.
        const auto again = parseMonitors(m.source, "stored");
        PH_VERIFY(again);
        QCOMPARE(again->front().source, m.source);
        QCOMPARE(again->front().triggers, std::string("train"));
    }

    void readsTheDemos() {
        resources::init();
        QFile file(QStringLiteral(":/monitors/delay.yaml"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto read = parseMonitors(file.readAll().toStdString(), "delay.yaml");
        PH_VERIFY(read);
        std::vector<std::string> kinds;
        for (const auto& m : *read)
            kinds.emplace_back(toString(m.kind));
        for (const char* kind : {"traffic", "quality", "score", "drift", "performance"})
            QVERIFY(std::find(kinds.begin(), kinds.end(), kind) != kinds.end());
    }

    void refuses_data() {
        QTest::addColumn<QString>("yaml");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* yaml, const char* says) {
            QTest::newRow(name) << QString::fromUtf8(yaml) << QString::fromUtf8(says);
        };
        row("no name", "model: m\nkind: drift\n", "m.yaml:1: the key \"name\" is missing");
        row("kind", "name: a\nmodel: m\nkind: wind\n", "m.yaml:3: kind: \"wind\" is not one of");
        row("unknown key", "name: a\nmodel: m\nkind: drift\npower: 0.8\nwindo: day\n", "m.yaml:5: the key \"windo\"");
        row("number", "name: a\nmodel: m\nkind: drift\npower: much\n", "m.yaml:4: power: a number is expected");
        row("range", "name: a\nmodel: m\nkind: drift\npower: 1.5\n", "m.yaml:4: power: 1.5 is not within");
        row("duration", "name: a\nmodel: m\nkind: drift\nmaturity: soon\n", "m.yaml:4: maturity: \"soon\"");
        row("persistence", "name: a\nmodel: m\nkind: drift\npersistence: 4 of 3\n", "m.yaml:4: persistence");
        row("persistence text", "name: a\nmodel: m\nkind: drift\npersistence: 2 of 3x\n", "m.yaml:4: persistence");
        row("check", "name: a\nmodel: m\nkind: quality\nchecks: [missing, smell]\n", "m.yaml:4: checks: \"smell\"");
        row("checks elsewhere", "name: a\nmodel: m\nkind: drift\nchecks: [missing]\n", "m.yaml:4: checks");
        row("limits", "name: a\nmodel: m\nkind: quality\nranges:\n  t: [9, 1]\n",
            "m.yaml:5: ranges: low is above high");
        row("twice", "monitors:\n  - {name: a, model: m, kind: drift}\n  - {name: a, model: m, kind: drift}\n",
            "m.yaml:3: the monitor \"a\" is declared twice");
        const std::string performance = "name: a\nmodel: m\nkind: performance\n";
        const auto measured = [&](const char* name, const char* yaml, const char* says) {
            row(name, (performance + yaml).c_str(), says);
        };
        measured("metric", "metric: luck\n", "m.yaml:4: metric: \"luck\" is not one of auc, accuracy");
        measured("limit", "metric: f1\nlimit: 2\n", "m.yaml:5: limit: 2 is not within 0 and 1");
        measured("limit of a loss", "metric: mae\nlimit: -2\n", "m.yaml:5: limit: -2 is not within 0 and");
        measured("one class", "classes: [a]\npredicted: p\n", "m.yaml:4: classes: 2 to 1,000");
        measured("class twice", "classes: [a, a]\npredicted: p\n", "m.yaml:4: classes: 2 to 1,000");
        measured("probabilities", "classes: [a, b]\nprobabilities: [p]\n", "m.yaml:5: probabilities: one column");
        measured("no prediction", "classes: [a, b]\n", "m.yaml:4: classes: need");
        measured("no classes", "predicted: p\n", "m.yaml:4: predicted: goes with");
        measured("metric of two", "metric: brier\nclasses: [a, b]\npredicted: p\n", "m.yaml:4: metric: brier");
        measured("log loss", "metric: log_loss\nclasses: [a, b]\npredicted: p\n", "m.yaml:4: metric: log_loss needs");
        row("not estimated", "name: a\nmodel: m\nkind: label_free\nmetric: brier\n", "m.yaml:4: metric: brier is not");
        row("reference time", "name: a\nmodel: m\nkind: label_free\nreference_time: 1m\n", "m.yaml:4: reference_time");
        row("estimates of rows", "name: a\nmodel: m\nkind: label_free\nwindow: 500 rows\n", "m.yaml:4: window");
        row("quantile", "name: a\nmodel: m\nkind: latency\nquantile: 1\n", "m.yaml:4: quantile: 1 is not within");
        row("two columns", "name: a\nmodel: m\nkind: latency\ncolumns: [a, b]\n", "m.yaml:4: columns: one column");
        row("fresh", "name: a\nmodel: m\nkind: quality\nchecks: [freshness]\n", "m.yaml:4: checks: freshness needs");
        row("not fresh", "name: a\nmodel: m\nkind: quality\nfreshness: 2h\n", "m.yaml:4: freshness: is not among");
        const std::string business = "name: a\nmodel: m\nkind: business\n";
        row("no formula", business.c_str(), "m.yaml:1: the key \"formula\" is missing");
        row("formula", (business + "formula: mean(score\nat_least: 1\n").c_str(),
            "m.yaml:4: formula: \",\" or \")\" is");
        row("no bound", (business + "formula: mean(score)\n").c_str(), "m.yaml:4: formula: one of \"at_least\"");
        row("together", "name: a\nmodel: m\nkind: multivariate\nchecks: [missing]\n", "m.yaml:4: checks: \"missing\"");
        row("rows together", "name: a\nmodel: m\nkind: multivariate\nwindow: 500 rows\n", "m.yaml:4: window");
        row("metric elsewhere", "name: a\nmodel: m\nkind: drift\nmetric: auc\n", "m.yaml:4: metric: is no key");
        row("syntax", "name: [a\nmodel: m\n", "m.yaml:");
        row("no map", "- 1\n- 2\n", "m.yaml: a monitor's keys");
        row("empty", "", "m.yaml: a monitor's keys");
        row("beside a list", "monitors: []\nname: a\n", "m.yaml: only the key");
    }
    void refuses() {
        QFETCH(QString, yaml);
        QFETCH(QString, says);
        const auto read = parseMonitors(yaml.toStdString(), "m.yaml");
        QVERIFY(!read);
        const std::string text = read.error().text();
        QVERIFY2(text.find(says.toStdString()) != std::string::npos, text.c_str());
    }

    void refusesWhatIsTooLarge() {
        PH_FAILS(parseMonitors(std::string(2 << 20, ' '), "m.yaml"), ErrorKind::InvalidInput, "1 MiB");
        PH_FAILS(parseMonitors("name: " + std::string(1'000'00, '['), "m.yaml"), ErrorKind::InvalidInput, "m.yaml");
    }

    void days() {
        MonitorDefinition m;
        m.window = "day";
        // 10 March 2013 has 23 hours in New York.
        const auto windows = dueWindows(m, newYork(), at("2013-03-09T05:00:00Z"), at("2013-03-11T04:00:00Z"));
        QCOMPARE(windows.size(), 2u);
        QVERIFY(windows[0] == (TimeRange{at("2013-03-09T05:00:00Z"), at("2013-03-10T05:00:00Z")}));
        QVERIFY(windows[1] == (TimeRange{at("2013-03-10T05:00:00Z"), at("2013-03-11T04:00:00Z")}));
        QVERIFY(dueWindows(m, newYork(), at("2013-03-10T05:00:00Z"), at("2013-03-11T03:59:59Z")).empty());
        QVERIFY(nextDue(m, newYork(), at("2013-03-10T05:00:00Z")) == at("2013-03-11T04:00:00Z"));
    }

    void weeksWithMaturity() {
        MonitorDefinition m;
        m.maturity = 36h;
        const Timestamp due = at("2013-04-09T16:00:00Z");  // Tuesday noon, 36 h after Monday, 8 April, in New York
        QVERIFY(nextDue(m, newYork(), at("2013-04-08T04:00:00Z")) == due);
        QVERIFY(dueWindows(m, newYork(), at("2013-04-05T00:00:00Z"), due - 1ns).empty());
        const auto windows = dueWindows(m, newYork(), at("2013-04-05T00:00:00Z"), due);
        QCOMPARE(windows.size(), 1u);
        QVERIFY(windows[0] == (TimeRange{at("2013-04-01T04:00:00Z"), at("2013-04-08T04:00:00Z")}));
        QVERIFY(dueWindows(m, newYork(), due, due + 24h).empty());
        QVERIFY(windowStartBefore(m, newYork(), windows[0].start, 4) == at("2013-03-04T05:00:00Z"));
    }

    /// Whatever the steps, each window is due once.
    void stepsDoNotMatter() {
        MonitorDefinition m;
        m.window = "day";
        m.maturity = 36h;
        const Timestamp start = at("2013-02-20T05:00:00Z"), end = at("2013-04-20T04:00:00Z");
        const auto once = dueWindows(m, newYork(), start, end);
        for (const Duration step : {Duration(7h), Duration(24h), Duration(31h), Duration(100h)}) {
            std::vector<TimeRange> sum;
            for (Timestamp t = start; t < end; t += step) {
                const auto part = dueWindows(m, newYork(), t, std::min(end, t + step));
                sum.insert(sum.end(), part.begin(), part.end());
            }
            QVERIFY(sum == once);
        }
    }
};

QTEST_GUILESS_MAIN(TestMonitor)
#include "tst_monitor.moc"
