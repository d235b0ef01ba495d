// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <thread>

#include "tests/bench/measuring.h"
#include "tests/bench/statistics_bench.h"
#include "tests/bench/statistics_sources.h"

namespace pilothouse::bench {

using namespace statistics;

namespace {

constexpr std::size_t kRows = 1'000'000, kColumns = 25, kReference = 200'000;
constexpr std::size_t kClusters = 50;

struct Window {
    std::vector<ColumnProfile> profiles;
    std::vector<CurrentCounts> counts, clustered;
};

/// Processor time too: other work on the machine does not count there.
struct Cost {
    double wall = 0, processor = 0;
};
Cost costOf(const std::function<void()>& work) {
    const std::clock_t from = std::clock();
    const double wall = elapsed(work);
    return {wall, static_cast<double>(std::clock() - from) * 1000 / CLOCKS_PER_SEC};
}

void print(const char* what, const Cost& cost, const char* goal = "") {
    std::printf("  %-66s %8.1f ms, %8.1f ms of processor time  %s\n", what, cost.wall, cost.processor, goal);
    std::fflush(stdout);
}

/// Eighteen numeric columns, four of few and three of many categories.
const ColumnKindSource& kindOf(const std::vector<ColumnKindSource>& kinds, std::size_t column) {
    constexpr std::size_t kNumeric[] = {0, 1, 2, 3, 4}, kWords[] = {5, 6, 6, 6, 7, 7, 8};
    return column < 18 ? kinds[kNumeric[column % 5]] : kinds[kWords[column - 18]];
}

/// Little-endian doubles, codes among them; a missing one is NaN.
void write(const std::string& path, const SourceRows& rows) {
    std::vector<double> values = rows.values;
    for (const std::uint32_t code : rows.codes)
        values.push_back(code == 0xFFFFFFFFu ? kNaN : static_cast<double>(code));
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(values.data()), std::streamsize(values.size() * sizeof(double)));
    if (!file.flush()) qFatal("cannot write %s", path.c_str());
}

struct Costs {
    Cost profiling, counting, together;  ///< together: counted on all processors, a few columns at a time
};

/// With a folder each column's rows are left there: N.r of the reference, N.c of the window, and their kinds.
Window makeWindow(std::uint64_t seed, const std::string& folder, Costs& costs) {
    const std::vector<ColumnKindSource> kinds = columnKinds();
    Window out;
    Random random(seed);
    std::vector<std::uint32_t> ids(kRows);
    for (std::size_t i = 0; i < kRows; ++i)
        ids[i] = static_cast<std::uint32_t>(i * kClusters / kRows);
    const auto more = [](Cost& sum, const Cost& cost) {
        sum.wall += cost.wall;
        sum.processor += cost.processor;
    };
    std::ofstream list;
    if (!folder.empty()) list.open(folder + "/columns.jsonl");
    const std::size_t atOnce = std::max(1u, std::thread::hardware_concurrency());
    std::vector<SourceRows> waiting;
    for (std::size_t c = 0; c < kColumns; ++c) {
        const ColumnKindSource& kind = kindOf(kinds, c);
        const SourceRows reference = drawRows(kind, Dependence::Independent, random, kReference);
        more(costs.profiling, costOf([&] { out.profiles.push_back(profileOf(kind, reference)); }));
        out.profiles.back().name += std::to_string(c);
        SourceRows now = drawRows(kind, Dependence::Independent, random, kRows);
        more(costs.counting, costOf([&] { out.counts.push_back(countsOf(kind, out.profiles.back(), now)); }));
        if (!folder.empty()) {
            write(folder + "/" + std::to_string(c) + ".r", reference);
            write(folder + "/" + std::to_string(c) + ".c", now);
            list << "{\"name\": \"" << c << "\", \"categorical\": " << (kind.numeric() ? "false" : "true") << "}\n";
        }
        waiting.push_back(now);
        if (waiting.size() == atOnce || c + 1 == kColumns) {
            const std::size_t first = c + 1 - waiting.size();
            more(costs.together, costOf([&] {
                     sideBySide(waiting.size(), [&](std::size_t i) {
                         (void)countsOf(kindOf(kinds, first + i), out.profiles[first + i], waiting[i]);
                     });
                 }));
            waiting.clear();
        }
        now.clusters = ids;
        out.clustered.push_back(countsOf(kind, out.profiles.back(), now));
    }
    return out;
}

Cost judging(const std::vector<ColumnProfile>& profiles, const std::vector<CurrentCounts>& counts) {
    std::vector<double> wall, processor;
    for (int i = 0; i < 9; ++i) {
        const Cost cost = costOf([&] { (void)judgeDrift(profiles, counts, {}); });
        wall.push_back(cost.wall);
        processor.push_back(cost.processor);
    }
    return {median(wall), median(processor)};
}

}  // namespace

void statisticsSpeed(const StatisticsBenchOptions& options) {
    Costs costs;
    const QTemporaryDir folder;
    const std::string rows = options.slowPeers ? folder.path().toStdString() : std::string();
    const Window window = makeWindow(options.seed, rows, costs);
    std::printf("\nA window of %zu rows x %zu columns against its profile\n", kRows, kColumns);
    print("profile of 200,000 rows, all columns", costs.profiling);
    print("counts on the frozen bins, all columns, one thread", costs.counting);
    print("counts on the frozen bins, all columns, all processors", costs.together);
    const Cost verdicts = judging(window.profiles, window.counts);
    print("verdicts with interval and threshold, independent rows", verdicts,
          verdicts.wall <= 60 ? "goal 60 ms: met" : "goal 60 ms: NOT MET");
    print("verdicts with interval and threshold, 50 clusters", judging(window.profiles, window.clustered));
    std::printf("  %-66s %8.1f ms\n", "counts a million values of one column, mean",
                costs.counting.wall / static_cast<double>(kColumns));
    std::printf("  %-66s %8.1f MB\n", "peak memory of this program, the rows of a few columns among it",
                memoryMegabytes("VmHWM"));
    if (!options.slowPeers) return;
    askSlowPeers(folder.path().toStdString(), {costs.counting.wall + verdicts.wall, costs.together.wall + verdicts.wall,
                                               costs.profiling.wall + costs.together.wall + verdicts.wall});
}

}  // namespace pilothouse::bench
