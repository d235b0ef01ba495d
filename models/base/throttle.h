// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace pilothouse {

/// Lets the first event of a burst through at once and the last one at the end of the interval.
class Throttle : public QObject {
    Q_OBJECT
public:
    explicit Throttle(int intervalMs, QObject* parent = nullptr);
    void trigger();

Q_SIGNALS:
    void triggered();

private:
    QTimer m_timer;
    bool m_pending = false;
};

}  // namespace pilothouse
