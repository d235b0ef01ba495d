// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pilothouse::statistics {

/// How many different values there are, from the smallest of their hashes (k minimum values: Bar-Yossef, Jayram, Kumar,
/// Sivakumar and Trevisan 2002; the unbiased estimate (k - 1) / (k-th smallest hash) of Beyer, Haas, Reinwald,
/// Sismanis and Gemulla 2007). Exact while there are at most k; beyond, with a standard error of 1 / sqrt(k - 2) of the
/// count. Samples of any pieces add up to the same one, in any order, and however often a value comes.
/// Memory: 16 k bytes. Threads: one at a time.
class DistinctSample {
public:
    explicit DistinctSample(std::size_t most = 0) : m_most(most) {}  ///< 0: nothing is kept

    /// A hash of the value, its 64 bits spread evenly.
    void add(std::uint64_t hash) {
        if (hash > m_largest) return;
        m_hashes.push_back(hash);
        if (m_hashes.size() >= 2 * m_most) settle();
    }
    /// Of the same size.
    void merge(const DistinctSample& other);
    [[nodiscard]] double estimate() const;  ///< different values
    [[nodiscard]] bool exact() const;
    /// Ascending; what a sample of the same size is made of again.
    [[nodiscard]] std::span<const std::uint64_t> hashes() const;
    [[nodiscard]] std::size_t most() const { return m_most; }
    bool operator==(const DistinctSample& other) const;

private:
    void settle() const;

    std::size_t m_most = 0;
    // What came last is sorted in when there is much of it, or when somebody looks.
    mutable std::vector<std::uint64_t> m_hashes;
    mutable std::size_t m_settled = 0;
    mutable std::uint64_t m_largest = ~std::uint64_t{0};  ///< what is larger is not among the smallest
};

}  // namespace pilothouse::statistics
