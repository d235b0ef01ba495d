// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/series_buffer.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pilothouse::chart {

void SeriesBuffer::Extremes::take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
}

void SeriesBuffer::Extremes::take(const Extremes& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
}

SeriesBuffer::SeriesBuffer(std::span<const std::int64_t> times, std::span<const double> values) {
    const std::size_t count = std::min(times.size(), values.size());
    reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        append({times[i]}, values[i]);
}

bool SeriesBuffer::append(Timestamp t, double value) {
    if (!m_times.empty() && t.ns < m_times.back()) return false;
    std::size_t index = m_values.size();
    m_times.push_back(t.ns);
    m_values.push_back(value);
    for (std::size_t level = 0;; ++level) {
        index /= kFan;
        if (level == m_levels.size()) {
            // The top: a level is added as soon as the one below has a second node.
            if (level > 0 && m_levels[level - 1].size() < 2) return true;
            m_levels.emplace_back();
            if (level > 0) {
                Extremes all;
                for (const Extremes& node : m_levels[level - 1])
                    all.take(node);
                m_levels[level].push_back(all);
            }
        }
        auto& nodes = m_levels[level];
        if (index == nodes.size()) nodes.emplace_back();
        nodes[index].take(value);
    }
}

void SeriesBuffer::clear() {
    m_times.clear();
    m_values.clear();
    m_levels.clear();
}

void SeriesBuffer::reserve(std::size_t samples) {
    m_times.reserve(samples);
    m_values.reserve(samples);
}

bool SeriesBuffer::finite(std::size_t index) const { return std::isfinite(m_values[index]); }

std::size_t SeriesBuffer::lowerBound(Timestamp t) const {
    return static_cast<std::size_t>(std::lower_bound(m_times.begin(), m_times.end(), t.ns) - m_times.begin());
}

std::size_t SeriesBuffer::lowerBound(Timestamp t, std::size_t from, std::size_t guess) const {
    // Galloping: widen around the guess until the answer is between low and high, then halve.
    const std::size_t count = m_times.size();
    if (from >= count) return count;
    std::size_t low = from, high = count;
    const std::size_t place = std::clamp(guess, from, count - 1);
    if (m_times[place] < t.ns) {
        low = place + 1;
        for (std::size_t step = 1; place + step < count; step *= 2) {
            if (m_times[place + step] >= t.ns) {
                high = place + step;
                break;
            }
            low = place + step + 1;
        }
    } else {
        high = place;
        for (std::size_t step = 1; step <= place - from; step *= 2) {
            if (m_times[place - step] < t.ns) {
                low = place - step + 1;
                break;
            }
            high = place - step;
        }
    }
    const auto begin = m_times.begin();
    return static_cast<std::size_t>(
        std::lower_bound(begin + static_cast<std::ptrdiff_t>(low), begin + static_cast<std::ptrdiff_t>(high), t.ns) -
        begin);
}

SeriesBuffer::Extremes SeriesBuffer::extremes(std::size_t first, std::size_t last) const {
    Extremes out;
    last = std::min(last, m_values.size());
    while (first < last && first % kFan != 0)
        out.take(m_values[first++]);
    // The last node of a level may be incomplete, but it covers nothing beyond the end of the data.
    const bool toTheEnd = last == m_values.size();
    while (first < last && last % kFan != 0 && !toTheEnd)
        out.take(m_values[--last]);
    for (std::size_t level = 0; level < m_levels.size() && first < last; ++level) {
        first /= kFan;
        last = (last + kFan - 1) / kFan;
        const auto& nodes = m_levels[level];
        const bool top = level + 1 == m_levels.size();
        while (first < last && (top || first % kFan != 0))
            out.take(nodes[first++]);
        while (first < last && last % kFan != 0 && last != nodes.size())
            out.take(nodes[--last]);
    }
    return out;
}

std::optional<std::size_t> SeriesBuffer::nearest(Timestamp t) const {
    if (m_times.empty()) return std::nullopt;
    const std::size_t after = lowerBound(t);
    if (after == m_times.size()) return after - 1;
    if (after == 0) return after;
    return t.ns - m_times[after - 1] <= m_times[after] - t.ns ? after - 1 : after;
}

Duration SeriesBuffer::spacing() const {
    std::array<std::int64_t, 31> distances{};
    const std::size_t count = std::min(distances.size(), m_times.empty() ? 0 : m_times.size() - 1);
    if (count == 0) return {};
    for (std::size_t i = 0; i < count; ++i)
        distances[i] = m_times[i + 1] - m_times[i];
    std::nth_element(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(count / 2),
                     distances.begin() + static_cast<std::ptrdiff_t>(count));
    return Duration{distances[count / 2]};
}

SeriesBuffer bucketSeries(std::span<const Timestamp> edges, std::span<const double> values, Timestamp until,
                          bool whole) {
    SeriesBuffer out;
    for (std::size_t i = 0; i < values.size() && i + 1 < edges.size(); ++i) {
        if (edges[i] >= until || (whole && edges[i + 1] > until)) break;
        out.append(edges[i] + (edges[i + 1] - edges[i]) / 2, values[i]);
    }
    return out;
}

}  // namespace pilothouse::chart
