// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/contingency.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <vector>

namespace pilothouse::statistics {

namespace {

struct Table {
    std::vector<double> a, b;  ///< bins with rows only
    double totalA = 0, totalB = 0;
};

Result<Table> tableOf(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
    if (a.size() != b.size()) return fail(Error::invalid("the two sides are counted on different bins"));
    Table out;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == 0 && b[i] == 0) continue;
        out.a.push_back(static_cast<double>(a[i]));
        out.b.push_back(static_cast<double>(b[i]));
        out.totalA += out.a.back();
        out.totalB += out.b.back();
    }
    if (out.totalA == 0 || out.totalB == 0) return fail(Error::invalid("one side has no rows"));
    if (out.a.size() < 2) return fail(Error::invalid("all rows are in one bin"));
    return out;
}

double upperTail(double statistic, std::size_t degrees) {
    if (std::isinf(statistic)) return 0;
    return boost::math::gamma_q(static_cast<double>(degrees) / 2, std::max(0.0, statistic) / 2);
}

/// Σ cell(observed, expected) over the table, tested with bins - 1 degrees of freedom.
template <class Cell>
Result<CountTest> contingency(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b, bool yates,
                              Cell cell) {
    PH_ASSIGN(const Table table, tableOf(a, b));
    CountTest out;
    out.degrees = table.a.size() - 1;
    const double all = table.totalA + table.totalB;
    const bool corrected = yates && out.degrees == 1;
    const auto add = [&](double observed, double expected) {
        if (corrected) observed += std::copysign(std::min(0.5, std::abs(expected - observed)), expected - observed);
        out.statistic += cell(observed, expected);
    };
    for (std::size_t i = 0; i < table.a.size(); ++i) {
        const double bin = table.a[i] + table.b[i];
        add(table.a[i], bin * table.totalA / all);
        add(table.b[i], bin * table.totalB / all);
    }
    out.pValue = upperTail(out.statistic, out.degrees);
    return out;
}

}  // namespace

Result<CountTest> chiSquare(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b, bool yates) {
    return contingency(a, b, yates, [](double o, double e) { return (o - e) * (o - e) / e; });
}

Result<CountTest> gTest(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b, bool yates) {
    return contingency(a, b, yates, [](double o, double e) { return o > 0 ? 2 * o * std::log(o / e) : 0.0; });
}

Result<CountTest> chiSquareEvidently(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
    PH_ASSIGN(const Table table, tableOf(reference, current));
    CountTest out;
    out.degrees = table.a.size() - 1;
    for (std::size_t i = 0; i < table.a.size(); ++i) {
        const double expected = table.a[i] * table.totalB / table.totalA, d = table.b[i] - expected;
        out.statistic += expected > 0 ? d * d / expected : std::numeric_limits<double>::infinity();
    }
    out.pValue = upperTail(out.statistic, out.degrees);
    return out;
}

}  // namespace pilothouse::statistics
