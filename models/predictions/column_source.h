// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "models/predictions/log_contents.h"
#include "models/predictions/part_format.h"
#include "models/workspace/database.h"

struct sqlite3_blob;

namespace pilothouse::predictions {

/// Reads columns' bytes through one connection, in pieces. Columns of the parts read last stay open, and with them the
/// connection's read transaction. Thread: one at a time.
class ColumnSource {
public:
    /// The database must outlive it.
    explicit ColumnSource(workspace::Database& database) : m_database(&database) {}
    ~ColumnSource() { close(0); }
    ColumnSource(const ColumnSource&) = delete;
    ColumnSource& operator=(const ColumnSource&) = delete;

    /// `count` bytes from `offset` of the column's data; `ahead`: bytes that will be read soon, from there on. Corrupt
    /// where the column is gone or too short.
    [[nodiscard]] Result<Bytes> read(const Part& part, const PartColumn& column, std::uint64_t offset,
                                     std::size_t count, std::size_t ahead);

private:
    [[nodiscard]] Result<sqlite3_blob*> open(const Part& part, const PartColumn& column);
    void close(std::size_t kept);

    workspace::Database* m_database;
    struct OpenColumns {
        std::pair<bool, std::int64_t> part;
        std::map<std::string, sqlite3_blob*> byColumn;
    };
    std::list<OpenColumns> m_open;  ///< used last first
};

/// More connections to the same file, a thread of a scan each: what has to come from the disk is then waited for side
/// by side. They may see another state of the file than the reader's own; what they read counts only when it has the
/// checksum that the reader expects. Made when they are first asked for. Thread: any.
class SideSources {
public:
    explicit SideSources(std::string path) : m_path(std::move(path)) {}
    SideSources(const SideSources&) = delete;
    SideSources& operator=(const SideSources&) = delete;

    /// As ColumnSource::read(); nothing where it cannot, for whatever reason.
    [[nodiscard]] std::optional<Bytes> read(const Part& part, const PartColumn& column, std::uint64_t offset,
                                            std::size_t count, std::size_t ahead);

private:
    struct Side {
        std::unique_ptr<workspace::Database> database;
        std::unique_ptr<ColumnSource> source;  ///< goes before the database
    };
    /// Null while all are in use, or where none can be opened.
    [[nodiscard]] Side* take();
    void giveBack(Side* side);

    std::string m_path;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<Side>> m_sides;
    std::vector<Side*> m_free;
    bool m_failed = false;
};

}  // namespace pilothouse::predictions
