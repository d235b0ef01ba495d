// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "models/predictions/prediction_store.h"
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

    void statsSpeakToPeopleAndMachines() {
        const QString file = path("rows.pilothouse");
        auto made = workspace::Workspace::create(file.toStdString(), ClockKind::Simulated, "UTC");
        QVERIFY(made.has_value());
        const Timestamp start = *Timestamp::parseIso("2013-07-01");
        (*made)->setSimulatedNow(start + std::chrono::hours(48));
        auto written = (*made)->write([&](workspace::Database& database) -> Status {
            PH_TRY((*made)->storeSimulatedNow(database, start + std::chrono::hours(48)));
            ports::RowSet rows;
            rows.rows = 100;
            ports::Column time{"time", ports::ColumnType::Time, {}, {}, {}, {}};
            ports::Column model{"model", ports::ColumnType::Text, {}, {}, {"delay"}, {}};
            ports::Column version{"version", ports::ColumnType::Text, {}, {}, {"v1", "v2"}, {}};
            ports::Column id{"request_id", ports::ColumnType::Text, {}, {}, {}, {}};
            ports::Column latency{"latency_ms", ports::ColumnType::Number, {}, {}, {}, {}};
            for (std::uint32_t i = 0; i < rows.rows; ++i) {
                time.times.push_back((start + std::chrono::minutes(20 * i)).ns);
                model.codes.push_back(0);
                version.codes.push_back(i % 4 == 0 ? 1 : 0);
                id.codes.push_back(i);
                id.dictionary.push_back("r" + std::to_string(i));
                latency.numbers.push_back(i % 10 == 9 ? std::nan("") : i);
            }
            rows.columns = {time, model, version, id, latency};
            PH_TRY(predictions::append(database, rows));
            return {};
        });
        written.waitForFinished();
        QVERIFY(written.result().has_value());
        const auto answer = [&](const char* arguments) {
            return run(QString::fromUtf8(arguments).split(QLatin1Char('|')) +
                       QStringList{QStringLiteral("--workspace"), file});
        };
        const auto lines = [&](const char* arguments) {
            const Program p = answer(arguments);
            std::vector<QJsonObject> out;
            for (const QByteArray& line : p.out.trimmed().split('\n'))
                out.push_back(QJsonDocument::fromJson(line).object());
            return p.exitCode == 0 ? out : std::vector<QJsonObject>{};
        };
        // Top values.
        auto got = lines("stats|*|--by|version|--json");
        QCOMPARE(got.size(), std::size_t{2});
        QCOMPARE(got[0].value(QStringLiteral("value")).toString(), QStringLiteral("v1"));
        QCOMPARE(got[0].value(QStringLiteral("count")).toInt(), 75);
        QCOMPARE(got[1].value(QStringLiteral("share")).toDouble(), 0.25);
        // A histogram: every row in one bin, or without a value.
        got = lines("stats|*|--by|latency_ms|--json");
        int sum = 0, missing = 0;
        for (const QJsonObject& line : got) {
            sum += line.value(QStringLiteral("count")).toInt();
            if (line.value(QStringLiteral("kind")).toString() == QStringLiteral("missing"))
                missing = line.value(QStringLiteral("count")).toInt();
        }
        QCOMPARE(sum, 100);
        QCOMPARE(missing, 10);
        QVERIFY(got.size() > 10 && got.size() < 30);
        // Percentiles of one field by another.
        got = lines("stats|*|--by|version|--of|latency_ms|--json");
        QCOMPARE(got.size(), std::size_t{2});
        QCOMPARE(got[1].value(QStringLiteral("value")).toString(), QStringLiteral("v2"));
        QCOMPARE(got[1].value(QStringLiteral("p50")).toDouble(), 48.0);
        QCOMPARE(got[1].value(QStringLiteral("max")).toDouble(), 96.0);
        // Over time.
        got = lines("stats|version:v1|--by|version|--over|day|--json");
        QCOMPARE(got.size(), std::size_t{2});
        QCOMPARE(got[0].value(QStringLiteral("start")).toString(), QStringLiteral("2013-07-01T00:00:00Z"));
        QCOMPARE(got[0].value(QStringLiteral("count")).toInt(), 54);
        QCOMPARE(got[1].value(QStringLiteral("count")).toInt(), 21);
        // For people; and what cannot be answered.
        QVERIFY2(answer("stats|*|--by|version").out.contains("75.00 %"), "share");
        const Program unknown = answer("stats|*|--by|latency");
        QCOMPARE(unknown.exitCode, 1);
        QVERIFY2(unknown.err.contains("latency_ms"), unknown.err.constData());
        QCOMPARE(answer("stats|*|--by|version|--over|never").exitCode, 1);
        QCOMPARE(answer("stats|*").exitCode, 64);
        // The slowest, and the fastest.
        got = lines("search|version:v1|--order|latency_ms|--limit|2|--json");
        QCOMPARE(got.size(), std::size_t{2});
        QCOMPARE(got[0].value(QStringLiteral("request_id")).toString(), QStringLiteral("r98"));
        QCOMPARE(got[1].value(QStringLiteral("latency_ms")).toDouble(), 97.0);
        got = lines("search|version:v1|--order|latency_ms|--ascending|--limit|1|--json");
        QCOMPARE(got.size(), std::size_t{1});
        QCOMPARE(got[0].value(QStringLiteral("request_id")).toString(), QStringLiteral("r1"));
        QCOMPARE(answer("search|*|--order|version").exitCode, 1);
        QCOMPARE(answer("search|*|--ascending").exitCode, 64);
        // The clock is the workspace's; the plan goes to stderr, the number alone to stdout.
        const Program plan = answer("search|time>now-36h version:/v[0-9]/|--count|--explain");
        QCOMPARE(plan.out, QByteArray("63\n"));
        QVERIFY2(plan.err.contains("version matches /v[0-9]/"), plan.err.constData());
        QVERIFY(plan.err.contains("rows seen 100"));
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
        const QStringList on{QStringLiteral("--connection"), QStringLiteral("here")};
        for (const char* command : {"models", "alerts"}) {
            const Program p = run(QStringList{QLatin1String(command), QStringLiteral("list")} + on + workspace);
            QCOMPARE(p.exitCode, 1);
            QVERIFY2(p.err.contains("this kind of connection has no " + QByteArray(command)), p.err.constData());
        }
        const Program none = run(QStringList{QStringLiteral("models"), QStringLiteral("alias"), QStringLiteral("m"),
                                             QStringLiteral("champion")} +
                                 workspace);
        QVERIFY2(none.exitCode == 1 && none.err.contains("--remove"), none.err.constData());
        QVERIFY2(test.err.contains("TCP: nothing listens at port 1"), test.err.constData());
        QVERIFY2(test.out.contains("name") && test.out.contains("failed"), test.out.constData());
        QCOMPARE(
            run(QStringList{QStringLiteral("connect"), QStringLiteral("remove"), QStringLiteral("here")} + workspace)
                .exitCode,
            0);
        QVERIFY(
            !run(QStringList{QStringLiteral("connect"), QStringLiteral("list"), QStringLiteral("--json")} + workspace)
                 .out.contains("127.0.0.1"));
    }

    void aConnectionsOptions() {
        const QStringList workspace{QStringLiteral("--workspace"), path("options.pilothouse")};
        const auto add = [&](const QStringList& more) {
            return run(QStringList{QStringLiteral("connect"), QStringLiteral("add"), QStringLiteral("alertmanager"),
                                   QStringLiteral("https://alerts.example")} +
                       more + workspace);
        };
        for (const QStringList& bad :
             {QStringList{QStringLiteral("--secret"), QStringLiteral("hunter2")},
              QStringList{QStringLiteral("--header"), QStringLiteral("Authorization: hunter2")},
              QStringList{QStringLiteral("--proxy"), QStringLiteral("http://u:hunter2@h:1")},
              QStringList{QStringLiteral("--ca-file"), QStringLiteral("/nowhere.pem")}}) {
            const Program p = add(bad);
            QCOMPARE(p.exitCode, 1);
            QVERIFY2(!p.err.contains("hunter2") && !p.err.isEmpty(), p.err.constData());
        }
        QCOMPARE(add({QStringLiteral("--user"), QStringLiteral("ann"), QStringLiteral("--secret"),
                      QStringLiteral("env:AM_PASSWORD"), QStringLiteral("--header"), QStringLiteral("X-Scope-OrgID: 7"),
                      QStringLiteral("--group"), QStringLiteral("production"), QStringLiteral("--watch")})
                     .exitCode,
                 0);
        const Program list =
            run(QStringList{QStringLiteral("connect"), QStringLiteral("list"), QStringLiteral("--json")} + workspace);
        for (const char* part : {"\"secret\": \"env:AM_PASSWORD\"", "\"header.X-Scope-OrgID\": \"7\"",
                                 "\"watch\": true", "\"group\": \"production\""})
            QVERIFY2(list.out.contains(part), list.out.constData());
        QCOMPARE(
            run(QStringList{QStringLiteral("connect"), QStringLiteral("remove"), QStringLiteral("alerts.example")} +
                workspace)
                .exitCode,
            0);
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
