// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/migrations.h"

#include <thread>

#include "tests/workspace/support.h"

using namespace pilothouse;
using namespace pilothouse::workspace;
using pilothouse::test::Folder;

namespace {

std::vector<migrations::Migration> withNext(std::initializer_list<const char*> statements) {
    auto known = *migrations::bundled();
    for (const char* sql : statements) {
        const int number = known.back().number + 1;
        known.push_back({number, "00" + std::to_string(number) + "_test", sql});
    }
    return known;
}

std::optional<std::int64_t> versionOf(const std::string& path) {
    return *(*Database::open(path, Database::Mode::ReadOnly))->integer("PRAGMA user_version");
}

}  // namespace

class TestMigrations : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnWarnings(); }

    void bundledAreNumbered() {
        const auto known = migrations::bundled();
        PH_VERIFY(known);
        for (std::size_t i = 0; i < known->size(); ++i)
            QCOMPARE((*known)[i].number, static_cast<int>(i) + 1);
        QVERIFY(known->front().name.starts_with("001_"));
    }

    void backsUpBeforeEachStep() {
        const Folder folder;
        {
            const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
            PH_VERIFY(workspace->write([](Database& d) { return Workspace::setSetting(d, "a", "1"); }).result());
        }
        const int base = migrations::bundled()->back().number;
        const auto known = withNext({"CREATE TABLE extra (a); INSERT INTO extra VALUES (1)", "UPDATE extra SET a = 2"});
        PH_VERIFY(migrations::apply(folder.file(), known));
        QCOMPARE(versionOf(folder.file()), std::optional<std::int64_t>(base + 2));

        const std::string first = migrations::backupPath(folder.file(), base);
        const std::string second = migrations::backupPath(folder.file(), base + 1);
        QCOMPARE(first, folder.file() + ".backup-v" + std::to_string(base));
        QCOMPARE(versionOf(first), std::optional<std::int64_t>(base));
        QCOMPARE(versionOf(second), std::optional<std::int64_t>(base + 1));
        QCOMPARE(*(*Database::open(second, Database::Mode::ReadOnly))->integer("SELECT a FROM extra"),
                 std::optional<std::int64_t>(1));
        // The backup is a workspace that opens with what was in it.
        const auto restored = Workspace::open(first);
        PH_VERIFY(restored);
        QCOMPARE(*(*restored)->read({}, [](Database& d) { return Workspace::setting(d, "a"); }).result(),
                 std::optional<std::string>("1"));
        QCOMPARE((*restored)->verify({}, {})->size(), 0U);
        // And this program now refuses the newer file.
        PH_FAILS(Workspace::open(folder.file()), ErrorKind::Unsupported, std::to_string(base + 2));
    }

    void backupHoldsWhatIsOnlyInTheLog() {
        const Folder folder;
        const auto workspace = *Workspace::create(folder.file(), ClockKind::Real, "UTC");
        PH_VERIFY(workspace->write([](Database& d) { return Workspace::setSetting(d, "late", "1"); }).result());
        QVERIFY(QFileInfo(QString::fromStdString(folder.file() + "-wal")).size() > 0);  // still open here
        PH_VERIFY(migrations::apply(folder.file(), withNext({"CREATE TABLE extra (a)"})));
        const auto restored =
            Workspace::open(migrations::backupPath(folder.file(), migrations::bundled()->back().number));
        PH_VERIFY(restored);
        QCOMPARE(*(*restored)->read({}, [](Database& d) { return Workspace::setting(d, "late"); }).result(),
                 std::optional<std::string>("1"));
    }

    void aFailingStepLeavesTheFile_data() {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("reason");
        QTest::newRow("no SQL") << QStringLiteral("CREATE TABLE half (a); UTTER NONSENSE") << QStringLiteral("failed");
        QTest::newRow("ends its transaction")
            << QStringLiteral("CREATE TABLE half (a); ROLLBACK") << QStringLiteral("ended its transaction");
        QTest::newRow("breaks a reference")
            << QStringLiteral(
                   "CREATE TABLE half (a);"
                   "INSERT INTO model_version (model, version, created, task, trained_from, trained_to,"
                   " evaluated_from, evaluated_to, training_rows, features, metrics, parameters)"
                   " VALUES (77, 'v1', 0, '', 0, 0, 0, 0, 0, '[]', '[]', '{}')")
            << QStringLiteral("without the row it refers to");
    }
    void aFailingStepLeavesTheFile() {
        QFETCH(QString, sql);
        QFETCH(QString, reason);
        const Folder folder;
        (void)Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const auto applied = migrations::apply(folder.file(), withNext({sql.toUtf8().constData()}));
        QVERIFY(!applied);
        QVERIFY2(applied.error().text().find(reason.toStdString()) != std::string::npos,
                 applied.error().text().c_str());
        const auto workspace = Workspace::open(folder.file());
        PH_VERIFY(workspace);
        QCOMPARE((*workspace)->verify({}, {})->size(), 0U);
    }

    void noBackupNoMigration() {
        const Folder folder;
        (void)Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const int base = migrations::bundled()->back().number;
        // A folder of that name stands in the way.
        QVERIFY(
            QDir().mkpath(QString::fromStdString(migrations::backupPath(folder.file(), base)) + QStringLiteral("/x")));
        const auto applied = migrations::apply(folder.file(), withNext({"CREATE TABLE extra (a)"}));
        QVERIFY(!applied);
        QVERIFY2(applied.error().message.starts_with("cannot be backed up"), applied.error().text().c_str());
        QCOMPARE(versionOf(folder.file()), std::optional<std::int64_t>(base));
        QCOMPARE(QDir(QString::fromStdString(folder.path())).entryList({QStringLiteral("*.part*")}, QDir::Files).size(),
                 0);
    }

    void manyAtOnceDoItOnce() {
        const Folder folder;
        (void)Workspace::create(folder.file(), ClockKind::Real, "UTC");
        const int base = migrations::bundled()->back().number;
        const auto known =
            withNext({"CREATE TABLE extra (a); INSERT INTO extra VALUES (1)", "INSERT INTO extra VALUES (2)"});
        std::vector<Status> results(4);
        {
            std::vector<std::thread> threads;
            threads.reserve(results.size());
            for (Status& result : results)
                threads.emplace_back([&] { result = migrations::apply(folder.file(), known); });
            for (std::thread& thread : threads)
                thread.join();
        }
        for (const Status& result : results)
            PH_VERIFY(result);
        QCOMPARE(*(*Database::open(folder.file(), Database::Mode::ReadOnly))->integer("SELECT count(*) FROM extra"),
                 std::optional<std::int64_t>(2));
        QCOMPARE(versionOf(migrations::backupPath(folder.file(), base)), std::optional<std::int64_t>(base));
        QCOMPARE(versionOf(migrations::backupPath(folder.file(), base + 1)), std::optional<std::int64_t>(base + 1));
    }
};

QTEST_GUILESS_MAIN(TestMigrations)
#include "tst_migrations.moc"
