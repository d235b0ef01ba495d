// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/change_detectors.h"

#include <algorithm>
#include <cmath>

namespace pilothouse::statistics {

bool PageHinkley::update(double value) {
    if (!std::isfinite(value)) {
        ++m_skipped;
        return false;
    }
    if (m_changed) {
        const std::uint64_t skipped = m_skipped;
        *this = PageHinkley(m_options);
        m_skipped = skipped;
    }
    m_n += 1;
    m_mean += (value - m_mean) / m_n;
    const double deviation = value - m_mean;
    m_rise = m_options.alpha * m_rise + deviation - m_options.delta;
    m_fall = m_options.alpha * m_fall + deviation + m_options.delta;
    m_lowestRise = std::min(m_lowestRise, m_rise);
    m_highestFall = std::max(m_highestFall, m_fall);
    if (m_n < static_cast<double>(m_options.minimumValues)) return false;
    const bool up = m_rise - m_lowestRise > m_options.threshold, down = m_highestFall - m_fall > m_options.threshold;
    m_changed = (up && m_options.direction != Direction::Down) || (down && m_options.direction != Direction::Up);
    return m_changed;
}

Ddm::State Ddm::update(bool error) {
    if (m_state == State::Drift) *this = Ddm(m_options);
    m_n += 1;
    m_rate += ((error ? 1.0 : 0.0) - m_rate) / m_n;
    if (!(m_n > static_cast<double>(m_options.warmStart))) return m_state;
    const double spread = std::sqrt(std::max(0.0, m_rate * (1 - m_rate)) / m_n), level = m_rate + spread;
    if (level <= m_lowest) {
        m_lowestRate = m_rate;
        m_lowestSpread = spread;
        m_lowest = level;
    }
    m_state = level > m_lowestRate + m_options.drift * m_lowestSpread     ? State::Drift
              : level > m_lowestRate + m_options.warning * m_lowestSpread ? State::Warning
                                                                          : State::Ok;
    return m_state;
}

}  // namespace pilothouse::statistics
