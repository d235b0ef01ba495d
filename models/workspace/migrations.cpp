// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/migrations.h"

#include <sqlite3.h>
#include <unistd.h>

#include <QDir>
#include <QFile>

#include "models/workspace/files.h"
#include "models/workspace/workspace.h"
#include "resources/resources.h"

namespace pilothouse::workspace::migrations {

namespace {

/// Copies the last committed state of `path`. The caller holds the write lock, so that it cannot move meanwhile.
Status copyDatabase(const std::string& path, const std::string& copy) {
    PH_ASSIGN(auto source, Database::open(path, Database::Mode::ReadWrite));
    PH_ASSIGN(auto target, Database::open(copy, Database::Mode::Create));
    sqlite3_backup* backup = sqlite3_backup_init(target->handle(), "main", source->handle(), "main");
    if (!backup) return fail(target->error(sqlite3_errcode(target->handle())));
    sqlite3_backup_step(backup, -1);
    const int code = sqlite3_backup_finish(backup);
    if (code != SQLITE_OK) return fail(target->error(code));
    return {};
}

Status backUp(const std::string& path, int version) {
    const std::string target = backupPath(path, version);
    const std::string temporary = files::temporaryName(target);
    Status status = copyDatabase(path, temporary);
    if (status) status = files::syncFile(temporary);
    if (status) status = files::renameDurably(temporary, target, true);
    for (const char* suffix : {"", "-journal", "-wal", "-shm"})
        ::unlink((temporary + suffix).c_str());
    if (!status) {
        Error error = status.error();
        error.detail = error.message + (error.detail.empty() ? "" : ": " + error.detail);
        error.message = "cannot be backed up before it is brought to a newer version, so it was left as it is";
        error.source = path;
        return fail(std::move(error));
    }
    return {};
}

Result<int> userVersion(Database& database) {
    PH_ASSIGN(const auto version, database.integer("PRAGMA user_version"));
    return static_cast<int>(version.value_or(0));
}

Status applyStep(Database& database, const Migration& migration) {
    Status status = database.execute(migration.sql);
    if (status && !database.inTransaction()) status = fail(Error::internal("the migration ended its transaction"));
    if (!status) {
        Error error = status.error();
        error.detail = error.message + (error.detail.empty() ? "" : ": " + error.detail);
        error.message = "migration " + migration.name + " failed, so the file was left as it is";
        return fail(std::move(error));
    }
    PH_ASSIGN(auto check, database.prepare("PRAGMA foreign_key_check"));
    PH_ASSIGN(const bool broken, check.step());
    if (broken)
        return fail(ErrorKind::Corrupt,
                    "migration " + migration.name + " would leave a row without the row it refers to", database.path(),
                    "table " + check.text(0));
    check.reset();
    if (migration.number == 1) PH_TRY(database.execute("PRAGMA application_id = " + std::to_string(kApplicationId)));
    return database.execute("PRAGMA user_version = " + std::to_string(migration.number));
}

}  // namespace

Result<std::vector<Migration>> bundled() {
    resources::init();
    std::vector<Migration> out;
    const QDir folder(QStringLiteral(":/migrations"));
    for (const QString& entry : folder.entryList({QStringLiteral("*.sql")}, QDir::Files, QDir::Name)) {
        QFile file(folder.filePath(entry));
        if (!file.open(QIODevice::ReadOnly))
            return fail(Error::internal("unreadable migration " + entry.toStdString()));
        Migration migration{entry.left(3).toInt(), entry.chopped(4).toStdString(), file.readAll().toStdString()};
        if (migration.number != static_cast<int>(out.size()) + 1)
            return fail(Error::internal("the migrations are not numbered 001, 002, …: " + migration.name));
        out.push_back(std::move(migration));
    }
    if (out.empty()) return fail(Error::internal("the program holds no migrations"));
    return out;
}

std::string backupPath(const std::string& path, int version) { return path + ".backup-v" + std::to_string(version); }

Status apply(const std::string& path, std::span<const Migration> known) {
    PH_ASSIGN(auto database, Database::open(path, Database::Mode::ReadWrite));
    // A migration may rebuild a table that others refer to; the check before its commit makes up for it. A new file can
    // give its free pages back; on an older one that setting waits for a VACUUM.
    // Pages of 16 KiB: columns are read in longer pieces, and a commit is no slower for it. A file keeps its own.
    PH_TRY(
        database->execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA page_size = 16384; "
                          "PRAGMA auto_vacuum = INCREMENTAL"));
    bool wasEmpty = false;
    for (;;) {
        PH_ASSIGN(auto transaction, Transaction::begin(*database));
        // Asked under the write lock: another process may have done this step meanwhile.
        PH_ASSIGN(const int version, userVersion(*database));
        if (version < 0 || version >= static_cast<int>(known.size())) return {};
        wasEmpty |= version == 0;
        if (!wasEmpty) PH_TRY(backUp(path, version));
        PH_TRY(applyStep(*database, known[static_cast<std::size_t>(version)]));
        PH_TRY(transaction.commit());
    }
}

}  // namespace pilothouse::workspace::migrations
