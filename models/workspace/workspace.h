// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QPromise>
#include <QThreadPool>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "models/base/clock.h"
#include "models/base/time_zone.h"
#include "models/workspace/database.h"

namespace pilothouse::workspace {

/// What is wrong with a file, from verify().
struct Problem {
    std::string what;
    std::string where;
};

/// One open workspace file. Holds no lock by itself; any number may have the same file open, here or in other processes.
///
/// Threads: a Workspace may be used from any thread. read() and write() run their function on the workspace's own pools
/// (two readers, one writer), each with a connection of its own. The engine opens connections of its own by connect().
class Workspace {
public:
    /// Opens an existing workspace, backing up (FILE.backup-vN beside it) and migrating an older one. A file that is not
    /// SQLite, not a workspace, or newer than this program is refused with the reason and left untouched; so is one on a
    /// network file system. A read-only file opens for reading when its version is current.
    static Result<std::shared_ptr<Workspace>> open(const std::string& path);
    /// Creates a new one; AlreadyExists when the file is there. Zone: IANA name of the workspace's calendar.
    static Result<std::shared_ptr<Workspace>> create(const std::string& path, ClockKind clock, const std::string& zone);
    ~Workspace();

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] bool readOnly() const { return m_readOnly; }
    [[nodiscard]] ClockKind clockKind() const { return m_clockKind; }
    [[nodiscard]] const Zone& zone() const { return m_zone; }
    /// A simulated workspace stands at the time in setting "sim.now"; the engine moves it, other processes follow by
    /// refreshClock().
    [[nodiscard]] const Clock& clock() const { return *m_clock; }
    [[nodiscard]] Timestamp now() const { return m_clock->now(); }
    void setSimulatedNow(Timestamp t);
    [[nodiscard]] Status refreshClock(Database& database);

    /// A new connection for a thread of the caller's.
    [[nodiscard]] Result<std::unique_ptr<Database>> connect(bool readOnly = false) const;

    /// Runs `work(Database&) -> Result<T>` on a reader thread, within one snapshot. Cancellation interrupts SQL.
    template <class Work>
    auto read(CancellationToken token, Work work) -> QFuture<std::invoke_result_t<Work&, Database&>> {
        return dispatch(true, std::move(token), std::move(work));
    }
    /// Runs `work(Database&) -> Result<T>` on the writer thread, within one write transaction that is committed when the
    /// result holds a value. The writer's work is short: never a scan, never a wait.
    template <class Work>
    auto write(Work work) -> QFuture<std::invoke_result_t<Work&, Database&>> {
        return dispatch(false, {}, std::move(work));
    }

    /// Settings: small texts by key.
    static Result<std::optional<std::string>> setting(Database& database, const std::string& key);
    static Status setSetting(Database& database, const std::string& key, const std::string& value);

    /// SQLite's own check, the migrations' numbers, artifacts present and of their digest, segments decodable (by
    /// `extraChecks`, which folders above add), the audit chain unbroken. An empty list: sound.
    [[nodiscard]] Result<std::vector<Problem>> verify(
        const std::vector<std::function<Result<std::vector<Problem>>(Database&)>>& extraChecks, CancellationToken token);

    /// Folder of content-addressed artifacts beside the file ("demo.pilothouse" → "demo.pilothouse.artifacts").
    [[nodiscard]] std::string artifactFolder() const;

private:
    Workspace() = default;
    template <class Work>
    auto dispatch(bool reading, CancellationToken token, Work work) -> QFuture<std::invoke_result_t<Work&, Database&>>;
    [[nodiscard]] Result<std::unique_ptr<Database>> borrow(bool reading);
    void giveBack(bool reading, std::unique_ptr<Database> database);

    std::string m_path;
    bool m_readOnly = false;
    ClockKind m_clockKind = ClockKind::Real;
    Zone m_zone;
    std::unique_ptr<Clock> m_clock;
    QThreadPool m_readers, m_writer;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<Database>> m_idleReaders;
    std::unique_ptr<Database> m_idleWriter;
};

template <class Work>
auto Workspace::dispatch(bool reading, CancellationToken token, Work work)
    -> QFuture<std::invoke_result_t<Work&, Database&>> {
    using R = std::invoke_result_t<Work&, Database&>;
    auto promise = std::make_shared<QPromise<R>>();
    promise->start();
    auto future = promise->future();
    (reading ? m_readers : m_writer).start([this, reading, token, promise, work = std::move(work)]() mutable {
        const auto answer = [&]() -> R {
            PH_TRY(token.check());  // superseded while it waited in the queue
            PH_ASSIGN(auto database, borrow(reading));
            database->setCancellation(token);
            R result = [&]() -> R {
                PH_ASSIGN(auto transaction, Transaction::begin(*database, reading ? Transaction::Kind::Read
                                                                                  : Transaction::Kind::Write));
                R inner = work(*database);
                if (inner) PH_TRY(transaction.commit());
                return inner;
            }();
            database->setCancellation({});
            giveBack(reading, std::move(database));
            return result;
        };
        promise->addResult(answer());
        promise->finish();
    });
    return future;
}

}  // namespace pilothouse::workspace
