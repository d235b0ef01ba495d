// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/adwin.h"

#include <algorithm>
#include <cmath>

#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

double sizeOf(std::size_t row) { return std::ldexp(1.0, static_cast<int>(row)); }

/// Squared deviations that two parts have about their common mean beyond those about their own (Chan et al. 1983).
double between(double n, double mean, double m, double otherMean) {
    return n * m * (mean - otherMean) * (mean - otherMean) / (n + m);
}

}  // namespace

double Adwin::mean() const { return m_width > 0 ? m_total / m_width : kNaN; }
double Adwin::variance() const { return m_width > 0 ? std::max(0.0, m_squares / m_width) : kNaN; }

void Adwin::forget() {
    m_rows.clear();
    m_width = m_total = m_squares = 0;
    m_ticks = 0;
}

bool Adwin::update(double value) {
    if (!std::isfinite(value)) {
        ++m_skipped;
        return false;
    }
    if (m_changed && m_options.restart) forget();
    m_changed = false;
    insert(value);
    ++m_ticks;
    const std::uint64_t clock = std::max<std::uint64_t>(1, m_options.clock);
    if (m_ticks % clock != 0 || !(m_width > m_options.gracePeriod)) return false;
    while (findCut()) {
        m_changed = true;
        dropOldest();
    }
    m_changes += m_changed ? 1 : 0;
    return m_changed;
}

void Adwin::insert(double value) {
    if (m_width > 0) m_squares += between(m_width, m_total / m_width, 1, value);
    m_width += 1;
    m_total += value;
    if (m_rows.empty()) m_rows.emplace_back();
    m_rows[0].push_back({value, 0});
    compress();
}

void Adwin::compress() {
    for (std::size_t r = 0; r < m_rows.size() && m_rows[r].size() > m_options.maxBuckets; ++r) {
        if (m_rows[r].size() < 2) return;  // a bound of 0 buckets: nothing to merge yet
        if (r + 1 == m_rows.size()) m_rows.emplace_back();
        const Bucket a = m_rows[r][0], b = m_rows[r][1];
        const double n = sizeOf(r);
        m_rows[r + 1].push_back({a.total + b.total, a.squares + b.squares + between(n, a.total / n, n, b.total / n)});
        m_rows[r].erase(m_rows[r].begin(), m_rows[r].begin() + 2);
    }
}

double Adwin::dropOldest() {
    const std::size_t r = m_rows.size() - 1;
    const Bucket oldest = m_rows[r].front();
    const double n = sizeOf(r);
    m_width -= n;
    m_total -= oldest.total;
    m_squares -= oldest.squares + (m_width > 0 ? between(n, oldest.total / n, m_width, m_total / m_width) : 0);
    m_rows[r].erase(m_rows[r].begin());
    while (!m_rows.empty() && m_rows.back().empty())
        m_rows.pop_back();
    return n;
}

bool Adwin::differ(double n0, double n1, double difference) const {
    const double confidence = std::log(2 * std::log(m_width) / m_options.delta);
    const double shorter = m_options.minimumPart - 1;
    const double inverse = 1 / (n0 - shorter) + 1 / (n1 - shorter);
    const double spread = std::max(0.0, m_squares / m_width);
    return std::abs(difference) > std::sqrt(2 * inverse * spread * confidence) + 2.0 / 3 * confidence * inverse;
}

bool Adwin::findCut() {
    double n0 = 0, total0 = 0;
    for (std::size_t r = m_rows.size(); r-- > 0;)
        for (const Bucket& bucket : m_rows[r]) {
            n0 += sizeOf(r);
            total0 += bucket.total;
            const double n1 = m_width - n0;
            if (n1 < m_options.minimumPart) return false;
            if (n0 >= m_options.minimumPart && differ(n0, n1, total0 / n0 - (m_total - total0) / n1)) return true;
        }
    return false;
}

}  // namespace pilothouse::statistics
