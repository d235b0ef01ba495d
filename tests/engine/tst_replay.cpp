// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/replay.h"

#include <QTextStream>

#include "models/engine/report.h"
#include "models/monitoring/monitor_reader.h"
#include "models/statistics/random.h"
#include "models/workspace/registry_store.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::engine;
using namespace std::chrono_literals;

namespace {

Timestamp at(const char* iso) { return *Timestamp::parseIso(iso); }

/// A year of its own: a few flights a day from January on, one in ten cancelled, late by a rule that temperature knows
/// of.
bool writeFlights(const std::string& path, int days) {
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::WriteOnly)) return false;
    QTextStream out(&file);
    out << "scheduled_departure,carrier,flight,tailnum,origin,dest,distance_mi,hour,weekday,month,temp_f,dewpoint_f,"
           "humidity_pct,wind_dir_deg,wind_speed_mph,wind_gust_mph,precip_in,pressure_mb,visibility_mi,plane_year,"
           "plane_seats,"
           "plane_engine,dep_delay_min,air_time_min,arr_delay_min\n";
    statistics::Random random(3);
    for (int day = 0; day < days; ++day) {
        for (int i = 0; i < 40; ++i) {
            const Timestamp t = at("2013-01-01T10:00:00Z") + day * 24h + i * 20min;
            const double temperature = 30 + 0.3 * day + 10 * random.uniform();
            const bool flown = random.uniform() > 0.1;
            const int delay = static_cast<int>(60 * random.uniform() * random.uniform()) - 5;
            out << QString::fromStdString(t.toIso()) << ",UA," << 100 + i << ",N" << i << "," << (i % 2 ? "EWR" : "JFK")
                << ",IAH,1400," << (5 + i / 3) % 24 << "," << (day + 1) % 7 + 1 << ",1," << temperature
                << ",20,50,250,10,,0,1012,10,1999,149,Turbo-fan,";
            if (flown)
                out << delay << ",200," << delay << "\n";
            else
                out << ",,\n";
        }
    }
    return true;
}

/// Runs that end at once: the first and every second one make a version, the others are refused.
class FakeRuns final : public RunService {
public:
    explicit FakeRuns(std::shared_ptr<workspace::Workspace> w, bool refuseAll)
        : m_workspace(std::move(w)), m_refuseAll(refuseAll) {}
    Result<std::int64_t> create(workspace::Database& database, const std::string& pipeline,
                                const pipelines::Trigger& trigger, Timestamp now) override {
        PH_TRY(database.run(
            "INSERT INTO run (pipeline, model, state, trigger_kind, trigger_ref, cause, created, definition) "
            "VALUES (?, 'delay', 'queued', ?, ?, ?, ?, '')",
            pipeline, trigger.kind, trigger.ref, trigger.cause, now));
        return database.lastInsertId();
    }
    QFuture<Result<ports::Run>> start(std::int64_t run, pipelines::RunTiming timing, CancellationToken) override {
        return QtFuture::makeReadyFuture(execute(run, timing));
    }
    void stop() override {}
    void setObserver(std::function<void()>) override {}

private:
    Result<ports::Run> execute(std::int64_t run, pipelines::RunTiming timing) {
        PH_ASSIGN(const auto database, m_workspace->connect());
        PH_ASSIGN(auto transaction, workspace::Transaction::begin(*database));
        const Timestamp end = timing.start + timing.duration;
        const bool refused = m_refuseAll || run % 2 == 0;
        if (!refused) PH_TRY(deploy(*database, run, timing.start, end));
        PH_TRY(database->run("UPDATE run SET state = ?, finished = ?, result = ? WHERE id = ?",
                             refused ? "refused" : "succeeded", end, refused ? "gate refused" : "deployed", run));
        PH_TRY(transaction.commit());
        return ports::Run{};
    }
    Status deploy(workspace::Database& database, std::int64_t run, Timestamp start, Timestamp end) {
        PH_TRY(workspace::registry::modelId(database, "delay", end));
        ports::ModelVersion v;
        v.model = "delay";
        PH_ASSIGN(v.version, workspace::registry::nextVersion(database, "delay"));
        v.created = end;
        v.runId = std::to_string(run);
        v.task = "binary";
        v.positiveClass = "late";
        v.features = {"temp_f", "origin"};
        v.trainedOn = {start - 90 * 24h, start};
        v.metrics = {{"auc", 0.7, 0.68, 0.72, 1000}};
        PH_ASSIGN(const auto profile, profileOf(start));
        const std::string json = statistics::toJson(profile);
        PH_ASSIGN(v.profileDigest,
                  workspace::artifacts::put(*m_workspace, database,
                                            {reinterpret_cast<const std::uint8_t*>(json.data()), json.size()},
                                            "application/json", end));
        PH_TRY(workspace::registry::addVersion(database, v));
        return workspace::registry::setAlias(database, "delay", ports::kChampion, v.version, end, "run " + v.runId, "");
    }
    /// What the three months before looked like.
    static Result<statistics::Profile> profileOf(Timestamp start) {
        statistics::Random random(5);
        const double day = std::chrono::duration<double>(start - at("2013-01-01")).count() / 86'400;
        std::vector<double> temperatures, scores;
        std::vector<std::uint32_t> origins;
        for (int i = 0; i < 3'000; ++i) {
            temperatures.push_back(30 + 0.3 * (day - 90 * random.uniform()) + 10 * random.uniform());
            scores.push_back(random.uniform());
            origins.push_back(i % 2);
        }
        const std::vector<std::string> names{"JFK", "EWR"};
        statistics::Profile profile;
        profile.model = "delay";
        profile.rows = 3'000;
        profile.columns = {statistics::profileNumeric("temp_f", temperatures, {}, {}),
                           statistics::profileCategorical("origin", origins, names, {}, {}),
                           statistics::profileNumeric("score", scores, {}, {})};
        return profile;
    }

    std::shared_ptr<workspace::Workspace> m_workspace;
    bool m_refuseAll;
};

class FakeScorer final : public ScoreSource {
public:
    explicit FakeScorer(double shift) : m_shift(shift) {}
    Result<std::vector<double>> score(const ports::RowSet& rows, std::span<const std::size_t> indices,
                                      std::span<double> latenciesMs) override {
        const auto* temperature = rows.find("temp_f");
        std::vector<double> out;
        for (const std::size_t row : indices)
            out.push_back(std::fmod(temperature->numbers[row] * 7.31 + m_shift, 1.0));
        static double measured = 0;  // never twice the same: latency must not be part of the digest
        for (double& ms : latenciesMs)
            ms = measured += 0.001;
        return out;
    }

private:
    double m_shift;
};

}  // namespace

/// The loop with runs and scores of the test's own: what comes out does not depend on how time was cut up.
class TestReplay : public QObject {
    Q_OBJECT

    std::unique_ptr<test::Folder> m_folder;
    std::string m_data;
    int m_made = 0;

    std::shared_ptr<workspace::Workspace> demo(int days = 140) {
        DemoOptions options;
        options.data = m_data;
        options.days = days;
        auto made = createDemo(m_folder->file((std::to_string(++m_made) + ".pilothouse").c_str()), options);
        if (!made) qFatal("%s", made.error().text().c_str());
        return *made;
    }
    static std::unique_ptr<Replay> open(const std::shared_ptr<workspace::Workspace>& workspace,
                                        bool refuseAll = false) {
        Parts parts;
        parts.runs = std::make_unique<FakeRuns>(workspace, refuseAll);
        parts.loadScorer = [](const ports::ModelVersion& v) -> Result<std::unique_ptr<ScoreSource>> {
            return std::make_unique<FakeScorer>(0.01 * static_cast<double>(v.version.size() + v.version.back()));
        };
        auto replay = Replay::open(workspace, std::move(parts), {});
        if (!replay) qFatal("%s", replay.error().text().c_str());
        return std::move(*replay);
    }
    /// One turn of the loop: to the boundary, or `step` towards it.
    static Status turn(Replay& replay, Duration step) {
        PH_ASSIGN([[maybe_unused]] const bool commands, replay.takeCommands());
        if (replay.now() >= replay.boundary()) return replay.judge();
        return replay.advance(step.count() > 0 ? std::min(replay.boundary(), replay.now() + step) : replay.boundary());
    }
    static Status runUntil(Replay& replay, Timestamp until, Duration step = {}) {
        while (!replay.finished() && replay.now() < until)
            PH_TRY(turn(replay, step));
        return {};
    }
    static std::string digest(workspace::Workspace& workspace) {
        const auto database = workspace.connect(true);
        const auto digest = digestOf(**database, "delay");
        return digest ? *digest : digest.error().text();
    }
    static std::int64_t number(workspace::Workspace& workspace, const std::string& sql) {
        const auto database = workspace.connect(true);
        return (*database)->integer(sql).value().value_or(-1);
    }

private Q_SLOTS:
    void init() {
        test::failOnWarnings();
        m_folder = std::make_unique<test::Folder>();
        m_data = m_folder->file("flights.csv");
        QVERIFY(writeFlights(m_data, 140));
    }

    void stepsPausesAndEndsDoNotMatter() {
        const auto plain = demo();
        {
            auto replay = open(plain);
            PH_VERIFY(runUntil(*replay, kTimestampMax));
            QVERIFY(replay->finished());
        }
        const std::string expected = digest(*plain);
        QCOMPARE(expected.size(), 64u);
        QVERIFY(number(*plain, "SELECT count(*) FROM run") >= 3);
        QVERIFY(number(*plain, "SELECT count(*) FROM model_version") >= 2);
        for (const Duration step : {Duration(2h + 13min + 7s), Duration(5h + 1ns)}) {
            const auto other = demo();
            auto replay = open(other);
            PH_VERIFY(runUntil(*replay, kTimestampMax, step));
            replay.reset();
            QCOMPARE(digest(*other), expected);
        }
        // Let go of and opened again at any turn, as after the process ended.
        const auto broken = demo();
        statistics::Random random(9);
        for (bool done = false; !done;) {
            auto replay = open(broken);
            for (std::uint64_t turns = random.below(60); turns > 0 && !done; --turns) {
                PH_VERIFY(turn(*replay, random.below(3) ? Duration{} : Duration(3h)));
                done = replay->finished();
            }
        }
        QCOMPARE(digest(*broken), expected);
    }

    void historyAndFirstVersion() {
        const auto workspace = demo(100);
        auto replay = open(workspace);
        PH_VERIFY(runUntil(*replay, at("2013-04-01T04:00:00Z")));
        PH_VERIFY(turn(*replay, {}));
        QVERIFY(replay->run().has_value());
        QVERIFY(replay->run()->time == (TimeRange{at("2013-04-01T04:00:00Z"), at("2013-04-01T04:30:00Z")}));
        QVERIFY(replay->boundary() == at("2013-04-01T04:30:00Z"));
        PH_VERIFY(runUntil(*replay, kTimestampMax));
        const auto database = workspace->connect(true);
        const auto report = makeReport(**database, *workspace, 1.5);
        PH_VERIFY(report);
        const QJsonObject rows = (*report)[QLatin1String("rows")].toObject();
        QCOMPARE(rows[QLatin1String("flights")].toInt(), 4'000);
        QCOMPARE(rows[QLatin1String("history")].toInt(), 3'600);
        QCOMPARE(rows[QLatin1String("predicted")].toInt(), 400);
        QCOMPARE(rows[QLatin1String("unscored")].toInt(), 0);
        QVERIFY((*report)[QLatin1String("finished")].toBool());
        const QJsonObject version = (*report)[QLatin1String("versions")].toArray().at(0).toObject();
        QCOMPARE(version[QLatin1String("created")].toString(), QStringLiteral("2013-04-01T04:30:00Z"));
        QCOMPARE((*report)[QLatin1String("months")].toArray().size(), 4);
    }

    void outcomesKeepTheirTime() {
        const auto workspace = demo(30);
        auto replay = open(workspace);
        const Timestamp noon = at("2013-01-10T17:00:00Z");
        PH_VERIFY(runUntil(*replay, noon - 12h));
        PH_VERIFY(runUntil(*replay, noon, 20min));
        QVERIFY(replay->now() >= noon && replay->now() < noon + 20min);
        QCOMPARE(number(*workspace,
                        "SELECT count(*) FROM truth_batch WHERE last_known >= " + std::to_string(replay->now().ns)),
                 0);
        // A flight that left four hours ago has landed; one that left just now has not.
        const auto newest = number(*workspace, "SELECT max(last_known) FROM truth_batch");
        QVERIFY(newest > (replay->now() - 2h).ns);
        QVERIFY(workspace->now() == replay->now());
    }

    void aRefusalIsTriedAgainAfterTheCoolDown() {
        const auto workspace = demo();
        auto replay = open(workspace, true);
        PH_VERIFY(runUntil(*replay, kTimestampMax));
        const auto database = workspace->connect(true);
        auto statement = (*database)->prepare("SELECT started, trigger_kind, state FROM run ORDER BY id");
        PH_VERIFY(statement);
        std::vector<Timestamp> starts;
        while (*statement->step()) {
            starts.push_back(statement->timestamp(0));
            QCOMPARE(statement->text(1), std::string("start"));
            QCOMPARE(statement->text(2), std::string("refused"));
        }
        QCOMPARE(starts.size(), 4u);  // 1, 15 and 29 April, 13 May
        for (std::size_t i = 1; i < starts.size(); ++i)
            QVERIFY(starts[i] - starts[i - 1] == 14 * 24h);
        const auto report = makeReport(**database, *workspace, 0);
        PH_VERIFY(report);
        QCOMPARE((*report)[QLatin1String("rows")].toObject()[QLatin1String("predicted")].toInt(), 0);
        QCOMPARE((*report)[QLatin1String("rows")].toObject()[QLatin1String("unscored")].toInt(), 50 * 40);
    }

    void anAlertTriggersAndANewVersionResolvesIt() {
        const auto workspace = demo();
        auto replay = open(workspace);
        PH_VERIFY(runUntil(*replay, kTimestampMax));
        const auto database = workspace->connect(true);
        auto runs = (*database)->prepare(
            "SELECT r.started, a.firing_since, r.cause, r.state FROM run r JOIN alert a ON "
            "r.trigger_ref = a.id WHERE r.trigger_kind = 'alert' ORDER BY r.id");
        PH_VERIFY(runs);
        int seen = 0;
        while (*runs->step()) {
            ++seen;
            QVERIFY(runs->timestamp(1) <= runs->timestamp(0));
            QVERIFY2(runs->text(2).find(" firing since ") != std::string::npos, runs->text(2).c_str());
        }
        QVERIFY(seen >= 2);
        // After each version but the first: the alerts about the one before were resolved at that moment.
        const auto periods = workspace::registry::aliasHistory(**database, "delay");
        PH_VERIFY(periods);
        for (std::size_t i = 1; i < periods->size(); ++i) {
            const auto resolved = (*database)->integer(
                "SELECT count(*) FROM alert_event WHERE state = 'resolved' AND at = ? AND "
                "text = ?",
                (*periods)[i].from, (*periods)[i].version + " replaced the reference");
            PH_VERIFY(resolved);
            QVERIFY(resolved->value_or(0) >= 1);
        }
    }

    void commandsAreTakenUp() {
        const auto workspace = demo(100);
        auto replay = open(workspace);
        PH_VERIFY(runUntil(*replay, at("2013-02-01T12:34:00Z"), 11min));
        const Timestamp asked = replay->now();
        {
            const auto database = workspace->connect();
            PH_VERIFY(
                (*database)->run("INSERT INTO run (pipeline, state, trigger_kind, created, definition) VALUES "
                                 "('train-delay', 'queued', 'manual', ?, '')",
                                 asked));
            PH_VERIFY((*database)->run(
                "INSERT INTO command (queued, kind, body, state) VALUES (?, 'trigger', '{\"run\":1}', 'queued')",
                asked));
            PH_VERIFY((*database)->run(
                "INSERT INTO command (queued, kind, body, state) VALUES (?, 'cancel', '{\"run\":7}', 'queued')",
                asked));
        }
        const auto taken = replay->takeCommands();
        PH_VERIFY(taken);
        QVERIFY(*taken);
        QVERIFY(replay->run().has_value());
        QVERIFY(replay->run()->time.start == asked);
        QVERIFY(replay->boundary() == asked + 30min);
        QCOMPARE(number(*workspace, "SELECT count(*) FROM command WHERE state = 'done'"), 2);
        QCOMPARE(number(*workspace, "SELECT started FROM run WHERE id = 1"), asked.ns);
        PH_VERIFY(runUntil(*replay, asked + 31min));
        QVERIFY(!replay->run().has_value());
    }

    void noDemoNoReplay() {
        auto made = workspace::Workspace::create(m_folder->file("plain.pilothouse"), ClockKind::Simulated, "UTC");
        PH_VERIFY(made);
        QVERIFY(!isDemo(**made));
        PH_FAILS(Replay::open(*made, {}, {}), ErrorKind::NotFound, "no demo");
        QVERIFY(isDemo(*demo(10)));
    }

    void badDataIsNamed() {
        QVERIFY(test::writeBytes(m_data, "scheduled_departure,carrier\n2013-01-01T10:00:00Z,UA\n"));
        const auto workspace = demo(10);
        PH_FAILS(Replay::open(workspace, {}, {}), ErrorKind::InvalidInput, "flights.csv");
    }
};

QTEST_GUILESS_MAIN(TestReplay)
#include "tst_replay.moc"
