// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>
#include <vector>

namespace pilothouse::chart {

/// What a value means: decides labels, the choice of steps and where an axis may begin.
enum class ValueKind {
    Number,        ///< "0.70", SI prefixes from a thousand on
    Count,         ///< whole numbers: "1 k", "12,304" in full
    Share,         ///< 0 … 1, shown as "25 %"
    Milliseconds,  ///< "1.5 ms", "250 µs", "2 s"
};

struct ValueTick {
    double value = 0;
    QString label;
};

struct ValueAxisOptions {
    ValueKind kind = ValueKind::Number;
    bool fromZero = false;            ///< zero belongs to the picture (traffic)
    std::optional<double> low, high;  ///< fixed ends
    int maxTicks = 4;
};

/// A vertical axis: its ends, with a little air around the data, and round ticks (1, 2, 5 · 10^k; also 2.5 for shares)
/// which share one SI prefix.
struct ValueAxis {
    double low = 0, high = 1;
    std::vector<ValueTick> ticks;

    /// For data within [low, high]. Equal, swapped or non-finite ends give a sound axis around them.
    static ValueAxis make(double low, double high, const ValueAxisOptions& options);
};

/// A value by itself, for readouts: "12,304", "23.4 %", "1.8 ms", "0.712"; "no data" for NaN, "∞" for infinities.
[[nodiscard]] QString valueText(double value, ValueKind kind);

}  // namespace pilothouse::chart
