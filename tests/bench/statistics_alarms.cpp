// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <thread>

#include "tests/bench/statistics_bench.h"
#include "tests/bench/statistics_peer_rules.h"
#include "tests/bench/statistics_sources.h"

namespace pilothouse::bench {

using namespace statistics;

namespace {

constexpr std::size_t kReference = 50'000;
constexpr std::array<std::size_t, 6> kSizes{50, 100, 300, 1000, 5000, 50'000};
constexpr int kWindowsOfReference = 5;
constexpr double kTolerated = 1.2;

/// What is asked of one size of window.
enum Figure { RawFive, RawOne, Insufficient, Drifted, Evidently, kFigures };
constexpr std::array<const char*, kFigures> kFigureNames{"raw test, p <= 0.05", "raw test, p <= 0.01", "insufficient",
                                                         "verdict drift", "Evidently's default rule"};
constexpr std::array<double, kFigures> kNominal{0.05, 0.01, 0, 0.01, 0};

struct Cell {
    std::array<std::array<Rate, kFigures>, kSizes.size()> rates;
};

void windowsOf(const ColumnKindSource& kind, Dependence dependence, const SourceRows& rows,
               const ColumnProfile& profile, std::size_t size, Random& random, std::array<Rate, kFigures>& out) {
    std::array<int, kFigures> hits{};
    // A large window is as good as five, and costs more than all others together.
    const int windows = kSizes[size] > 10'000 ? 1 : kWindowsOfReference;
    const EvidentlyDefault evidently(kind, rows);
    for (int w = 0; w < windows; ++w) {
        const SourceRows now = drawRows(kind, dependence, random, kSizes[size]);
        const CurrentCounts counts = countsOf(kind, profile, now);
        DriftOptions options;
        options.seed = random.next();
        const ColumnDrift drift = judgeDrift(std::span(&profile, 1), std::span(&counts, 1), options).front();
        const Verdict& v = verdictOf(kind, drift);
        hits[RawFive] += v.pValue <= 0.05;
        hits[RawOne] += v.pValue <= 0.01;
        hits[Insufficient] += v.state == State::Insufficient;
        hits[Drifted] += v.state == State::Drift;
        hits[Evidently] += evidently.alarms(now);
    }
    for (std::size_t f = 0; f < kFigures; ++f)
        out[f].add(hits[f], windows);
}

Cell cellOf(const ColumnKindSource& kind, Dependence dependence, int rounds, std::uint64_t seed) {
    Cell cell;
    Random random(seed);
    for (int r = 0; r < std::max(4, rounds / kWindowsOfReference); ++r) {
        const SourceRows rows = drawRows(kind, dependence, random, kReference);
        const ColumnProfile profile = profileOf(kind, rows);
        for (std::size_t s = 0; s < kSizes.size(); ++s)
            windowsOf(kind, dependence, rows, profile, s, random, cell.rates[s]);
    }
    return cell;
}

int print(const std::string& name, const Cell& cell) {
    int above = 0;
    for (std::size_t f = 0; f < kFigures; ++f) {
        if (f == Evidently && name.starts_with("missing")) continue;  // it has no such check
        std::printf("%-38s %-25s", f == 0 ? name.c_str() : "", kFigureNames[f]);
        for (const auto& rates : cell.rates) {
            const double rate = rates[f].value(), error = rates[f].error();
            const bool wrong = kNominal[f] > 0 && rate - 2 * error > kTolerated * kNominal[f];
            above += wrong;
            std::printf(" %5.3f ±%5.3f%c", rate, error, wrong ? '!' : ' ');
        }
        std::printf("\n");
    }
    std::fflush(stdout);
    return above;
}

}  // namespace

void Rate::add(int hits, int rounds) {
    m_hits.push_back(hits);
    m_rounds.push_back(rounds);
}

double Rate::value() const {
    const double rounds = std::accumulate(m_rounds.begin(), m_rounds.end(), 0.0);
    return rounds > 0 ? std::accumulate(m_hits.begin(), m_hits.end(), 0.0) / rounds : 0;
}

double Rate::error() const {
    const double rate = value(), groups = static_cast<double>(m_hits.size());
    const double rounds = std::accumulate(m_rounds.begin(), m_rounds.end(), 0.0);
    double squares = 0;
    for (std::size_t i = 0; i < m_hits.size(); ++i)
        squares += (m_hits[i] - rate * m_rounds[i]) * (m_hits[i] - rate * m_rounds[i]);
    // Not below what independent rounds would have; nothing seen is no certainty (Wilson's centre).
    const double shrunk = (rate * rounds + 1) / (rounds + 2), least = std::sqrt(shrunk * (1 - shrunk) / rounds);
    return groups < 2 ? least : std::max(least, std::sqrt(squares * groups / (groups - 1)) / rounds);
}

void sideBySide(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < std::max(1u, std::thread::hardware_concurrency()); ++t)
        threads.emplace_back([&] {
            for (std::size_t i = next++; i < count; i = next++)
                work(i);
        });
}

int falseAlarms(const StatisticsBenchOptions& options) {
    const std::vector<ColumnKindSource> kinds = columnKinds(options.kind);
    constexpr std::array kDependences{Dependence::Independent, Dependence::Clustered, Dependence::Autocorrelated};
    std::vector<Cell> cells(kinds.size() * kDependences.size());
    sideBySide(cells.size(), [&](std::size_t i) {
        cells[i] = cellOf(kinds[i / kDependences.size()], kDependences[i % kDependences.size()], options.rounds,
                          options.seed + 1000 * i);
    });
    std::printf(
        "\nNo drift, reference of %zu rows: false alarms by size of the window (! above 1.2 times the nominal rate "
        "by two standard errors)\n%-64s",
        kReference, "");
    for (const std::size_t n : kSizes)
        std::printf("   n = %-7zu", n);
    std::printf("\n");
    int above = 0;
    for (std::size_t i = 0; i < cells.size(); ++i)
        above +=
            print(kinds[i / kDependences.size()].name + ", " + nameOf(kDependences[i % kDependences.size()]), cells[i]);
    std::printf("cells above 1.2 times the nominal rate: %d of %zu\n", above, cells.size() * kSizes.size() * 3);
    return above;
}

void familyAlarms(const StatisticsBenchOptions& options) {
    const std::vector<ColumnKindSource> kinds = columnKinds();
    const int rounds = std::max(20, options.rounds);
    std::vector<std::array<bool, 3>> hits(static_cast<std::size_t>(rounds));
    sideBySide(hits.size(), [&](std::size_t i) {
        Random random(options.seed + 77 + 1000 * i);
        std::vector<ColumnProfile> profiles;
        std::vector<CurrentCounts> counts;
        for (std::size_t c = 0; c < 25; ++c) {
            const ColumnKindSource& kind = kinds[c % kinds.size()];
            const SourceRows reference = drawRows(kind, Dependence::Independent, random, 5000);
            profiles.push_back(profileOf(kind, reference));
            profiles.back().name += std::to_string(c);
            const SourceRows now = drawRows(kind, Dependence::Independent, random, 1000);
            counts.push_back(countsOf(kind, profiles.back(), now));
            hits[i][2] |= EvidentlyDefault(kind, reference).alarms(now);
        }
        DriftOptions drift;
        drift.seed = random.next();
        for (const ColumnDrift& d : judgeDrift(profiles, counts, drift))
            for (const Verdict* v : {&d.distribution, &d.missing}) {
                hits[i][0] |= v->qValue <= drift.falseAlarmRate;
                hits[i][1] |= v->state == State::Drift;
            }
    });
    std::printf("\nNo drift, 25 columns together, 1,000 rows against 5,000: share of windows with\n");
    constexpr std::array kNames{"any rejection at q = 0.01", "any verdict drift",
                                "any alarm of Evidently's default rules"};
    for (std::size_t f = 0; f < kNames.size(); ++f) {
        Rate rate;
        for (const auto& hit : hits)
            rate.add(hit[f], 1);
        std::printf("  %-44s %5.3f ± %5.3f\n", kNames[f], rate.value(), rate.error());
    }
    std::fflush(stdout);
}

int outliers(const StatisticsBenchOptions& options) {
    int changed = 0;
    std::printf("\nOne value of 1,000,000 in a window of 1,000 rows (state and effect without it, with it)\n");
    for (const ColumnKindSource& kind : columnKinds()) {
        if (!kind.numeric() || kind.judgedByMissing) continue;
        for (const double shift : {0.0, 0.5}) {
            Random random(options.seed + 5);
            const ColumnProfile profile = profileOf(kind, drawRows(kind, Dependence::Independent, random, 20'000));
            SourceRows now = drawRows(kind, Dependence::Independent, random, 1000, Change::Shift, shift);
            const auto judge = [&] {
                const CurrentCounts counts = countsOf(kind, profile, now);
                return judgeDrift(std::span(&profile, 1), std::span(&counts, 1), {}).front().distribution;
            };
            const Verdict before = judge();
            now.values.front() = 1e6;
            const Verdict after = judge();
            const bool same = before.state == after.state;
            changed += !same;
            std::printf("  %-24s shift %.1f  %-12s %6.3f  %-12s %6.3f  %s\n", kind.name.c_str(), shift,
                        toString(before.state), before.effect, toString(after.state), after.effect,
                        same ? "same" : "CHANGED");
        }
    }
    std::fflush(stdout);
    return changed;
}

}  // namespace pilothouse::bench
