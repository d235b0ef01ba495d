// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>

#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/items/prediction_buckets.h"
#include "models/predictions/embedded_prediction_log.h"
#include "models/predictions/query_parser.h"
#include "models/predictions/query_plan.h"

namespace pilothouse::app {

namespace {

using ports::ColumnType;
using ports::Measure;

constexpr int kBins = 20, kAutomaticBuckets = 60;
constexpr std::size_t kMostBuckets = 10'000;
constexpr std::array<std::pair<const char*, double>, 7> kQuantiles{
    {{"p1", 0.01}, {"p5", 0.05}, {"p25", 0.25}, {"p50", 0.5}, {"p75", 0.75}, {"p95", 0.95}, {"p99", 0.99}}};

/// What every kind of answer needs.
struct Question {
    const CommandContext& context;
    const StatsArguments& arguments;
    ports::PredictionLog& log;
    const Zone& zone;
    ports::Query query;
    TimeRange range;  ///< bounded: within the log
};

std::string shown(double number) { return QString::number(number, 'g', 6).toStdString(); }

/// "1,204 (12.3 %)" as a table's two cells.
void addCounts(std::vector<std::string>& line, std::uint64_t count, std::uint64_t total) {
    line.push_back(std::to_string(count));
    line.push_back(
        total == 0
            ? "–"
            : QString::number(100.0 * static_cast<double>(count) / static_cast<double>(total), 'f', 2).toStdString() +
                  " %");
}

struct CountLine {
    std::string kind;  ///< "value", "bin", "missing", "other"
    std::string value;
    double low = std::nan(""), high = std::nan("");
    std::uint64_t count = 0;
};

void printCounts(const Question& q, const std::vector<CountLine>& lines, std::uint64_t total) {
    if (q.context.json) {
        for (const CountLine& line : lines) {
            QJsonObject object{{text("field"), text(q.arguments.by)}, {text("kind"), text(line.kind)}};
            object.insert(text("value"), line.kind == "value" ? QJsonValue(text(line.value)) : QJsonValue());
            object.insert(text("low"), jsonNumber(line.low));
            object.insert(text("high"), jsonNumber(line.high));
            object.insert(text("count"), static_cast<qint64>(line.count));
            object.insert(
                text("share"),
                total == 0 ? QJsonValue() : QJsonValue(static_cast<double>(line.count) / static_cast<double>(total)));
            printJsonLine(object);
        }
        return;
    }
    std::vector<std::vector<std::string>> table{{q.arguments.by, "rows", "share"}};
    for (const CountLine& line : lines) {
        std::string name = line.kind == "missing" ? "(no value)" : line.kind == "other" ? "(all others)" : line.value;
        if (line.kind == "bin")
            name = std::isnan(line.low)    ? "< " + shown(line.high)
                   : std::isnan(line.high) ? ">= " + shown(line.low)
                                           : shown(line.low) + " to " + shown(line.high);
        table.push_back({name});
        addCounts(table.back(), line.count, total);
    }
    printTable(table);
}

Status printTopValues(const Question& q) {
    PH_ASSIGN(const ports::TopValues top,
              await(q.log.topValues({q.query, q.range, q.arguments.by, q.arguments.limit}, q.context.token)));
    std::vector<CountLine> lines;
    for (const ports::ValueCount& v : top.values)
        lines.push_back({"value", v.value, std::nan(""), std::nan(""), v.count});
    if (top.other > 0) lines.push_back({"other", {}, std::nan(""), std::nan(""), top.other});
    if (top.missing > 0) lines.push_back({"missing", {}, std::nan(""), std::nan(""), top.missing});
    printCounts(q, lines, top.total);
    return {};
}

/// Edges at 1, 2 or 5 times a power of ten.
std::vector<double> roundEdges(double low, double high) {
    const double wanted = (high - low) / kBins, power = std::pow(10, std::floor(std::log10(wanted)));
    double step = 10 * power;
    for (const double factor : {5.0, 2.0, 1.0})
        if (factor * power >= wanted) step = factor * power;
    std::vector<double> edges;
    // By whole numbers of steps, so that no error adds up.
    for (double i = std::floor(low / step); i * step <= high && edges.size() <= 2 * kBins; ++i)
        edges.push_back(i * step);
    edges.push_back(edges.back() + step);
    return edges;
}

Status printHistogram(const Question& q) {
    ports::AggregateRequest request{q.query, {q.range.start, q.range.end}, {}, {}};
    for (const double quantile : {0.001, 0.999})
        request.measures.push_back({Measure::Quantile, q.arguments.by, quantile});
    PH_ASSIGN(const ports::Aggregates ends, await(q.log.aggregate(request, q.context.token)));
    ports::FeatureBins bins{q.arguments.by, {}, {}};
    const double low = ends.series[0].values[0], high = ends.series[1].values[0];
    // The span of all but one row in five hundred; the outer bins are open.
    if (std::isfinite(low) && std::isfinite(high)) bins.edges = high > low ? roundEdges(low, high) : std::vector{low};
    PH_ASSIGN(const auto counts, await(q.log.featureCounts({q.query, q.range, {bins}}, q.context.token)));
    const ports::FeatureCounts& c = counts.front();
    std::vector<CountLine> lines;
    for (std::size_t i = 0; i < c.counts.size(); ++i) {
        const bool outer = i == 0 || i + 1 == c.counts.size();
        if (outer && c.counts[i] == 0) continue;
        lines.push_back({"bin",
                         {},
                         i == 0 ? std::nan("") : bins.edges[i - 1],
                         i == bins.edges.size() ? std::nan("") : bins.edges[i],
                         c.counts[i]});
    }
    if (c.missing > 0) lines.push_back({"missing", {}, std::nan(""), std::nan(""), c.missing});
    printCounts(q, lines, c.rows);
    return {};
}

Result<std::vector<Timestamp>> edgesOf(const Question& q) {
    const std::string& over = q.arguments.over;
    if (over.empty()) return std::vector{q.range.start, q.range.end};
    if (over == "time") return items::bucketEdges(q.range, q.zone, kAutomaticBuckets);
    const auto step = over == "hour"   ? std::optional<Duration>(std::chrono::hours(1))
                      : over == "day"  ? std::optional<Duration>(std::chrono::hours(24))
                      : over == "week" ? std::optional<Duration>(std::chrono::hours(7 * 24))
                                       : parseDuration(over);
    if (!step || step->count() <= 0)
        return fail(
            Error::invalid("--over wants time (as many buckets as fit), hour, day, week or a duration such "
                           "as 15m, not \"" +
                           over + "\""));
    const auto whole = [&](int hours) { return step->count() % Duration(std::chrono::hours(hours)).count() == 0; };
    const int days = whole(24) ? static_cast<int>(*step / std::chrono::hours(24)) : 0;
    std::vector<Timestamp> edges{q.range.start};
    for (Timestamp t = q.zone.startOfDay(q.range.start);
         t<q.range.end; t = days> 0 ? q.zone.addDays(t, days) : t + *step) {
        if (t > q.range.start) edges.push_back(t);
        if (edges.size() > kMostBuckets)
            return fail(Error::invalid("--over " + over + " makes more than 10,000 buckets of this range"));
    }
    edges.push_back(q.range.end);
    return edges;
}

/// What percentiles are wrong by at most, as a share of the value; 0: exact.
double percentileError(const ports::Aggregates& answer) {
    double most = 0;
    for (const ports::AggregateSeries& series : answer.series)
        most = std::max(most, series.relativeError);
    return most;
}

/// Counts, and where asked for mean and percentiles, by value of a text field, in buckets of time or not.
Status printGroups(const Question& q, ColumnType byType) {
    const std::string& by = q.arguments.by;
    const std::string measured = !q.arguments.percentiles ? std::string()
                                 : q.arguments.of.empty() ? by
                                                          : q.arguments.of;
    ports::AggregateRequest request{q.query, {}, {{Measure::Count, {}, 0.5}}, {}};
    PH_ASSIGN(request.edges, edgesOf(q));
    if (byType == ColumnType::Text || by == ports::field::outcome) request.splitBy = by;
    if (!measured.empty()) {
        for (const Measure m : {Measure::Mean, Measure::Min, Measure::Max})
            request.measures.push_back({m, measured, 0.5});
        for (const auto& [name, quantile] : kQuantiles)
            request.measures.push_back({Measure::Quantile, measured, quantile});
    }
    PH_ASSIGN(const ports::Aggregates answer, await(q.log.aggregate(request, q.context.token)));
    std::vector<std::string> names{"count"};
    if (!measured.empty()) {
        names.insert(names.end(), {"mean", "min", "max"});
        for (const auto& [name, quantile] : kQuantiles)
            names.emplace_back(name);
    }
    const bool over = !q.arguments.over.empty();
    std::vector<std::vector<std::string>> table(1);
    if (over) table[0].push_back("start");
    if (!request.splitBy.empty()) table[0].push_back(by);
    table[0].insert(table[0].end(), names.begin(), names.end());
    for (std::size_t b = 0; b + 1 < request.edges.size(); ++b) {
        for (std::size_t s = 0; s < answer.series.size(); s += names.size()) {
            const std::string& group = answer.series[s].group;
            if (q.context.json) {
                QJsonObject object{{text("by"), text(by)}, {text("count"), jsonNumber(answer.series[s].values[b])}};
                object.insert(text("value"), request.splitBy.empty() || group.empty() ? QJsonValue() : text(group));
                object.insert(text("start"), jsonTime(request.edges[b]));
                object.insert(text("end"), jsonTime(request.edges[b + 1]));
                if (!measured.empty()) object.insert(text("field"), text(measured));
                for (std::size_t m = 1; m < names.size(); ++m)
                    object.insert(text(names[m]), jsonNumber(answer.series[s + m].values[b]));
                if (!measured.empty()) object.insert(text("percentile_error"), percentileError(answer));
                printJsonLine(object);
                continue;
            }
            table.emplace_back();
            if (over) table.back().push_back(request.edges[b].toIso());
            if (!request.splitBy.empty()) table.back().push_back(group.empty() ? "(no value)" : group);
            for (std::size_t m = 0; m < names.size(); ++m) {
                const double value = answer.series[s + m].values[b];
                table.back().push_back(std::isnan(value) ? "–"
                                       : m == 0          ? std::to_string(static_cast<std::uint64_t>(value))
                                                         : shown(value));
            }
        }
    }
    if (q.context.json) return {};
    printTable(table);
    if (const double error = percentileError(answer); error > 0)
        printNote("percentiles are within " + shown(100 * error) + " % of the value");
    return {};
}

Result<ColumnType> typeOf(ports::PredictionLog& log, const std::string& name, const CancellationToken& token) {
    PH_ASSIGN(const auto fields, await(log.fields(token)));
    std::vector<std::string> names;
    for (const ports::FieldInfo& f : fields) {
        if (f.name == name) return f.type;
        names.push_back(f.name);
    }
    const std::string near = predictions::nearestNames(name, names);
    return fail(Error::invalid("no field \"" + name + "\"" + (near.empty() ? "" : "; the nearest: " + near)));
}

Status stats(const CommandContext& context, const StatsArguments& arguments) {
    PH_ASSIGN(ports::Query query, predictions::parseQuery(arguments.query));
    PH_ASSIGN(auto workspace, context.openWorkspace());
    predictions::EmbeddedPredictionLog log(workspace);
    PH_ASSIGN(TimeRange range, momentsBetween(arguments.since, arguments.until, *workspace));
    PH_ASSIGN(const auto extent, await(log.extent(context.token)));
    if (extent.rows == 0) {
        printNote("the log holds no rows");
        return {};
    }
    range.start = std::max(range.start, extent.range.start);
    range.end = std::min(range.end, extent.range.end + Duration(1));
    if (range.empty()) {
        printNote("no rows in that time: the log reaches from " + extent.range.start.toIso() + " to " +
                  extent.range.end.toIso());
        return {};
    }
    PH_ASSIGN(const ColumnType type, typeOf(log, arguments.by, context.token));
    const Question question{context, arguments, log, workspace->zone(), std::move(query), range};
    if (arguments.percentiles || !arguments.over.empty()) return printGroups(question, type);
    return type == ColumnType::Number && arguments.by != ports::field::outcome ? printHistogram(question)
                                                                               : printTopValues(question);
}

}  // namespace

int runStats(const CommandContext& context, const StatsArguments& arguments) {
    const Status done = stats(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
