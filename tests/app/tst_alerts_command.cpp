// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonArray>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "models/base/clock.h"
#include "models/connect/alertmanager/alertmanager.h"
#include "models/workspace/workspace.h"
#include "tests/app/program.h"
#include "tests/peers/peer_server.h"

using namespace pilothouse;

/// Silences and rules of a workspace on the system's clock, as a person types them.
class AlertsCommandTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;

    Program run(QStringList arguments) {
        arguments << QStringLiteral("--json") << QStringLiteral("--workspace")
                  << m_dir.filePath(QStringLiteral("w.pilothouse"));
        return Program::run(m_dir.path(), arguments);
    }
    QJsonArray silences(const QStringList& more = {}) {
        return run(QStringList{QStringLiteral("alerts"), QStringLiteral("silences")} + more)
            .json()[QLatin1String("silences")]
            .toArray();
    }
    static QStringList words(const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); }

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(workspace::Workspace::create(m_dir.filePath(QStringLiteral("w.pilothouse")).toStdString(),
                                             ClockKind::Real, "UTC"));
    }

    void theLifeOfASilence() {
        const Program made = run(words("alerts silence --match team=~ml|ops --match severity!=alarm --comment known"));
        QVERIFY2(made.exitCode == 0, made.err.constData());
        const QString id = made.json()[QLatin1String("silence")].toString();
        QVERIFY(!id.isEmpty());
        QJsonArray all = silences();
        QCOMPARE(all.size(), 1);
        QCOMPARE(all[0].toObject()[QLatin1String("state")].toString(), QStringLiteral("active"));
        QCOMPARE(all[0].toObject()[QLatin1String("matchers")].toArray(),
                 (QJsonArray{QStringLiteral("team=~\"ml|ops\""), QStringLiteral("severity!=\"alarm\"")}));

        const Program longer = run(QStringList{QStringLiteral("alerts"), QStringLiteral("change"), id} +
                                   words("--for 3d --comment longer"));
        QVERIFY2(longer.exitCode == 0, longer.err.constData());
        QCOMPARE(longer.json()[QLatin1String("silence")].toString(), id);
        all = silences();
        QCOMPARE(all.size(), 1);
        QCOMPARE(all[0].toObject()[QLatin1String("comment")].toString(), QStringLiteral("longer"));

        QCOMPARE(run({QStringLiteral("alerts"), QStringLiteral("expire"), id}).exitCode, 0);
        QVERIFY(silences().isEmpty());
        QCOMPARE(silences({QStringLiteral("--all")}).size(), 1);
        QCOMPARE(run(words("alerts expire silence-99")).exitCode, 1);
    }

    void whatCannotBeSilenced() {
        for (const char* arguments :
             {"alerts silence --match nonsense --comment c", "alerts silence --match a=~( --comment c",
              "alerts silence --match a=~.* --comment c", "alerts silence --match a=b --comment c --for ever"}) {
            const Program p = run(words(arguments));
            QVERIFY2(p.exitCode == 1 && !p.err.isEmpty(), arguments);
        }
        QCOMPARE(run(words("alerts silence --match a=b --comment c --for 2h --until 2030-01-01")).exitCode, 64);
        QVERIFY(silences().isEmpty());
    }

    void rules() {
        const QString path = m_dir.filePath(QStringLiteral("rules.yaml"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(
            "inhibit_rules:\n  - {source_matchers: [severity=alarm], target_matchers: ['severity!=alarm'], "
            "equal: [model]}\n");
        file.close();
        const Program taken = run({QStringLiteral("alerts"), QStringLiteral("rules"), path});
        QVERIFY2(taken.exitCode == 0, taken.err.constData());
        const QJsonArray listed = run(words("alerts rules")).json()[QLatin1String("inhibit_rules")].toArray();
        QCOMPARE(listed.size(), 1);
        QCOMPARE(listed[0].toObject()[QLatin1String("equal")].toArray(), (QJsonArray{QStringLiteral("model")}));
        QCOMPARE(run(words("alerts rules nowhere.yaml")).exitCode, 1);
    }

    void historyOfNothing() {
        QVERIFY(run(words("alerts history")).json()[QLatin1String("events")].toArray().isEmpty());
        QCOMPARE(run(words("alerts history 7")).exitCode, 1);
        QCOMPARE(run(words("alerts history seven")).exitCode, 1);
        QVERIFY(run(words("alerts list --match team=ml")).json()[QLatin1String("alerts")].toArray().isEmpty());
    }

    /// The same commands on a real Alertmanager.
    void aConnectedAlertmanager() {
        const QString program = QStandardPaths::findExecutable(QStringLiteral("prometheus-alertmanager"));
        if (program.isEmpty())
            QSKIP("prometheus-alertmanager is not installed (Debian package prometheus-alertmanager)");
        test::PeerServer server;
        const QString url = QStringLiteral("http://127.0.0.1:%1").arg(test::PeerServer::freePort());
        QVERIFY(server.write("am.yml", "route: {receiver: team}\nreceivers: [{name: team}]\n"));
        QVERIFY(server.start(program, {QStringLiteral("--config.file=") + server.path("am.yml"),
                                       QStringLiteral("--storage.path=") + server.path("data"),
                                       QStringLiteral("--cluster.listen-address="),
                                       QStringLiteral("--web.listen-address=") + url.mid(7)}));
        QTRY_COMPARE_WITH_TIMEOUT(test::get(url + QStringLiteral("/-/ready")).status, 200, 30'000);
        {
            const auto receiver = *connect::alertmanager::Alertmanager::create("x", url.toStdString());
            const auto told = receiver->send({{{{"alertname", "Drift"}, {"model", "fraud"}, {"severity", "critical"}},
                                               {{"summary", "f03 drifts"}},
                                               SystemClock().now(),
                                               SystemClock().now() + std::chrono::hours(1),
                                               ""}},
                                             {});
            QTRY_VERIFY(told.isFinished());
            QVERIFY(told.result() && told.result()->accepted);
        }
        const QTemporaryDir home;
        const auto run = [&](const QStringList& arguments) {
            return Program::run(
                home.path(), arguments + QStringList{QStringLiteral("--workspace"), home.filePath(QStringLiteral("w")),
                                                     QStringLiteral("--json")});
        };
        QCOMPARE(run({QStringLiteral("connect"), QStringLiteral("add"), QStringLiteral("alertmanager"), url,
                      QStringLiteral("--name"), QStringLiteral("am")})
                     .exitCode,
                 0);
        const Program tested = run({QStringLiteral("connect"), QStringLiteral("test"), QStringLiteral("am")});
        QCOMPARE(tested.exitCode, 0);
        QCOMPARE(tested.json()[QLatin1String("steps")].toArray().size(), 6);
        const QStringList on{QStringLiteral("--connection"), QStringLiteral("am")};
        const auto alert = [&] {
            return run(QStringList{QStringLiteral("alerts"), QStringLiteral("list")} + on)
                .json()[QLatin1String("alerts")][0]
                .toObject();
        };
        QCOMPARE(alert()[QLatin1String("severity")].toString(), QStringLiteral("alarm"));
        QVERIFY(!alert()[QLatin1String("silenced")].toBool());
        const Program silenced =
            run(QStringList{QStringLiteral("alerts"), QStringLiteral("silence"), QStringLiteral("--match"),
                            QStringLiteral("model=fraud"), QStringLiteral("--comment"), QStringLiteral("known"),
                            QStringLiteral("--author"), QStringLiteral("ann")} +
                on);
        QVERIFY2(silenced.exitCode == 0, silenced.err.constData());
        const QString id = silenced.json()[QLatin1String("silence")].toString();
        QVERIFY(alert()[QLatin1String("silenced")].toBool());
        QCOMPARE(run(QStringList{QStringLiteral("alerts"), QStringLiteral("expire"), id} + on).exitCode, 0);
        QVERIFY(!alert()[QLatin1String("silenced")].toBool());
    }
};

QTEST_GUILESS_MAIN(AlertsCommandTest)
#include "tst_alerts_command.moc"
