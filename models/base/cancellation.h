// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>

#include "models/base/result.h"

namespace pilothouse {

/// Read side of a cancellation. Cheap to copy; safe from any thread. A default token is never cancelled.
class CancellationToken {
public:
    CancellationToken() = default;
    [[nodiscard]] bool cancelled() const { return m_flag && m_flag->load(std::memory_order_relaxed); }
    /// PH_TRY(token.check()) at the top of every loop.
    [[nodiscard]] Status check() const {
        if (cancelled()) return fail(Error::cancelled());
        return {};
    }

private:
    friend class CancellationSource;
    explicit CancellationToken(std::shared_ptr<std::atomic<bool>> flag) : m_flag(std::move(flag)) {}
    std::shared_ptr<std::atomic<bool>> m_flag;
};

/// Write side. Destroying the source does not cancel.
class CancellationSource {
public:
    CancellationSource() : m_flag(std::make_shared<std::atomic<bool>>(false)) {}
    void cancel() { m_flag->store(true, std::memory_order_relaxed); }
    [[nodiscard]] CancellationToken token() const { return CancellationToken(m_flag); }

private:
    std::shared_ptr<std::atomic<bool>> m_flag;
};

}  // namespace pilothouse
