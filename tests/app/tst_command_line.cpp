// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "models/workspace/workspace.h"
#include "tests/app/program.h"

using namespace pilothouse;

/// Usage, bad files and exit codes of the program.
class CommandLineTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;

    QString path(const char* name) const { return m_dir.filePath(QLatin1String(name)); }
    Program run(const QStringList& arguments) { return Program::run(m_dir.path(), arguments); }
    void write(const QString& file, const QByteArray& bytes) {
        QFile out(file);
        QVERIFY(out.open(QIODevice::WriteOnly));
        QCOMPARE(out.write(bytes), bytes.size());
    }

private Q_SLOTS:
    void initTestCase() {
        auto made = workspace::Workspace::create(path("empty.pilothouse").toStdString(), ClockKind::Simulated,
                                                 "America/New_York");
        QVERIFY2(made.has_value(), made ? "" : made.error().text().c_str());
        QVERIFY((*made)->connect().has_value());
    }

    void usageErrorsAre64_data() {
        QTest::addColumn<QStringList>("arguments");
        const auto words = [](const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); };
        QTest::newRow("unknown command's option") << words("search --no-such-option");
        QTest::newRow("query missing") << words("search");
        QTest::newRow("file missing") << words("verify");
        QTest::newRow("pair without =") << words("run x.yaml --set nonsense");
        QTest::newRow("limit is no number") << words("search carrier:UA --limit many");
        QTest::newRow("unknown kind") << words("connect add nonsense http://127.0.0.1:1");
    }
    void usageErrorsAre64() {
        QFETCH(QStringList, arguments);
        const Program p = run(arguments);
        QCOMPARE(p.exitCode, 64);
        QVERIFY(!p.err.isEmpty());
        QVERIFY(p.out.isEmpty());
    }

    void helpAndVersionAreNoErrors() {
        QCOMPARE(run({QStringLiteral("--help")}).exitCode, 0);
        const Program version = run({QStringLiteral("--version")});
        QCOMPARE(version.exitCode, 0);
        QVERIFY(version.out.startsWith("pilothouse "));
    }

    void badWorkspacesGetTheirReason_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("reason");
        QTest::newRow("absent") << QByteArray() << QByteArray("there is no such file");
        QTest::newRow("not SQLite") << QByteArray("hello, this is no database at all\n").repeated(100)
                                    << QByteArray("not a Pilothouse workspace");
    }
    void badWorkspacesGetTheirReason() {
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, reason);
        const QString file = path("bad.pilothouse");
        QFile::remove(file);
        if (!content.isEmpty()) write(file, content);
        for (const QStringList& arguments :
             {QStringList{QStringLiteral("verify"), file},
              QStringList{QStringLiteral("search"), QStringLiteral("carrier:UA"), QStringLiteral("--workspace"), file},
              QStringList{QStringLiteral("drift"), QStringLiteral("--model"), QStringLiteral("delay"),
                          QStringLiteral("--workspace"), file}}) {
            const Program p = run(arguments);
            QCOMPARE(p.exitCode, 1);
            QVERIFY2(p.err.contains(reason), p.err.constData());
            QVERIFY2(p.err.contains("bad.pilothouse"), p.err.constData());
            QVERIFY(p.out.isEmpty());
        }
        if (!content.isEmpty()) {
            QFile again(file);
            QVERIFY(again.open(QIODevice::ReadOnly));
            QCOMPARE(again.readAll(), content);  // nothing was done to it
        }
    }

    void anEmptyWorkspaceAnswersInWords() {
        const QStringList workspace{QStringLiteral("--workspace"), path("empty.pilothouse")};
        const Program count = run(
            QStringList{QStringLiteral("search"), QStringLiteral("labelled"), QStringLiteral("--count")} + workspace);
        QCOMPARE(count.exitCode, 0);
        QCOMPARE(count.out, QByteArray("0\n"));
        const Program models = run(QStringList{QStringLiteral("models"), QStringLiteral("--json")} + workspace);
        QCOMPARE(models.exitCode, 0);
        QVERIFY(models.json().value(QStringLiteral("models")).isArray());
        const Program drift =
            run(QStringList{QStringLiteral("drift"), QStringLiteral("--model"), QStringLiteral("delay")} + workspace);
        QCOMPARE(drift.exitCode, 1);
        QVERIFY(drift.err.contains("has been judged"));
        const Program verify = run({QStringLiteral("verify"), path("empty.pilothouse"), QStringLiteral("--json")});
        QCOMPARE(verify.exitCode, 0);
        QVERIFY(verify.json().value(QStringLiteral("sound")).toBool());
    }

    void aQueryThatDoesNotParseNamesThePlace() {
        const Program p = run({QStringLiteral("search"), QStringLiteral("carrier:(UA"), QStringLiteral("--workspace"),
                               path("empty.pilothouse")});
        QCOMPARE(p.exitCode, 1);
        QVERIFY2(p.err.contains("11"), p.err.constData());
    }

    void connectionsAreKept() {
        const QStringList workspace{QStringLiteral("--workspace"), path("fresh.pilothouse")};
        QCOMPARE(
            run(QStringList{QStringLiteral("connect"), QStringLiteral("add"), QStringLiteral("prometheus"),
                            QStringLiteral("http://127.0.0.1:1"), QStringLiteral("--name"), QStringLiteral("here")} +
                workspace)
                .exitCode,
            0);  // and the file is made
        const Program list =
            run(QStringList{QStringLiteral("connect"), QStringLiteral("list"), QStringLiteral("--json")} + workspace);
        QVERIFY2(list.out.contains("http://127.0.0.1:1"), list.out.constData());
        const Program test =
            run(QStringList{QStringLiteral("connect"), QStringLiteral("test"), QStringLiteral("here")} + workspace);
        QCOMPARE(test.exitCode, 1);  // nothing listens there
        QVERIFY(!test.err.isEmpty());
        QCOMPARE(
            run(QStringList{QStringLiteral("connect"), QStringLiteral("remove"), QStringLiteral("here")} + workspace)
                .exitCode,
            0);
        QVERIFY(
            !run(QStringList{QStringLiteral("connect"), QStringLiteral("list"), QStringLiteral("--json")} + workspace)
                 .out.contains("127.0.0.1"));
    }

    void pipelinesAreCheckedBeforeTheyRun() {
        write(path("bad.yaml"), "pipeline: x\nmodel: m\ntasks:\n  - name: a\n    step: no-such-step\n");
        const Program p = run({QStringLiteral("run"), path("bad.yaml"), QStringLiteral("--dry-run")});
        QCOMPARE(p.exitCode, 1);
        QVERIFY2(p.err.contains("bad.yaml:4"), p.err.constData());
        QVERIFY(p.err.contains("no-such-step"));
    }
};

QTEST_GUILESS_MAIN(CommandLineTest)
#include "tst_command_line.moc"
