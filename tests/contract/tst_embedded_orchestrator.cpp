// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

#include "models/pipelines/embedded_orchestrator.h"
#include "models/pipelines/executor.h"
#include "models/workspace/workspace.h"
#include "tests/contract/orchestrator_contract.h"

using namespace pilothouse;

/// The embedded engine's runs; the engine here does nothing but what the queued commands say.
class TestEmbeddedOrchestrator : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    std::shared_ptr<workspace::Workspace> m_workspace;
    std::unique_ptr<pipelines::EmbeddedOrchestrator> m_orchestrator;
    contract::KnownPipeline m_known;

    void settle() {
        auto database = *m_workspace->connect();
        std::vector<std::pair<std::int64_t, std::int64_t>> triggers;
        {
            auto rows = *database->prepare("SELECT id, kind, body FROM command WHERE state = 'queued' ORDER BY id");
            while (*rows.step()) {
                QCOMPARE(rows.text(1), std::string("trigger"));
                const auto body = QJsonDocument::fromJson(QByteArray::fromStdString(rows.text(2))).object();
                triggers.emplace_back(rows.integer(0), body.value(QStringLiteral("run")).toInteger());
            }
        }
        for (const auto& [command, run] : triggers) {
            QVERIFY(database->run("UPDATE command SET state = 'done' WHERE id = ?1", command));
            if (pipelines::readRun(*database, run)->state != ports::RunState::Queued) continue;  // cancelled meanwhile
            pipelines::Executor executor(m_workspace);
            auto future = executor.start(run, {m_workspace->now(), std::chrono::minutes(30)}, {});
            future.waitForFinished();
            QVERIFY(future.result());
        }
    }

private Q_SLOTS:
    void initTestCase() {
        const QString csv = m_folder.filePath(QStringLiteral("rows.csv"));
        QFile file(csv);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("x,y\n");
        for (int i = 0; i < 50; ++i)
            file.write(QByteArray::number(i) + ',' + QByteArray::number(i % 2) + '\n');
        file.close();
        auto made = workspace::Workspace::create(m_folder.filePath(QStringLiteral("w.pilothouse")).toStdString(),
                                                 ClockKind::Logical, "UTC");
        QVERIFY2(made, made ? "" : made.error().text().c_str());
        m_workspace = *made;
        m_workspace->setSimulatedNow(*Timestamp::parseIso("2013-04-01T00:00:00Z"));
        const std::string yaml =
            "pipeline: contract\ndescription: two tasks\nlabel: y\ntime:\nparameters: {rows: 10}\ncolumns: {x: {}, y: "
            "{}}\n"
            "features: [x]\ntasks:\n  - {name: ingest, with: {source: csv, file: \"" +
            csv.toStdString() +
            "\"}}\n"
            "  - {name: validate, after: [ingest], with: {minimum_rows: \"${rows}\"}}\n";
        const auto definition = pipelines::parsePipeline(yaml, "contract.yaml");
        QVERIFY2(definition, definition ? "" : definition.error().text().c_str());
        auto database = *m_workspace->connect();
        QVERIFY(pipelines::savePipeline(*database, *definition, m_workspace->now()));
        m_orchestrator = std::make_unique<pipelines::EmbeddedOrchestrator>(m_workspace);
        m_known.settle = [this] { settle(); };
    }
    void pipelinesAreListed() { contract::pipelinesAreListed(*m_orchestrator, m_known); }
    void aTriggerMakesARun() { contract::aTriggerMakesARun(*m_orchestrator, m_known); }
    void aRunGoesToItsEnd() { contract::aRunGoesToItsEnd(*m_orchestrator, m_known); }
    void whatHasNotBegunCanBeCancelled() { contract::whatHasNotBegunCanBeCancelled(*m_orchestrator, m_known); }
    void theUnknownIsNotFound() { contract::theUnknownIsNotFound(*m_orchestrator, m_known); }
    void aCancelledQuestionIsCancelled() { contract::aCancelledQuestionIsCancelled(*m_orchestrator); }
};

QTEST_GUILESS_MAIN(TestEmbeddedOrchestrator)
#include "tst_embedded_orchestrator.moc"
