// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/workspace/worker_pool.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>

namespace pilothouse::workspace {
namespace {

/// A third of the share of a thread that is not nice, where both want the same core.
constexpr int kNice = 5;
std::atomic<bool> g_givesWay{false};

}  // namespace

void WorkerPool::giveWay(bool on) { g_givesWay = on; }

void WorkerPool::start(std::function<void()> job) {
    {
        const std::lock_guard lock(m_mutex);
        m_jobs.push_back(std::move(job));
        if (m_idle < m_jobs.size() && m_threads.size() < m_limit) m_threads.emplace_back([this] { run(); });
    }
    m_wake.notify_one();
}

void WorkerPool::run() {
    ::pthread_setname_np(::pthread_self(), m_name.substr(0, 15).c_str());
    // Of this thread alone, on Linux. A machine that refuses only paints later.
    if (g_givesWay) ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + kNice);
    std::unique_lock lock(m_mutex);
    for (;;) {
        ++m_idle;
        m_wake.wait(lock, [this] { return m_finishing || !m_jobs.empty(); });
        --m_idle;
        if (m_jobs.empty()) return;
        {
            const std::function<void()> job = std::move(m_jobs.front());
            m_jobs.pop_front();
            lock.unlock();
            job();
        }  // what the job holds goes before the next one begins
        lock.lock();
    }
}

void WorkerPool::finish() {
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(m_mutex);
        m_finishing = true;
        threads.swap(m_threads);
    }
    m_wake.notify_all();
    for (std::thread& thread : threads)
        thread.join();
}

bool WorkerPool::isOwnThread() const {
    const std::lock_guard lock(m_mutex);
    return std::any_of(m_threads.begin(), m_threads.end(),
                       [](const std::thread& thread) { return thread.get_id() == std::this_thread::get_id(); });
}

}  // namespace pilothouse::workspace
