// SPDX-License-Identifier: GPL-3.0-or-later
// A window of the prediction log against its profile: 25 columns, every default statistic with interval and threshold,
// and a step over what arrived since. A line a figure. An argument sets the rows of the window (default: a million).
#include <QTemporaryDir>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "models/monitoring/evaluator.h"
#include "models/monitoring/log_profile.h"
#include "models/monitoring/monitor.h"
#include "models/monitoring/stored_counts.h"
#include "models/predictions/block_cache.h"
#include "models/predictions/log_reader.h"
#include "models/predictions/query_parser.h"
#include "models/predictions/scanner.h"
#include "models/workspace/workspace.h"
#include "tests/bench/prediction_fill.h"

using namespace pilothouse;
using namespace pilothouse::bench;
using namespace pilothouse::monitoring;

namespace {

constexpr std::int64_t kStart = 1'704'067'200'000'000'000;  // a Monday
constexpr std::int64_t kWeek = 7 * 86'400'000'000'000;
constexpr int kNumbers = 20, kTexts = 5;
constexpr std::size_t kStep = 10'000;

/// `count` rows spread over [from, from + kWeek).
ports::RowSet rowsOf(std::mt19937& random, std::int64_t from, std::size_t first, std::size_t count, std::size_t all) {
    ports::RowSet out;
    out.rows = count;
    const auto text = [&](std::string_view name, std::size_t values) -> ports::Column& {
        ports::Column& column = out.columns.emplace_back();
        column.name = name;
        column.type = ports::ColumnType::Text;
        for (std::size_t v = 0; v < values; ++v)
            column.dictionary.push_back(column.name + " " + std::to_string(v));
        return column;
    };
    ports::Column& time = out.columns.emplace_back();
    time.name = ports::field::time;
    time.type = ports::ColumnType::Time;
    for (std::size_t i = 0; i < count; ++i)
        time.times.push_back(from + static_cast<std::int64_t>(first + i) * (kWeek / static_cast<std::int64_t>(all)));
    ports::Column& model = text(ports::field::model, 0);
    model.dictionary = {"m"};
    model.codes.assign(count, 0);
    ports::Column& ids = text(ports::field::requestId, 0);
    for (std::size_t i = 0; i < count; ++i) {
        ids.codes.push_back(static_cast<std::uint32_t>(i));
        ids.dictionary.push_back(std::to_string(from / kWeek) + "-" + std::to_string(first + i));
    }
    std::normal_distribution<double> normal;
    for (int c = 0; c < kNumbers; ++c) {
        ports::Column& column = out.columns.emplace_back();
        column.name = "number_" + std::to_string(c);
        for (std::size_t i = 0; i < count; ++i)
            column.numbers.push_back(std::round(1e4 * normal(random)) / 1e4);
    }
    for (int c = 0; c < kTexts; ++c) {
        const std::uint32_t values = c == 0 ? 2 : 10 * static_cast<std::uint32_t>(c);
        ports::Column& column = text("text_" + std::to_string(c), values);
        for (std::size_t i = 0; i < count; ++i)
            column.codes.push_back(random() % values);
    }
    return out;
}

void append(workspace::Database& database, const ports::RowSet& rows) {
    auto transaction = need(workspace::Transaction::begin(database));
    (void)need(predictions::append(database, rows));
    (void)need(predictions::seal(database));
    need(transaction.commit());
}

void fillWeek(workspace::Database& database, std::mt19937& random, std::int64_t from, std::size_t rows) {
    constexpr std::size_t kPart = 65'536;
    for (std::size_t first = 0; first < rows; first += kPart)
        append(database, rowsOf(random, from, first, std::min(kPart, rows - first), rows));
}

/// Reads every column of the window and counts nothing: what any statistic of them costs at least.
void readColumns(workspace::Database& database, const CountingPlan& plan, TimeRange window) {
    auto snapshot = need(workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    auto reader = need(predictions::LogReader::open(database, predictions::LogReader::Damaged::Include));
    auto scanner = need(predictions::Scanner::open(reader, plan.query, window, kTimestampMax, {}));
    need(scanner.eachAtOnce([&](std::size_t, predictions::BlockView& view, const predictions::Mask&) -> Status {
        for (const CountedColumn& column : plan.columns)
            PH_TRY(view.field(column.name));
        return {};
    }));
    need(snapshot.commit());
}

void print(const char* what, double value, const char* unit, const char* goal) {
    std::printf("%-74s %10.2f %-4s %s\n", what, value, unit, goal);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t rows = argc > 1 ? static_cast<std::size_t>(std::strtoull(argv[1], nullptr, 10)) : 1'000'000;
    QTemporaryDir folder;
    const auto workspace = need(workspace::Workspace::create(
        folder.filePath(QStringLiteral("b.pilothouse")).toStdString(), ClockKind::Logical, "UTC"));
    auto database = need(workspace->connect());
    std::mt19937 random(5);
    fillWeek(*database, random, kStart, rows / 5);
    fillWeek(*database, random, kStart + kWeek, rows);

    LogProfileRequest asked;
    asked.query = need(predictions::parseQuery("model:m"));
    asked.range = {{kStart}, {kStart + kWeek}};
    asked.columns = need(profiledFields(*database));
    Champion champion;
    print("profile of 25 columns, a fifth of the rows, read from the log",
          elapsed([&] { champion.profile = need(profileLog(*database, workspace->zone(), asked, {})); }), "ms", "");
    for (const auto& column : champion.profile.columns)
        champion.version.features.push_back(column.name);

    const MonitorDefinition monitor =
        need(parseMonitors("{name: n, model: m, kind: drift, reference: newest}", "n")).front();
    const TimeRange window{{kStart + kWeek}, {kStart + 2 * kWeek}};
    EvaluationContext context{
        .database = *database, .zone = workspace->zone(), .now = window.end, .champion = &champion};
    const double before = memoryMegabytes("VmRSS");
    std::vector<double> whole, counting, reading;
    CountingPlan plan;
    plan.query = need(predictions::parseQuery("model:m"));
    for (const auto& column : champion.profile.columns)
        plan.columns.push_back({column.name, &column, {}});
    for (int round = 0; round < 7; ++round) {
        reading.push_back(elapsed([&] { readColumns(*database, plan, window); }));
        whole.push_back(elapsed([&] { (void)need(evaluate(context, monitor, window)); }));
        counting.push_back(
            elapsed([&] { (void)need(countWindow(*database, workspace->zone(), plan, window, {}, {})); }));
    }
    print("a window judged: 25 columns, verdicts, intervals, thresholds (first time)", whole.front(), "ms", "");
    print("the same, median", median(whole), "ms", "goal: 250");
    print("of that, counting", median(counting), "ms", "");
    print("the columns read and nothing counted", median(reading), "ms", "");
    print("counting over reading", median(counting) / median(reading), "x", "goal: 2");
    print("memory above the open workspace", memoryMegabytes("VmHWM") - before, "MB", "goal: 200");

    // Counts are kept; a step reads what came since.
    const auto countsUpTo = [&](const predictions::LogMark& mark) {
        StoredCounts counts(*database, workspace->zone(), mark, {});
        EvaluationContext at = context;
        at.counts = &counts;
        (void)need(evaluate(at, monitor, window));
        auto transaction = need(workspace::Transaction::begin(*database));
        need(counts.save());
        need(transaction.commit());
    };
    countsUpTo(need(predictions::markOf(*database)));
    std::vector<double> steps, counted;
    for (std::size_t step = 0; step < 7; ++step) {
        append(*database, rowsOf(random, kStart + kWeek + 1 + static_cast<std::int64_t>(step), 0, kStep, kStep));
        const auto mark = need(predictions::markOf(*database));
        counted.push_back(elapsed([&] {
            StoredCounts counts(*database, workspace->zone(), mark, {});
            (void)need(counts.countsOf(plan, {window}));
        }));
        steps.push_back(elapsed([&] { countsUpTo(mark); }));
    }
    print("a step over 10,000 new rows: counted, judged and stored, median", median(steps), "ms", "goal: 20");
    print("of that, reading and counting", median(counted), "ms", "");
    return 0;
}
