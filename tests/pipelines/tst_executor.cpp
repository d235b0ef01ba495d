// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <thread>

#include "models/pipelines/executor.h"
#include "models/pipelines/run_store.h"
#include "models/pipelines/step.h"
#include "models/workspace/registry_store.h"

using namespace pilothouse;
using namespace pilothouse::pipelines;
using ports::RunState;
using ports::TaskState;

namespace {

constexpr const char* kYaml = R"(pipeline: p
model: m
parameters: {fail: "", refuse: "", block: ""}
tasks:
  - {name: read, step: make, with: {fail: "${fail}", refuse: "${refuse}", block: "${block}"}}
  - {name: left, step: make, after: [read], weight: 3, with: {fail: "${fail}", refuse: "${refuse}", block: "${block}"}}
  - {name: right, step: make, after: [read], with: {fail: "${fail}", refuse: "${refuse}", block: "${block}"}}
  - {name: join, step: make, after: [left, right], with: {fail: "${fail}", refuse: "${refuse}", block: "${block}"}}
  - {name: publish, step: publish, after: [join]}
)";

const Timestamp kStart = *Timestamp::parseIso("2013-04-01T04:00:00Z");

/// Steps that leave a trace, and end as the parameters say.
struct Fakes {
    StepRegistry registry;
    std::vector<std::string> trace;
    std::function<void(const std::string& task)> onRun;

    Fakes() {
        registry.add("make", {[this](StepContext& c) { return make(c); }, {"fail", "refuse", "block"}, {}, {}});
        registry.add("publish", {[this](StepContext& c) { return publish(c); }, {}, {}, {}});
    }
    Result<StepResult> make(StepContext& c) {
        trace.push_back(c.task);
        if (onRun) onRun(c.task);
        c.log("making " + c.task);
        c.progress(0.5);
        c.log("half of " + c.task);
        std::string value = c.task;
        if (c.hasInput("value")) {
            PH_ASSIGN(const std::string before, c.input("value"));
            value += "(" + before + ")";
        }
        c.output("value", value);
        if (c.parameters.text("block") == c.task)
            while (c.check())
                std::this_thread::yield();
        PH_TRY(c.check());
        if (c.parameters.text("fail") == c.task) return fail(Error::invalid("cannot make " + c.task, "f.csv:3"));
        if (c.parameters.text("refuse") == c.task) return StepResult::refuse("value 1, limit: above 2");
        PH_ASSIGN(const auto digest, workspace::artifacts::put(
                                         *c.workspace, *c.database,
                                         std::span(reinterpret_cast<const std::uint8_t*>(value.data()), value.size()),
                                         "text/plain", c.taskEnd));
        c.output("file", digest, "sha256");
        return StepResult::done();
    }
    Result<StepResult> publish(StepContext& c) {
        trace.push_back(c.task);
        if (onRun) onRun(c.task);
        PH_ASSIGN(const std::string value, c.input("value"));
        c.onCommit([&c, value](workspace::Database& database) -> Status {
            PH_TRY(workspace::Workspace::setSetting(database, "published", value + " at " + c.runEnd.toIso()));
            c.output("published", "v7");
            c.setProducedVersion("v7");
            c.setResult("v7 deployed");
            return {};
        });
        return StepResult::done();
    }
};

struct Bench {
    QTemporaryDir folder;
    std::shared_ptr<workspace::Workspace> workspace;
    std::unique_ptr<workspace::Database> database;
    Fakes fakes;
    PipelineDefinition definition;
    RunTiming timing{kStart, std::chrono::minutes(30)};

    Bench() {
        auto made = workspace::Workspace::create(folder.filePath(u"w.pilothouse"_qs).toStdString(), ClockKind::Logical,
                                                 "America/New_York");
        if (!made) qFatal("%s", made.error().text().c_str());
        workspace = *made;
        workspace->setSimulatedNow(kStart);
        database = std::move(*workspace->connect());
        auto read = parsePipeline(kYaml, "p.yaml", &fakes.registry);
        if (!read) qFatal("%s", read.error().text().c_str());
        definition = *read;
    }
    std::int64_t create(std::map<std::string, std::string> parameters = {}) {
        auto transaction = *workspace::Transaction::begin(*database);
        const auto id =
            Executor::create(*database, definition, {"manual", "", "because", std::move(parameters)}, kStart);
        if (!id || !transaction.commit()) qFatal("cannot create a run");
        return *id;
    }
    Result<ports::Run> run(std::int64_t id, CancellationToken token = {}) {
        Executor executor(workspace, &fakes.registry);
        auto future = executor.start(id, timing, token);
        future.waitForFinished();
        return future.result();
    }
    /// What the tables say, in words; measured time left out.
    QString record(std::int64_t id, bool attempts = true) {
        const ports::Run run = *readRun(*database, id);
        const auto at = [](const std::optional<Timestamp>& t) {
            return t ? QString::number((*t - kStart).count() / 1'000'000'000) : u"-"_qs;
        };
        QString out = QString::fromLatin1(ports::toString(run.state)) + u' ' + at(run.started) + u'-' +
                      at(run.finished) + u" ["_qs + QString::fromStdString(run.result) + u"] "_qs +
                      QString::fromStdString(run.producedVersion);
        for (const ports::Task& t : run.tasks) {
            out += u'\n' + QString::fromStdString(t.name) + u' ' + QString::fromLatin1(ports::toString(t.state));
            if (attempts && t.attempt > 1) out += u" #"_qs + QString::number(t.attempt);
            out += u' ' + at(t.started) + u'-' + at(t.finished);
            for (const auto& v : t.inputs)
                out += u" <"_qs + QString::fromStdString(v.name + "=" + v.value);
            for (const auto& v : t.outputs)
                if (v.unit.empty()) out += u" >"_qs + QString::fromStdString(v.name + "=" + v.value);
            if (!t.error.empty()) out += u" !"_qs + QString::fromStdString(t.error);
        }
        return out;
    }
};

const QString kWhole =
    u"succeeded 0-1800 [v7 deployed] v7\n"
    u"read succeeded 0-300 >value=read\n"
    u"left succeeded 300-1200 <value=read >value=left(read)\n"
    u"right succeeded 300-600 <value=read >value=right(read)\n"
    u"join succeeded 1200-1500 <value=left(read) >value=join(left(read))\n"
    u"publish succeeded 1500-1800 <value=join(left(read)) >published=v7"_qs;

}  // namespace

class TestExecutor : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void runs() {
        Bench bench;
        const auto id = bench.create();
        QCOMPARE(bench.record(id),
                 u"queued --- [] \nread waiting ---\nleft waiting ---\nright waiting ---\njoin waiting ---\n"
                 u"publish waiting ---"_qs);
        QStringList events;
        Executor executor(bench.workspace, &bench.fakes.registry);
        executor.setObserver([&](std::int64_t runId) {
            auto reader = bench.workspace->connect(true);
            const ports::Run run = *readRun(**reader, runId);
            QString event = QString::fromLatin1(ports::toString(run.state)).left(1);
            for (const auto& t : run.tasks)
                event += QString::fromLatin1(ports::toString(t.state)).left(1);
            events += event;
        });
        auto future = executor.start(id, bench.timing, {});
        future.waitForFinished();
        const auto run = future.result();
        QVERIFY2(run, run ? "" : run.error().text().c_str());
        QCOMPARE(run->state, RunState::Succeeded);
        QCOMPARE(run->tasks.size(), std::size_t(5));
        QCOMPARE(bench.record(id), kWhole);
        // Each change of a state was there for another reader before the next began.
        QCOMPARE(events,
                 (QStringList{u"rwwwww"_qs, u"rrwwww"_qs, u"rswwww"_qs, u"rsrwww"_qs, u"rsswww"_qs, u"rssrww"_qs,
                              u"rsssww"_qs, u"rsssrw"_qs, u"rssssw"_qs, u"rssssr"_qs, u"rsssss"_qs, u"ssssss"_qs}));
        QCOMPARE(*workspace::Workspace::setting(*bench.database, "published"),
                 std::optional<std::string>("join(left(read)) at 2013-04-01T04:30:00Z"));
        const auto log = readLog(*bench.database, id, "left", 0);
        QVERIFY(log);
        QCOMPARE(log->size(), std::size_t(2));
        QCOMPARE((*log)[0].text, std::string("making left"));
        QCOMPARE((*log)[0].time, kStart + std::chrono::seconds(300));
        QCOMPARE((*log)[1].time, kStart + std::chrono::seconds(750));  // half way through its time
        const auto list = listRuns(*bench.database, 10);
        QCOMPARE(list->size(), std::size_t(1));
        QCOMPARE((*list)[0].cause, std::string("because"));
        const auto again = bench.run(id);
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::Conflict);
        QCOMPARE(bench.run(77).error().kind, ErrorKind::NotFound);
    }

    void failsAndSkips() {
        Bench bench;
        const auto id = bench.create({{"fail", "left"}});
        QCOMPARE(bench.run(id)->state, RunState::Failed);
        QCOMPARE(bench.record(id),
                 u"failed 0-1200 [left failed: f.csv:3: cannot make left] \n"
                 u"read succeeded 0-300 >value=read\n"
                 u"left failed 300-1200 <value=read >value=left(read) !f.csv:3: cannot make left\n"
                 u"right succeeded 300-600 <value=read >value=right(read)\n"
                 u"join skipped ---\npublish skipped ---"_qs);
        const auto log = readLog(*bench.database, id, "left", 0);
        QCOMPARE(log->back().level, std::string("error"));
    }

    void refusalIsAnOutcome() {
        Bench bench;
        const auto id = bench.create({{"refuse", "join"}});
        const auto run = bench.run(id);
        QVERIFY(run);
        QCOMPARE(run->state, RunState::Refused);
        QCOMPARE(run->result, std::string("join refused: value 1, limit: above 2"));
        QCOMPARE(run->tasks[3].state, TaskState::Refused);
        QCOMPARE(run->tasks[4].state, TaskState::Skipped);
        QCOMPARE(*workspace::Workspace::setting(*bench.database, "published"), std::optional<std::string>());
    }

    void cancels() {
        Bench bench;
        const auto id = bench.create({{"block", "left"}});
        CancellationSource source;
        bench.fakes.onRun = [&](const std::string& task) {
            if (task == "left") source.cancel();
        };
        const auto run = bench.run(id, source.token());
        QVERIFY(run);
        QCOMPARE(bench.record(id),
                 u"cancelled 0-1200 [cancelled during left] \n"
                 u"read succeeded 0-300 >value=read\n"
                 u"left cancelled 300-1200 <value=read >value=left(read) !the run was cancelled\n"
                 u"right cancelled --- !the run was cancelled\njoin cancelled --- !the run was cancelled\n"
                 u"publish cancelled --- !the run was cancelled"_qs);
    }

    /// The program ends in the middle of a task: the run stays "running", and the next executor goes on.
    void stopLeavesItToBeGoneOnWith() {
        Bench bench;
        const auto id = bench.create({{"block", "left"}});
        {
            Executor executor(bench.workspace, &bench.fakes.registry);
            std::atomic<bool> there = false;
            bench.fakes.onRun = [&](const std::string& task) { there = there || task == "left"; };
            auto future = executor.start(id, bench.timing, {});
            while (!there)
                std::this_thread::yield();
            executor.stop();
            QVERIFY(isCancelled(future.result()));
        }
        QCOMPARE(readRun(*bench.database, id)->state, RunState::Running);
        QCOMPARE(*unfinishedRuns(*bench.database), std::vector<std::int64_t>{id});
        bench.fakes.onRun = {};
        QVERIFY(bench.database->run("UPDATE run SET parameters = '{\"fail\":\"\",\"refuse\":\"\",\"block\":\"\"}'"));
        bench.timing.start = kStart + std::chrono::hours(5);  // the first start holds
        QVERIFY(bench.run(id));
        QCOMPARE(bench.record(id, false), kWhole);
        QCOMPARE(readRun(*bench.database, id)->tasks[1].attempt, 2);
        QCOMPARE(bench.fakes.trace, (std::vector<std::string>{"read", "left", "left", "right", "join", "publish"}));
        QVERIFY(unfinishedRuns(*bench.database)->empty());
    }

    /// As if the process had been killed at each durable state in turn: what is left in the file leads to the same end.
    void killedAtEveryBoundary() {
        // Each durable state of an undisturbed run, as the file holds it then.
        Bench whole;
        const auto id = whole.create();
        std::vector<QString> states;
        QTemporaryDir copies;
        Executor executor(whole.workspace, &whole.fakes.registry);
        executor.setObserver([&](std::int64_t) {
            const QString path = copies.filePath(QString::number(states.size()) + u".pilothouse"_qs);
            auto reader = whole.workspace->connect();
            if (!(*reader)->run("VACUUM INTO ?1", path.toStdString())) qFatal("cannot copy");
            states.push_back(path);
        });
        executor.start(id, whole.timing, {}).waitForFinished();
        QCOMPARE(whole.record(id), kWhole);
        QCOMPARE(states.size(), std::size_t(12));
        const QString artifacts = QString::fromStdString(whole.workspace->artifactFolder());
        for (std::size_t i = 0; i + 1 < states.size(); ++i) {
            QVERIFY(QFile::link(artifacts, states[i] + u".artifacts"_qs));
            Bench bench;
            bench.database.reset();
            bench.workspace = *workspace::Workspace::open(states[i].toStdString());
            bench.workspace->setSimulatedNow(kStart);
            bench.database = std::move(*bench.workspace->connect());
            const auto run = bench.run(id);
            QVERIFY2(run, run ? "" : run.error().text().c_str());
            QCOMPARE(bench.record(id, false), kWhole);
            QCOMPARE(*workspace::Workspace::setting(*bench.database, "published"),
                     std::optional<std::string>("join(left(read)) at 2013-04-01T04:30:00Z"));
            // Two states a task (running, done) after the first: what was done is not done again.
            QCOMPARE(bench.fakes.trace.size(), 5 - i / 2);
        }
    }

    void anArtifactThatIsGoneIsMadeAgain() {
        Bench bench;
        const auto id = bench.create({{"block", "join"}});
        {
            Executor executor(bench.workspace, &bench.fakes.registry);
            std::atomic<bool> there = false;
            bench.fakes.onRun = [&](const std::string& task) { there = there || task == "join"; };
            auto future = executor.start(id, bench.timing, {});
            while (!there)
                std::this_thread::yield();
            executor.stop();
        }
        std::string digest;
        const ports::Run halted = *readRun(*bench.database, id);
        for (const auto& value : halted.tasks[1].outputs)
            if (value.unit == "sha256") digest = value.value;
        const QString hex = QString::fromStdString(digest.substr(7));
        const QString file =
            QString::fromStdString(bench.workspace->artifactFolder()) + u'/' + hex.left(2) + u'/' + hex.mid(2);
        QVERIFY2(QFile::remove(file), qPrintable(file));
        QVERIFY(bench.database->run("UPDATE run SET parameters = '{\"fail\":\"\",\"refuse\":\"\",\"block\":\"\"}'"));
        bench.fakes.onRun = {};
        bench.fakes.trace.clear();
        QVERIFY(bench.run(id));
        QCOMPARE(bench.fakes.trace, (std::vector<std::string>{"left", "join", "publish"}));
        QCOMPARE(bench.record(id, false), kWhole);
    }

    /// With no duration, times are those of the clock as it goes.
    void onTheClock() {
        Bench bench;
        bench.timing = {kStart, {}};
        bench.fakes.onRun = [&](const std::string&) {
            bench.workspace->setSimulatedNow(bench.workspace->now() + std::chrono::seconds(10));
        };
        const auto id = bench.create();
        QVERIFY(bench.run(id));
        const ports::Run run = *readRun(*bench.database, id);
        QCOMPARE(*run.started, kStart);
        QCOMPARE(*run.finished, kStart + std::chrono::seconds(50));
        QCOMPARE(*run.tasks[1].started, kStart + std::chrono::seconds(10));
        QCOMPARE(*run.tasks[1].finished, kStart + std::chrono::seconds(20));
    }

    void unknownParameterIsRefusedAtOnce() {
        Bench bench;
        const auto id =
            Executor::create(*bench.database, bench.definition, {"manual", "", "", {{"speed", "1"}}}, kStart);
        QVERIFY(!id);
        QVERIFY(id.error().message.find("no parameter \"speed\"") != std::string::npos);
    }

    void definitionOfAnotherVersion() {
        Bench bench;
        const auto id = bench.create();
        QVERIFY(bench.database->run("UPDATE run SET definition = replace(definition, 'step: make', 'step: future')"));
        const auto run = bench.run(id);
        QVERIFY(run);
        QCOMPARE(run->state, RunState::Failed);
        const ports::Run record = *readRun(*bench.database, id);
        QCOMPARE(record.state, RunState::Failed);
        QVERIFY(record.result.find("unknown step \"future\"") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestExecutor)
#include "tst_executor.moc"
