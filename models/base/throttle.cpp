// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/base/throttle.h"

namespace pilothouse {

Throttle::Throttle(int intervalMs, QObject* parent) : QObject(parent) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(intervalMs);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (!m_pending) return;
        m_pending = false;
        m_timer.start();
        Q_EMIT triggered();
    });
}

void Throttle::trigger() {
    if (m_timer.isActive()) {
        m_pending = true;
        return;
    }
    m_timer.start();
    Q_EMIT triggered();
}

}  // namespace pilothouse
