// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

#include "models/workspace/registry_store.h"
#include "widgets/registry/registry_view.h"

using namespace pilothouse;

/// Over the real embedded registry, in a workspace made for each test.
class RegistryViewTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<items::Session> m_session;

    static constexpr Timestamp kApril = Timestamp::fromSeconds(1'364'788'800);

    void addVersion(const char* name, double auc, Timestamp created) {
        auto database = m_workspace->connect();
        QVERIFY(database.has_value());
        ports::ModelVersion v;
        v.model = "delay";
        v.version = name;
        v.created = created;
        v.runId = "7";
        v.task = "binary";
        v.features = {"carrier", "temp_f"};
        v.metrics = {{"auc", auc, auc - 0.01, auc + 0.01, 18'000}, {"auc_baseline", 0.62, 0.61, 0.63, 18'000}};
        v.parameters = {{"eta", "0.1"}};
        v.trainedOn = {created - std::chrono::hours(24 * 90), created - std::chrono::hours(24 * 21)};
        v.evaluatedOn = {created - std::chrono::hours(24 * 21), created};
        v.trainingRows = 60'000;
        QVERIFY(workspace::registry::modelId(**database, "delay", created).has_value());
        QVERIFY(workspace::registry::addVersion(**database, v).has_value());
    }
    void setChampion(const char* version, Timestamp at) {
        auto database = m_workspace->connect();
        QVERIFY(database.has_value());
        QVERIFY(workspace::registry::setAlias(**database, "delay", ports::kChampion, version, at, "run", "better")
                    .has_value());
    }
    std::string champion() {
        auto database = m_workspace->connect();
        return workspace::registry::aliasAt(**database, "delay", ports::kChampion, m_workspace->now())->value_or("");
    }
    template <class W>
    static W* child(QWidget& view, const char* name) {
        return view.findChild<W*>(QLatin1String(name));
    }

private Q_SLOTS:
    void init() {
        const std::string path =
            m_dir.filePath(QString::fromLatin1(QTest::currentTestFunction()) + QStringLiteral(".pilothouse"))
                .toStdString();
        auto made = workspace::Workspace::create(path, ClockKind::Simulated, "America/New_York");
        QVERIFY2(made.has_value(), made ? "" : made.error().text().c_str());
        m_workspace = *made;
        m_workspace->setSimulatedNow(kApril + std::chrono::hours(24 * 60));
        items::Session::Ports ports;
        ports.registry = std::make_shared<workspace::EmbeddedModelRegistry>(m_workspace);
        m_session = std::make_unique<items::Session>(m_workspace, ports);
    }
    void cleanup() {
        m_session.reset();
        m_workspace.reset();
    }

    void anEmptyRegistrySaysSo() {
        registry::RegistryView view(*m_session);
        view.show();
        QTRY_VERIFY(view.settled());
        QVERIFY(child<QLabel>(view, "registryEmpty")->isVisible());
        QVERIFY(!child<QPushButton>(view, "promoteButton")->isEnabled());
    }

    void theChampionIsChosenAndComparedWithAnother() {
        addVersion("v1", 0.71, kApril);
        addVersion("v2", 0.74, kApril + std::chrono::hours(24 * 30));
        setChampion("v2", kApril + std::chrono::hours(24 * 31));
        registry::RegistryView view(*m_session);
        QAbstractItemModelTester tester(child<QTableView>(view, "versionsTable")->model(),
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        view.resize(1200, 800);
        view.show();
        QTRY_VERIFY(view.settled());
        auto* table = child<QTableView>(view, "versionsTable");
        QCOMPARE(table->currentIndex().data(items::VersionListModel::KeyRole).toString(), QStringLiteral("delay/v2"));
        QVERIFY(child<QLabel>(view, "registrySummary")->text().contains(QStringLiteral("v2 in production")));
        // Another version is compared with the champion by itself.
        table->setFocus();
        QTest::keyClick(table, Qt::Key_Down);
        QCOMPARE(child<QLabel>(view, "versionTitle")->text(), QStringLiteral("delay/v1 beside delay/v2"));
        auto* comparison = child<QTableWidget>(view, "comparisonTable");
        QCOMPARE(comparison->item(0, 0)->text(), QStringLiteral("metrics · auc"));
        QCOMPARE(comparison->item(0, 3)->text(), QStringLiteral("−0.0300"));
    }

    void promotionIsAskedOnceAndDone() {
        addVersion("v1", 0.71, kApril);
        addVersion("v2", 0.74, kApril + std::chrono::hours(24 * 30));
        setChampion("v1", kApril + std::chrono::hours(1));
        registry::RegistryView view(*m_session);
        view.resize(1200, 800);
        view.show();
        QTRY_VERIFY(view.settled());
        child<QTableView>(view, "versionsTable")->selectRow(0);
        QTest::mouseClick(child<QPushButton>(view, "promoteButton"), Qt::LeftButton);
        QVERIFY(child<QWidget>(view, "promoteBar")->isVisible());
        QCOMPARE(child<QLabel>(view, "promoteQuestion")->text(),
                 QStringLiteral("Put v2 of delay into production instead of v1?"));
        QTest::keyClicks(child<QLineEdit>(view, "promoteReason"), QStringLiteral("summer"));
        QTest::keyClick(child<QLineEdit>(view, "promoteReason"), Qt::Key_Return);
        QTRY_VERIFY(!child<QWidget>(view, "promoteBar")->isVisible());
        QTRY_COMPARE(champion(), std::string("v2"));
        QTRY_VERIFY(view.settled());
        // And back again.
        QTest::mouseClick(child<QPushButton>(view, "rollbackButton"), Qt::LeftButton);
        QTest::mouseClick(child<QPushButton>(view, "promoteConfirm"), Qt::LeftButton);
        QTRY_COMPARE(champion(), std::string("v1"));
    }

    void escapeLeavesEverythingAsItIs() {
        addVersion("v1", 0.71, kApril);
        addVersion("v2", 0.74, kApril + std::chrono::hours(24 * 30));
        setChampion("v1", kApril + std::chrono::hours(1));
        registry::RegistryView view(*m_session);
        view.show();
        QTRY_VERIFY(view.settled());
        child<QTableView>(view, "versionsTable")->selectRow(0);
        QTest::mouseClick(child<QPushButton>(view, "promoteButton"), Qt::LeftButton);
        QTest::keyClick(child<QLineEdit>(view, "promoteReason"), Qt::Key_Escape);
        QVERIFY(!child<QWidget>(view, "promoteBar")->isVisible());
        QCOMPARE(champion(), std::string("v1"));
    }

    void lineageLeadsToTheRun() {
        addVersion("v1", 0.71, kApril);
        setChampion("v1", kApril + std::chrono::hours(1));
        registry::RegistryView view(*m_session);
        view.show();
        QTRY_VERIFY(view.settled());
        auto* lineage = child<QLabel>(view, "versionLineage");
        QVERIFY(lineage->text().contains(QStringLiteral("run:7")));
        Q_EMIT lineage->linkActivated(QStringLiteral("run:7"));
        QCOMPARE(m_session->selection().kind, std::string("run"));
        QCOMPARE(m_session->selection().id, std::string("7"));
    }
};

QTEST_MAIN(RegistryViewTest)
#include "tst_registry_view.moc"
