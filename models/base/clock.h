// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>

#include "models/base/timestamp.h"

namespace pilothouse {

enum class ClockKind { Real, Simulated, Logical };

/// Where "now" comes from. Nothing else asks the system for the time, except to measure how long something took.
/// Implementations are safe to read from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
    [[nodiscard]] virtual ClockKind kind() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override {
        return {std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count()};
    }
    [[nodiscard]] ClockKind kind() const override { return ClockKind::Real; }
};

/// A clock that stands where it was last set: the simulated year (set by the engine) and the logical clock of tests.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Timestamp start = {}, ClockKind kind = ClockKind::Simulated) : m_now(start.ns), m_kind(kind) {}
    [[nodiscard]] Timestamp now() const override { return {m_now.load(std::memory_order_acquire)}; }
    [[nodiscard]] ClockKind kind() const override { return m_kind; }
    void set(Timestamp t) { m_now.store(t.ns, std::memory_order_release); }

private:
    std::atomic<std::int64_t> m_now;
    ClockKind m_kind;
};

}  // namespace pilothouse
