// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/database.h"

#include <sqlite3.h>

#include <cmath>

#include "models/workspace/read_ahead.h"

namespace pilothouse::workspace {

namespace {

constexpr int kStepsBetweenCancellationChecks = 2'000;

struct Cause {
    ErrorKind kind;
    const char* message;
    bool retryable = false;
};

Cause causeOf(int code) {
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ErrorKind::Conflict, "the workspace is locked by another process", true};
        case SQLITE_READONLY:
            return {ErrorKind::PermissionDenied, "the workspace is read-only"};
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return {ErrorKind::PermissionDenied, "no permission to use the workspace"};
        case SQLITE_FULL:
            return {ErrorKind::ResourceExhausted, "the disk is full", true};
        case SQLITE_NOTADB:
            return {ErrorKind::InvalidInput, "not a Pilothouse workspace (not an SQLite database)"};
        case SQLITE_CORRUPT:
            return {ErrorKind::Corrupt, "the workspace is damaged"};
        case SQLITE_CANTOPEN:
            return {ErrorKind::Unavailable, "the workspace cannot be opened"};
        case SQLITE_IOERR:
            return {ErrorKind::Unavailable, "reading or writing the workspace failed", true};
        case SQLITE_NOMEM:
            return {ErrorKind::ResourceExhausted, "out of memory"};
        case SQLITE_TOOBIG:
            return {ErrorKind::ResourceExhausted, "a value is too large to store"};
        case SQLITE_INTERRUPT:
            return {ErrorKind::Cancelled, "cancelled"};
        case SQLITE_CONSTRAINT:
            return {ErrorKind::Conflict, "a stored rule forbids this change"};
        default:
            return {ErrorKind::Internal, "an operation on the workspace failed"};
    }
}

std::string immutableUri(const std::string& path) {
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            constexpr const char* kHex = "0123456789ABCDEF";
            uri += {'%', kHex[(c >> 4) & 0xf], kHex[c & 0xf]};
        } else {
            uri += c;
        }
    }
    return uri + "?immutable=1";
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : m_database(other.m_database),
      m_statement(other.m_statement),
      m_key(std::move(other.m_key)),
      m_bindError(other.m_bindError) {
    other.m_statement = nullptr;
}

Statement::~Statement() {
    if (m_statement) m_database->giveBack(std::move(m_key), m_statement);
}

Statement& Statement::bind(int index, std::int64_t value) {
    if (const int code = sqlite3_bind_int64(m_statement, index, value)) m_bindError = code;
    return *this;
}

Statement& Statement::bind(int index, double value) {
    if (std::isnan(value)) return bindNull(index);
    if (const int code = sqlite3_bind_double(m_statement, index, value)) m_bindError = code;
    return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
    const int code = sqlite3_bind_text64(m_statement, index, value.data() ? value.data() : "", value.size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code) m_bindError = code;
    return *this;
}

Statement& Statement::bindBlob(int index, std::span<const std::uint8_t> value) {
    const int code = value.empty()
                         ? sqlite3_bind_zeroblob(m_statement, index, 0)
                         : sqlite3_bind_blob64(m_statement, index, value.data(), value.size(), SQLITE_TRANSIENT);
    if (code) m_bindError = code;
    return *this;
}

Statement& Statement::bindNull(int index) {
    if (const int code = sqlite3_bind_null(m_statement, index)) m_bindError = code;
    return *this;
}

Result<bool> Statement::step() {
    if (m_bindError) return fail(m_database->error(m_bindError, m_key));
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return fail(m_database->error(code, m_key));
}

Status Statement::run() {
    Result<bool> more = true;
    while (more && *more)
        more = step();
    reset();
    if (!more) return fail(more.error());
    return {};
}

void Statement::reset() { sqlite3_reset(m_statement); }

bool Statement::isNull(int column) const { return sqlite3_column_type(m_statement, column) == SQLITE_NULL; }
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(m_statement, column); }
double Statement::real(int column) const {
    return isNull(column) ? std::nan("") : sqlite3_column_double(m_statement, column);
}
std::string_view Statement::view(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
    return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column)))
                : std::string_view{};
}
std::string Statement::text(int column) const { return std::string(view(column)); }
std::span<const std::uint8_t> Statement::blob(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(m_statement, column));
    return {data, data ? static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column)) : 0};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode,
                                                 std::chrono::milliseconds timeout) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    switch (mode) {
        case Mode::Immutable:
        case Mode::ReadOnly:
            flags |= SQLITE_OPEN_READONLY;
            break;
        case Mode::ReadWrite:
            flags |= SQLITE_OPEN_READWRITE;
            break;
        case Mode::Create:
            flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
            break;
    }
    std::string name = path;
    if (mode == Mode::Immutable) {
        flags |= SQLITE_OPEN_URI;
        name = immutableUri(path);
    }
    installReadAhead();
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
    std::unique_ptr<Database> database(new Database(handle, path));
    if (code != SQLITE_OK) return fail(database->error(code));
    sqlite3_busy_timeout(handle, static_cast<int>(timeout.count()));
    sqlite3_rollback_hook(
        handle, [](void* self) { ++static_cast<Database*>(self)->m_rollbacks; }, database.get());
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    PH_TRY(database->execute("PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;"));
    return database;
}

Database::~Database() {
    for (auto& [sql, statement] : m_cache)
        sqlite3_finalize(statement);
    sqlite3_close_v2(m_handle);
}

Result<Statement> Database::prepare(std::string_view sql) {
    std::string key(sql);
    if (const auto cached = m_cache.find(key); cached != m_cache.end()) {
        sqlite3_stmt* statement = cached->second;
        m_cache.erase(cached);
        return Statement(this, statement, std::move(key));
    }
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(m_handle, key.data(), static_cast<int>(key.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
    if (code != SQLITE_OK) return fail(error(code, sql));
    if (!statement) return fail(Error::internal("an empty SQL statement"));
    return Statement(this, statement, std::move(key));
}

void Database::giveBack(std::string key, sqlite3_stmt* statement) {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    const auto [place, inserted] = m_cache.emplace(std::move(key), statement);
    if (!inserted) sqlite3_finalize(statement);  // the same SQL was in use twice at once
}

Status Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(error(code, sql));
    return {};
}

std::int64_t Database::lastInsertId() const { return sqlite3_last_insert_rowid(m_handle); }
std::int64_t Database::changes() const { return sqlite3_changes64(m_handle); }
std::int64_t Database::totalChanges() const { return sqlite3_total_changes64(m_handle); }
bool Database::inTransaction() const { return sqlite3_get_autocommit(m_handle) == 0; }

void Database::setCancellation(CancellationToken token, CancellationToken other) {
    m_token = std::move(token);
    m_otherToken = std::move(other);
    sqlite3_progress_handler(
        m_handle, kStepsBetweenCancellationChecks,
        [](void* self) {
            const auto* database = static_cast<Database*>(self);
            return database->m_token.cancelled() || database->m_otherToken.cancelled() ? 1 : 0;
        },
        this);
}

Error Database::error(int code, std::string_view doing) const {
    const Cause cause = causeOf(code);
    Error error{cause.kind, cause.message, {}, m_path, cause.retryable};
    if (cause.kind == ErrorKind::Cancelled) return error;
    error.detail = m_handle ? sqlite3_errmsg(m_handle) : sqlite3_errstr(code);
    if (cause.kind == ErrorKind::Internal && !doing.empty())
        error.detail += " in: " + std::string(doing.substr(0, 200));
    return error;
}

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
    if (database.inTransaction()) return Transaction(nullptr);
    PH_TRY(database.execute(kind == Kind::Write ? "BEGIN IMMEDIATE" : "BEGIN"));
    return Transaction(&database);
}

Transaction::~Transaction() {
    // Nothing can be done about a failed rollback; SQLite rolls back by itself when the connection closes.
    if (m_database && m_database->inTransaction()) (void)m_database->execute("ROLLBACK");
}

Status Transaction::commit() {
    if (!m_database) return {};
    PH_TRY(m_database->execute("COMMIT"));
    m_database = nullptr;
    return {};
}

}  // namespace pilothouse::workspace
