// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTemporaryDir>

#include "models/connect/prometheus/prometheus_source.h"
#include "tests/contract/metric_source_contract.h"

using namespace pilothouse;

/// A Prometheus of its own: a free loopback port, a temporary folder, stopped by its process.
class TestMetricSource : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    QProcess m_server;
    std::shared_ptr<ports::MetricSource> m_source;
    contract::KnownSeries m_known;

    bool write(const QString& name, const QByteArray& text) const {
        QFile file(m_folder.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    }
    static quint16 freePort() {
        QTcpServer probe;
        probe.listen(QHostAddress::LocalHost);
        return probe.serverPort();
    }
    QByteArray openMetrics() const {
        QByteArray text = "# TYPE contract_value gauge\n";
        for (int i = 0; i < m_known.samples; ++i) {
            const QByteArray at = QByteArray::number(m_known.start.ms() / 1000 + 60 * i) + '\n';
            const QByteArray value = i == 20 ? QByteArray("NaN") : i == 30 ? QByteArray("+Inf") : QByteArray::number(i);
            text += "contract_value{model=\"delay\"} " + value + ' ' + at + "contract_value{model=\"other\"} 7 " + at;
        }
        return text + "# EOF\n";
    }

private Q_SLOTS:
    void initTestCase() {
        const QString server = QStandardPaths::findExecutable(QStringLiteral("prometheus"));
        const QString tool = QStandardPaths::findExecutable(QStringLiteral("promtool"));
        if (server.isEmpty() || tool.isEmpty()) QSKIP("prometheus is not installed (Debian package prometheus)");
        m_known.start = Timestamp::fromSeconds(1'373'371'200);  // 9 July 2013, 12:00 UTC
        QVERIFY(write(QStringLiteral("prometheus.yml"), "global: {}\n"));
        QVERIFY(write(QStringLiteral("data.om"), openMetrics()));
        QCOMPARE(QProcess::execute(
                     tool, {QStringLiteral("tsdb"), QStringLiteral("create-blocks-from"), QStringLiteral("openmetrics"),
                            m_folder.filePath(QStringLiteral("data.om")), m_folder.filePath(QStringLiteral("tsdb"))}),
                 0);
        const quint16 port = freePort();
        m_server.setProcessChannelMode(QProcess::MergedChannels);
        m_server.setStandardOutputFile(m_folder.filePath(QStringLiteral("log")));
        m_server.start(server, {QStringLiteral("--config.file=") + m_folder.filePath(QStringLiteral("prometheus.yml")),
                                QStringLiteral("--storage.tsdb.path=") + m_folder.filePath(QStringLiteral("tsdb")),
                                QStringLiteral("--storage.tsdb.retention.time=100y"),
                                QStringLiteral("--web.listen-address=127.0.0.1:%1").arg(port)});
        QVERIFY(m_server.waitForStarted());
        m_source =
            *connect::prometheus::PrometheusSource::create("contract", "http://127.0.0.1:" + std::to_string(port));
        // It loads its blocks after it listens: ready when the known series answers.
        const auto ready = [this] {
            const auto got = contract::await(m_source->instant("contract_value", m_known.start, {}));
            return got && !got->series.empty();
        };
        QTRY_VERIFY_WITH_TIMEOUT(ready(), 60'000);
    }
    void cleanupTestCase() {
        m_source.reset();
        if (m_server.state() == QProcess::NotRunning) return;
        m_server.terminate();
        if (!m_server.waitForFinished(20'000)) {
            m_server.kill();
            QVERIFY(m_server.waitForFinished());
        }
    }
    void rangeGivesSamplesInOrder() { contract::rangeGivesSamplesInOrder(*m_source, m_known); }
    void rangeIsHalfOpen() { contract::rangeIsHalfOpen(*m_source, m_known); }
    void noDataIsNoSeries() { contract::noDataIsNoSeries(*m_source, m_known); }
    void instantGivesOneSampleASeries() { contract::instantGivesOneSampleASeries(*m_source, m_known); }
    void aBadExpressionIsInvalidInput() { contract::aBadExpressionIsInvalidInput(*m_source, m_known); }
    void namesAndVersion() { contract::namesAndVersion(*m_source); }
    void cancelledIsCancelled() { contract::cancelledIsCancelled(*m_source, m_known); }
};

QTEST_GUILESS_MAIN(TestMetricSource)
#include "tst_metric_source.moc"
