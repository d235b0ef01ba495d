// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/metric_connections.h"

#include <yaml-cpp/yaml.h>

#include <QTemporaryDir>
#include <QTest>

#include "models/workspace/workspace.h"

using namespace pilothouse;

class TestMetricConnections : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    std::unique_ptr<workspace::Database> m_database;

    std::optional<std::string> dashboard(const std::string& name) {
        return *m_database->text("SELECT definition FROM dashboard WHERE name = ?", name);
    }

private Q_SLOTS:
    void initTestCase() {
        const auto made = workspace::Workspace::create(m_folder.filePath(QStringLiteral("a.pilothouse")).toStdString(),
                                                       ClockKind::Real, "UTC");
        QVERIFY(made.has_value());
        m_database = std::move(*(*made)->connect());
    }

    void aNameOfAnyKindStandsInItsDashboard() {
        const std::string name = "it's: \"prod\" #1";
        const workspace::Connection connection{0, "prometheus", name, "http://127.0.0.1:9090", {}, false};
        QVERIFY(items::addConnection(*m_database, connection).has_value());
        const auto yaml = dashboard(name);
        QVERIFY(yaml.has_value());
        const YAML::Node node = YAML::Load(*yaml);
        QCOMPARE(node["title"].as<std::string>(), name);
        QVERIFY(node["lanes"].size() >= 3);
        for (const auto& lane : node["lanes"])
            QCOMPARE(lane["connection"].as<std::string>(), name);

        QVERIFY(!items::addConnection(*m_database, connection).has_value());
        QVERIFY(items::removeConnection(*m_database, name).has_value());
        QVERIFY(!dashboard(name).has_value());
    }

    void aDashboardThatSomebodyChangedStays() {
        const workspace::Connection connection{0, "prometheus", "prod", "http://127.0.0.1:9090", {}, false};
        QVERIFY(items::addConnection(*m_database, connection).has_value());
        QVERIFY(m_database->run("UPDATE dashboard SET definition = 'title: mine' WHERE name = 'prod'").has_value());
        QVERIFY(items::removeConnection(*m_database, "prod").has_value());
        QCOMPARE(dashboard("prod"), std::optional<std::string>("title: mine"));
        QVERIFY(!items::removeConnection(*m_database, "prod").has_value());
    }
};

QTEST_GUILESS_MAIN(TestMetricConnections)
#include "tst_metric_connections.moc"
