// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/value_runs.h"

namespace pilothouse::statistics {

std::vector<ValueRun> runsOf(std::span<const double> sorted) {
    std::vector<ValueRun> runs;
    for (const double v : sorted) {
        if (runs.empty() || v != runs.back().value) runs.push_back({v, 0});
        ++runs.back().count;
    }
    return runs;
}

std::uint64_t countOf(std::span<const ValueRun> runs) {
    std::uint64_t sum = 0;
    for (const ValueRun& run : runs)
        sum += run.count;
    return sum;
}

double quantile(std::span<const ValueRun> runs, double q) {
    if (runs.empty()) return 0;
    const double at = q * static_cast<double>(countOf(runs) - 1);
    const auto rank = static_cast<std::uint64_t>(at);
    const double part = at - static_cast<double>(rank);
    std::size_t i = 0;
    std::uint64_t upTo = runs[0].count;  // ranks below this are in run i or before
    while (rank >= upTo && i + 1 < runs.size())
        upTo += runs[++i].count;
    const double low = runs[i].value;
    if (rank + 1 < upTo || i + 1 == runs.size()) return low;
    return low * (1 - part) + runs[i + 1].value * part;
}

}  // namespace pilothouse::statistics
