// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/event_loop_meter.h"

#include <algorithm>

namespace pilothouse::shell {

EventLoopMeter::EventLoopMeter(QObject* parent) : QObject(parent) {
    m_timer.setTimerType(Qt::PreciseTimer);
    m_timer.setInterval(5);
    connect(&m_timer, &QTimer::timeout, this, &EventLoopMeter::tick);
}

void EventLoopMeter::start() {
    m_gaps.clear();
    m_seconds = 0;
    m_total.start();
    m_last.start();
    m_timer.start();
}

void EventLoopMeter::stop() {
    if (!m_timer.isActive()) return;
    m_timer.stop();
    m_seconds = static_cast<double>(m_total.nsecsElapsed()) * 1e-9;
}

void EventLoopMeter::tick() {
    m_gaps.push_back(static_cast<float>(m_last.nsecsElapsed()) * 1e-6f);
    m_last.start();
}

EventLoopMeter::Report EventLoopMeter::report() const {
    Report report;
    report.seconds = m_timer.isActive() ? static_cast<double>(m_total.nsecsElapsed()) * 1e-9 : m_seconds;
    if (m_gaps.empty()) return report;
    std::vector<float> sorted = m_gaps;
    std::ranges::sort(sorted);
    report.longestMs = sorted.back();
    report.p99Ms = sorted[sorted.size() * 99 / 100];
    report.over50Ms = static_cast<int>(sorted.end() - std::ranges::upper_bound(sorted, 50.0f));
    return report;
}

}  // namespace pilothouse::shell
