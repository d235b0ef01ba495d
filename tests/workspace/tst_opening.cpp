// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QElapsedTimer>

#include "models/workspace/files.h"
#include "models/workspace/migrations.h"
#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::workspace;
using pilothouse::test::Folder;

namespace {

/// A small file system in memory; only root may mount one.
class SmallDisk {
public:
    SmallDisk(const std::string& where, const char* options) : m_where(where) {
        ::mkdir(where.c_str(), 0755);
        m_mounted = ::mount("tmpfs", where.c_str(), "tmpfs", 0, options) == 0;
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (m_mounted) ::umount2(m_where.c_str(), MNT_DETACH);
    }
    [[nodiscard]] bool mounted() const { return m_mounted; }
    bool makeReadOnly() { return ::mount("tmpfs", m_where.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0; }

private:
    std::string m_where;
    bool m_mounted = false;
};

QByteArray foreignDatabase(const std::string& path, const char* sql) {
    {
        auto database = *Database::open(path, Database::Mode::Create);
        if (!database->execute(sql)) return {};
    }
    return test::bytesOf(path);
}

}  // namespace

/// Whatever is handed to open(): a clear reason, and not a byte of it changed.
class TestOpening : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void noSuchFile() {
        const Folder folder;
        PH_FAILS(Workspace::open(folder.file()), ErrorKind::NotFound, "no such file");
        PH_FAILS(Workspace::open(folder.file("a/b/c")), ErrorKind::NotFound, "a/b/c: there is no such file");
        QVERIFY(!test::exists(folder.file()));
    }

    void notAFile() {
        const Folder folder;
        PH_FAILS(Workspace::open(folder.path()), ErrorKind::InvalidInput, "a folder");
        QCOMPARE(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
        PH_FAILS(Workspace::open(folder.file("pipe")), ErrorKind::InvalidInput, "a pipe");
        PH_FAILS(Workspace::open("/dev/null"), ErrorKind::InvalidInput, "a device");
    }

    void notAWorkspace_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("reason");
        const QString noDatabase = QStringLiteral("not a Pilothouse workspace (not an SQLite database)");
        QTest::newRow("empty") << QByteArray() << QStringLiteral("not a Pilothouse workspace (an empty file)");
        QTest::newRow("short text") << QByteArray("hello\n") << noDatabase;
        QTest::newRow("csv") << QByteArray("carrier,origin\nUA,EWR\n").repeated(5000) << noDatabase;
        QTest::newRow("zeros") << QByteArray(8192, '\0') << noDatabase;
        QTest::newRow("almost SQLite") << QByteArray("SQLite format 4").append('\0').append(QByteArray(8000, 'x'))
                                       << noDatabase;
    }
    void notAWorkspace() {
        QFETCH(QByteArray, content);
        QFETCH(QString, reason);
        const Folder folder;
        QVERIFY(test::writeBytes(folder.file(), content));
        const auto opened = Workspace::open(folder.file());
        PH_FAILS(opened, ErrorKind::InvalidInput, reason.toStdString());
        QVERIFY(opened.error().text().starts_with(folder.file()));
        QCOMPARE(test::bytesOf(folder.file()), content);
    }

    void anotherProgramsDatabase_data() {
        QTest::addColumn<QString>("sql");
        QTest::newRow("plain") << QStringLiteral("CREATE TABLE note (text); PRAGMA user_version = 1");
        QTest::newRow("with a log") << QStringLiteral("PRAGMA journal_mode = WAL; CREATE TABLE note (text)");
        QTest::newRow("other application")
            << QStringLiteral("PRAGMA application_id = 1196444487; CREATE TABLE note (text)");
    }
    void anotherProgramsDatabase() {
        QFETCH(QString, sql);
        const Folder folder;
        const QByteArray before = foreignDatabase(folder.file(), sql.toUtf8().constData());
        QVERIFY(!before.isEmpty());
        PH_FAILS(Workspace::open(folder.file()), ErrorKind::InvalidInput, "another program's SQLite database");
        QCOMPARE(test::bytesOf(folder.file()), before);
    }

    void newerVersion() {
        const Folder folder;
        (void)Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const int newest = migrations::bundled()->back().number;
        const QByteArray before =
            foreignDatabase(folder.file(), ("PRAGMA user_version = " + std::to_string(newest + 7)).c_str());
        const auto opened = Workspace::open(folder.file());
        PH_FAILS(opened, ErrorKind::Unsupported, "version " + std::to_string(newest + 7) + ";");
        QVERIFY(opened.error().text().ends_with("versions up to " + std::to_string(newest)));
        QCOMPARE(test::bytesOf(folder.file()), before);
    }

    void networkFileSystems() {
        QCOMPARE(files::networkFileSystem(0x6969, ""), std::string("NFS"));
        QCOMPARE(files::networkFileSystem(0xFF534D42, ""), std::string("CIFS"));
        // statfs's f_type is signed where long has 32 bits.
        QCOMPARE(files::networkFileSystem(static_cast<std::uint64_t>(static_cast<std::int32_t>(0xFE534D42)), ""),
                 std::string("SMB"));
        QCOMPARE(files::networkFileSystem(0x65735546, "fuse.sshfs"), std::string("sshfs"));
        for (const std::uint64_t local : {0xEF53ULL, 0x9123683EULL, 0x58465342ULL, 0x01021994ULL, 0x794C7630ULL})
            QCOMPARE(files::networkFileSystem(local, ""), std::string());  // ext4, btrfs, xfs, tmpfs, overlay
        QCOMPARE(files::networkFileSystem(0x65735546, "fuseblk"), std::string());
        QCOMPARE(files::networkFileSystem(0x65735546, "fuse.encfs"), std::string());
        QCOMPARE(files::networkFileSystem(0x65735546, ""), std::string());
    }

    void mountTypes() {
        const char* text =
            "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
            "90 22 0:40 / /home/ann/far rw,nosuid shared:7 master:3 - fuse.sshfs ann@host: rw\n"
            "91 22 0:41 / /home/ann/my\\040disk rw - fuseblk /dev/sdb1 rw\n"
            "damaged line\n";
        QCOMPARE(files::mountType(text, "/home/ann/w.pilothouse"), std::string("ext4"));
        QCOMPARE(files::mountType(text, "/home/ann/far/w.pilothouse"), std::string("fuse.sshfs"));
        QCOMPARE(files::mountType(text, "/home/ann/farther/w"), std::string("ext4"));
        QCOMPARE(files::mountType(text, "/home/ann/my disk/w"), std::string("fuseblk"));
        QCOMPARE(files::mountType("", "/x"), std::string());
    }

    void locked() {
        const Folder folder;
        (void)Workspace::create(folder.file(), ClockKind::Real, "UTC");
        auto owner = *Database::open(folder.file(), Database::Mode::ReadWrite);
        PH_VERIFY(owner->execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE t (a)"));
        QElapsedTimer timer;
        timer.start();
        const auto opened = Workspace::open(folder.file());
        PH_FAILS(opened, ErrorKind::Conflict, "locked by another process");
        QVERIFY(opened.error().retryable);
        QVERIFY2(timer.elapsed() < 10'000, qPrintable(QString::number(timer.elapsed())));
        owner.reset();
        PH_VERIFY(Workspace::open(folder.file()));
    }

    void readOnlyFolder() {
        const Folder folder;
        SmallDisk disk(folder.file("disk"), "size=4m");
        if (!disk.mounted()) QSKIP("needs root: mounting a file system");
        const std::string path = folder.file("disk/a 100%?#.pilothouse");
        {
            const auto made = *Workspace::create(path, ClockKind::Simulated, "UTC");
            PH_VERIFY(made->write([&](Database& d) { return Workspace::setSetting(d, "a", "1"); }).result());
        }
        QVERIFY(disk.makeReadOnly());
        const auto opened = Workspace::open(path);
        PH_VERIFY(opened);
        QVERIFY((*opened)->readOnly());
        const auto value = (*opened)->read({}, [](Database& d) { return Workspace::setting(d, "a"); }).result();
        PH_VERIFY(value);
        QCOMPARE(*value, std::optional<std::string>("1"));
        PH_FAILS((*opened)->write([](Database& d) { return Workspace::setSetting(d, "a", "2"); }).result(),
                 ErrorKind::PermissionDenied, "the workspace is read-only");
        const auto problems = (*opened)->verify({}, {});
        PH_VERIFY(problems);
        QCOMPARE(problems->size(), 0U);
        PH_FAILS(Workspace::create(folder.file("disk/new.pilothouse"), ClockKind::Real, "UTC"),
                 ErrorKind::PermissionDenied, "no permission to create a file in");
    }

    void readOnlyFolderWithUnsavedLog() {
        const Folder folder;
        SmallDisk disk(folder.file("disk"), "size=4m");
        if (!disk.mounted()) QSKIP("needs root: mounting a file system");
        const std::string path = folder.file("w.pilothouse"), copy = folder.file("disk/w.pilothouse");
        const auto made = *Workspace::create(path, ClockKind::Real, "UTC");
        PH_VERIFY(made->write([](Database& d) { return Workspace::setSetting(d, "a", "1"); }).result());
        // As a crash leaves it: the log holds what was acknowledged.
        QVERIFY(test::writeBytes(copy, test::bytesOf(path)) &&
                test::writeBytes(copy + "-wal", test::bytesOf(path + "-wal")));
        QVERIFY(disk.makeReadOnly());
        const auto opened = Workspace::open(copy);
        PH_FAILS(opened, ErrorKind::Unavailable, "copy both to another folder");
    }

    void fullDisk() {
        const Folder folder;
        SmallDisk disk(folder.file("disk"), "size=3m");
        if (!disk.mounted()) QSKIP("needs root: mounting a file system");
        const std::string path = folder.file("disk/w.pilothouse");
        int acknowledged = 0;
        {
            const auto workspace = *Workspace::create(path, ClockKind::Real, "UTC");
            Status last;
            for (int i = 0; i < 1'000 && last; ++i) {
                last = workspace
                           ->write([&](Database& d) {
                               return Workspace::setSetting(d, "k" + std::to_string(i), std::string(50'000, 'x'));
                           })
                           .result();
                if (last) ++acknowledged;
            }
            PH_FAILS(last, ErrorKind::ResourceExhausted, "the disk is full");
            QVERIFY(last.error().text().starts_with(path));
            QVERIFY(acknowledged > 3);
            // Reading goes on.
            QCOMPARE(
                *workspace
                     ->read({},
                            [](Database& d) { return d.integer("SELECT count(*) FROM setting WHERE key LIKE 'k%'"); })
                     .result(),
                std::optional<std::int64_t>(acknowledged));
            PH_FAILS(Workspace::create(folder.file("disk/second.pilothouse"), ClockKind::Real, "UTC"),
                     ErrorKind::ResourceExhausted, "the disk is full");
            QVERIFY(!test::exists(folder.file("disk/second.pilothouse")));
        }
        // With room again, everything that was acknowledged is there.
        const std::string copy = folder.file("copy.pilothouse");
        QVERIFY(test::writeBytes(copy, test::bytesOf(path)));
        if (test::exists(path + "-wal")) QVERIFY(test::writeBytes(copy + "-wal", test::bytesOf(path + "-wal")));
        const auto opened = Workspace::open(copy);
        PH_VERIFY(opened);
        QCOMPARE((*opened)->verify({}, {})->size(), 0U);
        QCOMPARE(*(*(*opened)->connect())->integer("SELECT count(*) FROM setting WHERE key LIKE 'k%'"),
                 std::optional<std::int64_t>(acknowledged));
    }

    /// The same without root: SQLite's own bound on the file.
    void boundedFile() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const auto refused = workspace->write([](Database& d) -> Status {
            PH_TRY(d.execute("PRAGMA max_page_count = 100"));
            return Workspace::setSetting(d, "big", std::string(1'000'000, 'x'));
        });
        PH_FAILS(refused.result(), ErrorKind::ResourceExhausted, "the disk is full");
        QCOMPARE(workspace->verify({}, {})->size(), 0U);
    }
};

QTEST_GUILESS_MAIN(TestOpening)
#include "tst_opening.moc"
