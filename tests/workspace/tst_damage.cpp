// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRandomGenerator>

#include "models/workspace/registry_store.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::workspace;
using pilothouse::test::Folder;

namespace {

/// A workspace with something in most kinds of pages: tables, indexes, overflow.
QByteArray soundWorkspace(const std::string& path) {
    {
        const auto workspace = *Workspace::create(path, ClockKind::Real, "UTC");
        const auto filled = workspace->write([](Database& d) -> Status {
            for (int i = 0; i < 240; ++i) {
                ports::ModelVersion version;
                version.model = "m" + std::to_string(i % 5);
                version.version = "v" + std::to_string(i);
                version.task = "binary";
                version.features = {"carrier", "origin"};
                version.metrics = {{"auc", 0.7, 0.69, 0.71, 1000}};
                PH_TRY(registry::addVersion(d, version));
                PH_TRY(registry::setAlias(d, version.model, ports::kChampion, version.version, Timestamp{i + 1}, "user",
                                          ""));
                if (i >= 60) continue;  // enough of long texts, where a flipped bit is just another letter
                PH_TRY(Workspace::setSetting(d, "k" + std::to_string(i),
                                             std::string(static_cast<std::size_t>(i) * 300, 'x')));
            }
            return {};
        });
        if (!filled.result()) return {};
    }
    return test::bytesOf(path);
}

/// Everything that reads; true when nothing was found wrong.
bool readsAll(Workspace& workspace) {
    bool sound = true;
    const auto seen = workspace
                          .read({},
                                [](Database& d) -> Status {
                                    PH_ASSIGN(const auto models, registry::models(d));
                                    for (const auto& model : models) {
                                        PH_TRY(registry::versions(d, model.name));
                                        PH_TRY(registry::aliasHistory(d, model.name));
                                    }
                                    PH_TRY(auditTrail(d, 100));
                                    PH_ASSIGN(auto rows, d.prepare("SELECT value FROM setting"));
                                    for (;;) {
                                        PH_ASSIGN(const bool more, rows.step());
                                        if (!more) return {};
                                    }
                                })
                          .result();
    if (!seen) sound = false;
    const auto problems = workspace.verify({}, {});
    return sound && problems && problems->empty();
}

/// Of a database file, as its header says.
int pageSizeOf(const QByteArray& bytes) {
    return static_cast<unsigned char>(bytes[16]) << 8 | static_cast<unsigned char>(bytes[17]);
}

}  // namespace

class TestDamage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    /// The pages that hold the schema: refused when opened.
    void aDamagedSchemaIsRefused_data() {
        QTest::addColumn<int>("offset");
        QTest::addColumn<int>("value");
        QTest::newRow("kind of page") << 100 << 0x77;
        QTest::newRow("number of cells") << 103 << 0xff;
        QTest::newRow("where a cell lies") << 108 << 0x00;
    }
    void aDamagedSchemaIsRefused() {
        QFETCH(int, offset);
        QFETCH(int, value);
        const Folder folder;
        QByteArray bytes = soundWorkspace(folder.file());
        QVERIFY(!bytes.isEmpty());
        bytes[offset] = static_cast<char>(value);
        QVERIFY(test::writeBytes(folder.file(), bytes));
        PH_FAILS(Workspace::open(folder.file()), ErrorKind::Corrupt, "the workspace is damaged");
        QCOMPARE(test::bytesOf(folder.file()), bytes);
    }

    void aTruncatedFileIsNoticed_data() {
        QTest::addColumn<int>("pages");
        QTest::newRow("half a page") << 0;
        QTest::newRow("one page") << 1;
        QTest::newRow("ten pages") << 10;
    }
    void aTruncatedFileIsNoticed() {
        QFETCH(int, pages);
        const Folder folder;
        const QByteArray bytes = soundWorkspace(folder.file());
        QVERIFY(test::writeBytes(folder.file(), bytes.left(pages == 0 ? 2048 : pages * pageSizeOf(bytes))));
        const auto opened = Workspace::open(folder.file());
        if (!opened) {
            QVERIFY2(opened.error().kind == ErrorKind::Corrupt || opened.error().kind == ErrorKind::InvalidInput,
                     opened.error().text().c_str());
            return;
        }
        QVERIFY(!readsAll(**opened));
    }

    /// A flipped bit anywhere gives an error, a finding, or nothing (unused space, text): never a crash or a hang.
    void flippedBits() {
        const Folder folder;
        const QByteArray sound = soundWorkspace(folder.file());
        QVERIFY(!sound.isEmpty());
        const int pageSize = pageSizeOf(sound);
        QRandomGenerator random(2013);
        int refused = 0, found = 0, harmless = 0;
        for (int round = 0; round < 150; ++round) {
            QByteArray bytes = sound;
            // Half of them in the headers of pages, where the structure is.
            const auto page = random.bounded(static_cast<int>(bytes.size() / pageSize));
            const int offset =
                round % 2 ? random.bounded(static_cast<int>(bytes.size())) : page * pageSize + random.bounded(24);
            bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << random.bounded(8)));
            const std::string path = folder.file("flipped.pilothouse");
            QVERIFY(test::writeBytes(path, bytes));
            {
                const auto opened = Workspace::open(path);
                if (!opened)
                    ++refused;
                else if (!readsAll(**opened))
                    ++found;
                else
                    ++harmless;
            }
            for (const char* suffix : {"", "-wal", "-shm"})
                QFile::remove(QString::fromStdString(path + suffix));
        }
        qInfo("%d refused, %d found by reading or verify, %d without effect", refused, found, harmless);
        QVERIFY(found > 20);
    }

    void aDamagedTableIsFound() {
        const Folder folder;
        QByteArray bytes = soundWorkspace(folder.file());
        int page = 0;
        {
            auto database = *Database::open(folder.file(), Database::Mode::ReadOnly);
            page = static_cast<int>(
                **database->integer("SELECT rootpage FROM sqlite_schema WHERE name = 'model_version'"));
        }
        bytes[(page - 1) * pageSizeOf(bytes)] = static_cast<char>(0x42);  // no kind of b-tree page
        QVERIFY(test::writeBytes(folder.file(), bytes));
        const auto workspace = Workspace::open(folder.file());
        PH_VERIFY(workspace);  // opening does not read all of it
        const auto read = (*workspace)->read({}, [](Database& d) { return registry::versions(d, "m1"); }).result();
        PH_FAILS(read, ErrorKind::Corrupt, "the workspace is damaged");
        const auto problems = (*workspace)->verify({}, {});
        PH_VERIFY(problems);
        QVERIFY(!problems->empty());
    }

    void damagedSettings() {
        const Folder folder;
        {
            const auto workspace = *Workspace::create(folder.file(), ClockKind::Simulated, "UTC");
            PH_VERIFY(
                workspace->write([](Database& d) { return Workspace::setSetting(d, "sim.now", "12x"); }).result());
        }
        PH_FAILS(Workspace::open(folder.file()), ErrorKind::Corrupt, "sim.now is \"12x\"");
        PH_VERIFY((*Database::open(folder.file(), Database::Mode::ReadWrite))->execute("DELETE FROM setting"));
        PH_FAILS(Workspace::open(folder.file()), ErrorKind::Corrupt, "its clock or its time zone is not set");
    }
};

QTEST_GUILESS_MAIN(TestDamage)
#include "tst_damage.moc"
