// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pilothouse::statistics {

/// Adaptive windowing (Bifet and Gavaldà 2007, SIAM Data Mining): a window over a stream that grows while its mean
/// stands still and drops its oldest part when two parts of it differ. Memory and time grow with the logarithm of the
/// window: values lie in buckets of 1, 2, 4, … values, of which only sum and variance are kept. The cut is
/// |mean0 - mean1| > sqrt(2/m σ² ln(2 ln(n)/δ)) + 2/(3m) ln(2 ln(n)/δ), 1/m = 1/n0 + 1/n1 with each side shortened by
/// minimumPart - 1, as in MOA and river. One stream an object; not for several threads at once.
class Adwin {
public:
    struct Options {
        double delta = 0.002;        ///< confidence; 0 < delta < 1
        std::uint64_t clock = 32;    ///< looks for a change every so many values
        std::size_t maxBuckets = 5;  ///< of one size before two are merged
        double minimumPart = 5;      ///< least values on either side of a cut
        double gracePeriod = 10;     ///< looks for nothing in windows up to this long
        bool restart = true;         ///< forget everything after a change (river); else keep the newer part (the paper)
    };
    Adwin() : Adwin(Options()) {}
    explicit Adwin(const Options& options) : m_options(options) {}

    /// True when the value made a change known. A value that is not finite is left out and counted.
    bool update(double value);

    [[nodiscard]] double width() const { return m_width; }
    [[nodiscard]] double mean() const;      ///< of the window; NaN when it is empty
    [[nodiscard]] double variance() const;  ///< of the window, with n; NaN when it is empty
    [[nodiscard]] std::uint64_t changes() const { return m_changes; }
    [[nodiscard]] std::uint64_t skipped() const { return m_skipped; }

private:
    struct Bucket {
        double total = 0, squares = 0;  ///< sum, and sum of squared deviations from the bucket's mean
    };
    void insert(double value);
    void compress();
    double dropOldest();
    bool findCut();
    [[nodiscard]] bool differ(double n0, double n1, double difference) const;
    void forget();

    Options m_options;
    std::vector<std::vector<Bucket>> m_rows;  ///< row r: buckets of 2^r values, oldest first
    double m_width = 0, m_total = 0, m_squares = 0;
    std::uint64_t m_ticks = 0, m_changes = 0, m_skipped = 0;
    bool m_changed = false;
};

}  // namespace pilothouse::statistics
