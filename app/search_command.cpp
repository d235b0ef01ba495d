// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "app/await.h"
#include "app/command_line.h"
#include "app/output.h"
#include "models/predictions/embedded_prediction_log.h"
#include "models/predictions/query_description.h"
#include "models/predictions/query_parser.h"

namespace pilothouse::app {

namespace {

constexpr std::size_t kPageRows = 2'000;

QJsonValue cell(const ports::Column& column, std::size_t row) {
    if (column.missing(row)) return {};
    switch (column.type) {
        case ports::ColumnType::Number:
            return jsonNumber(column.numbers[row]);
        case ports::ColumnType::Text:
            return QString::fromUtf8(column.text(row).data(), static_cast<qsizetype>(column.text(row).size()));
        case ports::ColumnType::Time:
            return jsonTime({column.times[row]});
    }
    return {};
}

std::string cellText(const ports::Column& column, std::size_t row) {
    if (column.missing(row)) return "–";
    switch (column.type) {
        case ports::ColumnType::Number:
            return QString::number(column.numbers[row], 'g', 6).toStdString();
        case ports::ColumnType::Text:
            return std::string(column.text(row));
        case ports::ColumnType::Time:
            return Timestamp{column.times[row]}.toIso();
    }
    return {};
}

void printExplanation(const ports::ScanStats& stats) {
    printNote("segments " + std::to_string(stats.segments) + ", pruned " + std::to_string(stats.segmentsPruned) +
              ", decoded " + std::to_string(stats.segmentsDecoded) + ", blocks " + std::to_string(stats.blocks) +
              ", rows seen " + std::to_string(stats.rowsSeen) + ", " +
              QString::number(stats.milliseconds, 'f', 1).toStdString() + " ms");
}

void printRowsAsText(const ports::RowSet& rows, bool header) {
    static const std::vector<std::string> kFirst{"time", "request_id", "version", "score", "outcome", "latency_ms"};
    std::vector<const ports::Column*> columns;
    for (const std::string& name : kFirst)
        if (const auto* column = rows.find(name)) columns.push_back(column);
    for (const ports::Column& column : rows.columns)
        if (!ports::isReservedField(column.name) && columns.size() < 14) columns.push_back(&column);
    std::vector<std::vector<std::string>> table(1);
    for (const auto* column : columns)
        table[0].push_back(column->name);
    for (std::size_t row = 0; row < rows.rows; ++row) {
        table.emplace_back();
        for (const auto* column : columns)
            table.back().push_back(cellText(*column, row));
    }
    if (!header) table.erase(table.begin());
    printTable(table);
}

void printRowsAsJson(const ports::RowSet& rows) {
    for (std::size_t row = 0; row < rows.rows; ++row) {
        QJsonObject object;
        for (const ports::Column& column : rows.columns)
            object.insert(text(column.name), cell(column, row));
        printJsonLine(object);
    }
}

/// The count, with what it cost where that is wanted.
Result<std::uint64_t> count(const CommandContext& context, ports::PredictionLog& log, const ports::Query& query,
                            TimeRange range, bool explain) {
    if (!explain) return await(log.count(query, range, context.token));
    PH_ASSIGN(const ports::TimeCounts counts,
              await(log.timeCounts({query, {range.start, range.end}, {}}, context.token)));
    printExplanation(counts.stats);
    std::uint64_t sum = 0;
    for (const auto& group : counts.counts)
        for (const std::uint64_t n : group)
            sum += n;
    return sum;
}

Status search(const CommandContext& context, const SearchArguments& arguments) {
    PH_ASSIGN(ports::Query query, predictions::parseQuery(arguments.query));
    PH_ASSIGN(auto workspace, context.openWorkspace());
    PH_ASSIGN(const TimeRange range, momentsBetween(arguments.since, arguments.until, *workspace));
    predictions::EmbeddedPredictionLog log(workspace);
    if (arguments.explain)
        for (const std::string& line : predictions::describe(query))
            printNote(line);
    if (arguments.count) {
        PH_ASSIGN(const std::uint64_t n, count(context, log, query, range, arguments.explain));
        printLine(std::to_string(n));
        return {};
    }
    ports::SearchRequest request{query, range, {}, 0, {}, {arguments.order, arguments.ascending}};
    std::uint64_t left = arguments.limit;
    bool first = true;
    while (left > 0) {
        request.limit = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPageRows));
        PH_ASSIGN(const ports::SearchPage page, await(log.search(request, context.token)));
        if (context.json)
            printRowsAsJson(page.rows);
        else
            printRowsAsText(page.rows, first);
        if (arguments.explain) printExplanation(page.stats);
        if (first && page.rows.rows == 0 && !context.json) printNote("no row matches");
        first = false;
        left -= page.rows.rows;
        if (!page.more || page.rows.rows == 0) break;
        request.before = page.positions.back();
    }
    return {};
}

}  // namespace

Result<TimeRange> momentsBetween(const std::string& since, const std::string& until,
                                 const workspace::Workspace& workspace) {
    TimeRange range = TimeRange::all();
    if (!since.empty()) {
        PH_ASSIGN(range.start, parseMoment(since, workspace.now(), workspace.zone()));
    }
    if (!until.empty()) {
        PH_ASSIGN(range.end, parseMoment(until, workspace.now(), workspace.zone()));
    }
    return range;
}

int runSearch(const CommandContext& context, const SearchArguments& arguments) {
    const Status done = search(context, arguments);
    return done ? Done : report(done.error());
}

}  // namespace pilothouse::app
