// SPDX-License-Identifier: GPL-3.0-or-later
// Readers in this and in other processes while one process appends, seals, compacts, retains and erases: every answer
// is that of one snapshot, and the writer never waits for a reader.
#include <QCoreApplication>
#include <QProcess>
#include <QTest>
#include <cstdio>

#include "models/predictions/erasure.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/retention.h"
#include "tests/predictions/lifecycle.h"

using namespace pilothouse;
using namespace pilothouse::test;
using workspace::Database;
using workspace::Transaction;
using workspace::Workspace;

namespace {

constexpr int kRounds = 24;
constexpr std::size_t kRows = 1'200;

void say(const std::string& text) {
    std::puts(text.c_str());
    std::fflush(stdout);
}

std::uint64_t count(Database& database, const std::string& query) {
    return predictions::countInLog(database, *predictions::parseQuery(query), TimeRange::all(), {}).value_or(0);
}

/// Appends a segment or a batch and the row count that the log then has, in one transaction. Between these transactions
/// it compacts, which changes no answer; and erases and retains, which the count that is kept knows beforehand.
Status write(Workspace& workspace) {
    PH_ASSIGN(const auto database, workspace.connect());
    for (int round = 0; round < kRounds; ++round) {
        const std::size_t from = static_cast<std::size_t>(round) * kRows;
        PH_ASSIGN(auto transaction, Transaction::begin(*database));
        PH_TRY(round % 3 ? appendSegment(*database, "R", from, from + kRows)
                         : appendRange(*database, "R", from, from + kRows));
        // An upper bound for every snapshot from here on: what follows only removes rows.
        PH_TRY(Workspace::setSetting(*database, "test.rows", std::to_string(count(*database, ""))));
        PH_TRY(transaction.commit());
        PH_TRY(predictions::compact(*database, {}));
        PH_TRY(database->execute("PRAGMA busy_timeout = 50"));  // for its bytes it may give up, for its rows not
        PH_TRY(predictions::eraseRequest(*database, "R" + std::to_string(from + 7), "test", at(0), {}));
        PH_TRY(database->execute("PRAGMA busy_timeout = 10000"));
        if (round % 10 == 9)
            PH_TRY(predictions::retain(*database, {1, {}}, at(static_cast<std::int64_t>(from / 2) + 86'400), true, {}));
        say(std::to_string(round));
    }
    return {};
}

/// What one snapshot says twice is the same, however long it is looked at; and rows are never there twice.
Status readOnce(Database& database, int& wrong) {
    PH_ASSIGN(auto snapshot, Transaction::begin(database, Transaction::Kind::Read));
    const std::uint64_t all = count(database, ""), numbers = count(database, "x>=0"),
                        texts = count(database, "model:delay");
    PH_ASSIGN(const auto listed,
              predictions::collect(database, {{}, TimeRange::all(), {"request_id", "time"}, kTimestampMax}, {}));
    std::vector<std::string_view> ids;
    for (std::size_t i = 0; i < listed.rows; ++i) {
        ids.push_back(listed.columns[0].text(i));
        wrong += listed.columns[1].times[i] == at(std::stoll(std::string(ids.back().substr(1)))).ns ? 0 : 1;
    }
    std::ranges::sort(ids);
    wrong += std::ranges::adjacent_find(ids) == ids.end() ? 0 : 1;
    wrong += all == numbers && all == texts && all == listed.rows && all == count(database, "") ? 0 : 1;
    // Rows are only removed between the commits that count them.
    PH_ASSIGN(const auto stored, Workspace::setting(database, "test.rows"));
    wrong += stored && all <= std::stoull(*stored) ? 0 : 1;
    return snapshot.commit();
}

int readUntilEnd(const std::string& path) {
    const auto workspace = Workspace::open(path);
    if (!workspace) return 2;
    const auto database = *(*workspace)->connect(true);
    int wrong = 0, answers = 0;
    say("ready");
    for (;;) {
        if (const Status status = readOnce(*database, wrong); !status) {
            std::fprintf(stderr, "reader: %s\n", status.error().text().c_str());
            return 3;
        }
        ++answers;
        const auto end = Workspace::setting(*database, "test.end");
        if (end && *end) break;
    }
    say(std::to_string(answers) + " answers");
    return wrong == 0 ? 0 : 1;
}

int writeAll(const std::string& path) {
    const auto workspace = Workspace::open(path);
    if (!workspace) return 2;
    const Status status = write(**workspace);
    if (!status) std::fprintf(stderr, "writer: %s\n", status.error().text().c_str());
    return status ? 0 : 1;
}

class Child {
public:
    Child(const char* task, const std::string& path) {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(QCoreApplication::applicationFilePath(),
                        {QStringLiteral("--child"), QString::fromUtf8(task), QString::fromStdString(path)});
    }
    ~Child() {
        m_process.kill();
        m_process.waitForFinished();
    }
    QByteArray line() {
        while (!m_process.canReadLine())
            if (!m_process.waitForReadyRead(60'000)) return {};
        return m_process.readLine().trimmed();
    }
    int end() { return m_process.waitForFinished(120'000) ? m_process.exitCode() : -1; }

private:
    QProcess m_process;
};

}  // namespace

class TestStoreProcesses : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { failOnWarnings(); }

    void readersBesideAWriter() {
        Store store;
        PH_VERIFY(Workspace::setSetting(store.database(), "test.rows", "0"));
        Child first("read", store.workspace()->path()), second("read", store.workspace()->path());
        QCOMPARE(first.line(), QByteArray("ready"));
        QCOMPARE(second.line(), QByteArray("ready"));
        // One that looks at the empty log all the time: nobody waits for it.
        const auto old = *store.workspace()->connect(true);
        auto snapshot = Transaction::begin(*old, Transaction::Kind::Read);
        QCOMPARE(count(*old, ""), std::uint64_t{0});
        Child writer("write", store.workspace()->path());
        const auto here = *store.workspace()->connect(true);
        int wrong = 0, rounds = 0;
        for (; rounds < kRounds; ++rounds) {
            QCOMPARE(writer.line(), QByteArray::number(rounds));
            PH_VERIFY(readOnce(*here, wrong));
        }
        QCOMPARE(writer.end(), 0);
        QCOMPARE(wrong, 0);
        QCOMPARE(count(*old, ""), std::uint64_t{0});
        PH_VERIFY(snapshot->commit());
        QVERIFY(count(*old, "") > 0);
        PH_VERIFY(Workspace::setSetting(store.database(), "test.end", "1"));
        const QByteArray one = first.line(), two = second.line();
        QCOMPARE(first.end(), 0);
        QCOMPARE(second.end(), 0);
        qInfo("readers: %s, %s", one.constData(), two.constData());
        QCOMPARE(*store.ids("request_id:(R" + std::to_string((kRounds - 1) * kRows + 7) + ")"),
                 std::vector<std::string>{});
        QCOMPARE(problemsOf(store), std::string());
    }
};

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() == 4 && arguments[1] == QStringLiteral("--child"))
        return arguments[2] == QStringLiteral("write") ? writeAll(arguments[3].toStdString())
                                                       : readUntilEnd(arguments[3].toStdString());
    TestStoreProcesses tests;
    return QTest::qExec(&tests, argc, argv);
}
#include "tst_store_processes.moc"
