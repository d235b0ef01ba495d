// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonObject>
#include <QRegularExpression>
#include <QStandardPaths>

#include "models/connect/alertmanager/alertmanager.h"
#include "models/engine/alert_delivery.h"
#include "models/monitoring/evaluator.h"
#include "tests/peers/peer_server.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace std::chrono_literals;
using statistics::State;

/// A workspace's alerts as a real Alertmanager has them.
class TestAlertmanagerServer : public QObject {
    Q_OBJECT

    test::PeerServer m_server;
    quint16 m_port = 0;
    test::Folder m_folder;
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<workspace::Database> m_database;
    std::unique_ptr<engine::AlertDelivery> m_delivery;
    int m_window = 0;

    QString url(const char* path) const {
        return QStringLiteral("http://127.0.0.1:%1%2").arg(m_port).arg(QLatin1String(path));
    }
    void startServer() {
        const QString program = QStandardPaths::findExecutable(QStringLiteral("prometheus-alertmanager"));
        QVERIFY(m_server.start(program, {QStringLiteral("--config.file=") + m_server.path("am.yml"),
                                         QStringLiteral("--storage.path=") + m_server.path("data"),
                                         QStringLiteral("--cluster.listen-address="),
                                         QStringLiteral("--web.listen-address=127.0.0.1:%1").arg(m_port)}));
    }
    void awaitServer() { QTRY_COMPARE_WITH_TIMEOUT(test::get(url("/-/ready")).status, 200, 30'000); }
    std::unique_ptr<engine::AlertDelivery> delivery() {
        engine::DeliveryOptions options;
        options.origin = "pilothouse:///shop.pilothouse/";
        options.firstRetry = 50ms;
        options.longestRetry = 200ms;
        std::shared_ptr<ports::AlertReceiver> receiver =
            *connect::alertmanager::Alertmanager::create("real", url("").toStdString());
        return std::make_unique<engine::AlertDelivery>(
            std::vector<engine::AlertDelivery::Target>{{1, std::move(receiver)}}, options);
    }
    void judge(State state) {
        monitoring::MonitorDefinition monitor;
        monitor.name = "features";
        monitor.alert = "drift of features";
        monitor.model = "delay";
        monitor.labels = {{"team", "ml"}};
        monitor.persistence = monitor.of = 1;
        PH_VERIFY(
            m_database->run("INSERT OR IGNORE INTO monitor (name, kind, model, definition, created) VALUES "
                            "('features', 'drift', 'delay', '', 0)"));
        monitoring::EvaluationResult r;
        r.evaluation.monitor = monitor.name;
        r.evaluation.kind = "drift";
        r.evaluation.model = monitor.model;
        r.evaluation.window = {Timestamp::fromSeconds(m_window), Timestamp::fromSeconds(m_window + 1)};
        ++m_window;
        r.evaluation.evaluatedAt = m_workspace->now();
        r.evaluation.state = state;
        r.evaluation.summary = "7 of 18 columns drift: \"temp_f\" 2.1 σ";
        auto id = monitoring::store(*m_database, r);
        PH_VERIFY(id);
        r.evaluation.id = *id;
        PH_VERIFY(monitoring::advanceAlert(*m_database, monitor, r.evaluation, kTimestampMin));
    }
    bool told(const char* what) {
        const auto next = m_delivery->advance(*m_database, m_workspace->now());
        if (!next) qWarning("%s", next.error().text().c_str());
        const auto count = m_database->integer(std::string("SELECT count(*) FROM alert_delivery WHERE ") + what);
        return count && count->value_or(0) > 0;
    }
    QJsonArray alerts() const { return test::get(url("/api/v2/alerts")).json().array(); }

private Q_SLOTS:
    void initTestCase() {
        if (QStandardPaths::findExecutable(QStringLiteral("prometheus-alertmanager")).isEmpty())
            QSKIP("prometheus-alertmanager is not installed (Debian package prometheus-alertmanager)");
        m_port = test::PeerServer::freePort();
        QVERIFY(m_server.write("am.yml", "route: {receiver: none, group_wait: 1s}\nreceivers: [{name: none}]\n"));
        startServer();
        awaitServer();
        auto made = workspace::Workspace::create(m_folder.file(), ClockKind::Real, "UTC");
        PH_VERIFY(made);
        m_workspace = *made;
        m_database = std::move(*m_workspace->connect());
        m_delivery = delivery();
    }
    void cleanupTestCase() {
        m_delivery.reset();
        m_database.reset();
        m_workspace.reset();
    }

    void itsVersion() {
        const auto receiver = *connect::alertmanager::Alertmanager::create("real", url("").toStdString());
        auto future = receiver->check({});
        future.waitForFinished();
        PH_VERIFY(future.result());
        QVERIFY(future.result()->starts_with("Alertmanager 0."));
    }

    /// Taken as it is, with the fingerprint that is known here.
    void aFiringAlert() {
        judge(State::Drift);
        QTRY_VERIFY_WITH_TIMEOUT(told("told IS NOT NULL"), 20'000);
        const QJsonArray all = alerts();
        QCOMPARE(all.size(), 1);
        const QJsonObject a = all[0].toObject();
        const auto known = monitoring::readAlerts(*m_database, true, m_workspace->now());
        PH_VERIFY(known);
        QCOMPARE(a[QLatin1String("fingerprint")].toString().toStdString(), known->front().fingerprint);
        QCOMPARE(a[QLatin1String("labels")][QLatin1String("team")].toString(), QStringLiteral("ml"));
        QCOMPARE(a[QLatin1String("annotations")][QLatin1String("summary")].toString().toStdString(),
                 known->front().annotations.at("summary"));
        QCOMPARE(a[QLatin1String("generatorURL")].toString(), QStringLiteral("pilothouse:///shop.pilothouse/features"));
        QCOMPARE(a[QLatin1String("status")][QLatin1String("state")].toString(), QStringLiteral("active"));
        const auto start = Timestamp::parseIso(a[QLatin1String("startsAt")].toString().toStdString());
        QVERIFY(start && std::chrono::abs(*start - *known->front().firingSince) < 1ms);
    }

    /// It was killed, and knows nothing when it comes back; it is told when it does, by a process that is another one.
    void itIsRestarted() {
        m_server.kill();
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("nothing listens")));
        m_delivery = delivery();
        PH_VERIFY(m_database->run("UPDATE alert_delivery SET told = NULL"));
        const auto failedOnce = [this] {
            (void)told("1");
            return m_delivery->figures().front().failed > 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(failedOnce(), 20'000);
        m_delivery = delivery();
        judge(State::Ok);
        judge(State::Drift);
        startServer();
        awaitServer();
        QTRY_VERIFY_WITH_TIMEOUT(told("told IS NOT NULL AND over IS NULL AND alert = 2"), 20'000);
        QVERIFY(told("over IS NOT NULL AND alert = 1"));
        QCOMPARE(alerts().size(), 1);
    }

    void itIsOver() {
        judge(State::Ok);
        QTRY_VERIFY_WITH_TIMEOUT(told("over IS NOT NULL AND alert = 2"), 20'000);
        QTRY_COMPARE_WITH_TIMEOUT(alerts().size(), 0, 20'000);  // it lists active ones
        QCOMPARE(m_delivery->figures().front().failuresInARow, 0);
    }
};

QTEST_GUILESS_MAIN(TestAlertmanagerServer)
#include "tst_alertmanager_server.moc"
