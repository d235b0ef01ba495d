// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <vector>

namespace pilothouse::shell {

/// How long the GUI thread lets events wait: a 5 ms timer, and how much later than that it comes. The measure of "it
/// never hangs". GUI thread.
class EventLoopMeter : public QObject {
    Q_OBJECT
public:
    explicit EventLoopMeter(QObject* parent = nullptr);
    void start();
    void stop();

    struct Report {
        double seconds = 0;    ///< measured for so long
        double longestMs = 0;  ///< between two turns of the loop
        double p99Ms = 0;
        int over50Ms = 0;
    };
    [[nodiscard]] Report report() const;

private:
    void tick();

    QTimer m_timer;
    QElapsedTimer m_total, m_last;
    double m_seconds = 0;
    std::vector<float> m_gaps;
};

}  // namespace pilothouse::shell
