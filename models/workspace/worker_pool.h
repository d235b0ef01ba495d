// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace pilothouse::workspace {

/// Named threads that run jobs in the order in which they came. Made of the standard library, whose locks the thread
/// sanitizer can see. Threads start with the first jobs; idle ones sleep. start() may be called from any thread.
class WorkerPool {
public:
    WorkerPool(std::string name, std::size_t threads) : m_name(std::move(name)), m_limit(threads) {}
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;
    ~WorkerPool() { finish(); }

    /// A job must not throw.
    void start(std::function<void()> job);
    /// Runs what is queued, and ends the threads. Not from one of them.
    void finish();
    /// Threads of every pool that start from now on stand behind the window's thread where both want a core: what is
    /// painted goes before what is searched. For a program with a window, before its first job; commands want all there
    /// is.
    static void giveWay(bool on);
    /// Whether the caller is one of the pool's threads.
    [[nodiscard]] bool isOwnThread() const;

private:
    void run();

    const std::string m_name;
    const std::size_t m_limit;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_jobs;
    std::vector<std::thread> m_threads;
    std::size_t m_idle = 0;
    bool m_finishing = false;
};

}  // namespace pilothouse::workspace
