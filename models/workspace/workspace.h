// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QPromise>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "models/base/clock.h"
#include "models/base/time_zone.h"
#include "models/workspace/database.h"
#include "models/workspace/worker_pool.h"

namespace pilothouse::workspace {

/// Marks a SQLite file as a workspace (PRAGMA application_id; "PLTH"). PRAGMA user_version is its migration's number.
inline constexpr std::int32_t kApplicationId = 0x504C5448;

/// What is wrong with a file, from verify().
struct Problem {
    std::string what;
    std::string where;
};

/// One open workspace file. Holds no lock by itself; any number may have the same file open, here or in other
/// processes.
///
/// Threads: a Workspace may be used from any thread. read() and write() run their function on the workspace's own pools
/// (two readers, one writer), each with a connection of its own. The engine opens connections of its own by connect().
/// The last reference may go on any thread. It ends reads in hand (their answer is Cancelled) and waits for all writes.
class Workspace {
public:
    /// Opens an existing workspace, backing up (FILE.backup-vN beside it) and migrating an older one. A file that is
    /// not SQLite, not a workspace, or newer than this program is refused with the reason and left untouched; so is one
    /// on a network file system. A read-only file opens for reading when its version is current.
    static Result<std::shared_ptr<Workspace>> open(const std::string& path);
    /// Creates a new one, whole or not at all; AlreadyExists when the file is there. Zone: IANA name of its calendar.
    static Result<std::shared_ptr<Workspace>> create(const std::string& path, ClockKind clock, const std::string& zone);
    ~Workspace();
    /// Waits until every workspace of the process is closed, 10 s at most. To be called at the end of main: what a job
    /// uses, such as XGBoost's own globals, must not be destroyed while it runs. (Otherwise the process waits at exit,
    /// when globals that are younger than the first workspace are gone already.)
    static void awaitClosed();

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] bool readOnly() const { return m_readOnly; }
    [[nodiscard]] ClockKind clockKind() const { return m_clockKind; }
    [[nodiscard]] const Zone& zone() const { return m_zone; }
    /// A simulated workspace stands at the time in setting "sim.now" (ns as decimal text; 1970 before it is set first).
    /// The engine stores it with storeSimulatedNow() in the transaction that makes it true, and moves this object's
    /// clock by setSimulatedNow(); other processes follow by refreshClock(), which never moves it back. All three do
    /// nothing to a workspace on the real clock.
    [[nodiscard]] const Clock& clock() const { return *m_clock; }
    [[nodiscard]] Timestamp now() const { return m_clock->now(); }
    void setSimulatedNow(Timestamp t);
    [[nodiscard]] Status storeSimulatedNow(Database& database, Timestamp t) const;
    [[nodiscard]] Status refreshClock(Database& database);

    /// A new connection for a thread of the caller's.
    [[nodiscard]] Result<std::unique_ptr<Database>> connect(bool readOnly = false) const;

    /// Runs `work(Database&) -> Result<T>` on a reader thread, within one snapshot. Cancellation interrupts SQL.
    template <class Work>
    auto read(CancellationToken token, Work work) -> QFuture<std::invoke_result_t<Work&, Database&>> {
        return dispatch(true, std::move(token), std::move(work));
    }
    /// Runs `work(Database&) -> Result<T>` on the writer thread, within one write transaction that is committed when
    /// the result holds a value. The writer's work is short: never a scan, never a wait.
    template <class Work>
    auto write(Work work) -> QFuture<std::invoke_result_t<Work&, Database&>> {
        return dispatch(false, {}, std::move(work));
    }

    /// Settings: small texts by key.
    static Result<std::optional<std::string>> setting(Database& database, const std::string& key);
    /// Nothing for an empty text; Corrupt for one that is not a whole number.
    static Result<std::optional<std::int64_t>> integerSetting(Database& database, const std::string& key);
    static Status setSetting(Database& database, const std::string& key, const std::string& value);

    /// SQLite's own check, the schema that this version's migrations make, artifacts present and of their digest,
    /// segments decodable (by `extraChecks`, which folders above add), the audit chain unbroken. An empty list: sound.
    /// Reads the whole file on the calling thread.
    [[nodiscard]] Result<std::vector<Problem>> verify(
        const std::vector<std::function<Result<std::vector<Problem>>(Database&)>>& extraChecks,
        CancellationToken token);

    /// Folder of content-addressed artifacts beside the file ("demo.pilothouse" → "demo.pilothouse.artifacts").
    [[nodiscard]] std::string artifactFolder() const;

private:
    /// A connection out of the pool with an open transaction; rolled back unless committed, and given back in any case.
    class Session {
    public:
        Session(Workspace& workspace, bool reading) : m_workspace(workspace), m_reading(reading) {}
        Session(const Session&) = delete;
        Session& operator=(const Session&) = delete;
        ~Session();
        [[nodiscard]] Status begin(const CancellationToken& token);
        [[nodiscard]] Database& database() { return *m_database; }
        [[nodiscard]] Status commit() { return m_transaction->commit(); }

    private:
        Workspace& m_workspace;
        const bool m_reading;
        std::unique_ptr<Database> m_database;
        std::optional<Transaction> m_transaction;
    };

    Workspace();
    static Result<std::shared_ptr<Workspace>> adopt(std::string path, bool readOnly, bool immutable);
    [[nodiscard]] Status readSettings();
    template <class Work>
    auto dispatch(bool reading, CancellationToken token, Work work) -> QFuture<std::invoke_result_t<Work&, Database&>>;
    template <class R, class Work>
    R perform(bool reading, const CancellationToken& token, Work& work);
    [[nodiscard]] Result<std::unique_ptr<Database>> borrow(bool reading);
    void giveBack(bool reading, std::unique_ptr<Database> database);

    std::string m_path;
    bool m_readOnly = false;
    bool m_immutable = false;  ///< on a medium that nobody can write to
    ClockKind m_clockKind = ClockKind::Real;
    Zone m_zone;
    std::unique_ptr<Clock> m_clock;
    CancellationSource m_closing;
    WorkerPool m_readers, m_writer;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<Database>> m_idleReaders;
    std::unique_ptr<Database> m_idleWriter;
};

template <class R, class Work>
R Workspace::perform(bool reading, const CancellationToken& token, Work& work) {
    try {
        Session session(*this, reading);
        PH_TRY(session.begin(token));
        R result = work(session.database());
        if (result) PH_TRY(session.commit());
        return result;
    } catch (const std::exception& exception) {
        return fail(
            Error{ErrorKind::Internal, "an operation on the workspace failed", exception.what(), m_path, false});
    }
}

template <class Work>
auto Workspace::dispatch(bool reading, CancellationToken token, Work work)
    -> QFuture<std::invoke_result_t<Work&, Database&>> {
    using R = std::invoke_result_t<Work&, Database&>;
    struct Job {
        QPromise<R> promise;
        Work work;
    };
    // Shared, because std::function copies; so the work may hold what can only be moved.
    auto job = std::make_shared<Job>(Job{QPromise<R>(), std::move(work)});
    job->promise.start();
    auto future = job->promise.future();
    // The destructor waits for the pools, so `this` outlives every job, and every future gets its answer.
    (reading ? m_readers : m_writer).start([this, reading, token = std::move(token), job] {
        job->promise.addResult(perform<R>(reading, token, job->work));
        job->promise.finish();
    });
    return future;
}

}  // namespace pilothouse::workspace
