// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QStandardPaths>

#include "models/connect/listener/listener.h"
#include "models/engine/monitor_service.h"
#include "models/engine/workspace_metrics.h"
#include "models/monitoring/evaluator.h"
#include "tests/peers/peer_server.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace std::chrono_literals;

/// /metrics as promtool and a real Prometheus read it.
class TestPrometheusScrape : public QObject {
    Q_OBJECT

    test::Folder m_folder;
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<engine::MonitorService> m_service;
    std::unique_ptr<connect::Listener> m_listener;
    test::PeerServer m_server;
    quint16 m_port = 0;

    void judge(workspace::Database& database) {
        monitoring::MonitorDefinition monitor;
        monitor.name = monitor.alert = "features";
        monitor.model = "delay \"x\"\\y\nz";
        monitor.persistence = monitor.of = 1;
        PH_VERIFY(
            database.run("INSERT INTO monitor (name, kind, model, definition, created) VALUES ('features', "
                         "'drift', ?, '', 0)",
                         monitor.model));
        monitoring::EvaluationResult r;
        r.evaluation.monitor = monitor.name;
        r.evaluation.kind = "drift";
        r.evaluation.model = monitor.model;
        r.evaluation.window = {Timestamp::fromSeconds(1'000), Timestamp::fromSeconds(2'000)};
        r.evaluation.evaluatedAt = m_workspace->now();
        r.evaluation.state = statistics::State::Drift;
        for (int i = 0; i < 3; ++i) {
            ports::Finding f;
            f.feature = "f" + std::to_string(i);
            f.check = "drift";
            f.verdict.state = statistics::State::Drift;
            f.verdict.method = "wasserstein_sigma";
            f.verdict.effect = i == 0 ? INFINITY : 0.5 * i;
            f.verdict.qValue = 0.001;
            r.evaluation.findings.push_back(f);
        }
        auto id = monitoring::store(database, r);
        PH_VERIFY(id);
        r.evaluation.id = *id;
        PH_VERIFY(monitoring::advanceAlert(database, monitor, r.evaluation, kTimestampMin));
    }
    std::string metrics(bool openMetrics) const {
        const auto database = m_workspace->connect(true);
        engine::MetricsText out;
        if (!database || !engine::addWorkspaceMetrics(out, **database, m_workspace->now())) return {};
        m_service->addMetrics(out);
        engine::addProcessMetrics(out);
        return out.text(openMetrics);
    }
    QJsonArray query(const QString& expression) const {
        return test::get(QStringLiteral("http://127.0.0.1:%1/api/v1/query?query=").arg(m_port) +
                         QString::fromLatin1(QUrl::toPercentEncoding(expression)))
            .json()
            .object()[QLatin1String("data")][QLatin1String("result")]
            .toArray();
    }

private Q_SLOTS:
    void initTestCase() {
        auto made = workspace::Workspace::create(m_folder.file(), ClockKind::Real, "UTC");
        PH_VERIFY(made);
        m_workspace = *made;
        judge(**m_workspace->connect());
        auto service = engine::MonitorService::open(m_workspace, {});
        PH_VERIFY(service);
        m_service = std::move(*service);
        connect::ListenerOptions options;
        options.token = "scrape-me";
        auto listener = connect::Listener::open(
            options, {{"GET /metrics", [this](const connect::Request& request) {
                           const auto accept = request.headers.find("accept");
                           const bool open =
                               accept != request.headers.end() && engine::MetricsText::wantsOpenMetrics(accept->second);
                           return connect::Response{
                               200, open ? engine::MetricsText::kOpenMetricsType : engine::MetricsText::kTextType,
                               QByteArray::fromStdString(metrics(open))};
                       }}});
        PH_VERIFY(listener);
        m_listener = std::move(*listener);
    }
    void cleanupTestCase() {
        m_listener.reset();
        m_service.reset();
        m_workspace.reset();
    }

    void promtoolFindsNothingToSay() {
        const QString tool = QStandardPaths::findExecutable(QStringLiteral("promtool"));
        if (tool.isEmpty()) QSKIP("promtool is not installed (Debian package prometheus)");
        QProcess check;
        check.start(tool, {QStringLiteral("check"), QStringLiteral("metrics")});
        QVERIFY(check.waitForStarted());
        check.write(QByteArray::fromStdString(metrics(false)));
        check.closeWriteChannel();
        QVERIFY(check.waitForFinished());
        QCOMPARE(check.readAllStandardError() + check.readAllStandardOutput(), QByteArray());
        QCOMPARE(check.exitCode(), 0);
    }

    void aRealOneScrapesIt() {
        const QString program = QStandardPaths::findExecutable(QStringLiteral("prometheus"));
        if (program.isEmpty()) QSKIP("prometheus is not installed (Debian package prometheus)");
        m_port = test::PeerServer::freePort();
        const QByteArray config =
            "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
            "  - job_name: pilothouse\n    authorization: {credentials: scrape-me}\n"
            "    static_configs: [{targets: ['127.0.0.1:" +
            QByteArray::number(m_listener->port()) +
            "']}]\n  - job_name: stranger\n    static_configs: [{targets: ['127.0.0.1:" +
            QByteArray::number(m_listener->port()) + "']}]\n";
        QVERIFY(m_server.write("prometheus.yml", config));
        QVERIFY(m_server.start(program, {QStringLiteral("--config.file=") + m_server.path("prometheus.yml"),
                                         QStringLiteral("--storage.tsdb.path=") + m_server.path("data"),
                                         QStringLiteral("--web.listen-address=127.0.0.1:%1").arg(m_port)}));
        QTRY_VERIFY_WITH_TIMEOUT(!query(QStringLiteral("pilothouse_alerts")).isEmpty(), 60'000);
        const QJsonObject alert = query(QStringLiteral("pilothouse_alerts"))[0].toObject();
        QCOMPARE(alert[QLatin1String("metric")][QLatin1String("model")].toString(),
                 QStringLiteral("delay \"x\"\\y\nz"));
        QCOMPARE(alert[QLatin1String("metric")][QLatin1String("alertstate")].toString(), QStringLiteral("firing"));
        QCOMPARE(query(QStringLiteral("pilothouse_finding_effect > 0.4")).size(), 3);
        QCOMPARE(query(QStringLiteral("pilothouse_engine_looks_total")).size(), 1);
        QCOMPARE(query(QStringLiteral("up{job=\"pilothouse\"} == 1")).size(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(query(QStringLiteral("up{job=\"stranger\"} == 0")).size(), 1, 20'000);
        m_server.stop();
    }
};

QTEST_GUILESS_MAIN(TestPrometheusScrape)
#include "tst_prometheus_scrape.moc"
