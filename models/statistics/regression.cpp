// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "models/statistics/bootstrap.h"
#include "models/statistics/intervals.h"
#include "models/statistics/metrics.h"
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

namespace {

template <class Loss>
Interval mean(const RegressionRows& rows, Loss loss) {
    std::vector<double> losses;
    losses.reserve(rows.actual.size());
    for (std::size_t i = 0; i < rows.actual.size(); ++i)
        losses.push_back(loss(rows.predicted[i], rows.actual[i]));
    Interval out = meanInterval({losses, {}, rows.clusters});
    if (out.low < 0) out.low = 0;  // a loss; NaN stays
    return out;
}

/// 1 - Σ (y - ŷ)² / Σ (y - ȳ)² of the rows, each `weight(row)` times.
template <class Weight>
double determination(const RegressionRows& rows, Weight weight) {
    double n = 0, sum = 0, error = 0, spread = 0;
    for (std::uint32_t i = 0; i < rows.actual.size(); ++i) {
        n += weight(i);
        sum += weight(i) * rows.actual[i];
    }
    for (std::uint32_t i = 0; i < rows.actual.size(); ++i) {
        const double e = rows.actual[i] - rows.predicted[i], d = rows.actual[i] - sum / n;
        error += weight(i) * e * e;
        spread += weight(i) * d * d;
    }
    return spread > 0 ? 1 - error / spread : kNaN;
}

}  // namespace

Result<RegressionRows> labelledRegression(std::span<const double> predicted, std::span<const double> actual,
                                          std::span<const std::uint32_t> clusters) {
    if (predicted.size() != actual.size() || (!clusters.empty() && clusters.size() != actual.size()))
        return fail(Error::invalid("predictions, outcomes and clusters differ in length"));
    RegressionRows out;
    out.rows = actual.size();
    for (std::size_t i = 0; i < actual.size(); ++i) {
        if (std::isnan(actual[i])) continue;
        if (!std::isfinite(actual[i]) || !std::isfinite(predicted[i]))
            return fail(Error::invalid("row " + std::to_string(i) + " has a value that is not finite"));
        out.predicted.push_back(predicted[i]);
        out.actual.push_back(actual[i]);
        if (!clusters.empty()) out.clusters.push_back(clusters[i]);
    }
    if (out.actual.empty()) return fail(Error::invalid("no outcome is known yet"));
    return out;
}

std::vector<MetricValue> measureRegression(const RegressionRows& rows, double quantile, const MetricOptions& options) {
    std::vector<MetricValue> out;
    const auto add = [&](const char* name, Interval value, const char* how) {
        out.push_back({name, value, std::isnan(value.low) ? "" : how, rows.rows, rows.actual.size()});
    };
    add("mae", mean(rows, [](double p, double y) { return std::abs(p - y); }), "student");
    Interval square = mean(rows, [](double p, double y) { return (p - y) * (p - y); });
    add("rmse", {std::sqrt(square.value), std::sqrt(square.low), std::sqrt(square.high)}, "student");
    add("mape", mean(rows, [](double p, double y) { return y == 0 ? kNaN : std::abs((p - y) / y); }), "student");
    const double fit = determination(rows, [](std::uint32_t) { return 1.0; });
    add("r2",
        options.resamples > 0 ? clusterBootstrap(fit, rows.actual.size(), rows.clusters, options.resamples,
                                                 options.seed, [&](auto weight) { return determination(rows, weight); })
                              : Interval{fit, kNaN, kNaN},
        "bootstrap");
    const bool valid = quantile >= 0 && quantile <= 1;
    add("pinball",
        mean(rows,
             [&](double p, double y) {
                 return !valid ? kNaN : y >= p ? quantile * (y - p) : (1 - quantile) * (p - y);
             }),
        "student");
    return out;
}

}  // namespace pilothouse::statistics
