// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QImage>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "tests/app/program.h"

/// The demo end to end on a slice of the year: 1 January to 29 April, which trains, deploys, predicts and judges.
class HeadlessDemoTest : public QObject {
    Q_OBJECT

    static constexpr int kDays = 119;
    QTemporaryDir m_dir;
    QString m_out;
    QJsonObject m_report;

    Program run(const QStringList& arguments) { return Program::run(m_dir.path(), arguments, 600'000); }
    Program onDemo(const QStringList& arguments) {
        return run(arguments + QStringList{QStringLiteral("--workspace"), m_out + QStringLiteral("/demo.pilothouse")});
    }
    static QJsonObject read(const QString& file) {
        QFile in(file);
        return in.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(in.readAll()).object() : QJsonObject();
    }

private Q_SLOTS:
    void initTestCase() {
        m_out = m_dir.filePath(QStringLiteral("out"));
        const Program p =
            run({QStringLiteral("demo"), QStringLiteral("--headless"), QStringLiteral("--days"), QString::number(kDays),
                 QStringLiteral("--speed"), QStringLiteral("max"), QStringLiteral("--out"), m_out});
        QVERIFY2(p.exitCode == 0, p.err.constData());
        m_report = read(m_out + QStringLiteral("/report.json"));
        QVERIFY(!m_report.isEmpty());
    }

    void theReportAddsUp() {
        const QJsonObject rows = m_report.value(QStringLiteral("rows")).toObject();
        QCOMPARE(rows.value(QStringLiteral("history")).toInt(), 80'789);
        QCOMPARE(rows.value(QStringLiteral("flights")).toInt(),
                 rows.value(QStringLiteral("history")).toInt() + rows.value(QStringLiteral("predicted")).toInt());
        QVERIFY(rows.value(QStringLiteral("predicted")).toInt() > 25'000);
        QVERIFY(rows.value(QStringLiteral("with_outcome")).toInt() <= rows.value(QStringLiteral("predicted")).toInt());
        const QJsonArray versions = m_report.value(QStringLiteral("versions")).toArray();
        QVERIFY(!versions.isEmpty());
        const QJsonObject metrics = versions.first().toObject().value(QStringLiteral("metrics")).toObject();
        const double auc = metrics.value(QStringLiteral("auc")).toObject().value(QStringLiteral("value")).toDouble();
        const double baseline =
            metrics.value(QStringLiteral("auc_baseline")).toObject().value(QStringLiteral("value")).toDouble();
        QVERIFY2(auc > 0.66 && auc < 0.78, qPrintable(QString::number(auc)));
        QVERIFY2(baseline > 0.5 && baseline < auc, qPrintable(QString::number(baseline)));
        QVERIFY(m_report.value(QStringLiteral("digest")).toString().size() >= 32);
    }

    void theReportNamesWhatHappened() {
        const auto array = [this](const char* key) { return m_report.value(QLatin1String(key)).toArray(); };
        QCOMPARE(array("drift").first()[QLatin1String("feature")].toString(), QStringLiteral("temp_f"));
        QVERIFY(array("drift").first()[QLatin1String("interval")][0].toDouble() > 1);
        // The blizzard: asked about, and never flown; its aircraft unknown.
        for (const char* day : {"2013-02-08", "2013-02-09"})
            for (const char* monitor : {"delay-landed", "delay-outcomes", "delay-quality"}) {
                const QJsonArray days = array("days");
                QVERIFY2(std::ranges::any_of(days,
                                             [&](const QJsonValue& v) {
                                                 return v[QLatin1String("day")].toString() == QLatin1String(day) &&
                                                        v[QLatin1String("monitor")].toString() ==
                                                            QLatin1String(monitor);
                                             }),
                         monitor);
            }
        // Virgin America, which flew from JFK only, and Newark, which others flew to.
        const QJsonArray categories = array("categories");
        const auto newark = std::ranges::find_if(categories, [](const QJsonValue& v) {
            return v[QLatin1String("value")].toString() == QLatin1String("VX and EWR");
        });
        QVERIFY(newark != categories.end());
        QCOMPARE((*newark)[QLatin1String("change")].toString(), QStringLiteral("came"));
        QCOMPARE((*newark)[QLatin1String("since")].toString(), QStringLiteral("2013-04-02"));
        for (const QJsonValue& v : categories)
            QVERIFY2(!v[QLatin1String("column")].toString().contains(QLatin1String("tailnum")), "no feature");
        const QJsonValue first = array("explained").first();
        QCOMPARE(first[QLatin1String("version")].toString(), QStringLiteral("v1"));
        const double change = first[QLatin1String("change")][0].toDouble();
        QVERIFY(std::abs(change - first[QLatin1String("by_covariates")][0].toDouble() -
                         first[QLatin1String("by_concept")][0].toDouble()) < 1e-9);
        QVERIFY(std::abs(change - (first[QLatin1String("served")].toDouble() -
                                   first[QLatin1String("held_out")].toDouble())) < 1e-9);
    }

    void thePicturesAreDrawnByTheRealViews() {
        for (const char* name : {"overview", "dashboard", "drift", "runs", "predictions", "registry", "performance"}) {
            const QImage picture(m_out + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
            QVERIFY2(!picture.isNull(), name);
            QCOMPARE(picture.size(), QSize(1600, 900));
            // Something is drawn: a picture of one colour would be an empty window.
            QSet<QRgb> colours;
            for (int y = 0; y < picture.height(); y += 7)
                for (int x = 0; x < picture.width(); x += 7)
                    colours.insert(picture.pixel(x, y));
            QVERIFY2(colours.size() > 12, name);
        }
        QFile html(m_out + QStringLiteral("/report.html"));
        QVERIFY(html.open(QIODevice::ReadOnly));
        const QByteArray page = html.readAll();
        QVERIFY(page.contains("data:image/png;base64,"));
        QVERIFY(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"));
    }

    void theSameCommandAgainAddsNothing() {
        const QString digest = m_report.value(QStringLiteral("digest")).toString();
        const Program p =
            run({QStringLiteral("demo"), QStringLiteral("--headless"), QStringLiteral("--days"), QString::number(kDays),
                 QStringLiteral("--out"), m_out, QStringLiteral("--no-pictures"), QStringLiteral("--json")});
        QCOMPARE(p.exitCode, 0);
        QCOMPARE(p.json().value(QStringLiteral("digest")).toString(), digest);
    }

    void commandsWorkOnTheWorkspace() {
        const Program all =
            onDemo({QStringLiteral("search"), QStringLiteral("model:delay"), QStringLiteral("--count")});
        QCOMPARE(all.out.trimmed().toInt(),
                 m_report.value(QStringLiteral("rows")).toObject().value(QStringLiteral("flights")).toInt());
        const Program rows = onDemo({QStringLiteral("search"), QStringLiteral("carrier:UA wrong"),
                                     QStringLiteral("--limit"), QStringLiteral("3"), QStringLiteral("--json")});
        const QList<QByteArray> lines = rows.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 3);
        for (const QByteArray& line : lines) {
            const QJsonObject row = QJsonDocument::fromJson(line).object();
            QCOMPARE(row.value(QStringLiteral("carrier")).toString(), QStringLiteral("UA"));
            const bool late = row.value(QStringLiteral("outcome")).toDouble() > 0.5,
                       said = row.value(QStringLiteral("score")).toDouble() >= 0.5;
            QVERIFY(late != said);
        }
        const Program drift = onDemo(
            {QStringLiteral("drift"), QStringLiteral("--model"), QStringLiteral("delay"), QStringLiteral("--json")});
        QVERIFY(drift.exitCode == 0 || drift.exitCode == 2);
        QCOMPARE(drift.exitCode == 2,
                 drift.json().value(QStringLiteral("state")).toString() == QStringLiteral("drift"));
        QVERIFY(drift.json().value(QStringLiteral("features")).toArray().size() >= 18);
        const Program models = onDemo({QStringLiteral("models"), QStringLiteral("--json")});
        QVERIFY(models.out.contains("champion"));
        const Program alerts = onDemo({QStringLiteral("alerts"), QStringLiteral("--json")});
        QCOMPARE(alerts.exitCode, 0);
        const Program verify = run({QStringLiteral("verify"), m_out + QStringLiteral("/demo.pilothouse")});
        QVERIFY2(verify.exitCode == 0, (verify.out + verify.err).constData());
    }

    void badDataIsNamed_data() {
        QTest::addColumn<QByteArray>("csv");
        QTest::addColumn<QByteArray>("reason");
        const QByteArray header =
            "scheduled_departure,carrier,flight,tailnum,origin,dest,distance_mi,hour,weekday,month,temp_f,dewpoint_f,"
            "humidity_pct,wind_dir_deg,"
            "wind_speed_mph,wind_gust_mph,precip_in,pressure_mb,visibility_mi,plane_year,plane_seats,plane_engine,dep_"
            "delay_min,air_time_min,arr_delay_min\n";
        const QByteArray row =
            "2013-01-01T10:15:00Z,UA,1545,N14228,EWR,IAH,1400,5,2,1,39.92,28.04,62.21,250,12.66,,0,1012.2,10,1999,149,"
            "Turbo-fan,2,227,11\n";
        QTest::newRow("missing column") << QByteArray(header).replace("temp_f,", "") +
                                               QByteArray(row).replace("39.92,", "")
                                        << QByteArray("temp_f");
        QTest::newRow("text in a number column")
            << header + row + QByteArray(row).replace("39.92", "warm") << QByteArray("data.csv:3");
        QTest::newRow("truncated zst") << QByteArray::fromHex("28b52ffd04580100") << QByteArray("data.csv");
        QTest::newRow("empty file") << QByteArray() << QByteArray("data.csv");
    }
    void badDataIsNamed() {
        QFETCH(QByteArray, csv);
        QFETCH(QByteArray, reason);
        const QString file = m_dir.filePath(QStringLiteral("data.csv"));
        QFile out(file);
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(csv);
        out.close();
        const QString folder =
            m_dir.filePath(QLatin1String("bad-") +
                           QString::fromLatin1(QTest::currentDataTag()).replace(QLatin1Char(' '), QLatin1Char('-')));
        const Program p = run({QStringLiteral("demo"), QStringLiteral("--headless"), QStringLiteral("--data"), file,
                               QStringLiteral("--out"), folder});
        QCOMPARE(p.exitCode, 1);
        QVERIFY2(p.err.contains(reason), p.err.constData());
    }
};

QTEST_GUILESS_MAIN(HeadlessDemoTest)
#include "tst_headless_demo.moc"
