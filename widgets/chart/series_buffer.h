// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "models/base/timestamp.h"

namespace pilothouse::chart {

/// Samples of one series in ascending time, append-only. A value that is not finite is a gap: it has a place in time
/// and is never drawn. Over the values stands a pyramid of minima and maxima (each node covers kFan of the level
/// below), kept up to date by every append, so that the extremes of any stretch cost O(kFan · log n) and one outlier
/// among a million samples is found at every zoom. One thread at a time.
class SeriesBuffer {
public:
    static constexpr std::size_t kFan = 16;

    /// Of finite values only; any() is false where there are none.
    struct Extremes {
        double low = std::numeric_limits<double>::infinity();
        double high = -std::numeric_limits<double>::infinity();
        [[nodiscard]] bool any() const { return low <= high; }
        void take(double value);
        void take(const Extremes& other);
    };

    SeriesBuffer() = default;
    /// Both of the same length, times ascending; what is out of order is left out.
    SeriesBuffer(std::span<const std::int64_t> times, std::span<const double> values);

    /// False, and nothing appended, when t lies before the last sample.
    bool append(Timestamp t, double value);
    void clear();
    void reserve(std::size_t samples);

    [[nodiscard]] std::size_t size() const { return m_times.size(); }
    [[nodiscard]] bool empty() const { return m_times.empty(); }
    [[nodiscard]] Timestamp time(std::size_t index) const { return {m_times[index]}; }
    [[nodiscard]] double value(std::size_t index) const { return m_values[index]; }
    [[nodiscard]] bool finite(std::size_t index) const;

    /// Index of the first sample at or after t; size() when there is none.
    [[nodiscard]] std::size_t lowerBound(Timestamp t) const;
    /// The same, when the answer lies at or after `from` and probably near `guess`.
    [[nodiscard]] std::size_t lowerBound(Timestamp t, std::size_t from, std::size_t guess) const;
    /// Extremes of the samples [first, last).
    [[nodiscard]] Extremes extremes(std::size_t first, std::size_t last) const;
    [[nodiscard]] Extremes extremes() const { return extremes(0, size()); }
    /// The sample nearest to t, gap or not; nothing in an empty buffer.
    [[nodiscard]] std::optional<std::size_t> nearest(Timestamp t) const;
    /// The median distance of the first samples: how far apart samples usually are. Zero below two samples.
    [[nodiscard]] Duration spacing() const;

private:
    std::vector<std::int64_t> m_times;
    std::vector<double> m_values;
    std::vector<std::vector<Extremes>> m_levels;  ///< [level][index / kFan^(level + 1)]
};

/// Values of consecutive buckets as samples in the middle of each. Buckets that begin at or after `until` have not
/// happened and are left out; with `whole`, so are those that end after it (a part of a day's count would read as a
/// fall).
[[nodiscard]] SeriesBuffer bucketSeries(std::span<const Timestamp> edges, std::span<const double> values,
                                        Timestamp until, bool whole);

}  // namespace pilothouse::chart
