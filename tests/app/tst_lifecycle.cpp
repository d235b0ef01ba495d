// SPDX-License-Identifier: GPL-3.0-or-later
// The commands that remove rows, as a person or a script runs them.
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include "models/predictions/prediction_store.h"
#include "models/workspace/workspace.h"
#include "tests/app/program.h"

using namespace pilothouse;

class LifecycleTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;

    Program run(QStringList arguments) {
        arguments << QStringLiteral("--workspace") << m_dir.filePath(QStringLiteral("w.pilothouse"));
        return Program::run(m_dir.path(), arguments);
    }
    static QStringList words(const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); }

private Q_SLOTS:
    /// Ten rows of two models, one a day; field x as numbers and once as a text.
    void init() {
        QFile::remove(m_dir.filePath(QStringLiteral("w.pilothouse")));
        auto workspace = workspace::Workspace::create(m_dir.filePath(QStringLiteral("w.pilothouse")).toStdString(),
                                                      ClockKind::Simulated, "UTC");
        QVERIFY2(workspace.has_value(), workspace ? "" : workspace.error().text().c_str());
        const auto written =
            (*workspace)
                ->write([&](workspace::Database& database) -> Status {
                    for (int day = 0; day < 10; ++day) {
                        using ports::ColumnType;
                        ports::RowSet rows;
                        rows.rows = 1;
                        const std::string model = day % 2 ? "fraud" : "delay", id = "R" + std::to_string(day);
                        rows.columns = {
                            {"time", ColumnType::Time, {}, {}, {}, {Timestamp::fromSeconds(day * 86'400).ns}},
                            {"model", ColumnType::Text, {}, {0}, {model}, {}},
                            {"request_id", ColumnType::Text, {}, {0}, {id}, {}}};
                        if (day == 7)
                            rows.columns.push_back({"x", ColumnType::Text, {}, {0}, {"seven"}, {}});
                        else
                            rows.columns.push_back({"x", ColumnType::Number, {1.0 * day}, {}, {}, {}});
                        PH_TRY(predictions::append(database, rows));
                        PH_TRY(predictions::appendTruth(
                            database, model,
                            std::vector<predictions::Truth>{{id, 1, Timestamp::fromSeconds(day * 86'400 + 9)}}));
                    }
                    return (*workspace)->storeSimulatedNow(database, Timestamp::fromSeconds(10 * 86'400));
                })
                .result();
        QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
    }

    void usage_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("nothing to erase") << words("erase --yes");
        QTest::newRow("two things to erase") << words("erase --model a --request-id b");
        QTest::newRow("negative days") << words("retention --keep-days -1");
        QTest::newRow("no number") << words("retention --keep-gb some");
    }
    void usage() {
        QFETCH(QStringList, arguments);
        const Program p = run(arguments);
        QCOMPARE(p.exitCode, 64);
        QVERIFY(!p.err.isEmpty());
    }

    void erasesWhatItWasToldTo() {
        const Program shown = run(words("erase --request-id R4"));
        QCOMPARE(shown.exitCode, 0);
        QCOMPARE(shown.out, QByteArray("1 rows, 1 outcomes and 0 quarantined rows would be erased\n"));
        QVERIFY2(shown.err.contains("--yes"), shown.err.constData());
        QCOMPARE(run(words("search request_id:R4 --count")).out, QByteArray("1\n"));

        const Program erased = run(words("erase --request-id R4 --yes --json"));
        QCOMPARE(erased.exitCode, 0);
        QVERIFY(erased.json().value(QStringLiteral("erased")).toBool());
        QVERIFY(erased.json().value(QStringLiteral("bytes_gone")).toBool());
        QCOMPARE(erased.json().value(QStringLiteral("rows")).toInt(), 1);
        QCOMPARE(run(words("search request_id:R4 --count")).out, QByteArray("0\n"));

        const Program model = run(words("erase --model fraud --yes --json"));
        QCOMPARE(model.json().value(QStringLiteral("rows")).toInt(), 5);
        QCOMPARE(model.json().value(QStringLiteral("outcomes")).toInt(), 5);
        QCOMPARE(run(words("search time>=1970-01-01 --count")).out, QByteArray("4\n"));
        const Program again = run(words("erase --model fraud --yes --json"));
        QCOMPARE(again.exitCode, 0);
        QCOMPARE(again.json().value(QStringLiteral("rows")).toInt(), 0);
    }

    void keepsWhatItWasToldTo() {
        const Program none = run(words("retention --json"));
        QCOMPARE(none.exitCode, 0);
        QVERIFY(none.json().value(QStringLiteral("keep_days")).isNull());
        QCOMPARE(none.json().value(QStringLiteral("rows")).toInt(), 0);
        const Program dry = run(words("retention --keep-days 3 --dry-run --json"));
        QCOMPARE(dry.json().value(QStringLiteral("rows")).toInt(), 7);
        QCOMPARE(run(words("search labelled --count")).out, QByteArray("10\n"));
        const Program done = run(words("retention --keep-days 3 --json"));
        QCOMPARE(done.exitCode, 0);
        QCOMPARE(done.json().value(QStringLiteral("rows")).toInt(), 7);
        QCOMPARE(done.json().value(QStringLiteral("keep_days")).toInt(), 3);
        QCOMPARE(done.json().value(QStringLiteral("before")).toString().left(10), QStringLiteral("1970-01-08"));
        QCOMPARE(run(words("search labelled --count")).out, QByteArray("3\n"));
        // The rule is the workspace's from now on; a dry run changed nothing of it.
        QCOMPARE(run(words("retention --dry-run --json")).json().value(QStringLiteral("keep_days")).toInt(), 3);
        QVERIFY(run(words("retention --keep-days 0 --json")).json().value(QStringLiteral("keep_days")).isNull());
    }

    void verifyTellsOfConflicts() {
        const Program p = Program::run(
            m_dir.path(),
            {QStringLiteral("verify"), m_dir.filePath(QStringLiteral("w.pilothouse")), QStringLiteral("--json")});
        QCOMPARE(p.exitCode, 0);
        const QJsonArray conflicts = p.json().value(QStringLiteral("conflicts")).toArray();
        QCOMPARE(conflicts.size(), 1);
        const QJsonObject x = conflicts[0].toObject();
        QCOMPARE(x.value(QStringLiteral("field")).toString(), QStringLiteral("x"));
        QCOMPARE(x.value(QStringLiteral("types")).toArray(),
                 (QJsonArray{QStringLiteral("number"), QStringLiteral("text")}));
        QVERIFY(x.value(QStringLiteral("rows")).toInt() >= 1);
    }
};

QTEST_GUILESS_MAIN(LifecycleTest)
#include "tst_lifecycle.moc"
