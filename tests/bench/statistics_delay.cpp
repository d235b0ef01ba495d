// SPDX-License-Identifier: GPL-3.0-or-later
// How long a change goes unnoticed on real data: the flights of a year, its weeks in random order so that the season is
// no change, seventeen of them as reference; a change begins on some day and stays; each day the last seven are judged.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

#include "models/pipelines/csv_reader.h"
#include "models/statistics/null_distribution.h"
#include "resources/resources.h"
#include "tests/bench/statistics_bench.h"
#include "tests/bench/statistics_methods.h"
#include "tests/bench/statistics_peer_rules.h"

namespace pilothouse::bench {

using namespace statistics;

namespace {

constexpr int kWindow = 7, kReferenceDays = 17 * 7, kChangeDay = 33 * 7, kDaysAfter = 28, kDays = 52 * 7;
constexpr std::size_t kEvery = 6;  // of the rows, for the sake of time
constexpr double kRate = 0.01;
constexpr std::uint32_t kMissing = 0xFFFFFFFFu;

struct Asked {
    Change change;
    double size;
};

/// A column of the year by days.
struct DelayColumn {
    ColumnKindSource kind;
    std::vector<Asked> changes;
    std::vector<SourceRows> days;
    double deviation = 0, mean = 0, largest = 0;
};

using Codes = std::map<std::string, std::uint32_t>;

void addRow(const ports::Column& column, std::size_t row, Codes& codes, DelayColumn& out, SourceRows& day) {
    if (out.kind.numeric()) {
        day.values.push_back(column.missing(row) ? kNaN : column.numbers[row]);
    } else if (column.missing(row)) {
        day.codes.push_back(kMissing);
    } else {
        const auto code = static_cast<std::uint32_t>(codes.size());
        day.codes.push_back(codes.emplace(column.dictionary[column.codes[row]], code).first->second);
    }
}

void describe(DelayColumn& column, std::size_t categories) {
    double n = 0, squares = 0;
    for (const SourceRows& day : column.days)
        for (const double x : day.values) {
            if (std::isnan(x)) continue;
            ++n;
            const double before = column.mean;
            column.mean += (x - column.mean) / n;
            squares += (x - column.mean) * (x - before);
            column.largest = std::max(column.largest, x);
        }
    column.deviation = n > 1 ? std::sqrt(squares / (n - 1)) : 0;
    if (!column.kind.numeric()) column.kind.cuts.assign(categories - 1, 0.0);
}

std::vector<DelayColumn> flights(const std::string& text) {
    const std::vector<Asked> ofNumbers{{Change::Shift, 0.2}, {Change::Scale, 0.3}, {Change::NewCategory, 0.03}};
    const std::vector<Asked> ofCategories{{Change::NewCategory, 0.02}, {Change::Swap, 0.08}};
    std::vector<DelayColumn> out;
    const auto number = [](double z) { return z; };
    for (const char* name : {"distance_mi", "wind_speed_mph", "dep_delay_min"})
        out.push_back({{name, number, {}, 0, false}, ofNumbers, {}, 0, 0, 0});
    for (const char* name : {"carrier", "dest"})
        out.push_back({{name, {}, {0}, 0, false}, ofCategories, {}, 0, 0, 0});
    out.push_back(
        {{"plane_seats", number, {}, 0, true}, {{Change::Missing, 0.03}, {Change::Missing, 0.1}}, {}, 0, 0, 0});
    std::erase_if(out, [&](const DelayColumn& c) { return c.kind.name.find(text) == std::string::npos; });
    resources::init();
    std::vector<Codes> codes(out.size());
    pipelines::CsvOptions options;
    options.types["scheduled_departure"] = ports::ColumnType::Time;
    for (const DelayColumn& column : out)
        options.types[column.kind.name] = column.kind.numeric() ? ports::ColumnType::Number : ports::ColumnType::Text;
    const auto year = pipelines::readCsv(":/data/flights-2013.csv.zst", options, {});
    if (!year) std::fprintf(stderr, "the flights cannot be read: %s\n", year.error().text().c_str());
    if (!year) return {};
    constexpr std::int64_t kNewYear = 1'357'016'400'000'000'000, kDay = 86'400'000'000'000;  // in New York
    for (std::size_t row = 0; row < year->rows; ++row) {
        const auto day = static_cast<std::size_t>((year->find("scheduled_departure")->times[row] - kNewYear) / kDay);
        for (std::size_t c = 0; c < out.size(); ++c) {
            if (out[c].days.size() <= day) out[c].days.resize(day + 1);
            addRow(*year->find(out[c].kind.name), row, codes[c], out[c], out[c].days[day]);
        }
    }
    for (std::size_t c = 0; c < out.size(); ++c)
        describe(out[c], codes[c].size());
    return out;
}

void addChanged(const DelayColumn& column, const SourceRows& day, const Asked& asked, Random& random, SourceRows& to) {
    for (const double x : day.values) {
        const double u = random.uniform();
        double y = x;
        if (asked.change == Change::Shift) y += asked.size * column.deviation;
        if (asked.change == Change::Scale) y = column.mean + (1 + asked.size) * (x - column.mean);
        if (asked.change == Change::NewCategory && u < asked.size) y = 2 * column.largest;
        if (asked.change == Change::Missing && u < asked.size) y = kNaN;
        to.values.push_back(y);
    }
    const auto fresh = static_cast<std::uint32_t>(column.kind.cuts.size() + 1);
    for (const std::uint32_t code : day.codes) {
        const double u = random.uniform();
        const bool hit = asked.change == Change::NewCategory && u < asked.size;
        // The share of the rows that goes from the first category to the second, which is a frequent one, too.
        const bool moved = asked.change == Change::Swap && code == 0 && u < asked.size * 10;
        to.codes.push_back(hit ? fresh : moved ? 1 : code);
    }
}

/// What a day's window looks like to everybody.
struct Look {
    std::vector<MethodValue> values;
    bool drift = false, evidently = false, nannyml = false;
};

/// A year in another order, against which windows are looked at.
class Stream {
public:
    Stream(const DelayColumn& column, std::uint64_t seed) : m_column(column), m_random(seed), m_order(kDays) {
        std::vector<int> weeks(kDays / 7);
        std::iota(weeks.begin(), weeks.end(), 0);
        for (std::size_t i = weeks.size(); i > 1; --i)
            std::swap(weeks[i - 1], weeks[m_random.below(i)]);
        for (int d = 0; d < kDays; ++d)
            m_order[static_cast<std::size_t>(d)] = weeks[static_cast<std::size_t>(d / 7)] * 7 + d % 7;
        for (int d = 0; d < kReferenceDays; ++d)
            add(m_reference, d, {Change::None, 0});
        m_profile = profileOf(column.kind, m_reference);
        m_evidently.emplace(column.kind, m_reference);
    }

    /// The window that ends with the day, with the change from kChangeDay on.
    Look look(int day, const Asked& asked) {
        SourceRows now;
        for (int d = day - kWindow + 1; d <= day; ++d)
            add(now, d, d >= kChangeDay ? asked : Asked{Change::None, 0});
        Look out;
        out.values = methodValues(m_column.kind, m_reference, now);
        const CurrentCounts counts = countsOf(m_column.kind, m_profile, now);
        const ColumnDrift drift = judgeDrift(std::span(&m_profile, 1), std::span(&counts, 1), {}).front();
        out.drift = verdictOf(m_column.kind, drift).state == State::Drift;
        if (m_column.kind.judgedByMissing) return out;
        out.evidently = m_evidently->alarms(now);
        const char* js = m_column.kind.numeric() ? "JS, NannyML" : "JS";
        for (const MethodValue& v : out.values)
            if (v.name == js) out.nannyml = v.value >= 0.1;
        return out;
    }

private:
    void add(SourceRows& to, int day, const Asked& asked) {
        const SourceRows& rows = m_column.days[static_cast<std::size_t>(m_order[static_cast<std::size_t>(day)])];
        SourceRows some;
        for (std::size_t i = m_random.below(kEvery); i < rows.values.size(); i += kEvery)
            some.values.push_back(rows.values[i]);
        for (std::size_t i = m_random.below(kEvery); i < rows.codes.size(); i += kEvery)
            some.codes.push_back(rows.codes[i]);
        const std::size_t before = to.values.size() + to.codes.size();
        addChanged(m_column, some, asked, m_random, to);
        to.clusters.insert(to.clusters.end(), to.values.size() + to.codes.size() - before,
                           static_cast<std::uint32_t>(day));
    }

    const DelayColumn& m_column;
    Random m_random;
    std::vector<int> m_order;
    SourceRows m_reference;
    ColumnProfile m_profile;
    std::optional<EvidentlyDefault> m_evidently;
};

struct Round {
    std::vector<Look> unchanged;             ///< day by day
    std::vector<std::vector<Look>> changed;  ///< by change, from its first day on
};

Round roundOf(const DelayColumn& column, std::uint64_t seed) {
    Stream stream(column, seed);
    Round out;
    for (int day = kReferenceDays + kWindow - 1; day < kChangeDay; ++day)
        out.unchanged.push_back(stream.look(day, {Change::None, 0}));
    for (const Asked& asked : column.changes) {
        out.changed.emplace_back();
        for (int day = kChangeDay; day < kChangeDay + kDaysAfter; ++day)
            out.changed.back().push_back(stream.look(day, asked));
    }
    return out;
}

/// The days until the first alarm, that one among them; kDaysAfter + 1: none came.
template <class Alarms>
double delayOf(const std::vector<Look>& days, const Alarms& alarms) {
    const auto first = std::ranges::find_if(days, alarms);
    return static_cast<double>(first - days.begin()) + 1;
}

struct Delays {
    std::string name;
    bool ours = false;
    std::vector<double> days;  ///< one a round
    double alarmsAWeek = 0;    ///< on unchanged days

    [[nodiscard]] double mean() const {
        return std::accumulate(days.begin(), days.end(), 0.0) / static_cast<double>(days.size());
    }
    [[nodiscard]] double found() const {
        return static_cast<double>(std::ranges::count_if(days, [](double d) { return d <= kDaysAfter; })) /
               static_cast<double>(days.size());
    }
};

double errorOfDifference(const Delays& a, const Delays& b) {
    const double difference = a.mean() - b.mean(), n = static_cast<double>(a.days.size());
    double squares = 0;
    for (std::size_t i = 0; i < a.days.size(); ++i)
        squares += std::pow(a.days[i] - b.days[i] - difference, 2);
    return std::sqrt(squares / (n - 1) / n);
}

template <class Alarms>
Delays delaysOf(std::string name, bool ours, const std::vector<Round>& rounds, std::size_t change,
                const Alarms& alarms) {
    Delays out{std::move(name), ours, {}, 0};
    double hits = 0, days = 0;
    for (const Round& round : rounds) {
        out.days.push_back(delayOf(round.changed[change], alarms));
        hits += static_cast<double>(std::ranges::count_if(round.unchanged, alarms));
        days += static_cast<double>(round.unchanged.size());
    }
    out.alarmsAWeek = 7 * hits / days;
    return out;
}

/// At the threshold that kRate of the unchanged days exceed.
Delays atEqualRate(const std::vector<Round>& rounds, std::size_t change, std::size_t method) {
    std::vector<double> values;
    for (const Round& round : rounds)
        for (const Look& look : round.unchanged)
            values.push_back(std::isnan(look.values[method].value) ? -HUGE_VAL : look.values[method].value);
    std::ranges::sort(values, std::greater{});
    const double threshold = values[static_cast<std::size_t>(kRate * static_cast<double>(values.size()))];
    const MethodValue& any = rounds[0].unchanged[0].values[method];
    return delaysOf(any.name, any.ours, rounds, change,
                    [&](const Look& look) { return look.values[method].value > threshold; });
}

void printOwnRules(const DelayColumn& column, const std::vector<Round>& rounds, std::size_t change) {
    std::vector<Delays> rules{delaysOf("default verdict", true, rounds, change, [](const Look& l) { return l.drift; })};
    if (!column.kind.judgedByMissing) {
        rules.push_back(delaysOf("Evidently", false, rounds, change, [](const Look& l) { return l.evidently; }));
        rules.push_back(delaysOf("NannyML", false, rounds, change, [](const Look& l) { return l.nannyml; }));
    }
    for (const Delays& d : rules)
        std::printf("  %s %.1f days, found %.0f %%, %.2f alarms a week before;", d.name.c_str(), d.mean(),
                    100 * d.found(), d.alarmsAWeek);
    std::printf("\n");
}

bool print(const DelayColumn& column, const std::vector<Round>& rounds, std::size_t change) {
    std::vector<Delays> all;
    for (std::size_t m = 0; m < rounds[0].unchanged[0].values.size(); ++m)
        all.push_back(atEqualRate(rounds, change, m));
    const Delays ours = all.front();
    std::ranges::stable_sort(all, {}, &Delays::mean);
    const Delays& peer = *std::ranges::find(all, false, &Delays::ours);
    const double error = errorOfDifference(ours, peer);
    const bool worse = ours.mean() > peer.mean() + 2 * error;
    std::printf("%-15s %-10s %5.2f  default %4.1f days (%3.0f %%)  %-21s %4.1f (%3.0f %%)  %+.1f ±%.1f %-6s |",
                column.kind.name.c_str(), nameOf(column.changes[change].change), column.changes[change].size,
                ours.mean(), 100 * ours.found(), peer.name.c_str(), peer.mean(), 100 * peer.found(),
                ours.mean() - peer.mean(), error, worse ? "WORSE" : "");
    for (std::size_t i = 0; i < all.size(); ++i)
        std::printf("%s%s %.1f", i ? ", " : " ", all[i].name.c_str(), all[i].mean());
    std::printf("\n");
    printOwnRules(column, rounds, change);
    std::fflush(stdout);
    return worse;
}

}  // namespace

int detectionDelay(const StatisticsBenchOptions& options) {
    const std::vector<DelayColumn> columns = flights(options.kind);
    const auto count = static_cast<std::size_t>(std::max(6, options.rounds / 8));
    std::vector<std::vector<Round>> rounds(columns.size(), std::vector<Round>(count));
    sideBySide(columns.size() * count, [&](std::size_t i) {
        rounds[i / count][i % count] = roundOf(columns[i / count], options.seed + 1'000 * i);
    });
    std::printf(
        "\nDays until a change is noticed, on the flights of 2013 (weeks shuffled, a sixth of the rows, the last %d "
        "days judged each "
        "day, clusters: days; %zu rounds; %d days are looked at).\nAt one alarm in %.0f unchanged days for all: "
        "our default, the best of the peers' methods, the difference; all methods. Below: by everybody's own "
        "rules.\n",
        kWindow, count, kDaysAfter, 1 / kRate);
    int worse = 0, cells = 0;
    for (std::size_t c = 0; c < columns.size(); ++c)
        for (std::size_t change = 0; change < columns[c].changes.size(); ++change, ++cells)
            worse += print(columns[c], rounds[c], change);
    std::printf("cells where the default is later than the best peer's method by two standard errors: %d of %d\n",
                worse, cells);
    return worse;
}

}  // namespace pilothouse::bench
