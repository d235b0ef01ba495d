// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/drift.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <string_view>

#include "models/statistics/clusters.h"
#include "models/statistics/constant_column.h"
#include "models/statistics/distance.h"
#include "models/statistics/evidence.h"
#include "models/statistics/null_distribution.h"
#include "models/statistics/resampling.h"
#include "models/statistics/side_by_side.h"

namespace pilothouse::statistics {

namespace {

/// One test of the window: its verdict so far, and what deciding it takes.
struct Test {
    Verdict* verdict = nullptr;
    Comparison comparison;                                                        ///< distribution only
    PearsonThree null;                                                            ///< distribution only
    double share = 0, shareReference = 0, effective = 0, effectiveReference = 0;  ///< missing only
    bool missing = false;
};

/// FNV-1a: a column's random numbers follow from its name, so that another column beside it changes nothing.
std::uint64_t seedOf(std::uint64_t seed, std::string_view name, std::uint64_t purpose) {
    std::uint64_t hash = 0xCBF29CE484222325ull ^ seed;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
    return (hash ^ purpose) * 0x100000001B3ull;
}

/// Ten digits: mathematical libraries differ in the last ones.
double rounded(double x) {
    if (!std::isfinite(x)) return x;
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::scientific, 9).ptr;
    double out = x;
    std::from_chars(text.data(), end, out);
    return out;
}

std::string shortNumber(double x) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g", x);
    return text.data();
}

DriftOptions bounded(DriftOptions o) {
    const auto within = [](double x, double low, double high, double otherwise) {
        return std::isfinite(x) ? std::clamp(x, low, high) : otherwise;
    };
    const DriftOptions defaults;
    o.falseAlarmRate = within(o.falseAlarmRate, 1e-9, 0.5, defaults.falseAlarmRate);
    o.minimumEffect = within(o.minimumEffect, 0, 1e6, defaults.minimumEffect);
    o.minimumMissingEffect = within(o.minimumMissingEffect, 0, 1, defaults.minimumMissingEffect);
    o.power = within(o.power, 0, 1, defaults.power);
    o.resamples = std::clamp(o.resamples, 100, 10'000);
    return o;
}

/// Five times the interval's; with many bins fewer, since their sum varies little. Bounds the cost of a column.
int nullResamples(const Comparison& comparison, const DriftOptions& options) {
    const auto bins = static_cast<int>(std::min<std::size_t>(comparison.reference.size(), 20'000));
    return std::max(options.resamples, 5 * options.resamples * 64 / std::max(64, bins));
}

void judgeDistribution(const ColumnProfile& reference, const CurrentCounts& current, const DriftOptions& options,
                       ClusterDraws& draws, Test& test) {
    if (const auto constant = constantForm(reference, current))
        return judgeDistribution(constant->reference, constant->current, options, draws, test);
    Verdict& v = *test.verdict;
    v.method = reference.kind == ColumnKind::Numeric ? "wasserstein_sigma" : "total_variation";
    v.minimumEffect = options.minimumEffect;
    test.comparison = compare(reference, current);
    const Comparison& c = test.comparison;
    v.nReference = static_cast<std::uint64_t>(c.nReference);
    v.nCurrent = static_cast<std::uint64_t>(c.nCurrent);
    v.reason = c.unavailable;
    if (!c.unavailable.empty()) return;
    const double noise = c.noise();
    v.nEffective = c.effectiveCurrent;
    v.statistic = c.statistic();
    v.effect = lessNoise(v.statistic, noise * noise);
    const std::vector<Evidence> asked = evidenceOf(reference, c);
    const Nulls nulls = nullsOf(c, asked, nullResamples(c, options), seedOf(options.seed, reference.name, 1));
    test.null = nulls.distance;
    std::vector<double> pValues;
    for (std::size_t e = 0; e < asked.size(); ++e)
        pValues.push_back(nulls.evidence[e].upperTail(evidence(asked[e], c, c.reference, c.current, c.outer)));
    v.pValue = combinedPValue(pValues);
    const bool independent = c.effectiveReference == c.nReference && c.effectiveCurrent == c.nCurrent;
    if (c.numeric && independent)
        v.pValue = withBeyond(v.pValue, beyondPValue(current.beyond, c.nReference, c.nCurrent));
    const EffectInterval interval =
        effectInterval(c, current, draws, options.resamples, seedOf(options.seed, reference.name, 2));
    v.effectLow = std::min(interval.low, v.effect);
    v.effectHigh = std::max(interval.high, v.effect);
}

/// Rows over the design effect of their missing values.
double effectiveRows(const CurrentCounts& current) {
    const double rows = static_cast<double>(current.n());
    const std::size_t clusters = current.clusterCounts.size();
    if (clusters == 0 || current.clusterMissing.size() != clusters || current.missing == 0) return rows;
    const double weights[] = {1, 1};
    return rows / designEffect(missingByCluster(current), weights, false);
}

void judgeMissing(const ColumnProfile& reference, const CurrentCounts& current, const DriftOptions& options,
                  Test& test) {
    Verdict& v = *test.verdict;
    test.missing = true;
    v.method = "missing_share";
    v.minimumEffect = options.minimumMissingEffect;
    v.nReference = reference.n;
    v.nCurrent = current.n();
    if (v.nReference == 0)
        v.reason = "the reference holds no rows";
    else if (v.nCurrent == 0)
        v.reason = "no rows in this window";
    if (!v.reason.empty()) return;
    const double rows = static_cast<double>(v.nCurrent), known = static_cast<double>(v.nReference);
    test.share = static_cast<double>(current.missing) / rows;
    test.shareReference = static_cast<double>(std::min(reference.missing, reference.n)) / known;
    test.effectiveReference = reference.effectiveRows > 0 ? std::clamp(reference.effectiveRows, 1.0, known) : known;
    const double ofReference = rows * test.effectiveReference / known;
    test.effective = std::max(1.0, std::min(effectiveRows(current), ofReference));
    v.nEffective = test.effective;
    v.statistic = v.effect = std::abs(test.share - test.shareReference);
    v.pValue = fisherMidP(test.share * std::round(test.effective), test.effective,
                          test.shareReference * std::round(test.effectiveReference), test.effectiveReference);
    const ShareInterval d = newcombe(test.share, test.effective, test.shareReference, test.effectiveReference);
    const double low = std::abs(d.low), high = std::abs(d.high);
    v.effectLow = d.low <= 0 && d.high >= 0 ? 0 : std::min(low, high);
    v.effectHigh = std::max(low, high);
}

/// The chance that `effect` is rejected at `critical` and its interval clears the minimum effect.
double power(double effect, double minimum, double expected, double critical, double deviation) {
    const double spare = std::min(expected - critical, effect - minimum - 1.959963984540054 * deviation);
    return 1 - normalTail(spare / deviation);
}

double powerOf(const Test& test, double alpha) {
    const double minimum = test.verdict->minimumEffect, effect = 2 * minimum;
    if (test.missing) {
        const double shifted = std::min(1.0, test.shareReference + effect);
        const double perRow = 1 / test.effectiveReference + 1 / test.effective;
        const double pooled = (test.shareReference * test.effectiveReference + shifted * test.effective) /
                              (test.effectiveReference + test.effective);
        const double deviation = std::sqrt(test.shareReference * (1 - test.shareReference) / test.effectiveReference +
                                           shifted * (1 - shifted) / test.effective);
        const double critical = normalCritical(alpha / 2) * std::sqrt(pooled * (1 - pooled) * perRow);
        return power(effect, minimum, effect, critical, std::max(deviation, 1e-12));
    }
    const Comparison& c = test.comparison;
    // A shift of the mean wanders by σ / sqrt(n), a share (at worst one half) by half that.
    const double deviation = (c.numeric ? 1.0 : 0.5) * std::sqrt(1 / c.effectiveReference + 1 / c.effectiveCurrent);
    return power(effect, minimum, std::hypot(effect, test.null.mean()), test.null.critical(alpha), deviation);
}

double thresholdOf(const Test& test, double alpha) {
    if (!test.missing) return test.null.critical(alpha);
    // The smallest difference, on the side of the one observed, that the exact test rejects.
    const double n = std::round(test.effective), nReference = std::round(test.effectiveReference);
    const double known = std::round(test.shareReference * nReference), expected = test.shareReference * n;
    const bool up = test.share >= test.shareReference;
    double inside = up ? std::floor(expected) : std::ceil(expected), outside = up ? n : 0;
    if (fisherMidP(outside, n, known, nReference) > alpha) return kNaN;  // nothing at this n would be rejected
    while (std::abs(outside - inside) > 1) {
        const double middle = std::floor((inside + outside) / 2);
        (fisherMidP(middle, n, known, nReference) <= alpha ? outside : inside) = middle;
    }
    return std::abs(outside / n - test.shareReference);
}

void decide(Test& test, double alpha, const DriftOptions& options) {
    Verdict& v = *test.verdict;
    v.threshold = thresholdOf(test, alpha);
    if (v.pValue <= alpha && v.effectLow > v.minimumEffect) {
        v.state = State::Drift;
        return;
    }
    v.state = State::Ok;
    const double chance = v.minimumEffect > 0 ? powerOf(test, alpha) : 1;
    if (chance >= options.power) return;
    v.state = State::Insufficient;
    v.reason = "too few rows: " + std::to_string(v.nCurrent);
    if (v.nEffective < 0.995 * static_cast<double>(v.nCurrent))
        v.reason += " (" + shortNumber(v.nEffective) + " effective)";
    const std::string unit = v.method == "wasserstein_sigma" ? " σ" : "";
    v.reason += " would show a change of " + shortNumber(2 * v.minimumEffect) + unit + " with probability " +
                shortNumber(chance) + ", asked for is " + shortNumber(options.power);
}

void roundNumbers(Verdict& v) {
    for (double* x :
         {&v.statistic, &v.threshold, &v.pValue, &v.qValue, &v.effect, &v.effectLow, &v.effectHigh, &v.nEffective})
        *x = rounded(*x);
}

}  // namespace

std::vector<double> benjaminiHochberg(std::span<const double> pValues) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < pValues.size(); ++i)
        if (!std::isnan(pValues[i])) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return pValues[a] < pValues[b]; });
    std::vector<double> q(pValues.size(), kNaN);
    const double tests = static_cast<double>(order.size());
    double smallest = 1;
    for (std::size_t rank = order.size(); rank-- > 0;) {
        smallest = std::min(smallest, pValues[order[rank]] * tests / static_cast<double>(rank + 1));
        q[order[rank]] = smallest;
    }
    return q;
}

std::vector<ColumnDrift> judgeDrift(std::span<const ColumnProfile> reference, std::span<const CurrentCounts> current,
                                    const DriftOptions& asked) {
    const DriftOptions options = bounded(asked);
    std::vector<ColumnDrift> out(reference.size());
    std::vector<Test> tests(2 * reference.size());
    ClusterDraws draws(options.resamples, seedOf(options.seed, {}, 3));
    static const CurrentCounts kNothing;
    // A column's random numbers follow from its name and the seed, so which thread judges it changes nothing.
    sideBySide(reference.size(), [&](std::size_t i) {
        const CurrentCounts& counts = i < current.size() ? current[i] : kNothing;
        out[i].column = reference[i].name;
        tests[2 * i].verdict = &out[i].distribution;
        judgeDistribution(reference[i], counts, options, draws, tests[2 * i]);
        tests[2 * i + 1].verdict = &out[i].missing;
        judgeMissing(reference[i], counts, options, tests[2 * i + 1]);
    });
    std::vector<double> pValues;
    for (const Test& test : tests)
        pValues.push_back(test.verdict->pValue);
    const std::vector<double> qValues = benjaminiHochberg(pValues);
    double judged = 0, rejected = 0;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        tests[i].verdict->qValue = qValues[i];
        judged += std::isnan(qValues[i]) ? 0 : 1;
        rejected += qValues[i] <= options.falseAlarmRate ? 1 : 0;
    }
    // The p-value that the procedure asked for; with no rejection, what a lone one would have needed.
    const double alpha = options.falseAlarmRate * std::max(1.0, rejected) / std::max(1.0, judged);
    for (Test& test : tests) {
        if (!std::isnan(test.verdict->pValue)) decide(test, alpha, options);
        roundNumbers(*test.verdict);
    }
    return out;
}

}  // namespace pilothouse::statistics
