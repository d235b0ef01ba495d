// SPDX-License-Identifier: GPL-3.0-or-later
// The pipeline of the demo, from rows to a version in production, on the real data.
#include <QElapsedTimer>

#include "models/pipelines/scorer.h"
#include "models/statistics/profile.h"
#include "resources/resources.h"
#include "tests/pipelines/support.h"

using namespace pilothouse;
using namespace pilothouse::pipelines;
using ports::RunState;
using ports::TaskState;

namespace {

const Timestamp kApril = *Timestamp::parseIso("2013-04-01T04:00:00Z");  // midnight in New York
const Timestamp kMay = *Timestamp::parseIso("2013-05-20T16:00:00Z");

struct Bench {
    QTemporaryDir folder;
    std::shared_ptr<workspace::Workspace> workspace;
    std::unique_ptr<workspace::Database> database;

    Bench() { use(folder.filePath(QStringLiteral("w.pilothouse")), true); }
    void use(const QString& path, bool create) {
        auto made = create ? workspace::Workspace::create(path.toStdString(), ClockKind::Simulated, "America/New_York")
                           : workspace::Workspace::open(path.toStdString());
        if (!made) qFatal("%s", made.error().text().c_str());
        workspace = *made;
        workspace->setSimulatedNow(kApril);
        database = std::move(*workspace->connect());
    }
    Result<std::int64_t> create(const std::string& yaml, Timestamp now,
                                std::map<std::string, std::string> parameters = {}) {
        PH_ASSIGN(const auto definition, parsePipeline(yaml, "train-delay.yaml"));
        PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
        PH_ASSIGN(const auto id,
                  Executor::create(*database, definition, {"start", "", "the first model", parameters}, now));
        PH_TRY(transaction.commit());
        return id;
    }
    Result<ports::Run> execute(std::int64_t id, Timestamp start) {
        Executor executor(workspace);
        auto future = executor.start(id, {start, std::chrono::minutes(30)}, {});
        future.waitForFinished();
        return future.result();
    }
    Result<ports::Run> run(const std::string& yaml, Timestamp start,
                           std::map<std::string, std::string> parameters = {}) {
        workspace->setSimulatedNow(start);
        PH_ASSIGN(const auto id, create(yaml, start, std::move(parameters)));
        return execute(id, start);
    }
    ports::ModelVersion version(const std::string& name) {
        auto found = workspace::registry::version(*database, "delay", name);
        if (!found || !*found) qFatal("no version %s", name.c_str());
        return **found;
    }
};

std::string yaml() { return test::resourceText(QStringLiteral(":/pipelines/train-delay.yaml")); }

std::string with(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos) qFatal("not in the pipeline: %s", from.c_str());
    return text.replace(at, from.size(), to);
}

/// Everything of a version that must not depend on how its run went.
QString told(const ports::ModelVersion& v) {
    QString out =
        QString::fromStdString(v.version + " " + v.artifactDigest + " " + v.profileDigest + " " + v.created.toIso() +
                               " " + v.trainedOn.start.toIso() + " " + v.trainedOn.end.toIso());
    for (const auto& m : v.metrics)
        out += QStringLiteral("\n%1 %2 %3 %4 %5")
                   .arg(QString::fromStdString(m.name))
                   .arg(m.value, 0, 'g', 17)
                   .arg(m.low, 0, 'g', 17)
                   .arg(m.high, 0, 'g', 17)
                   .arg(m.n);
    return out;
}

}  // namespace

class TestPipeline : public QObject {
    Q_OBJECT
    std::unique_ptr<Bench> m_bench;

private Q_SLOTS:
    void initTestCase() {
        resources::init();
        m_bench = std::make_unique<Bench>();
        const auto logged = test::logFlights(*m_bench->database, test::flightsUntil(kMay + std::chrono::hours(48)));
        QVERIFY2(logged, logged ? "" : logged.error().text().c_str());
    }

    void trainsAndDeploys() {
        QElapsedTimer clock;
        clock.start();
        const auto run = m_bench->run(yaml(), kApril);
        QVERIFY2(run, run ? "" : run.error().text().c_str());
        qInfo("train-delay in %lld ms", static_cast<long long>(clock.elapsed()));
        for (const auto& task : run->tasks)
            qInfo("%s %s %.0f ms %s", task.name.c_str(), ports::toString(task.state), task.wallMs, task.error.c_str());
        QVERIFY2(run->state == RunState::Succeeded, run->result.c_str());
        QCOMPARE(run->result, std::string("v1 deployed"));
        QCOMPARE(run->producedVersion, std::string("v1"));
        QCOMPARE(*run->finished, kApril + std::chrono::minutes(30));

        const ports::ModelVersion v = m_bench->version("v1");
        for (const auto& m : v.metrics)
            qInfo("%s %.4f (%.4f - %.4f) n %llu", m.name.c_str(), m.value, m.low, m.high,
                  static_cast<unsigned long long>(m.n));
        // Whole days whose outcomes had 36 hours to become known, the last 21 of them held out.
        QCOMPARE(v.trainedOn.start.toIso(), std::string("2013-01-01T05:00:00Z"));
        QCOMPARE(v.trainedOn.end.toIso(), std::string("2013-03-09T05:00:00Z"));
        QCOMPARE(v.evaluatedOn.end.toIso(), std::string("2013-03-30T04:00:00Z"));
        QCOMPARE(v.features.size(), std::size_t(18));
        QCOMPARE(v.positiveClass, std::string("late"));
        QCOMPARE(v.runId, run->id);
        QCOMPARE(v.parameters.at("rounds"), std::string("80"));
        const auto* auc = v.metric("auc");
        QVERIFY(auc && auc->value > 0.68 && auc->value < 0.75 && auc->low < auc->value && auc->value < auc->high);
        QVERIFY(v.metric("auc_baseline")->value > 0.55 && v.metric("auc_baseline")->value < auc->value);
        QVERIFY(v.metric("auc_difference_baseline")->low > 0);
        QVERIFY(!v.metric("auc_champion"));
        QVERIFY(v.metric("log_loss")->value > 0.3 && v.metric("log_loss")->value < 0.6);
        QVERIFY(v.metric("positive_share")->value > 0.15 && v.metric("positive_share")->value < 0.35);

        const auto history = workspace::registry::aliasHistory(*m_bench->database, "delay");
        QCOMPARE(history->size(), std::size_t(1));
        QCOMPARE(history->front().from, kApril + std::chrono::minutes(30));
        QCOMPARE(history->front().actor, std::string("pipeline run 1"));

        const auto json = workspace::artifacts::get(*m_bench->workspace, v.profileDigest);
        QVERIFY(json);
        const auto profile = statistics::profileFromJson({reinterpret_cast<const char*>(json->data()), json->size()});
        QVERIFY(profile);
        QCOMPARE(profile->columns.size(), std::size_t(19));
        QCOMPARE(profile->version, std::string("v1"));
        QCOMPARE(profile->rows, v.trainingRows);
        QCOMPARE(profile->find("score")->n, auc->n);  // of the held-out rows
        QVERIFY(profile->find("temp_f")->effectiveN <
                0.5 * static_cast<double>(profile->rows));  // an hour shares its weather

        auto scorer = Scorer::load(*m_bench->workspace, v);
        QVERIFY2(scorer, scorer ? "" : scorer.error().text().c_str());
        QCOMPARE((*scorer)->version(), std::string("v1"));
    }

    /// The version in production is measured on rows that neither was trained on; whatever the gate says, it says why.
    void comesAgainstTheChampion() {
        const auto run = m_bench->run(yaml(), kMay);
        QVERIFY2(run, run ? "" : run.error().text().c_str());
        qInfo("%s", run->result.c_str());
        QVERIFY(run->state == RunState::Succeeded || run->state == RunState::Refused);
        const auto task = [&](const char* name) {
            return *std::find_if(run->tasks.begin(), run->tasks.end(), [&](const auto& t) { return t.name == name; });
        };
        QString outputs;
        for (const auto& value : task("evaluate").outputs)
            outputs += QString::fromStdString(value.name + "=" + value.value) + u' ';
        QVERIFY(outputs.contains(QStringLiteral("auc_difference_champion=")));
        QVERIFY(outputs.contains(QStringLiteral("champion=v1 ")));
        const auto champion =
            *workspace::registry::aliasAt(*m_bench->database, "delay", ports::kChampion, kTimestampMax - Duration(1));
        if (run->state == RunState::Succeeded) {
            QCOMPARE(*champion, std::string("v2"));
            QVERIFY(m_bench->version("v2").metric("auc_difference_champion")->low > 0);
        } else {
            QCOMPARE(*champion, std::string("v1"));
            QVERIFY(run->result.starts_with("gate refused: "));
            QVERIFY(run->result.find("AUC difference to v1 ") != std::string::npos);
            QVERIFY(run->result.find("limit: lower bound above 0") != std::string::npos);
            QCOMPARE(task("register").state, TaskState::Skipped);
        }
    }

    /// As if the process had been killed after each durable change: the same version to the last bit.
    void killedAnywhereItEndsTheSame() {
        Bench bench;
        QVERIFY(test::logFlights(*bench.database, test::flightsUntil(kApril + std::chrono::hours(1))));
        QStringList states;
        std::string before;
        // Little work: what is looked at is that nothing depends on the break.
        std::string small = with(with(yaml(), "rounds: 80", "rounds: 10"), "resamples: 400", "resamples: 50");
        small = with(small, "auc_difference_baseline low > 0 when no champion", "auc > 0.4");
        const auto id = bench.create(small, kApril, {{"months", "2"}});
        QVERIFY2(id, id ? "" : id.error().text().c_str());
        {
            Executor executor(bench.workspace);
            executor.setObserver([&](std::int64_t runId) {
                const ports::Run run = *readRun(*bench.workspace->connect().value(), runId);
                std::string now = ports::toString(run.state);
                for (const auto& t : run.tasks)
                    now += ports::toString(t.state);
                if (now == before) return;  // progress only
                before = now;
                const QString path =
                    bench.folder.filePath(QString::number(states.size()) + QStringLiteral(".pilothouse"));
                if (!bench.workspace->connect().value()->run("VACUUM INTO ?1", path.toStdString()))
                    qFatal("cannot copy");
                states.push_back(path);
            });
            auto future = executor.start(*id, {kApril, std::chrono::minutes(30)}, {});
            future.waitForFinished();
            QVERIFY(future.result());
        }
        const QString whole = told(bench.version("v1"));
        QCOMPARE(states.size(), 20);
        const QString artifacts = QString::fromStdString(bench.workspace->artifactFolder());
        for (int i = 0; i + 1 < states.size(); ++i) {
            QVERIFY(QFile::link(artifacts, states[i] + QStringLiteral(".artifacts")));
            Bench again;
            again.use(states[i], false);
            const auto run = again.execute(*id, kApril);
            QVERIFY2(run, run ? "" : run.error().text().c_str());
            QVERIFY2(run->state == RunState::Succeeded, run->result.c_str());
            QCOMPARE(told(again.version("v1")), whole);
            QCOMPARE(workspace::registry::versions(*again.database, "delay")->size(), std::size_t(1));
            QCOMPARE(workspace::registry::aliasHistory(*again.database, "delay")->size(), std::size_t(1));
        }
    }

    /// Nothing can be learnt from shuffled outcomes, and the gate says so.
    void shuffledOutcomes() {
        Bench bench;
        QVERIFY(test::logFlights(*bench.database, test::flightsUntil(kApril), 11));
        const auto run = bench.run(yaml(), kApril);
        QVERIFY2(run, run ? "" : run.error().text().c_str());
        qInfo("%s", run->result.c_str());
        QCOMPARE(run->state, RunState::Refused);
        QVERIFY(run->result.starts_with("gate refused: AUC "));
        QVERIFY(workspace::registry::versions(*bench.database, "delay")->empty());
        for (const auto& task : run->tasks) {
            if (task.name == "gate") QCOMPARE(task.state, TaskState::Refused);
            if (task.name == "register" || task.name == "deploy") QCOMPARE(task.state, TaskState::Skipped);
            if (task.name != "evaluate") continue;
            for (const auto& value : task.outputs)
                if (value.name == "auc") QVERIFY2(std::abs(std::stod(value.value) - 0.5) < 0.02, value.value.c_str());
        }
    }

    void refusedByName_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("reason");
        const QString feature = QStringLiteral("plane_seats, plane_engine]");
        QTest::newRow("known too late")
            << feature << QStringLiteral("plane_seats, plane_engine,\n           dep_delay_min]")
            << QStringLiteral("train-delay.yaml:43: feature dep_delay_min is known only after departure");
        QTest::newRow("undeclared") << feature << QStringLiteral("plane_seats, plane_engine, horoscope]")
                                    << QStringLiteral(
                                           "train-delay.yaml:42: feature horoscope is not declared under \"columns\"");
        QTest::newRow("outcome") << feature << QStringLiteral("plane_seats, plane_engine, outcome]")
                                 << QStringLiteral("train-delay.yaml:42: feature outcome is the outcome itself");
        QTest::newRow("score") << feature << QStringLiteral("plane_seats, plane_engine, score]")
                               << QStringLiteral("train-delay.yaml:42: feature score is a field of the prediction log");
        QTest::newRow("range") << QStringLiteral("range: [-60, 150]") << QStringLiteral("range: [20, 150]")
                               << QStringLiteral("temp_f: ");
        QTest::newRow("missing") << QStringLiteral("range: [1, 1000], maximum_missing: 0.4")
                                 << QStringLiteral("range: [1, 1000], maximum_missing: 0.1")
                                 << QStringLiteral("plane_seats: 15.");
        QTest::newRow("rows") << QStringLiteral("minimum_rows: 5000") << QStringLiteral("minimum_rows: 500000")
                              << QStringLiteral("too few rows: 76,");
        QTest::newRow("type") << QStringLiteral("carrier: {type: text") << QStringLiteral("carrier: {type: number")
                              << QStringLiteral("carrier: the rows hold a text, declared is a number");
        QTest::newRow("duplicates") << QStringLiteral("key: [request_id]") << QStringLiteral("key: [carrier]")
                                    << QStringLiteral("duplicates: 76,");
        QTest::newRow("one class") << QStringLiteral("label: outcome")
                                   << QStringLiteral("label: {column: outcome, above: 7}")
                                   << QStringLiteral("one class only: the outcome is 0 in all 76,");
    }
    void refusedByName() {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, reason);
        const auto run = m_bench->run(with(yaml(), from.toStdString(), to.toStdString()), kApril);
        QVERIFY2(run, run ? "" : run.error().text().c_str());
        QCOMPARE(run->state, RunState::Refused);
        QCOMPARE(run->tasks[1].state, TaskState::Refused);
        QVERIFY2(QString::fromStdString(run->tasks[1].error).contains(reason), run->tasks[1].error.c_str());
        QCOMPARE(run->result, "validate refused: " + run->tasks[1].error);
        QCOMPARE(run->tasks[2].state, TaskState::Skipped);
    }

    /// Outcomes that become known later do not exist yet, wherever the replay stands.
    void onlyWhatIsKnown() {
        const auto digest = [&](Timestamp start) {
            const auto run = m_bench->run(with(yaml(), "minimum_rows: 5000", "minimum_rows: 999999"), start);
            for (const auto& value : run->tasks[0].outputs)
                if (value.name == "digest") return value.value;
            return std::string("?");
        };
        const std::string then = digest(kApril);
        Bench early;
        QVERIFY(test::logFlights(*early.database, test::flightsUntil(kApril)));
        const auto run = early.run(with(yaml(), "minimum_rows: 5000", "minimum_rows: 999999"), kApril);
        QVERIFY(run);
        QCOMPARE(run->tasks[0].outputs.back().value, then);
        QVERIFY(then != digest(kMay));
    }

    /// From a file, by the command line's way, on the real data.
    void fromCsv() {
        Bench bench;
        const QString path = bench.folder.filePath(QStringLiteral("flights.csv"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(
            "scheduled_departure,carrier,origin,dest,distance_mi,hour,weekday,temp_f,wind_speed_mph,precip_in,"
            "visibility_mi,plane_year,dep_delay_min,arr_delay_min\n");
        const ports::RowSet flights = test::flightsUntil(kApril);
        const auto number = [](double v) { return std::isnan(v) ? QByteArray() : QByteArray::number(v); };
        for (std::size_t r = 0; r < flights.rows; ++r) {
            QByteArray line =
                QByteArray::fromStdString(Timestamp{flights.find("scheduled_departure")->times[r]}.toIso());
            for (const char* text : {"carrier", "origin", "dest"})
                line += ',' + QByteArray::fromStdString(std::string(flights.find(text)->text(r)));
            for (const char* n : {"distance_mi", "hour", "weekday", "temp_f", "wind_speed_mph", "precip_in",
                                  "visibility_mi", "plane_year", "dep_delay_min", "arr_delay_min"})
                line += ',' + number(flights.find(n)->numbers[r]);
            file.write(line + '\n');
        }
        file.close();
        const auto definition =
            parsePipeline(test::resourceText(QStringLiteral(":/pipelines/train-from-csv.yaml")), "c.yaml");
        QVERIFY(definition);
        int seen = 0;
        const auto run = runNow(bench.workspace, *definition, {"manual", "", "", {{"file", path.toStdString()}}}, {},
                                [&](const ports::Run&) { ++seen; });
        QVERIFY2(run, run ? "" : run.error().text().c_str());
        QVERIFY2(run->state == RunState::Succeeded, run->result.c_str());
        QCOMPARE(run->result, std::string("v1 registered"));
        QVERIFY(seen > 16);
        QVERIFY(bench.version("v1").metric("auc")->value > 0.6);
        QVERIFY(
            !*workspace::registry::aliasAt(*bench.database, "delay", ports::kChampion, kTimestampMax - Duration(1)));

        // A fault in the file ends the run with its place.
        QVERIFY(file.open(QIODevice::Append));
        file.write("2013-02-28T10:00:00Z,UA,EWR,IAH,1400,5,4,warm,1,0,10,1999,1,1\n");
        file.close();
        const auto broken =
            runNow(bench.workspace, *definition, {"manual", "", "", {{"file", path.toStdString()}}}, {});
        QVERIFY(broken);
        QCOMPARE(broken->state, RunState::Failed);
        QCOMPARE(broken->tasks[0].error,
                 "flights.csv:" + std::to_string(flights.rows + 2) + ": temp_f: \"warm\" is not a number");
    }
};

QTEST_GUILESS_MAIN(TestPipeline)
#include "tst_pipeline.moc"
