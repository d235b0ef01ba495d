// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace pilothouse::statistics {

/// Calls work(i) for each i in [0, count), on up to `threads` threads with this one among them; 0: one a processor, at
/// most eight. Returns when all are done. `work` must be safe to call for different i at once, and its results must not
/// depend on the order. The first exception stops the rest and is thrown here. A thread that cannot be had is done
/// without.
template <class Work>
void sideBySide(std::size_t count, const Work& work, std::size_t threads = 0) {
    constexpr std::size_t kMost = 8;
    if (threads == 0) threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMost);
    std::atomic<std::size_t> next = 0;
    std::exception_ptr failed;
    std::mutex guard;
    const auto run = [&] {
        try {
            for (std::size_t i = next++; i < count; i = next++)
                work(i);
        } catch (...) {
            next = count;
            const std::lock_guard lock(guard);
            if (!failed) failed = std::current_exception();
        }
    };
    std::vector<std::thread> others;
    try {
        for (std::size_t t = 1; t < std::min(threads, count); ++t)
            others.emplace_back(run);
    } catch (const std::system_error&) {  // none is left; those that run do the work
    }
    run();
    for (std::thread& other : others)
        other.join();
    if (failed) std::rethrow_exception(failed);
}

}  // namespace pilothouse::statistics
