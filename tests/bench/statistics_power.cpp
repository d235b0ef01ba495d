// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tests/bench/statistics_bench.h"
#include "tests/bench/statistics_methods.h"

namespace pilothouse::bench {

using namespace statistics;

namespace {

constexpr std::size_t kReference = 5000, kCurrent = 1000;
constexpr double kAlpha = 0.05;

/// [round][method]
using Values = std::vector<std::vector<MethodValue>>;

struct Asked {
    Change change;
    double size;
};

/// Sizes at which the best methods find about half to nine tenths.
std::vector<Asked> changesOf(const ColumnKindSource& kind) {
    if (kind.judgedByMissing)
        return {{Change::Missing, 0.005}, {Change::Missing, 0.01}, {Change::Missing, 0.015}, {Change::Missing, 0.02}};
    if (kind.numeric())
        return {{Change::Shift, 0.1}, {Change::Scale, 0.1}, {Change::NewCategory, 0.01}, {Change::Swap, 0.03}};
    const bool many = kind.cuts.size() > 10;
    return {{Change::Shift, 0.12},
            {Change::Scale, many ? 0.1 : 0.12},
            {Change::NewCategory, many ? 0.005 : 0.002},
            {Change::Swap, kind.cuts.size() > 100 ? 0.02 : 0.045}};
}

Values valuesOf(const ColumnKindSource& kind, const Asked& asked, int rounds, std::uint64_t seed) {
    Values out(static_cast<std::size_t>(rounds));
    for (std::size_t r = 0; r < out.size(); ++r) {
        Random random(seed + r);
        const SourceRows reference = drawRows(kind, Dependence::Independent, random, kReference);
        const SourceRows current = drawRows(kind, Dependence::Independent, random, kCurrent, asked.change, asked.size);
        out[r] = methodValues(kind, reference, current);
    }
    return out;
}

/// Power at equal false-alarm rate. Statistics with few values are drawn lots for at the threshold, so that all methods
/// have the very rate.
struct Power {
    std::string name;
    bool ours = false;
    std::vector<double> hits;     ///< one a round; in [0, 1]
    double value = 0, slope = 0;  ///< slope: change of the power with the rate
};

double hit(double value, double threshold, double atThreshold) {
    if (std::isnan(value)) return 0;
    return value > threshold ? 1 : value == threshold ? atThreshold : 0;
}

std::vector<double> hitsAt(const Values& null, const Values& changed, std::size_t method, double alpha) {
    std::vector<double> sorted, hits;
    for (const auto& round : null)
        sorted.push_back(std::isnan(round[method].value) ? -HUGE_VAL : round[method].value);
    std::ranges::sort(sorted, std::greater{});
    const double wanted = alpha * static_cast<double>(sorted.size());
    const double threshold = sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(wanted))];
    const auto above = std::ranges::count_if(sorted, [&](double x) { return x > threshold; });
    const auto equal = std::ranges::count(sorted, threshold);
    const double lot = std::clamp((wanted - static_cast<double>(above)) / static_cast<double>(equal), 0.0, 1.0);
    for (const auto& round : changed)
        hits.push_back(hit(round[method].value, threshold, lot));
    return hits;
}

double mean(const std::vector<double>& x) {
    double sum = 0;
    for (const double v : x)
        sum += v;
    return sum / static_cast<double>(x.size());
}

Power powerOf(const Values& null, const Values& changed, std::size_t method) {
    Power out{null[0][method].name, null[0][method].ours, hitsAt(null, changed, method, kAlpha), 0, 0};
    out.value = mean(out.hits);
    out.slope =
        (mean(hitsAt(null, changed, method, 1.5 * kAlpha)) - mean(hitsAt(null, changed, method, kAlpha / 2))) / kAlpha;
    return out;
}

/// Standard error of the difference: the same rounds on both sides, each threshold with an error of its own.
double errorOfDifference(const Power& a, const Power& b, std::size_t nullRounds) {
    const double difference = a.value - b.value, rounds = static_cast<double>(a.hits.size());
    double squares = 0;
    for (std::size_t i = 0; i < a.hits.size(); ++i)
        squares += std::pow(a.hits[i] - b.hits[i] - difference, 2);
    const double threshold = kAlpha * (1 - kAlpha) / static_cast<double>(nullRounds);
    return std::sqrt(squares / (rounds * rounds) + threshold * (a.slope * a.slope + b.slope * b.slope));
}

double errorOf(const Power& a, std::size_t nullRounds) {
    const double rounds = static_cast<double>(a.hits.size());
    return std::sqrt(a.value * (1 - a.value) / rounds +
                     kAlpha * (1 - kAlpha) / static_cast<double>(nullRounds) * a.slope * a.slope);
}

/// Prints the cell; true when the default is worse than the best of the peers' methods.
bool print(const ColumnKindSource& kind, const Asked& asked, const Values& null, const Values& changed) {
    std::vector<Power> powers;
    for (std::size_t m = 0; m < null[0].size(); ++m)
        powers.push_back(powerOf(null, changed, m));
    const Power ours = powers.front();
    std::ranges::stable_sort(powers, std::greater{}, &Power::value);
    const auto peer = std::ranges::find(powers, false, &Power::ours);
    const double error = errorOfDifference(ours, *peer, null.size());
    const bool worse = ours.value < peer->value - 2 * error;
    std::printf("%-20s %-10s %5.3f  %s %5.3f ±%5.3f  %-21s %5.3f  %+.3f ±%5.3f %-6s |", kind.name.c_str(),
                nameOf(asked.change), asked.size, ours.name.c_str(), ours.value, errorOf(ours, null.size()),
                peer->name.c_str(), peer->value, ours.value - peer->value, error, worse ? "WORSE" : "");
    for (std::size_t i = 0; i < powers.size(); ++i)
        std::printf("%s%s %.2f", i ? ", " : " ", powers[i].name.c_str(), powers[i].value);
    std::printf("\n");
    std::fflush(stdout);
    return worse;
}

}  // namespace

int powerTables(const StatisticsBenchOptions& options) {
    const std::vector<ColumnKindSource> kinds = columnKinds(options.kind);
    constexpr std::size_t kChanges = 4;
    const int rounds = std::max(100, options.rounds), nullRounds = 2 * rounds;
    std::vector<Values> null(kinds.size()), changed(kinds.size() * kChanges);
    sideBySide(null.size() + changed.size(), [&](std::size_t i) {
        const std::uint64_t seed = options.seed + 100'000'000 * (i + 1);
        if (i < null.size()) {
            null[i] = valuesOf(kinds[i], {Change::None, 0}, nullRounds, seed);
            return;
        }
        i -= null.size();
        changed[i] = valuesOf(kinds[i / kChanges], changesOf(kinds[i / kChanges])[i % kChanges], rounds, seed);
    });
    std::printf(
        "\nPower at a false-alarm rate of %.2f for all, %zu rows against %zu: our default, the best of the peers' "
        "methods, the difference; all methods\n",
        kAlpha, kCurrent, kReference);
    int worse = 0;
    for (std::size_t i = 0; i < changed.size(); ++i) {
        const ColumnKindSource& kind = kinds[i / kChanges];
        worse += print(kind, changesOf(kind)[i % kChanges], null[i / kChanges], changed[i]);
    }
    std::printf("cells where the default is worse than the best peer's method by two standard errors: %d of %zu\n",
                worse, changed.size());
    return worse;
}

}  // namespace pilothouse::bench
