// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/parallel.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "models/workspace/worker_pool.h"

namespace pilothouse::predictions {

namespace {

std::size_t helperCount() {
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    return std::min<std::size_t>(cores - 1, kWindow - 2);
}

workspace::WorkerPool& pool() {
    static workspace::WorkerPool helpers("scan", std::max<std::size_t>(1, helperCount()));
    return helpers;
}

/// Outlives the call while a job that came too late still waits in the pool.
class Ordered {
public:
    Ordered(std::size_t units, const std::function<void(std::size_t)>& work) : m_units(units), m_work(&work) {}

    void help() {
        std::unique_lock lock(m_mutex);
        if (m_stop) return;
        ++m_helping;
        while (!m_stop && m_next < m_units) {
            if (m_next < m_consumed + kWindow)
                doOne(lock);
            else
                m_change.wait(lock);
        }
        --m_helping;
        m_change.notify_all();
    }

    void run(const std::function<bool(std::size_t)>& consume, std::size_t alone,
             const std::function<void()>& callHelpers) {
        std::unique_lock lock(m_mutex);
        bool called = false;
        try {
            while (m_consumed < m_units && !m_failure) {
                if (!called && m_next >= alone) {
                    called = true;
                    lock.unlock();
                    callHelpers();
                    lock.lock();
                }
                if (m_done[m_consumed % kWindow]) {
                    lock.unlock();
                    const bool goOn = consume(m_consumed);
                    lock.lock();
                    m_done[m_consumed % kWindow] = false;
                    ++m_consumed;
                    m_change.notify_all();
                    if (!goOn) break;
                } else if (m_next < m_units && m_next < m_consumed + kWindow) {
                    doOne(lock);
                } else {
                    m_change.wait(lock);
                }
            }
        } catch (...) {
            if (!lock.owns_lock()) lock.lock();
            if (!m_failure) m_failure = std::current_exception();
        }
        m_stop = true;
        m_change.notify_all();
        m_change.wait(lock, [&] { return m_helping == 0; });
        if (m_failure) std::rethrow_exception(m_failure);
    }

private:
    void doOne(std::unique_lock<std::mutex>& lock) {
        const std::size_t unit = m_next++;
        lock.unlock();
        std::exception_ptr failure;
        try {
            (*m_work)(unit);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        if (failure && !m_failure) m_failure = failure;
        m_done[unit % kWindow] = true;
        m_change.notify_all();
    }

    const std::size_t m_units;
    const std::function<void(std::size_t)>* m_work;
    std::mutex m_mutex;
    std::condition_variable m_change;
    std::size_t m_next = 0, m_consumed = 0, m_helping = 0;
    std::array<bool, kWindow> m_done{};
    bool m_stop = false;
    std::exception_ptr m_failure;
};

}  // namespace

void runOrdered(std::size_t units, const std::function<void(std::size_t)>& work,
                const std::function<bool(std::size_t)>& consume, std::size_t alone) {
    if (units == 0) return;
    const auto ordered = std::make_shared<Ordered>(units, work);
    ordered->run(consume, alone, [&] {
        for (std::size_t h = 0; h < std::min(helperCount(), units - 1); ++h)
            pool().start([ordered] { ordered->help(); });
    });
}

}  // namespace pilothouse::predictions
