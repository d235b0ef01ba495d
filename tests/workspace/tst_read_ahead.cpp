// SPDX-License-Identifier: GPL-3.0-or-later
// What is read while more is expected is what is read without.
#include <sqlite3.h>

#include <QTest>

#include "models/workspace/database.h"
#include "models/workspace/read_ahead.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using workspace::Database;
using workspace::ReadAhead;

class TestReadAhead : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void valuesAreTheSame() {
        const test::Folder folder;
        {
            auto database = Database::open(folder.file(), Database::Mode::Create);
            PH_VERIFY(database);
            PH_VERIFY(
                (*database)->execute("CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB);"
                                     "INSERT INTO t VALUES (1, randomblob(300000)), (2, randomblob(70));"));
        }
        QByteArray before;
        for (const std::size_t ahead : {0U, 1U, 4'096U, 300'000U, 100'000'000U}) {
            auto database = Database::open(folder.file(), Database::Mode::ReadOnly);
            PH_VERIFY(database);
            const ReadAhead reading(ahead);
            auto rows = (*database)->prepare("SELECT b FROM t ORDER BY id");
            PH_VERIFY(rows);
            QByteArray all;
            for (;;) {
                const auto more = rows->step();
                PH_VERIFY(more);
                if (!*more) break;
                const auto blob = rows->blob(0);
                all.append(reinterpret_cast<const char*>(blob.data()), static_cast<qsizetype>(blob.size()));
            }
            QCOMPARE(all.size(), 300'070);
            if (before.isEmpty()) before = all;
            QVERIFY(all == before);
        }
    }

    /// SQLite was built to read with a call that can be taken over; else ReadAhead would do nothing, and nobody knew.
    void sqliteReadsThroughIt() {
        workspace::installReadAhead();
        sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
        QVERIFY(vfs && vfs->iVersion >= 3);
        const auto pread = vfs->xGetSystemCall(vfs, "pread"), pread64 = vfs->xGetSystemCall(vfs, "pread64");
        QVERIFY(pread || pread64);
    }
};

QTEST_GUILESS_MAIN(TestReadAhead)
#include "tst_read_ahead.moc"
