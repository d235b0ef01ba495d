// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/distinct_sample.h"

#include <algorithm>
#include <cmath>

namespace pilothouse::statistics {

void DistinctSample::settle() const {
    if (m_settled == m_hashes.size()) return;
    std::sort(m_hashes.begin(), m_hashes.end());
    m_hashes.erase(std::unique(m_hashes.begin(), m_hashes.end()), m_hashes.end());
    if (m_hashes.size() > m_most) m_hashes.resize(m_most);
    if (m_most > 0 && m_hashes.size() == m_most) m_largest = m_hashes.back();
    m_settled = m_hashes.size();
}

void DistinctSample::merge(const DistinctSample& other) {
    for (const std::uint64_t hash : other.hashes())
        add(hash);
}

double DistinctSample::estimate() const {
    settle();
    if (exact()) return static_cast<double>(m_hashes.size());
    return static_cast<double>(m_most - 1) / std::ldexp(static_cast<double>(m_hashes.back()), -64);
}

bool DistinctSample::exact() const {
    settle();
    return m_hashes.size() < m_most || m_most < 2;
}

std::span<const std::uint64_t> DistinctSample::hashes() const {
    settle();
    return m_hashes;
}

bool DistinctSample::operator==(const DistinctSample& other) const {
    return m_most == other.m_most && std::ranges::equal(hashes(), other.hashes());
}

}  // namespace pilothouse::statistics
