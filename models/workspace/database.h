// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "models/base/cancellation.h"
#include "models/base/result.h"
#include "models/base/timestamp.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pilothouse::workspace {

class Database;

/// A prepared statement, borrowed from its connection's cache and given back (reset, unbound) on destruction.
/// Columns and parameters: parameters count from 1 as in SQL, columns from 0.
class Statement {
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, int value) { return bind(index, static_cast<std::int64_t>(value)); }
    Statement& bind(int index, std::uint64_t value) { return bind(index, static_cast<std::int64_t>(value)); }
    Statement& bind(int index, double value);            ///< NaN is stored as NULL
    Statement& bind(int index, std::string_view value);  ///< copied
    Statement& bind(int index, const char* value) { return bind(index, std::string_view(value)); }
    Statement& bind(int index, const std::string& value) { return bind(index, std::string_view(value)); }
    Statement& bind(int index, Timestamp value) { return bind(index, value.ns); }
    Statement& bindBlob(int index, std::span<const std::uint8_t> value);  ///< copied
    Statement& bindNull(int index);
    template <class T>
    Statement& bind(int index, const std::optional<T>& value) {
        return value ? bind(index, *value) : bindNull(index);
    }
    /// Binds 1, 2, … in order.
    template <class... T>
    Statement& bindAll(const T&... values) {
        int index = 0;
        (bind(++index, values), ...);
        return *this;
    }

    /// True: a row is there. False: done.
    [[nodiscard]] Result<bool> step();
    /// Runs to the end and drops rows; for INSERT and the like. Resets, so that it can be bound and run again.
    [[nodiscard]] Status run();
    void reset();

    [[nodiscard]] bool isNull(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;  ///< NULL is NaN
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::string_view view(int column) const;               ///< valid until the next step
    [[nodiscard]] std::span<const std::uint8_t> blob(int column) const;  ///< valid until the next step
    [[nodiscard]] Timestamp timestamp(int column) const { return {integer(column)}; }
    [[nodiscard]] std::optional<Timestamp> optionalTimestamp(int column) const {
        return isNull(column) ? std::nullopt : std::optional(timestamp(column));
    }

private:
    friend class Database;
    Statement(Database* database, sqlite3_stmt* statement, std::string key)
        : m_database(database), m_statement(statement), m_key(std::move(key)) {}
    Database* m_database;
    sqlite3_stmt* m_statement;
    std::string m_key;
    int m_bindError = 0;
};

/// One SQLite connection; used by one thread at a time. Thin: errors become Result with the file's name, a cause in
/// words (locked, read-only, full disk, not a database, corrupt) and SQLite's message as detail.
class Database {
public:
    /// Immutable: takes no locks and needs no side files; only for what nobody can write to.
    enum class Mode { ReadOnly, ReadWrite, Create, Immutable };
    /// `timeout`: how long a statement waits for another process's lock before it fails with Conflict.
    static Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode,
                                                  std::chrono::milliseconds timeout = std::chrono::seconds(10));
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// From the cache, or prepared. The SQL must be one statement.
    [[nodiscard]] Result<Statement> prepare(std::string_view sql);
    /// One or many statements, without parameters or rows.
    [[nodiscard]] Status execute(const std::string& sql);
    /// Shorthand: prepare, bind, run.
    template <class... T>
    [[nodiscard]] Status run(std::string_view sql, const T&... values) {
        PH_ASSIGN(auto statement, prepare(sql));
        statement.bindAll(values...);
        return statement.run();
    }
    /// First column of the first row as an integer; nothing when there is no row or it is NULL.
    template <class... T>
    [[nodiscard]] Result<std::optional<std::int64_t>> integer(std::string_view sql, const T&... values) {
        PH_ASSIGN(auto statement, prepare(sql));
        statement.bindAll(values...);
        PH_ASSIGN(const bool row, statement.step());
        if (!row || statement.isNull(0)) return std::optional<std::int64_t>{};
        return std::optional<std::int64_t>(statement.integer(0));
    }
    template <class... T>
    [[nodiscard]] Result<std::optional<std::string>> text(std::string_view sql, const T&... values) {
        PH_ASSIGN(auto statement, prepare(sql));
        statement.bindAll(values...);
        PH_ASSIGN(const bool row, statement.step());
        if (!row || statement.isNull(0)) return std::optional<std::string>{};
        return std::optional<std::string>(statement.text(0));
    }
    [[nodiscard]] std::int64_t lastInsertId() const;
    [[nodiscard]] std::int64_t changes() const;
    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] sqlite3* handle() const { return m_handle; }
    [[nodiscard]] bool inTransaction() const;
    /// Rows that this connection has inserted, changed or deleted since it was opened, rolled back or not.
    [[nodiscard]] std::int64_t totalChanges() const;
    /// Transactions that were rolled back, for whatever reason.
    [[nodiscard]] std::int64_t rollbacks() const { return m_rollbacks; }
    /// What a library keeps with the connection, such as what it read last; goes with it.
    [[nodiscard]] std::shared_ptr<void>& attachment() { return m_attachment; }

    /// While set, long statements are interrupted soon after either token is cancelled and end with
    /// ErrorKind::Cancelled.
    void setCancellation(CancellationToken token, CancellationToken other = {});

    [[nodiscard]] Error error(int code, std::string_view doing = {}) const;

private:
    friend class Statement;
    Database(sqlite3* handle, std::string path) : m_handle(handle), m_path(std::move(path)) {}
    void giveBack(std::string key, sqlite3_stmt* statement);

    sqlite3* m_handle;
    std::string m_path;
    CancellationToken m_token, m_otherToken;
    std::unordered_map<std::string, sqlite3_stmt*> m_cache;
    std::int64_t m_rollbacks = 0;
    std::shared_ptr<void> m_attachment;
};

/// BEGIN IMMEDIATE (write) or BEGIN (a stable snapshot for reading); rolls back unless committed.
/// A write transaction inside another one joins it: only the outermost commits.
class Transaction {
public:
    enum class Kind { Read, Write };
    static Result<Transaction> begin(Database& database, Kind kind = Kind::Write);
    Transaction(Transaction&& other) noexcept : m_database(other.m_database) { other.m_database = nullptr; }
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    [[nodiscard]] Status commit();

private:
    explicit Transaction(Database* database) : m_database(database) {}
    Database* m_database;  ///< null: nothing to do here (joined, committed or moved from)
};

}  // namespace pilothouse::workspace
