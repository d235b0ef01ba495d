// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QProcess>
#include <QRandomGenerator>
#include <cstdio>
#include <future>
#include <thread>

#include "models/workspace/lease.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::workspace;
using pilothouse::test::Folder;

namespace {

std::int64_t counter(Database& database, const std::string& key) {
    const auto text = Workspace::setting(database, key);
    return text && *text ? std::stoll(**text) : 0;
}

void say(const char* text) {
    std::puts(text);
    std::fflush(stdout);
}

// What this program does when a test starts it as a child.

/// Counts for ever; each number is printed once it is acknowledged.
int childCount(const std::string& path) {
    const auto workspace = Workspace::open(path);
    if (!workspace) return 1;
    for (;;) {
        std::int64_t n = 0;
        const auto written = (*workspace)->write([&](Database& d) -> Status {
            n = counter(d, "first") + 1;
            PH_TRY(Workspace::setSetting(d, "first", std::to_string(n)));
            PH_TRY(Workspace::setSetting(d, "filler", std::string(20'000, 'x')));
            return Workspace::setSetting(d, "second", std::to_string(n));
        });
        if (!written.result()) return 1;
        say(std::to_string(n).c_str());
    }
}

/// Adds one, 200 times.
int childAdd(const std::string& path) {
    const auto workspace = Workspace::open(path);
    if (!workspace) return 1;
    for (int i = 0; i < 200; ++i) {
        const auto written = (*workspace)->write([&](Database& d) {
            return Workspace::setSetting(d, "sum", std::to_string(counter(d, "sum") + 1));
        });
        if (!written.result()) return 1;
    }
    return 0;
}

/// Stops in the middle of a transaction.
int childHang(const std::string& path) {
    const auto workspace = Workspace::open(path);
    if (!workspace) return 1;
    (void)(*workspace)
        ->write([&](Database& d) -> Status {
            PH_TRY(
                Workspace::setSetting(d, "half", std::string(5'000'000, 'x')));  // more than the cache flushes at once
            say("inside");
            std::this_thread::sleep_for(std::chrono::hours(1));
            return {};
        })
        .result();
    return 0;
}

int childCreate(const std::string& path) {
    say("go");
    return Workspace::create(path, ClockKind::Real, "UTC") ? 0 : 1;
}

int childLease(const std::string& path) {
    const auto workspace = Workspace::open(path);
    if (!workspace) return 1;
    const auto lease = Lease::take(**workspace);
    say(lease ? "taken" : lease.error().text().c_str());
    std::this_thread::sleep_for(std::chrono::hours(1));
    return 0;
}

/// Leaves main while a job holds the last reference.
int childLeave(const std::string& path) {
    auto workspace = Workspace::open(path);
    if (!workspace) return 1;
    Workspace& used = **workspace;
    auto started = std::make_shared<std::promise<void>>();
    auto running = started->get_future();
    (void)used.read({}, [started, held = *std::exchange(workspace, fail(Error::cancelled()))](Database&) -> Status {
        started->set_value();
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        say("the job ended");
        return {};
    });
    running.wait();
    say("main ends");
    return 0;
}

int runChild(const std::string& task, const std::string& path) {
    if (task == "count") return childCount(path);
    if (task == "add") return childAdd(path);
    if (task == "hang") return childHang(path);
    if (task == "create") return childCreate(path);
    if (task == "lease") return childLease(path);
    if (task == "leave") return childLeave(path);
    return 64;
}

class Child {
public:
    Child(const char* task, const std::string& path) {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(QCoreApplication::applicationFilePath(),
                        {QStringLiteral("--child"), QString::fromUtf8(task), QString::fromStdString(path)});
    }
    ~Child() { kill(); }
    void kill() {
        m_process.kill();
        m_process.waitForFinished();
    }
    QByteArray line() {
        while (!m_process.canReadLine())
            if (!m_process.waitForReadyRead(30'000)) return {};
        return m_process.readLine().trimmed();
    }
    [[nodiscard]] QProcess& process() { return m_process; }

private:
    QProcess m_process;
};

}  // namespace

/// Several processes on one file, and processes that end badly.
class TestProcesses : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void killedWhileWriting() {
        const Folder folder;
        (void)Workspace::create(folder.file(), ClockKind::Real, "UTC");
        QRandomGenerator random(7);
        qint64 acknowledged = 0;
        for (int round = 0; round < 10; ++round) {
            Child child("count", folder.file());
            QByteArray last = child.line();
            QVERIFY(!last.isEmpty());
            const qint64 until = random.bounded(60);
            QElapsedTimer timer;
            timer.start();
            while (timer.elapsed() < until)
                last = child.line();
            child.kill();
            for (QByteArray line; !(line = child.process().readLine()).isEmpty();)
                if (line.endsWith('\n')) last = line.trimmed();
            QVERIFY2(last.toLongLong() > acknowledged, last.constData());
            acknowledged = last.toLongLong();

            const auto workspace = Workspace::open(folder.file());
            PH_VERIFY(workspace);
            auto database = *(*workspace)->connect();
            QVERIFY(counter(*database, "first") >= acknowledged);
            QVERIFY(counter(*database, "first") <= acknowledged + 1);  // committed, but killed before it said so
            QCOMPARE(counter(*database, "second"), counter(*database, "first"));
            QCOMPARE((*workspace)->verify({}, {})->size(), 0U);
        }
    }

    void killedInsideATransaction() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        Child child("hang", folder.file());
        QCOMPARE(child.line(), QByteArray("inside"));
        // Readers go on meanwhile.
        QCOMPARE(*workspace->read({}, [](Database& d) { return Workspace::setting(d, "half"); }).result(),
                 std::optional<std::string>());
        child.kill();
        QCOMPARE(*workspace->read({}, [](Database& d) { return Workspace::setting(d, "half"); }).result(),
                 std::optional<std::string>());
        PH_VERIFY(workspace->write([](Database& d) { return Workspace::setSetting(d, "after", "1"); }).result());
        QCOMPARE(workspace->verify({}, {})->size(), 0U);
    }

    void killedWhileCreating() {
        const Folder folder;
        QElapsedTimer timer;
        timer.start();
        (void)Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const int bound = static_cast<int>(3 * timer.elapsed()) + 2;  // about as often before its end as after
        QRandomGenerator random(11);
        int whole = 0;
        for (int round = 0; round < 12; ++round) {
            const std::string path = folder.file(("w" + std::to_string(round)).c_str());
            Child child("create", path);
            QCOMPARE(child.line(), QByteArray("go"));
            std::this_thread::sleep_for(std::chrono::milliseconds(random.bounded(bound)));
            child.kill();
            if (!test::exists(path)) continue;  // absent is fine, half is not
            const auto workspace = Workspace::open(path);
            PH_VERIFY(workspace);
            QCOMPARE((*workspace)->verify({}, {})->size(), 0U);
            ++whole;
        }
        qInfo("%d of 12 were created before the kill", whole);
    }

    void severalWriters() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const auto other = *Workspace::open(folder.file());
        Child one("add", folder.file()), two("add", folder.file());
        for (int i = 0; i < 100; ++i) {
            for (const auto& mine : {workspace, other})
                PH_VERIFY(mine->write([](Database& d) {
                                  return Workspace::setSetting(d, "sum", std::to_string(counter(d, "sum") + 1));
                              })
                              .result());
        }
        for (Child* child : {&one, &two}) {
            QVERIFY(child->process().waitForFinished(60'000));
            QCOMPARE(child->process().exitCode(), 0);
        }
        QCOMPARE(*workspace->read({}, [](Database& d) { return Workspace::setting(d, "sum"); }).result(),
                 std::optional<std::string>("600"));
    }

    void noticesTheOthersCommits() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        auto database = *workspace->connect(true);
        const auto before = *database->integer("PRAGMA data_version");
        Child child("add", folder.file());
        QVERIFY(child.process().waitForFinished(60'000));
        QVERIFY(*database->integer("PRAGMA data_version") != before);
    }

    void theProcessEndsAfterTheLastJob() {
        const Folder folder;
        (void)*Workspace::create(folder.file(), ClockKind::Real, "UTC");
        Child child("leave", folder.file());
        QCOMPARE(child.line(), QByteArray("main ends"));
        QCOMPARE(child.line(), QByteArray("the job ended"));
        QVERIFY(child.process().state() == QProcess::NotRunning || child.process().waitForFinished(10'000));
        QCOMPARE(child.process().exitStatus(), QProcess::NormalExit);
        QCOMPARE(child.process().exitCode(), 0);
    }

    void leaseOfALivingProcessIsRespected() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        Child holder("lease", folder.file());
        QCOMPARE(holder.line(), QByteArray("taken"));
        const auto refused = Lease::take(*workspace);
        PH_FAILS(refused, ErrorKind::Conflict, "runs in process " + std::to_string(holder.process().processId()));
        const auto known = *Lease::holder(**workspace->connect(true));
        QVERIFY(known.has_value());
        QCOMPARE(known->pid, holder.process().processId());

        // Gone: taken over at once, not after the heartbeat's 30 s.
        holder.kill();
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!(*Lease::holder(**workspace->connect(true))).has_value());
        const auto taken = Lease::take(*workspace);
        PH_VERIFY(taken);
        QVERIFY2(timer.elapsed() < 5'000, qPrintable(QString::number(timer.elapsed())));
        PH_VERIFY((*taken)->beat());
    }
};

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() == 4 && arguments[1] == QStringLiteral("--child"))
        return runChild(arguments[2].toStdString(), arguments[3].toStdString());
    TestProcesses tests;
    return QTest::qExec(&tests, argc, argv);
}
#include "tst_processes.moc"
