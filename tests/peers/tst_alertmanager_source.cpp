// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStandardPaths>

#include "models/connect/alertmanager/alertmanager.h"
#include "tests/contract/alert_source_contract.h"
#include "tests/peers/peer_server.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace std::chrono_literals;

/// The contract of AlertSource, kept by a real Alertmanager.
class TestAlertmanagerSource : public QObject {
    Q_OBJECT

    test::PeerServer m_server;
    quint16 m_port = 0;
    std::shared_ptr<connect::alertmanager::Alertmanager> m_source;

    QString url(const char* path) const {
        return QStringLiteral("http://127.0.0.1:%1%2").arg(m_port).arg(QLatin1String(path));
    }
    static Timestamp now() { return Timestamp::fromMs(QDateTime::currentMSecsSinceEpoch()); }
    contract::AlertSubject subject() { return {*m_source, &now}; }
    void startServer() {
        const QString program = QStandardPaths::findExecutable(QStringLiteral("prometheus-alertmanager"));
        QVERIFY(m_server.start(program, {QStringLiteral("--config.file=") + m_server.path("am.yml"),
                                         QStringLiteral("--storage.path=") + m_server.path("data"),
                                         QStringLiteral("--cluster.listen-address="),
                                         QStringLiteral("--web.listen-address=127.0.0.1:%1").arg(m_port)}));
        QTRY_COMPARE_WITH_TIMEOUT(test::get(url("/-/ready")).status, 200, 30'000);
    }
    void tellOneAlert() {
        const auto told = contract::answerOf(m_source->send(
            {{{{"alertname", "drift"}, {"monitor", "features"}, {"model", "delay"}, {"severity", "page"}},
              {{"summary", "temp_f \"drifts\"\nby 2 σ"}},
              now() - 1min,
              now() + 1h,
              "pilothouse:///x"}},
            {}));
        QVERIFY(told && told->accepted);
    }

private Q_SLOTS:
    void initTestCase() {
        if (QStandardPaths::findExecutable(QStringLiteral("prometheus-alertmanager")).isEmpty())
            QSKIP("prometheus-alertmanager is not installed (Debian package prometheus-alertmanager)");
        m_port = test::PeerServer::freePort();
        QVERIFY(m_server.write("am.yml",
                               "route: {receiver: team, group_by: [model], group_wait: 1s}\n"
                               "receivers: [{name: team}]\n"));
        m_source = *connect::alertmanager::Alertmanager::create("real", url("").toStdString());
    }
    void init() {
        if (!m_source) return;
        QDir(m_server.path("data")).removeRecursively();
        startServer();
        tellOneAlert();
    }
    void cleanup() { m_server.stop(); }

    void alerts() {
        contract::theOpenAlert(subject());
        const ports::Alert alert = contract::openAlert(subject());
        QVERIFY(alert.severity == ports::Severity::Alarm);
        QCOMPARE(alert.annotations.at("summary"), std::string("temp_f \"drifts\"\nby 2 σ"));
        QCOMPARE(alert.receivers, std::vector<std::string>{"team"});
        QCOMPARE(alert.sources, std::vector<std::string>{"real"});
        const auto groups = contract::answerOf(m_source->groups({}));
        QVERIFY2(groups, groups ? "" : groups.error().text().c_str());
        QCOMPARE(groups->size(), std::size_t{1});
        QCOMPARE(groups->front().labels, (std::map<std::string, std::string>{{"model", "delay"}}));
        QCOMPARE(groups->front().fingerprints, std::vector<std::string>{alert.fingerprint});
    }
    void silences() { contract::aSilenceComesAndGoes(subject()); }
    void matchers() { contract::everyKindOfMatcher(subject()); }
    void changes() { contract::aSilenceIsChanged(subject()); }
    void refusals() { contract::unsoundSilencesAreRefused(subject()); }
    void cancelled() { contract::cancelledIsNoError(subject()); }

    /// A silence is there after the server was killed; meanwhile the error is precise.
    void aRestart() {
        const auto id = contract::answerOf(m_source->silence(contract::silenceOf(subject(), {{"model", "delay"}})));
        QVERIFY(id);
        m_server.stop();  // it writes its state when it ends
        const auto gone = contract::answerOf(m_source->alerts(true, {}));
        QVERIFY(!gone);
        QCOMPARE(gone.error().message, std::string("nothing listens at this address"));
        QVERIFY(gone.error().retryable);
        startServer();
        tellOneAlert();
        QTRY_VERIFY_WITH_TIMEOUT(contract::openAlert(subject()).silenced, 10'000);
    }
};

QTEST_GUILESS_MAIN(TestAlertmanagerSource)
#include "tst_alertmanager_source.moc"
