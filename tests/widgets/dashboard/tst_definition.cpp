// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTest>

#include "resources/resources.h"
#include "widgets/dashboard/dashboard_definition.h"
#include "widgets/dashboard/dashboard_suggestion.h"

using namespace pilothouse;
using namespace pilothouse::dashboard;

class TestDefinition : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyDashboardInTheProgramIsSound() {
        resources::init();
        const QStringList names = QDir(QStringLiteral(":/dashboards")).entryList();
        QVERIFY(names.contains(QStringLiteral("delay.yaml")));
        for (const QString& name : names) {
            QFile file(QStringLiteral(":/dashboards/") + name);
            QVERIFY(file.open(QIODevice::ReadOnly));
            const auto got = parseDashboard(file.readAll().toStdString(), name.toStdString());
            QVERIFY2(got, got ? "" : got.error().text().c_str());
            QVERIFY(got->lanes.size() >= 5 && got->tiles.size() >= 4);
        }
    }
    /// Of any log, whatever its fields are called.
    void suggestionsAreSound() {
        using ports::ColumnType;
        const std::vector<ports::FieldInfo> fields{{"time", ColumnType::Time, false},
                                                   {"score", ColumnType::Number, false},
                                                   {"latency_ms", ColumnType::Number, false},
                                                   {"status", ColumnType::Text, false},
                                                   {"a: {b}\n\"c\" # d", ColumnType::Number, true},
                                                   {"*", ColumnType::Text, true},
                                                   {"when", ColumnType::Time, true}};
        const auto all = dashboard::parseDashboard(dashboard::suggestedDashboard(fields), "all");
        QVERIFY2(all.has_value(), all ? "" : all.error().message.c_str());
        QStringList lanes;
        for (const auto& lane : all->lanes)
            lanes << QString::fromStdString(lane.title);
        QCOMPARE(lanes,
                 (QStringList{QStringLiteral("requests"), QStringLiteral("errors"), QStringLiteral("latency"),
                              QStringLiteral("score"), QStringLiteral("positive outcomes"), QStringLiteral("missing"),
                              QStringLiteral("drift"), QStringLiteral("performance")}));
        QCOMPARE(all->lanes[5].series.size(), 2u);
        QCOMPARE(all->lanes[5].series[0].source.measure.field, fields[4].name);
        const auto least = dashboard::parseDashboard(dashboard::suggestedDashboard({}), "least");
        QVERIFY(least.has_value());
        QCOMPARE(least->lanes.size(), 3u);
    }

    void readsWhatIsWritten() {
        const auto got = parseDashboard(R"yaml(
title: Mine
tiles:
  - {title: p95, measure: quantile, field: latency_ms, quantile: 0.95, unit: ms, better: less}
lanes:
  - title: CPU
    connection: prod
    stretch: 2
    limits: [{value: 4, label: cores}]
    series: [{name: used, promql: "rate(x[5m])", draw: step, color: warning}]
)yaml",
                                        "mine");
        QVERIFY2(got, got ? "" : got.error().text().c_str());
        QCOMPARE(got->title, std::string("Mine"));
        QCOMPARE(got->tiles[0].source.measure.quantile, 0.95);
        QCOMPARE(got->tiles[0].better, TileDefinition::Better::Less);
        QCOMPARE(got->lanes[0].series[0].source.expression, std::string("rate(x[5m])"));
        QCOMPARE(got->lanes[0].series[0].draw, chart::Draw::Step);
        QCOMPARE(got->lanes[0].limits[0].value, 4.0);
    }
    void errorsNameTheLineAndTheKey_data() {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QByteArray>("source");
        QTest::addColumn<QByteArray>("word");
        const auto row = [](const char* name, const char* yaml, const char* source, const char* word) {
            QTest::newRow(name) << QByteArray(yaml) << QByteArray(source) << QByteArray(word);
        };
        row("unknown key", "title: x\nlanes:\n  - title: a\n    colour: red\n", "d:4", "colour");
        row("no series", "lanes:\n  - title: a\n", "d:2", "series");
        row("measure", "tiles:\n  - title: a\n    measure: median\n", "d:3", "median");
        row("no field", "tiles:\n  - title: a\n    measure: mean\n", "d:2", "field");
        row("quantile", "tiles:\n  - title: a\n    measure: quantile\n    field: x\n    quantile: 2\n", "d:5",
            "quantile");
        row("two sources", "tiles:\n  - {title: a, measure: count, monitor: performance}\n", "d:2", "exactly one");
        row("no connection", "lanes:\n  - title: a\n    series:\n      - promql: up\n", "d:4", "connection");
        row("not yaml", "tiles: [", "d:", "");
        row("a list", "- a\n", "d:1", "map");
        row("nothing", "title: x\n", "d:1", "lanes");
        row("low alone", "lanes:\n  - title: a\n    series:\n      - {measure: count, low: {measure: count}}\n", "d:4",
            "low and high");
    }
    void errorsNameTheLineAndTheKey() {
        QFETCH(QByteArray, yaml);
        QFETCH(QByteArray, source);
        QFETCH(QByteArray, word);
        const auto got = parseDashboard(yaml.toStdString(), "d");
        QVERIFY(!got);
        QCOMPARE(got.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(got.error().source.starts_with(source.toStdString()), got.error().text().c_str());
        QVERIFY2(got.error().message.find(word.toStdString()) != std::string::npos, got.error().text().c_str());
    }
    void hostileSizesAreRefused() {
        QVERIFY(!parseDashboard(std::string(100'000, 'x'), "d"));
        QVERIFY(!parseDashboard(std::string(30'000, '['), "d"));
        std::string many = "tiles:\n";
        for (int i = 0; i < 300; ++i)
            many += "  - {title: a, measure: count}\n";
        QVERIFY(!parseDashboard(many, "d"));
    }
};

QTEST_GUILESS_MAIN(TestDefinition)
#include "tst_definition.moc"
