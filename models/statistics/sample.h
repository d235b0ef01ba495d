// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/base/result.h"

namespace pilothouse::statistics {

/// One column's values, sorted once for every distance and test over samples. NaN is missing and left out; infinities
/// stay at the ends (ranks can use them, distances in units of the value refuse them).
class SortedSample {
public:
    /// Fails when no value is left.
    [[nodiscard]] static Result<SortedSample> of(std::span<const double> values);
    /// Of values that are in order already; fails when they are not, hold a NaN or are none.
    [[nodiscard]] static Result<SortedSample> ofSorted(std::vector<double> values);

    [[nodiscard]] std::span<const double> values() const { return m_values; }
    [[nodiscard]] std::size_t size() const { return m_values.size(); }
    [[nodiscard]] std::uint64_t missing() const { return m_missing; }
    [[nodiscard]] bool finite() const;

private:
    std::vector<double> m_values;
    std::uint64_t m_missing = 0;
};

/// A test's statistic and its p-value.
struct TestResult {
    double statistic = 0, pValue = 1;
};

/// How a p-value is found. Auto: exact while that is cheap, as the function says.
enum class PValue { Auto, Exact, Asymptotic };

/// Fails unless both samples are finite: `what` names the distance in the reason.
[[nodiscard]] Status requireFinite(const SortedSample& a, const SortedSample& b, const char* what);

/// Calls visit(value, countA, countB) for each distinct value of both samples, ascending.
template <class Visit>
void forEachDistinct(std::span<const double> a, std::span<const double> b, Visit visit) {
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        const double x = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        const std::size_t fromA = i, fromB = j;
        while (i < a.size() && a[i] == x)
            ++i;
        while (j < b.size() && b[j] == x)
            ++j;
        visit(x, i - fromA, j - fromB);
    }
}

}  // namespace pilothouse::statistics
