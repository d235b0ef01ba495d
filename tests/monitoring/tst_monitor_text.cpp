// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "models/monitoring/monitor.h"
#include "models/monitoring/monitor_text.h"

using namespace pilothouse;
using namespace pilothouse::monitoring;

class TestMonitorText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aNewMonitor() {
        const auto text = withValues({}, "new",
                                     {{"name", "a: b"},
                                      {"model", "m"},
                                      {"kind", "drift"},
                                      {"columns", "x, y z,"},
                                      {"minimum_effect", "0.2"},
                                      {"persistence", "2 of 3"},
                                      {"query", ""}});
        QVERIFY2(text.has_value(), text ? "" : text.error().message.c_str());
        QVERIFY(text->starts_with("name: \"a: b\"\n"));
        QVERIFY(text->find("query") == std::string::npos);
        const auto monitors = parseMonitors(*text, "new");
        QVERIFY2(monitors.has_value(), monitors ? "" : monitors.error().message.c_str());
        QCOMPARE(monitors->front().name, std::string("a: b"));
        QCOMPARE(monitors->front().columns, (std::vector<std::string>{"x", "y z"}));
        QCOMPARE(monitors->front().options.minimumEffect, 0.2);
        QCOMPARE(*withValues(*text, "new", *valuesOf(*text, "new")), *text);
    }

    void otherLinesStay() {
        const std::string before =
            "name: a   # the first\nmodel: m\nkind: drift\nminimum_effects: {x: 1}  # by hand\nwindow: week\n";
        const auto after = withValues(before, "m", {{"window", "day"}, {"query", "late"}});
        QVERIFY(after.has_value());
        QCOMPARE(*after, std::string("name: a   # the first\nmodel: m\nkind: drift\n"
                                     "minimum_effects: {x: 1}  # by hand\nwindow: day\nquery: late\n"));
        QCOMPARE(*withValues(*after, "m", {{"window", "week"}, {"query", ""}}), before);
        QCOMPARE(valuesOf(before, "m")->count("minimum_effects"), 0u);
    }

    void aThresholdThatWasDragged() {
        const std::string drift =
            "name: a\nmodel: m\nkind: drift\nminimum_effect: 0.1 # much\n"
            "minimum_effects: {x: 0.4}\n";
        const auto wider = withFactor(drift, "m", 1.5);
        QVERIFY(wider.has_value());
        QVERIFY(wider->find("minimum_effect: 0.15 # much\n") != std::string::npos);
        QVERIFY(wider->find("{x: 0.6}") != std::string::npos);
        QCOMPARE(parseMonitors(*wider, "m")->front().options.minimumMissingEffect, 0.015);
        // A limit is moved by the minimum effect: down for a metric, up for a loss.
        const std::string limited = "name: a\nmodel: m\nkind: performance\nminimum_effect: 0.02\nlimit: 0.7\n";
        QCOMPARE(parseMonitors(*withFactor(limited, "m", 2), "m")->front().limit, 0.68);
        QCOMPARE(parseMonitors(*withFactor(limited + "metric: log_loss\n", "m", 2), "m")->front().limit, 0.72);
        QVERIFY(!withFactor("name: a", "m", 2).has_value());
    }

    void badText() {
        QVERIFY(!valuesOf("a: [", "m").has_value());
        QVERIFY(!withValues("a: [", "m", {{"name", "x"}}).has_value());
        QVERIFY(valuesOf("just text", "m")->empty());
    }
};

QTEST_GUILESS_MAIN(TestMonitorText)
#include "tst_monitor_text.moc"
