// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>

namespace pilothouse::predictions {

/// Runs work(0) … work(units - 1) on the calling thread and those of a bounded pool, and consume(0), consume(1), … in
/// that order on the calling thread, each after its work. At most kWindow units are begun and not consumed, so that
/// slot `unit % kWindow` belongs to one unit at a time. The caller works as well: an answer never waits for the pool.
/// Ends when consume() gives false or all units are consumed; no work runs after it returned. An exception of either
/// function comes out here.
///
/// `alone`: so many units the caller does by itself before others help, for answers that mostly end early.
inline constexpr std::size_t kWindow = 6;
void runOrdered(std::size_t units, const std::function<void(std::size_t)>& work,
                const std::function<bool(std::size_t)>& consume, std::size_t alone = 0);

}  // namespace pilothouse::predictions
