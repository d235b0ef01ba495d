// SPDX-License-Identifier: GPL-3.0-or-later
// What the verdicts are worth: how often they are wrong without drift, what they find with it beside the methods of
// Evidently and NannyML, and what they cost. Rates come with their Monte Carlo error. Fresh seeds unless one is given.
//
// --rounds N   windows a cell (default 150)       --seed N     repeat a run
// --only PART  alarms, family, power, delay, outliers, speed, peers; repeatable
// --kind TEXT  only kinds of column whose name holds the text
// --peers      ask Evidently and NannyML themselves about a part of the rows
// --slow-peers also Evidently's default preset on a million rows (minutes, gigabytes)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "tests/bench/statistics_bench.h"

using namespace pilothouse::bench;

namespace {

bool read(int argc, char** argv, StatisticsBenchOptions& options) {
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        const auto value = [&]() -> const char* { return i + 1 < argc ? argv[++i] : ""; };
        if (name == "--rounds")
            options.rounds = std::clamp(std::atoi(value()), 20, 1'000'000);
        else if (name == "--seed")
            options.seed = std::strtoull(value(), nullptr, 10);
        else if (name == "--only")
            options.only.emplace_back(value());
        else if (name == "--kind")
            options.kind = value();
        else if (name == "--peers")
            options.peers = true;
        else if (name == "--slow-peers")
            options.peers = options.slowPeers = true;
        else
            return false;
    }
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    StatisticsBenchOptions options;
    if (!read(argc, argv, options)) {
        std::fprintf(
            stderr,
            "bench_statistics [--rounds N] [--seed N] [--only PART]... [--kind TEXT] [--peers] [--slow-peers]\n");
        return 64;
    }
    if (options.seed == 0) options.seed = std::random_device{}() + 1ull;
    std::printf("seed %llu, %d windows a cell\n", static_cast<unsigned long long>(options.seed), options.rounds);
    const auto wanted = [&](const char* part) {
        return options.only.empty() || std::ranges::find(options.only, part) != options.only.end();
    };
    if (wanted("speed")) statisticsSpeed(options);
    if (wanted("outliers")) outliers(options);
    if (wanted("family")) familyAlarms(options);
    if (wanted("alarms")) falseAlarms(options);
    if (wanted("power")) powerTables(options);
    if (wanted("delay")) detectionDelay(options);
    if (options.peers && wanted("peers")) askStatisticsPeers(options);
    return 0;
}
