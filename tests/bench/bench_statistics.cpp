// SPDX-License-Identifier: GPL-3.0-or-later
// What the verdicts are worth: how often they are wrong without drift, what they find with it, and what they cost. A
// line a figure: name, value, Monte Carlo standard error where the figure is a rate. An argument sets the rounds
// (default 400).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "models/statistics/drift.h"
#include "models/statistics/performance.h"
#include "models/statistics/random.h"

using namespace pilothouse::statistics;

namespace {

constexpr double kAlpha = 0.05;
constexpr std::size_t kReference = 50'000;

std::vector<std::uint32_t> blocks(std::size_t rows, std::size_t each) {
    std::vector<std::uint32_t> out(rows);
    for (std::size_t i = 0; i < rows; ++i)
        out[i] = static_cast<std::uint32_t>(i / each);
    return out;
}

std::vector<std::string> dictionary(std::size_t n) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < n; ++i)
        out.push_back("value " + std::to_string(i));
    return out;
}

/// Where rows come from, in one shape a scenario.
struct Source {
    std::string name;
    bool numeric = true;
    std::size_t each = 1;  ///< rows a cluster that share part of their value
    std::function<double(Random&, double shared)> draw;
    std::size_t words = 0;

    [[nodiscard]] std::vector<double> rows(Random& random, std::size_t n) const {
        std::vector<double> out(n);
        double shared = 0;
        for (std::size_t i = 0; i < n; ++i) {
            if (i % each == 0) shared = random.normal();
            out[i] = draw(random, shared);
        }
        return out;
    }
    [[nodiscard]] ColumnProfile profile(Random& random, std::size_t n) const {
        const auto clusters = each > 1 ? blocks(n, each) : std::vector<std::uint32_t>{};
        const auto values = rows(random, n);
        if (numeric) return profileNumeric(name, values, clusters, {});
        const std::vector<std::uint32_t> codes(values.begin(), values.end());
        return profileCategorical(name, codes, dictionary(words), clusters, {});
    }
    [[nodiscard]] CurrentCounts window(const ColumnProfile& p, Random& random, std::size_t n) const {
        const auto clusters = each > 1 ? blocks(n, each) : std::vector<std::uint32_t>{};
        const auto values = rows(random, n);
        if (numeric) return countNumeric(p, values, clusters);
        const std::vector<std::uint32_t> codes(values.begin(), values.end());
        return countCategorical(p, codes, dictionary(words), clusters);
    }
};

/// Zipf's law, by inversion of a table.
std::function<double(Random&, double)> zipf(std::size_t words) {
    std::vector<double> below;
    double sum = 0;
    for (std::size_t i = 0; i < words; ++i)
        below.push_back(sum += 1 / static_cast<double>(i + 1));
    return [below, sum](Random& random, double) {
        const double u = random.uniform() * sum;
        return static_cast<double>(std::upper_bound(below.begin(), below.end() - 1, u) - below.begin());
    };
}

std::vector<Source> sources() {
    std::vector<Source> out;
    out.push_back({"numeric", true, 1, [](Random& r, double) { return r.normal(); }, 0});
    out.push_back({"numeric, 90 % zeros", true, 1,
                   [](Random& r, double) { return r.uniform() < 0.9 ? 0 : -std::log(1 - r.uniform()); }, 0});
    out.push_back({"numeric, clusters of 16", true, 16,
                   [](Random& r, double shared) { return 0.8 * shared + 0.6 * r.normal(); }, 0});
    for (const std::size_t words : {5u, 50u, 500u})
        out.push_back({std::to_string(words) + " categories", false, 1, zipf(words), words});
    out.push_back(
        {"500 equal categories", false, 1, [](Random& r, double) { return static_cast<double>(r.below(500)); }, 500});
    return out;
}

struct Rates {
    double raw = 0, drift = 0, insufficient = 0, covered = 0;
};

/// Over `rounds` pairs of a reference and a window; every tenth pair takes a new reference, since a profile is costly.
Rates measure(const Source& source, const Source& current, std::size_t reference, std::size_t n, int rounds,
              double truth) {
    Rates out;
    Random random(n * 31 + reference);
    ColumnProfile p;
    DriftOptions options;
    for (int i = 0; i < rounds; ++i) {
        if (i % 4 == 0) p = source.profile(random, reference);
        options.seed = static_cast<std::uint64_t>(i);
        const CurrentCounts counts = current.window(p, random, n);
        const Verdict v = judgeDrift(std::span(&p, 1), std::span(&counts, 1), options).front().distribution;
        out.raw += v.pValue < kAlpha;
        out.drift += v.state == State::Drift;
        out.insufficient += v.state == State::Insufficient;
        out.covered += v.effectLow <= truth && truth <= v.effectHigh;
    }
    for (double* x : {&out.raw, &out.drift, &out.insufficient, &out.covered})
        *x /= rounds;
    return out;
}

void print(const std::string& name, double rate, int rounds) {
    std::printf("%-68s %6.3f ± %.3f\n", name.c_str(), rate, std::sqrt(rate * (1 - rate) / rounds));
    std::fflush(stdout);
}

double milliseconds(const std::function<void()>& work, int times) {
    const std::clock_t from = std::clock();  // of the processor: other work on the machine does not count
    for (int i = 0; i < times; ++i)
        work();
    return static_cast<double>(std::clock() - from) * 1000 / CLOCKS_PER_SEC / times;
}

void falseAlarms(int rounds) {
    for (const Source& source : sources())
        for (const std::size_t n : {50u, 100u, 300u, 1000u, 5000u, 50'000u}) {
            const std::size_t rows = n / source.each * source.each;
            const int some = n > 10'000 ? rounds / 4 : rounds;
            const Rates r = measure(source, source, kReference / source.each * source.each, rows, some, 0);
            const std::string name = "no drift, " + source.name + ", n = " + std::to_string(n) + ": ";
            print(name + "raw test at 0.05", r.raw, some);
            print(name + "insufficient", r.insufficient, some);
            print(name + "verdict drift", r.drift, some);
        }
}

void smallReferences(int rounds) {
    for (const Source& source : sources()) {
        const Rates r = measure(source, source, 1008, 1008, rounds, 0);
        print("no drift, " + source.name + ", 1,008 rows against 1,008: raw test at 0.05", r.raw, rounds);
    }
}

/// Eighteen columns a window, as a monitor judges them.
void windows(int rounds) {
    Random random(77);
    const auto kinds = sources();
    int drift = 0, rejected = 0;
    for (int i = 0; i < rounds; ++i) {
        std::vector<ColumnProfile> profiles;
        std::vector<CurrentCounts> counts;
        for (int c = 0; c < 18; ++c) {
            const Source& source = kinds[static_cast<std::size_t>(c < 14 ? c % 3 : 3 + c % 2)];
            profiles.push_back(source.profile(random, 8000));
            profiles.back().name += std::to_string(c);
            counts.push_back(source.window(profiles.back(), random, 3200));
        }
        DriftOptions options;
        options.seed = static_cast<std::uint64_t>(i);
        bool any = false, one = false;
        for (const ColumnDrift& d : judgeDrift(profiles, counts, options)) {
            any |= d.distribution.state == State::Drift || d.missing.state == State::Drift;
            one |= d.distribution.qValue <= 0.01 || d.missing.qValue <= 0.01;
        }
        drift += any;
        rejected += one;
    }
    print("no drift, window of 18 columns: any rejection (asked for: 0.01)", static_cast<double>(rejected) / rounds,
          rounds);
    print("no drift, window of 18 columns: any verdict drift", static_cast<double>(drift) / rounds, rounds);
}

void power(int rounds) {
    const Source plain = sources().front(), words = sources()[3];
    for (const double shift : {0.1, 0.2, 0.5}) {
        Source moved = plain;
        moved.draw = [shift](Random& r, double) { return r.normal() + shift; };
        for (const std::size_t n : {300u, 1000u, 5000u}) {
            const Rates r = measure(plain, moved, kReference, n, rounds, shift);
            std::array<char, 80> name{};
            std::snprintf(name.data(), name.size(), "shift of %.1f σ, n = %zu: ", shift, n);
            print(name.data() + std::string("verdict drift"), r.drift, rounds);
            print(name.data() + std::string("interval covers the truth (0.95)"), r.covered, rounds);
        }
    }
    // A fifth value takes a share from the others: total variation is that share.
    for (const double share : {0.1, 0.2}) {
        Source moved = words;
        moved.words = 6;
        moved.draw = [share, inner = words.draw](Random& r, double s) {
            return r.uniform() < share ? 5.0 : inner(r, s);
        };
        for (const std::size_t n : {300u, 1000u, 5000u}) {
            const Rates r = measure(words, moved, kReference, n, rounds, share);
            std::array<char, 80> name{};
            std::snprintf(name.data(), name.size(), "new category of %.1f, n = %zu: ", share, n);
            print(name.data() + std::string("verdict drift"), r.drift, rounds);
            print(name.data() + std::string("interval covers the truth (0.95)"), r.covered, rounds);
        }
    }
}

void cost() {
    Random random(5);
    const auto kinds = sources();
    const auto plane = blocks(50'000, 16), week = blocks(6500, 16);
    std::vector<ColumnProfile> profiles;
    std::vector<CurrentCounts> counts;
    double profiling = 0, counting = 0;
    for (int c = 0; c < 18; ++c) {
        const Source& source = kinds[static_cast<std::size_t>(c < 14 ? 2 : 3 + c % 2)];
        const auto reference = source.rows(random, 50'000), current = source.rows(random, 6500);
        const std::vector<std::uint32_t> codes(reference.begin(), reference.end()), now(current.begin(), current.end());
        const auto words = dictionary(source.words);
        profiling += milliseconds(
            [&] {
                profiles.push_back(source.numeric
                                       ? profileNumeric("c" + std::to_string(c), reference, plane, {})
                                       : profileCategorical("c" + std::to_string(c), codes, words, plane, {}));
            },
            1);
        counting += milliseconds(
            [&] {
                counts.push_back(source.numeric ? countNumeric(profiles.back(), current, week)
                                                : countCategorical(profiles.back(), now, words, week));
            },
            1);
    }
    std::printf("%-68s %6.1f ms\n", "profile of 50,000 rows x 18 columns in clusters", profiling);
    std::printf("%-68s %6.1f ms\n", "counts of 6,500 rows x 18 columns in 407 clusters", counting);
    std::printf("%-68s %6.1f ms\n", "verdicts of 18 columns",
                milliseconds([&] { (void)judgeDrift(profiles, counts, {}); }, 10));
    std::vector<double> scores(6500);
    std::vector<std::uint8_t> outcomes(6500);
    for (std::size_t i = 0; i < scores.size(); ++i) {
        scores[i] = random.normal();
        outcomes[i] = random.normal() + scores[i] > 1;
    }
    std::printf("%-68s %6.1f ms\n", "interval of an AUC, 6,500 rows in 407 clusters, 400 resamples",
                milliseconds([&] { (void)aucInterval(scores, outcomes, week, 400, 1); }, 5));
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::max(20, std::atoi(argv[1])) : 400;
    cost();
    windows(rounds / 4);
    power(rounds / 2);
    smallReferences(rounds);
    falseAlarms(rounds);
    return 0;
}
