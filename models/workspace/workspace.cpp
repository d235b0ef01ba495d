// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/workspace.h"

#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "models/workspace/files.h"
#include "models/workspace/migrations.h"

namespace pilothouse::workspace {

namespace {

constexpr std::chrono::milliseconds kOpenTimeout{3'000};
constexpr int kReaders = 2;
constexpr const char* kClockSetting = "clock";
constexpr const char* kZoneSetting = "zone";
constexpr const char* kSimulatedNowSetting = "sim.now";

struct ClockName {
    ClockKind kind;
    const char* name;
};
constexpr std::array kClockNames{ClockName{ClockKind::Real, "real"}, ClockName{ClockKind::Simulated, "simulated"},
                                 ClockName{ClockKind::Logical, "logical"}};

/// Refuses what is not a workspace, without changing a byte of it. Returns its version.
Result<int> identify(const std::string& path, bool immutable) {
    PH_ASSIGN(auto database,
              Database::open(path, immutable ? Database::Mode::Immutable : Database::Mode::ReadOnly, kOpenTimeout));
    PH_ASSIGN(const auto id, database->integer("PRAGMA application_id"));
    PH_ASSIGN(const auto version, database->integer("PRAGMA user_version"));
    PH_ASSIGN(const auto tables, database->integer("SELECT count(*) FROM sqlite_schema"));  // reads the whole schema
    if (id != kApplicationId) {
        const char* what = tables.value_or(0) == 0 ? "not a Pilothouse workspace (an empty file)"
                                                   : "not a Pilothouse workspace (another program's SQLite database)";
        return fail(Error::invalid(what, path));
    }
    if (version.value_or(0) < 1 || *version > 1'000'000)
        return fail(ErrorKind::Corrupt, "the workspace is damaged", path,
                    "its version is " + std::to_string(version.value_or(0)));
    return static_cast<int>(*version);
}

Status ensureWal(const std::string& path) {
    PH_ASSIGN(auto database, Database::open(path, Database::Mode::ReadWrite, kOpenTimeout));
    PH_ASSIGN(const auto mode, database->text("PRAGMA journal_mode = WAL"));
    if (mode != "wal")
        return fail(ErrorKind::Unsupported,
                    "SQLite's write-ahead log does not work on this file system; keep the workspace on a local disk",
                    path, "journal mode is " + mode.value_or("unknown"));
    return {};
}

Status fill(const std::string& path, const std::string& clock, const std::string& zone) {
    PH_ASSIGN(auto database, Database::open(path, Database::Mode::ReadWrite));
    PH_ASSIGN(auto transaction, Transaction::begin(*database));
    PH_TRY(Workspace::setSetting(*database, kClockSetting, clock));
    PH_TRY(Workspace::setSetting(*database, kZoneSetting, zone));
    return transaction.commit();
}

/// The workspaces of this process. A job may hold the last reference, also when main has returned; what it uses must
/// not be destroyed under it, so the process ends after the last workspace has.
class OpenWorkspaces {
public:
    static OpenWorkspaces& all() {
        static OpenWorkspaces instance;
        return instance;
    }
    void opened() {
        const std::lock_guard lock(m_mutex);
        ++m_number;
    }
    void closed() {
        const std::lock_guard lock(m_mutex);
        if (--m_number == 0) m_none.notify_all();
    }
    void await() {
        std::unique_lock lock(m_mutex);
        m_none.wait_for(lock, kPatience, [this] { return m_number == 0; });
    }

private:
    static constexpr std::chrono::seconds kPatience{10};  // somebody forgot a reference: end nevertheless

    OpenWorkspaces() = default;
    ~OpenWorkspaces() { await(); }

    std::mutex m_mutex;
    std::condition_variable m_none;
    int m_number = 0;
};

}  // namespace

Workspace::Workspace() : m_readers("reader", kReaders), m_writer("writer", 1) {}

Workspace::~Workspace() {
    m_closing.cancel();
    m_readers.finish();
    m_writer.finish();
}

Result<std::shared_ptr<Workspace>> Workspace::open(const std::string& given) {
    const std::string path = files::absolutePath(given);
    PH_TRY(files::checkRegularFile(path));
    PH_TRY(files::checkLocal(path));
    if (::access(path.c_str(), R_OK) != 0)
        return fail(ErrorKind::PermissionDenied, "no permission to read the file", path);
    const bool folderWritable = ::access(files::folderOf(path).c_str(), W_OK) == 0;
    const bool readOnly = !folderWritable || ::access(path.c_str(), W_OK) != 0;
    // Without its side files SQLite can only read a file that nobody changes. With them, it can use those of others.
    const bool hasLog = ::access((path + "-wal").c_str(), F_OK) == 0;
    const bool immutable = !folderWritable && !hasLog;

    PH_ASSIGN(const int version, identify(path, immutable).map_error([&](Error error) {
        if (error.kind == ErrorKind::Unavailable && readOnly && hasLog)
            error.message = "its last changes are still in " + path +
                            "-wal and the folder is read-only; copy both to another folder";
        return error;
    }));
    PH_ASSIGN(const auto known, migrations::bundled());
    const int newest = known.back().number;
    if (version > newest)
        return fail(ErrorKind::Unsupported,
                    "the workspace is of version " + std::to_string(version) + "; this program knows versions up to " +
                        std::to_string(newest),
                    path);
    if (version < newest) {
        if (readOnly)
            return fail(ErrorKind::PermissionDenied,
                        "the workspace is of version " + std::to_string(version) +
                            " and has to be brought to version " + std::to_string(newest) +
                            ", but the file or its folder is read-only",
                        path);
        PH_TRY(migrations::apply(path, known));
    }
    if (!readOnly) PH_TRY(ensureWal(path));
    return adopt(path, readOnly, immutable);
}

Result<std::shared_ptr<Workspace>> Workspace::create(const std::string& given, ClockKind clock,
                                                     const std::string& zone) {
    const std::string path = files::absolutePath(given);
    const std::string folder = files::folderOf(path);
    PH_ASSIGN(const Zone calendar, Zone::fromName(zone));
    if (::access(folder.c_str(), F_OK) != 0) return fail(ErrorKind::NotFound, "there is no folder " + folder, path);
    PH_TRY(files::checkLocal(folder));
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        return fail(ErrorKind::PermissionDenied, "no permission to create a file in " + folder, path);
    if (::access(path.c_str(), F_OK) == 0) return fail(ErrorKind::AlreadyExists, "the file exists already", path);
    PH_ASSIGN(const auto known, migrations::bundled());

    const char* clockName = "real";
    for (const ClockName& name : kClockNames)
        if (name.kind == clock) clockName = name.name;
    // Made under another name, so that nobody ever sees half a workspace.
    const std::string temporary = files::temporaryName(path);
    Status status = [&]() -> Status {
        PH_ASSIGN(auto database, Database::open(temporary, Database::Mode::Create));
        database.reset();
        PH_TRY(migrations::apply(temporary, known));
        PH_TRY(fill(temporary, clockName, calendar.name()));
        PH_TRY(ensureWal(temporary));
        PH_TRY(files::syncFile(temporary));
        return files::renameDurably(temporary, path, false);
    }();
    if (!status) {
        for (const char* suffix : {"", "-journal", "-wal", "-shm"})
            ::unlink((temporary + suffix).c_str());
        status.error().source = path;
        return fail(status.error());
    }
    return adopt(path, false, false);
}

void Workspace::awaitClosed() { OpenWorkspaces::all().await(); }

Result<std::shared_ptr<Workspace>> Workspace::adopt(std::string path, bool readOnly, bool immutable) {
    // A job may hold the last reference; the destructor, which waits for jobs, must not run on a thread of theirs.
    const auto bury = [](Workspace* workspace) {
        const auto close = [workspace] {
            delete workspace;
            OpenWorkspaces::all().closed();
        };
        if (workspace->m_readers.isOwnThread() || workspace->m_writer.isOwnThread())
            std::thread(close).detach();
        else
            close();
    };
    OpenWorkspaces::all().opened();
    std::shared_ptr<Workspace> workspace(new Workspace, bury);
    workspace->m_path = std::move(path);
    workspace->m_readOnly = readOnly;
    workspace->m_immutable = immutable;
    PH_TRY(workspace->readSettings());
    return workspace;
}

Status Workspace::readSettings() {
    PH_ASSIGN(auto database, connect(true));
    PH_ASSIGN(const auto clock, setting(*database, kClockSetting));
    PH_ASSIGN(const auto zone, setting(*database, kZoneSetting));
    const auto* const name = std::find_if(kClockNames.begin(), kClockNames.end(),
                                          [&](const ClockName& known) { return clock == known.name; });
    if (name == kClockNames.end() || !zone)
        return fail(ErrorKind::Corrupt, "the workspace is damaged", m_path, "its clock or its time zone is not set");
    m_clockKind = name->kind;
    PH_ASSIGN(m_zone, Zone::fromName(*zone));
    if (m_clockKind == ClockKind::Real)
        m_clock = std::make_unique<SystemClock>();
    else
        m_clock = std::make_unique<ManualClock>(Timestamp{0}, m_clockKind);
    PH_TRY(refreshClock(*database));
    giveBack(true, std::move(database));
    return {};
}

void Workspace::setSimulatedNow(Timestamp t) {
    if (m_clockKind != ClockKind::Real) static_cast<ManualClock&>(*m_clock).set(t);
}

Status Workspace::storeSimulatedNow(Database& database, Timestamp t) const {
    if (m_clockKind == ClockKind::Real) return {};
    return setSetting(database, kSimulatedNowSetting, std::to_string(t.ns));
}

Status Workspace::refreshClock(Database& database) {
    if (m_clockKind == ClockKind::Real) return {};
    PH_ASSIGN(const auto stored, integerSetting(database, kSimulatedNowSetting));
    if (!stored) return {};
    const Timestamp t{*stored};
    // Never back: in the engine's own process the clock may be ahead of what is committed.
    if (t > now()) setSimulatedNow(t);
    return {};
}

Result<std::unique_ptr<Database>> Workspace::connect(bool readOnly) const {
    const auto mode = m_immutable  ? Database::Mode::Immutable
                      : m_readOnly ? Database::Mode::ReadOnly
                                   : Database::Mode::ReadWrite;
    PH_ASSIGN(auto database, Database::open(m_path, mode));
    // Acknowledged means on disk. The log is cut back after a burst; what is deleted is overwritten where that costs no
    // extra write. Readers open for writing too (so that the last one to close may empty the log), but must not change
    // data.
    PH_TRY(
        database->execute("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;"
                          "PRAGMA secure_delete = FAST; PRAGMA cell_size_check = ON;"));
    if (readOnly || m_readOnly) PH_TRY(database->execute("PRAGMA query_only = ON"));
    return database;
}

Result<std::optional<std::string>> Workspace::setting(Database& database, const std::string& key) {
    return database.text("SELECT value FROM setting WHERE key = ?", key);
}

Result<std::optional<std::int64_t>> Workspace::integerSetting(Database& database, const std::string& key) {
    PH_ASSIGN(const auto text, setting(database, key));
    if (!text || text->empty()) return std::optional<std::int64_t>{};
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc{} && end == text->data() + text->size()) return std::optional(value);
    return fail(ErrorKind::Corrupt, "the workspace is damaged", database.path(),
                "setting " + key + " is \"" + text->substr(0, 50) + "\"");
}

Status Workspace::setSetting(Database& database, const std::string& key, const std::string& value) {
    return database.run(
        "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key,
        value);
}

std::string Workspace::artifactFolder() const { return m_path + ".artifacts"; }

Result<std::unique_ptr<Database>> Workspace::borrow(bool reading) {
    if (!reading && m_readOnly) return fail(ErrorKind::PermissionDenied, "the workspace is read-only", m_path);
    {
        const std::lock_guard lock(m_mutex);
        if (!reading && m_idleWriter) return std::move(m_idleWriter);
        if (reading && !m_idleReaders.empty()) {
            auto database = std::move(m_idleReaders.back());
            m_idleReaders.pop_back();
            return database;
        }
    }
    return connect(reading);
}

void Workspace::giveBack(bool reading, std::unique_ptr<Database> database) {
    if (database->inTransaction()) return;  // its rollback failed: only closing it helps
    const std::lock_guard lock(m_mutex);
    if (!reading)
        m_idleWriter = std::move(database);
    else if (m_idleReaders.size() < kReaders)
        m_idleReaders.push_back(std::move(database));
}

Status Workspace::Session::begin(const CancellationToken& token) {
    PH_TRY(token.check());  // superseded while it waited in the queue
    const CancellationToken closing = m_reading ? m_workspace.m_closing.token() : CancellationToken{};
    PH_TRY(closing.check());
    PH_ASSIGN(m_database, m_workspace.borrow(m_reading));
    m_database->setCancellation(token, closing);
    PH_ASSIGN(auto transaction,
              Transaction::begin(*m_database, m_reading ? Transaction::Kind::Read : Transaction::Kind::Write));
    m_transaction.emplace(std::move(transaction));
    return {};
}

Workspace::Session::~Session() {
    m_transaction.reset();
    if (!m_database) return;
    m_database->setCancellation({});
    m_workspace.giveBack(m_reading, std::move(m_database));
}

}  // namespace pilothouse::workspace
