// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSignalSpy>

#include "models/engine/engine.h"
#include "models/engine/report.h"
#include "models/monitoring/monitor_reader.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::engine;

/// Whether the demo's numbers are of the data: altered data must alter them, where it was altered and nowhere else.
class TestDemo : public QObject {
    Q_OBJECT

    std::unique_ptr<test::Folder> m_folder;

    std::shared_ptr<workspace::Workspace> run(const char* name, const DemoOptions& options) {
        auto made = createDemo(m_folder->file(name), options);
        if (!made) qFatal("%s", made.error().text().c_str());
        Engine engine(*made);
        QSignalSpy finished(&engine, &Engine::finished);
        engine.start(kFullSpeed);
        if (!finished.wait(500'000) || !finished.first().first().toBool()) qFatal("%s", engine.status().error.c_str());
        return *made;
    }
    static QJsonObject report(workspace::Workspace& workspace) {
        const auto database = workspace.connect(true);
        const auto report = makeReport(**database, workspace, 0);
        if (!report) qFatal("%s", report.error().text().c_str());
        return *report;
    }
    /// Week → effect of the feature's drift.
    static std::map<std::string, double> drift(workspace::Workspace& workspace, const std::string& feature) {
        const auto database = workspace.connect(true);
        monitoring::EvaluationsRequest request;
        request.kinds = {"drift"};
        const auto evaluations = monitoring::MonitorReader::read(**database, request);
        std::map<std::string, double> out;
        for (const auto& e : *evaluations)
            for (const auto& f : e.findings)
                if (f.feature == feature && f.check == "drift")
                    out[(e.window.start + workspace.zone().offsetAt(e.window.start)).toIso().substr(0, 10)] =
                        f.verdict.effect;
        return out;
    }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<test::Folder>();
    }

    void shuffledOutcomesAreRefused() {
        DemoOptions options;
        options.days = 93;
        options.shuffleOutcomes = true;
        const auto workspace = run("shuffled.pilothouse", options);
        const QJsonObject r = report(*workspace);
        const QJsonArray runs = r[QLatin1String("runs")].toArray();
        QCOMPARE(runs.size(), 1);
        const QString result = runs.at(0).toObject()[QLatin1String("result")].toString();
        QCOMPARE(runs.at(0).toObject()[QLatin1String("state")].toString(), QStringLiteral("refused"));
        QVERIFY(r[QLatin1String("versions")].toArray().isEmpty());
        QVERIFY(r[QLatin1String("rows")].toObject()[QLatin1String("unscored")].toInt() > 1'000);
        // The AUC that was measured stands in the record of the evaluation.
        const auto database = workspace->connect(true);
        const auto outputs = (*database)->text("SELECT outputs FROM task WHERE name = 'evaluate'");
        PH_VERIFY(outputs);
        double auc = 0;
        for (const QJsonValue value :
             QJsonDocument::fromJson(QByteArray::fromStdString(outputs->value_or("[]"))).array())
            if (value[QLatin1String("name")].toString() == QLatin1String("auc"))
                auc = value[QLatin1String("value")].toString().section(QLatin1Char(' '), 0, 0).toDouble();
        QVERIFY2(std::abs(auc - 0.5) < 0.02, qPrintable(QString::number(auc) + QStringLiteral(": ") + result));
    }

    void addedTemperatureDates() {
        DemoOptions options;
        options.days = 160;  // to 10 June
        const auto plain = run("plain.pilothouse", options);
        options.addTemperature = 20;
        options.addTemperatureFrom = *Timestamp::parseIso("2013-06-01T04:00:00Z");  // midnight in New York
        const auto warm = run("warm.pilothouse", options);
        const auto before = drift(*plain, "temp_f"), after = drift(*warm, "temp_f");
        QCOMPARE(before.size(), after.size());
        QVERIFY(before.contains("2013-06-03"));
        int same = 0;
        for (const auto& [week, effect] : before) {
            const double other = after.at(week);
            if (week < "2013-05-27") {
                QVERIFY2(effect == other || (std::isnan(effect) && std::isnan(other)), week.c_str());
                ++same;
            } else if (week > "2013-05-27") {
                QVERIFY2(other > effect + 0.8, qPrintable(QStringLiteral("%1 → %2").arg(effect).arg(other)));
            } else {
                QVERIFY(other > effect);
            }
        }
        QVERIFY(same >= 7);
        // Nothing else moved: the other columns of those weeks are what they were.
        const auto wind = drift(*plain, "wind_speed_mph"), alsoWind = drift(*warm, "wind_speed_mph");
        QCOMPARE(wind.at("2013-06-03"), alsoWind.at("2013-06-03"));
    }
};

QTEST_GUILESS_MAIN(TestDemo)
#include "tst_demo.moc"
