// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// The parts of bench_statistics.
namespace pilothouse::bench {

struct StatisticsBenchOptions {
    int rounds = 150;  ///< of each cell of the false alarms; the other tables take their share of it
    std::uint64_t seed = 0;
    std::vector<std::string> only;  ///< parts by name; empty: all
    std::string kind;               ///< kinds of column whose name holds this
    bool peers = false, slowPeers = false;
};

/// A rate with its standard error. Rounds of one reference depend on each other: the error is that of the references.
class Rate {
public:
    /// `hits` of `rounds` against one reference.
    void add(int hits, int rounds);
    [[nodiscard]] double value() const;
    [[nodiscard]] double error() const;

private:
    std::vector<double> m_hits, m_rounds;
};

/// Calls work(i) for i in [0, count) on all processors; rethrows nothing, work must not throw.
void sideBySide(std::size_t count, const std::function<void(std::size_t)>& work);

/// How often verdicts are wrong without drift: a column at a time, and 25 together. Returns the number of cells above
/// 1.2 times the nominal rate by two standard errors.
int falseAlarms(const StatisticsBenchOptions& options);
void familyAlarms(const StatisticsBenchOptions& options);
/// Power at equal false-alarm rate beside the methods of the peers. Returns the number of cells in which the default is
/// worse than the best by two standard errors.
int powerTables(const StatisticsBenchOptions& options);
/// Days until a change is noticed on the flights. Returns the number of cells in which the default is later than the
/// best by two standard errors.
int detectionDelay(const StatisticsBenchOptions& options);
/// Whether one value of 10^6 changes a verdict. Returns the number of kinds where it does.
int outliers(const StatisticsBenchOptions& options);
/// Time and memory: profile, counts and verdicts of 25 columns; with the option also Evidently's.
void statisticsSpeed(const StatisticsBenchOptions& options);
/// Alarms of Evidently and NannyML themselves, by their defaults, on windows that are written for them.
void askStatisticsPeers(const StatisticsBenchOptions& options);
/// Evidently's default drift preset on the rows in `folder` (columns.jsonl, N.r, N.c), beside what they cost here.
struct OurMilliseconds {
    double oneThread = 0;    ///< counted on one thread, judged
    double all = 0;          ///< counted on all processors, judged
    double withProfile = 0;  ///< and the profile of the reference made
};
void askSlowPeers(const std::string& folder, const OurMilliseconds& ours);

}  // namespace pilothouse::bench
