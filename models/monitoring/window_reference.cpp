// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/monitoring/window_reference.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "models/monitoring/window_counts.h"

namespace pilothouse::monitoring {

using statistics::State;
using statistics::Verdict;

namespace {

constexpr std::uint64_t kMinimumRows = 30;

std::string referenceOf(std::size_t have, int wanted) {
    return std::to_string(have) + " of " + std::to_string(wanted) + " windows of reference";
}

double upperTail(double t, double df) {
    return boost::math::cdf(boost::math::complement(boost::math::students_t(df), t));
}
double quantile(double p, double df) { return boost::math::quantile(boost::math::students_t(df), p); }

template <class Window>
std::vector<Window> ordinary(std::span<const Window> windows) {
    std::vector<Window> out(windows.begin(), windows.end());
    std::erase_if(out, [](const Window& w) { return w.drifted || w.rows == 0; });
    if (2 * out.size() < windows.size()) out.assign(windows.begin(), windows.end());
    return out;
}

}  // namespace

Verdict judgeCount(std::uint64_t rows, int group, std::span<const CountBefore> earlier, int wanted,
                   const statistics::DriftOptions& options) {
    Verdict v;
    v.method = "poisson_dispersion";
    v.nCurrent = rows;
    v.statistic = static_cast<double>(rows);
    v.minimumEffect = options.minimumEffect;
    const std::vector<CountBefore> before = ordinary(earlier);
    std::map<int, std::pair<double, int>> groups;  // sum, windows
    for (const CountBefore& w : before) {
        groups[w.group].first += static_cast<double>(w.rows);
        groups[w.group].second += 1;
    }
    const auto [sum, windows] = groups.contains(group) ? groups[group] : std::pair<double, int>{};
    v.nReference = static_cast<std::uint64_t>(sum);
    const int df = static_cast<int>(before.size()) - static_cast<int>(groups.size());
    if (2 * before.size() < static_cast<std::size_t>(wanted) || windows < 2 || df < 1 || sum <= 0) {
        v.state = State::Insufficient;
        v.reason = referenceOf(before.size(), wanted);
        return v;
    }
    double chiSquare = 0;
    for (const CountBefore& w : before) {
        const double mean = groups[w.group].first / groups[w.group].second;
        if (mean > 0) chiSquare += (static_cast<double>(w.rows) - mean) * (static_cast<double>(w.rows) - mean) / mean;
    }
    const double dispersion = std::max(1.0, chiSquare / df);
    const double expected = sum / windows;
    const double deviation = std::sqrt(dispersion * expected * (1 + 1.0 / windows));
    const double t = (static_cast<double>(rows) - expected) / deviation;
    v.pValue = v.qValue = 2 * upperTail(std::abs(t), df);
    v.effect = static_cast<double>(rows) / expected - 1;
    const double half = quantile(0.975, df) * deviation / expected;
    v.effectLow = v.effect - half;
    v.effectHigh = v.effect + half;
    v.threshold = quantile(1 - options.falseAlarmRate / 2, df) * deviation / expected;
    if (v.qValue <= options.falseAlarmRate && std::abs(v.effect) >= options.minimumEffect) {
        v.state = State::Drift;
    } else if (v.threshold + quantile(options.power, df) * deviation / expected > 2 * options.minimumEffect) {
        v.state = State::Insufficient;
        v.reason = "the windows before differ too much to notice twice the minimum effect";
    } else {
        v.state = State::Ok;
    }
    return v;
}

Verdict measureShare(std::uint64_t hits, std::uint64_t rows, std::span<const ShareBefore> earlier, int wanted,
                     double minimumEffect, const statistics::DriftOptions& options) {
    Verdict v;
    v.method = "share_between_windows";
    v.nCurrent = rows;
    v.minimumEffect = minimumEffect;
    const std::vector<ShareBefore> before = ordinary(earlier);
    double sum = 0, total = 0, k = 0;
    for (const ShareBefore& w : before) {
        if (w.rows == 0) continue;
        sum += w.share;
        total += static_cast<double>(w.rows);
        k += 1;
    }
    v.nReference = static_cast<std::uint64_t>(total);
    if (rows > 0) v.statistic = static_cast<double>(hits) / static_cast<double>(rows);
    // Half of what is wanted is enough to judge by; with less the spread between windows is a guess.
    if (rows < kMinimumRows || k < wanted / 2.0 || k < 2) {
        v.state = State::Insufficient;
        v.reason =
            rows < kMinimumRows ? std::to_string(rows) + " rows" : referenceOf(static_cast<std::size_t>(k), wanted);
        return v;
    }
    const double mean = sum / k;
    double squares = 0, hitsBefore = 0;
    for (const ShareBefore& w : before) {
        if (w.rows == 0) continue;
        squares += (w.share - mean) * (w.share - mean);
        hitsBefore += w.share * static_cast<double>(w.rows);
    }
    const double jeffreys = (hitsBefore + 0.5) / (total + 1);
    const double binomial = jeffreys * (1 - jeffreys) / static_cast<double>(rows);
    const double deviation = std::sqrt(std::max(squares / (k - 1), binomial) * (1 + 1 / k));
    v.effect = v.statistic - mean;
    v.pValue = upperTail(v.effect / deviation, k - 1);
    const double half = quantile(0.975, k - 1) * deviation;
    v.effectLow = v.effect - half;
    v.effectHigh = v.effect + half;
    v.threshold = mean + quantile(1 - options.falseAlarmRate, k - 1) * deviation;
    v.state = State::Ok;
    if (v.threshold - mean + quantile(options.power, k - 1) * deviation > 2 * minimumEffect) {
        v.state = State::Insufficient;
        v.reason = "the windows before differ too much to notice twice the minimum effect";
    }
    return v;
}

Verdict judgeLevel(double level, std::span<const LevelBefore> earlier, int wanted,
                   const statistics::DriftOptions& options) {
    Verdict v;
    v.method = "log_level_between_windows";
    v.statistic = level;
    v.minimumEffect = options.minimumEffect;
    std::vector<double> logs;
    const auto logOf = [](double x) { return std::log(std::max(x, std::numeric_limits<double>::min())); };
    for (const LevelBefore& w : ordinary(earlier)) {
        if (w.rows == 0 || std::isnan(w.level)) continue;
        logs.push_back(logOf(w.level));
        v.nReference += w.rows;
    }
    const auto k = static_cast<double>(logs.size());
    if (k < wanted / 2.0 || k < 2) {
        v.state = State::Insufficient;
        v.reason = referenceOf(logs.size(), wanted);
        return v;
    }
    double mean = 0, squares = 0;
    for (const double x : logs)
        mean += x / k;
    for (const double x : logs)
        squares += (x - mean) * (x - mean);
    // Levels are known to a hundredth of themselves: windows that are alike are no more alike than that.
    constexpr double kResolution = 0.01 / 3.4641016151377544;  // standard deviation within a bin
    const double deviation = std::max(std::sqrt(squares / (k - 1)), kResolution) * std::sqrt(1 + 1 / k);
    const double above = logOf(level) - mean;
    v.pValue = v.qValue = upperTail(above / deviation, k - 1);
    const double half = quantile(0.975, k - 1) * deviation;
    v.effect = std::expm1(above);
    v.effectLow = std::expm1(above - half);
    v.effectHigh = std::expm1(above + half);
    const double needed = quantile(1 - options.falseAlarmRate, k - 1) * deviation;
    v.threshold = std::exp(mean + needed);
    if (v.pValue <= options.falseAlarmRate && v.effect >= options.minimumEffect) {
        v.state = State::Drift;
    } else if (needed + quantile(options.power, k - 1) * deviation > std::log1p(2 * options.minimumEffect)) {
        v.state = State::Insufficient;
        v.reason = "the windows before differ too much to notice twice the minimum effect";
    } else {
        v.state = State::Ok;
    }
    return v;
}

Verdict measureDistinct(double values, std::uint64_t rows, std::span<const LevelBefore> earlier, int wanted,
                        const statistics::DriftOptions& options) {
    Verdict v;
    v.method = "log_distinct_between_windows";
    v.statistic = values;
    v.nCurrent = rows;
    v.minimumEffect = options.minimumEffect;
    struct Logs {
        double values, rows;
    };
    std::vector<Logs> windows;
    Logs mean{0, 0};
    for (const LevelBefore& w : ordinary(earlier)) {
        if (w.rows == 0 || !(w.level > 0)) continue;
        windows.push_back({std::log(w.level), std::log(static_cast<double>(w.rows))});
        mean.values += windows.back().values;
        mean.rows += windows.back().rows;
        v.nReference += w.rows;
    }
    const auto k = static_cast<double>(windows.size());
    if (rows < kMinimumRows || k < wanted / 2.0 || k < 2) {
        v.state = State::Insufficient;
        v.reason = rows < kMinimumRows ? std::to_string(rows) + " rows" : referenceOf(windows.size(), wanted);
        return v;
    }
    mean.values /= k;
    mean.rows /= k;
    const auto unexplained = [&](double logValues, double logRows) {
        const double above = logValues - mean.values, moreRows = logRows - mean.rows;
        return above - std::clamp(above, std::min(0.0, moreRows), std::max(0.0, moreRows));
    };
    double squares = 0;
    for (const Logs& w : windows)
        squares += std::pow(unexplained(w.values, w.rows), 2);
    const double resolution = std::max(std::exp(-mean.values), 1 / std::sqrt(double{ColumnCounts::kMostDistinct}));
    const double deviation = std::max(std::sqrt(squares / (k - 1)), resolution) * std::sqrt(1 + 1 / k);
    const double above = unexplained(std::log(std::max(values, 0.5)), std::log(static_cast<double>(rows)));
    v.pValue = std::min(1.0, 2 * upperTail(std::abs(above) / deviation, k - 1));
    const double half = quantile(0.975, k - 1) * deviation;
    v.effect = std::expm1(above);
    v.effectLow = std::expm1(above - half);
    v.effectHigh = std::expm1(above + half);
    const double needed = quantile(1 - options.falseAlarmRate / 2, k - 1) * deviation;
    v.threshold = std::exp(mean.values + needed);
    v.state = State::Ok;
    if (needed + quantile(options.power, k - 1) * deviation > std::log1p(2 * options.minimumEffect)) {
        v.state = State::Insufficient;
        v.reason = "the windows before differ too much to notice twice the minimum effect";
    }
    return v;
}

void settle(std::span<Verdict*> verdicts, const statistics::DriftOptions& options) {
    std::vector<double> p;
    p.reserve(verdicts.size());
    for (const Verdict* v : verdicts)
        p.push_back(v->pValue);
    const std::vector<double> q = statistics::benjaminiHochberg(p);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        Verdict& v = *verdicts[i];
        v.qValue = q[i];
        if (v.qValue <= options.falseAlarmRate && std::abs(v.effect) >= v.minimumEffect) {
            v.state = State::Drift;
            v.reason.clear();
        }
    }
}

Verdict judgeLimit(const char* method, std::uint64_t hits, std::uint64_t rows, double limit) {
    Verdict v;
    v.method = method;
    v.nCurrent = rows;
    v.minimumEffect = v.threshold = limit;
    if (rows == 0) {
        v.state = State::Insufficient;
        v.reason = "0 rows";
        return v;
    }
    v.statistic = v.effect = static_cast<double>(hits) / static_cast<double>(rows);
    v.state = v.statistic > limit ? State::Drift : State::Ok;
    return v;
}

}  // namespace pilothouse::monitoring
