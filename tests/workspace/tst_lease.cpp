// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/lease.h"

#include <unistd.h>

#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::workspace;
using pilothouse::test::Folder;

Q_DECLARE_METATYPE(pilothouse::workspace::LeaseHolder)

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Status store(Database& database, const LeaseHolder& holder) {
    return database.run(
        "INSERT OR REPLACE INTO lease (id, token, pid, process_start, pid_namespace, boot_id, host, heartbeat)"
        " VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
        holder.token, holder.pid, holder.processStart, holder.pidNamespace, holder.bootId, holder.host,
        holder.heartbeat);
}

}  // namespace

/// Who may take the lease from whom. Real other processes: tst_processes.
class TestLease : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void self() {
        const LeaseHolder self = LeaseHolder::self();
        QCOMPARE(self.pid, static_cast<std::int64_t>(::getpid()));
        QVERIFY(QRegularExpression(QStringLiteral("^[1-9][0-9]*$"))
                    .match(QString::fromStdString(self.processStart))
                    .hasMatch());
        QVERIFY(self.pidNamespace.starts_with("pid:["));
        QCOMPARE(self.bootId.size(), 36U);
        QVERIFY(self.token != LeaseHolder::self().token);
    }

    void oneAtATime() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        {
            const auto first = Lease::take(*workspace);
            PH_VERIFY(first);
            PH_FAILS(Lease::take(*workspace), ErrorKind::Conflict, "runs in process " + std::to_string(::getpid()));
            PH_VERIFY((*first)->beat());
            PH_VERIFY(workspace->write([&](Database& d) { return (*first)->check(d); }).result());
        }
        PH_VERIFY(Lease::take(*workspace));  // given back
        QVERIFY(!(*Lease::holder(**workspace->connect(true))).has_value());
    }

    void takeOver_data() {
        QTest::addColumn<LeaseHolder>("holder");
        QTest::addColumn<bool>("respected");
        LeaseHolder living = LeaseHolder::self();
        living.heartbeat -= 5 * kSecond;
        QTest::newRow("beats") << living << true;
        LeaseHolder late = living;
        late.heartbeat -= 20 * kSecond;
        QTest::newRow("late, but within 30 s") << late << true;
        LeaseHolder silent = living;
        silent.heartbeat -= 40 * kSecond;
        QTest::newRow("silent for 45 s") << silent << false;
        LeaseHolder gone = living;
        gone.pid = 0x3fffffff;  // above the kernel's highest pid
        QTest::newRow("its process is gone") << gone << false;
        LeaseHolder reused = living;
        reused.processStart = "1";
        QTest::newRow("its pid belongs to another process now") << reused << false;
        LeaseHolder rebooted = living;
        rebooted.bootId = "00000000-0000-0000-0000-000000000000";
        QTest::newRow("the machine was restarted") << rebooted << false;
        LeaseHolder future = living;
        future.heartbeat += 3600 * kSecond;
        QTest::newRow("a heartbeat from a clock that is not ours") << future << false;
        LeaseHolder container = gone;
        container.pidNamespace = "pid:[1]";
        QTest::newRow("in another container, beats") << container << true;
        container.heartbeat -= 40 * kSecond;
        QTest::newRow("in another container, silent") << container << false;
    }
    void takeOver() {
        QFETCH(LeaseHolder, holder);
        QFETCH(bool, respected);
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        auto database = *workspace->connect();
        PH_VERIFY(store(*database, holder));
        QCOMPARE((*Lease::holder(*database)).has_value(), respected);
        const auto taken = Lease::take(*workspace);
        QCOMPARE(taken.has_value(), respected ? false : true);
    }

    void aHolderThatLostItIsTold() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        auto first = *Lease::take(*workspace);
        auto database = *workspace->connect();
        PH_VERIFY(database->execute("UPDATE lease SET heartbeat = heartbeat - 60000000000"));
        auto second = *Lease::take(*workspace);
        PH_FAILS(first->beat(), ErrorKind::Conflict, "taken over");
        const auto written = workspace->write([&](Database& d) -> Status {
            PH_TRY(first->check(d));
            return Workspace::setSetting(d, "late", "1");
        });
        PH_FAILS(written.result(), ErrorKind::Conflict, "taken over");
        QCOMPARE(*Workspace::setting(*database, "late"), std::optional<std::string>());
        first.reset();  // gives nothing back that is not its own
        PH_VERIFY(second->beat());
    }
};

QTEST_GUILESS_MAIN(TestLease)
#include "tst_lease.moc"
