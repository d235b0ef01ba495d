// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart/value_axis.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "widgets/theme/format.h"

namespace pilothouse::chart {

namespace {

constexpr double kAir = 0.06;  // of the data's span, above and below

struct Prefix {
    double factor;
    const char* text;
};

Prefix siPrefix(double magnitude) {
    static const std::array<Prefix, 9> prefixes{{{1e12, "T"},
                                                 {1e9, "G"},
                                                 {1e6, "M"},
                                                 {1e3, "k"},
                                                 {1, ""},
                                                 {1e-3, "m"},
                                                 {1e-6, "µ"},
                                                 {1e-9, "n"},
                                                 {1e-12, "p"}}};
    // Thousands and hundredths read better as they are: 1,500 and 0.05, not 1.5 k and 50 m.
    if (magnitude < 1e4 && magnitude >= 0.009) return {1, ""};
    for (const Prefix& p : prefixes)
        if (magnitude >= p.factor * 0.9995) return p;
    return magnitude > 0 ? prefixes.back() : Prefix{1, ""};
}

int decimalsFor(double step) {
    int decimals = 0;
    for (double s = step; decimals < 9 && std::abs(s - std::round(s)) > 1e-6 * std::max(1.0, std::abs(s)); s *= 10)
        ++decimals;
    return decimals;
}

double roundStep(double rough, ValueKind kind) {
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
        if (factor == 2.5 && kind != ValueKind::Share) continue;
        if (power * factor >= rough * (1 - 1e-9)) {
            const double step = power * factor;
            return kind == ValueKind::Count ? std::max(1.0, step) : step;
        }
    }
    return power * 10;
}

QString plain(double value, int decimals) {
    // A minus that reads as one, and no "-0".
    const double rounded = std::abs(value) < 0.5 * std::pow(10.0, -decimals) ? 0.0 : value;
    QString text = QString::number(std::abs(rounded), 'f', decimals);
    const qsizetype point = decimals > 0 ? text.size() - decimals - 1 : text.size();
    for (qsizetype i = point - 3; i > 0; i -= 3)
        text.insert(i, QLatin1Char(','));
    return rounded < 0 ? QChar(0x2212) + text : text;
}

void label(std::vector<ValueTick>& ticks, double step, double magnitude, ValueKind kind) {
    if (kind == ValueKind::Share) {
        const int decimals = decimalsFor(step * 100);
        for (ValueTick& t : ticks)
            t.label = plain(t.value * 100, decimals) + QStringLiteral(" %");
        return;
    }
    QString unit;
    double factor = 1;
    if (kind == ValueKind::Milliseconds) {
        factor = magnitude >= 999.5 ? 1e3 : magnitude >= 0.9995 ? 1 : 1e-3;
        unit = factor == 1e3 ? QStringLiteral(" s") : factor == 1 ? QStringLiteral(" ms") : QStringLiteral(" µs");
    } else {
        const Prefix prefix = siPrefix(magnitude);
        factor = prefix.factor;
        if (*prefix.text) unit = u' ' + QString::fromUtf8(prefix.text);
    }
    const int decimals = decimalsFor(step / factor);
    for (ValueTick& t : ticks)
        t.label = t.value == 0 ? QStringLiteral("0") : plain(t.value / factor, decimals) + unit;
}

/// Data at one value, or none: an axis around it.
void widen(double& low, double& high, ValueKind kind) {
    if (low < high) return;
    const double around = low;
    const double half = around == 0 ? (kind == ValueKind::Share ? 0.05 : 1) : std::abs(around) * 0.1;
    low = around - half;
    high = around + half;
    if (around >= 0) low = std::max(0.0, low);
}

}  // namespace

ValueAxis ValueAxis::make(double low, double high, const ValueAxisOptions& options) {
    ValueAxis axis;
    if (!std::isfinite(low) || !std::isfinite(high)) low = 0, high = 1;
    if (high < low) std::swap(low, high);
    const double dataLow = low;
    if (options.fromZero) low = std::min(low, 0.0), high = std::max(high, 0.0);
    widen(low, high, options.kind);
    const double air = (high - low) * kAir;
    high += air;
    if (!(low == 0 && dataLow >= 0)) low -= air;
    // What cannot be below zero has no axis below zero.
    if (options.kind != ValueKind::Number && dataLow >= 0) low = std::max(low, 0.0);
    axis.low = options.low.value_or(low);
    axis.high = options.high.value_or(high);
    if (!(axis.low < axis.high)) axis.high = axis.low + 1;

    const double span = axis.high - axis.low;
    double step = roundStep(span / std::max(1, options.maxTicks), options.kind);
    const auto place = [&axis, &step] {
        axis.ticks.clear();
        const double slack = step * 1e-6;
        for (double n = std::ceil((axis.low - slack) / step); n * step <= axis.high + slack && axis.ticks.size() < 64;
             ++n)
            axis.ticks.push_back({n == 0 ? 0.0 : n * step, {}});
    };
    place();
    // One tick tells no scale: a low axis takes a finer step rather than that, as long as there is one.
    for (int finer = 2; axis.ticks.size() < 2 && finer <= 4; finer *= 2) {
        const double next = roundStep(span / (std::max(1, options.maxTicks) * finer), options.kind);
        if (next >= step) continue;
        step = next;
        place();
    }
    label(axis.ticks, step, std::max(std::abs(axis.low), std::abs(axis.high)), options.kind);
    return axis;
}

QString valueText(double value, ValueKind kind) {
    if (std::isnan(value)) return QStringLiteral("no data");
    if (std::isinf(value)) return value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    switch (kind) {
        case ValueKind::Share:
            return theme::percent(value);
        case ValueKind::Milliseconds:
            // A latency of microseconds has its digits there.
            return std::abs(value) < 0.1 && value != 0 ? theme::number(value * 1000, 2) + QStringLiteral(" µs")
                                                       : theme::milliseconds(value);
        case ValueKind::Count:
            if (value >= 0 && value < 1e15 && std::abs(value - std::round(value)) < 1e-9)
                return theme::count(static_cast<std::uint64_t>(std::llround(value)));
            return theme::number(value, 4);
        case ValueKind::Number:
            break;
    }
    return theme::number(value, 3);
}

}  // namespace pilothouse::chart
