// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <random>

#include "tests/app/program.h"

/// "drift --reference A --current B": the gate of a CI job, with no workspace.
class DriftFilesTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;

    QString path(const char* name) const { return m_dir.filePath(QLatin1String(name)); }
    Program drift(const char* reference, const char* current, QStringList more = {}) {
        return Program::run(m_dir.path(), QStringList{QStringLiteral("drift"), QStringLiteral("--reference"),
                                                      path(reference), QStringLiteral("--current"), path(current)} +
                                              more);
    }
    void write(const char* name, const QByteArray& bytes) {
        QFile out(path(name));
        QVERIFY(out.open(QIODevice::WriteOnly));
        QCOMPARE(out.write(bytes), bytes.size());
    }
    /// Ages around `mean`, cities, a share of missing incomes.
    static QByteArray rows(unsigned seed, int n, double mean, double missing, bool csv) {
        std::mt19937 random(seed);
        std::normal_distribution<double> age(mean, 10);
        std::uniform_real_distribution<double> uniform;
        QByteArray out = csv ? "age,city,income\n" : "";
        for (int i = 0; i < n; ++i) {
            const QByteArray years = QByteArray::number(age(random), 'f', 1);
            const QByteArray city = uniform(random) < 0.7 ? "Oslo" : "Rome";
            const QByteArray income = QByteArray::number(1000 * uniform(random), 'f', 2);
            const bool none = uniform(random) < missing;
            if (csv)
                out += years + ',' + city + ',' + (none ? QByteArray() : income) + '\n';
            else
                out +=
                    "{\"age\":" + years + ",\"city\":\"" + city + "\",\"income\":" + (none ? "null" : income) + "}\n";
        }
        return out;
    }

private Q_SLOTS:
    void initTestCase() {
        write("reference.csv", rows(1, 4000, 40, 0.05, true));
        write("same.jsonl", rows(2, 3000, 40, 0.05, false));
        write("drifted.csv", rows(3, 3000, 46, 0.3, true));
        write("few.csv", rows(4, 5, 40, 0, true));
        write("empty.csv", "");
    }

    void driftIsExitCode2() {
        const QString junit = path("junit.xml");
        const Program p =
            drift("reference.csv", "drifted.csv", {QStringLiteral("--json"), QStringLiteral("--junit"), junit});
        QVERIFY2(p.exitCode == 2, p.err.constData());
        const QJsonObject answer = p.json();
        QCOMPARE(answer[QStringLiteral("state")].toString(), QStringLiteral("drift"));
        QCOMPARE(answer[QStringLiteral("rows_reference")].toInt(), 4000);
        const QJsonArray features = answer[QStringLiteral("features")].toArray();
        QCOMPARE(features.size(), 3);
        for (const auto& value : features) {
            const QJsonObject feature = value.toObject();
            for (const char* key : {"name", "type", "state", "method", "statistic", "threshold", "p_value", "q_value",
                                    "effect", "interval", "n_reference", "n_current"})
                QVERIFY2(feature.contains(QLatin1String(key)), key);
        }
        const QJsonObject age = features[0].toObject(), income = features[2].toObject();
        QCOMPARE(age[QStringLiteral("state")].toString(), QStringLiteral("drift"));
        QVERIFY(std::abs(age[QStringLiteral("effect")].toDouble() - 0.6) < 0.1);
        QCOMPARE(features[1].toObject()[QStringLiteral("state")].toString(), QStringLiteral("ok"));
        QCOMPARE(income[QStringLiteral("method")].toString(), QStringLiteral("missing_share"));
        QCOMPARE(income[QStringLiteral("distribution")].toObject()[QStringLiteral("state")].toString(),
                 QStringLiteral("ok"));

        QFile file(junit);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QXmlStreamReader xml(&file);
        int cases = 0, failures = 0;
        while (!xml.atEnd()) {
            xml.readNext();
            cases += xml.isStartElement() && xml.name() == u"testcase";
            failures += xml.isStartElement() && xml.name() == u"failure";
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QCOMPARE(cases, 3);
        QCOMPARE(failures, 2);
    }

    void noDriftAndTooLittleAreExitCode0() {
        const Program same = drift("reference.csv", "same.jsonl", {QStringLiteral("--json")});
        QCOMPARE(same.exitCode, 0);
        QCOMPARE(same.json()[QStringLiteral("state")].toString(), QStringLiteral("ok"));
        const Program few = drift("reference.csv", "few.csv", {QStringLiteral("--json")});
        QCOMPARE(few.exitCode, 0);
        QCOMPARE(few.json()[QStringLiteral("state")].toString(), QStringLiteral("insufficient"));
        const Program empty = drift("reference.csv", "empty.csv");
        QCOMPARE(empty.exitCode, 0);
        QVERIFY(empty.out.contains("there are no current rows"));
    }

    // A profile says the same of a file as the rows that it was made of.
    void aProfileStandsForItsRows() {
        const QString file = path("reference.json");
        const Program made =
            Program::run(m_dir.path(), {QStringLiteral("profile"), QStringLiteral("--file"), path("reference.csv"),
                                        QStringLiteral("--model"), QStringLiteral("income"), QStringLiteral("--out"),
                                        file, QStringLiteral("--json")});
        QVERIFY2(made.exitCode == 0, made.err.constData());
        QCOMPARE(made.json()[QStringLiteral("rows")].toInt(), 4000);
        QCOMPARE(made.json()[QStringLiteral("model")].toString(), QStringLiteral("income"));
        QVERIFY(QFileInfo(file).size() < 10'000);
        const Program byProfile =
            Program::run(m_dir.path(), {QStringLiteral("drift"), QStringLiteral("--profile"), file,
                                        QStringLiteral("--current"), path("drifted.csv"), QStringLiteral("--json")});
        const Program byRows = drift("reference.csv", "drifted.csv", {QStringLiteral("--json")});
        QCOMPARE(byProfile.exitCode, 2);
        QCOMPARE(byProfile.json()[QStringLiteral("features")], byRows.json()[QStringLiteral("features")]);

        const Program none =
            Program::run(m_dir.path(), {QStringLiteral("drift"), QStringLiteral("--profile"), path("same.jsonl"),
                                        QStringLiteral("--current"), path("drifted.csv")});
        QCOMPARE(none.exitCode, 1);
        QVERIFY2(none.err.contains("same.jsonl: "), none.err.constData());
        QCOMPARE(Program::run(m_dir.path(), {QStringLiteral("profile"), QStringLiteral("wrong"),
                                             QStringLiteral("--file"), path("reference.csv")})
                     .exitCode,
                 64);
    }

    void badUseIsNamed() {
        QCOMPARE(drift("reference.csv", "none.csv").exitCode, 1);
        QCOMPARE(drift("reference.csv", "same.jsonl", {QStringLiteral("--columns"), QStringLiteral("zip")}).exitCode,
                 1);
        QCOMPARE(drift("reference.csv", "same.jsonl", {QStringLiteral("--model"), QStringLiteral("m")}).exitCode, 64);
        QCOMPARE(
            drift("reference.csv", "same.jsonl", {QStringLiteral("--minimum-effect"), QStringLiteral("-1")}).exitCode,
            64);
        QCOMPARE(Program::run(m_dir.path(), {QStringLiteral("drift"), QStringLiteral("--reference"), path("a.csv")})
                     .exitCode,
                 64);
        const Program unwritable = drift("reference.csv", "same.jsonl",
                                         {QStringLiteral("--junit"), path("no folder") + QStringLiteral("/x.xml")});
        QCOMPARE(unwritable.exitCode, 1);
        QVERIFY(unwritable.err.contains("cannot be written"));
    }
};

QTEST_GUILESS_MAIN(DriftFilesTest)
#include "tst_drift_files.moc"
