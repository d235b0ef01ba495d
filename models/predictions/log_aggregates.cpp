// SPDX-License-Identifier: GPL-3.0-or-later
// Counts, measures and top values.
#include <QElapsedTimer>
#include <algorithm>
#include <functional>
#include <limits>

#include "models/predictions/accumulator.h"
#include "models/predictions/log_queries.h"
#include "models/predictions/parallel.h"

namespace pilothouse::predictions {

using ports::ColumnType;
using ports::Measure;
using ports::MeasureSpec;
using workspace::Database;

namespace {

constexpr std::size_t kMaxCells = 5'000'000;
/// Beyond that, a copy of all cells for each thread costs more than it saves.
constexpr std::size_t kMaxCellsAtOnce = 4'096;
/// Values that quantiles tell apart, over all cells and threads: 32 bytes each at most.
constexpr std::size_t kMaxDistinct = std::size_t{1} << 21;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double since(const QElapsedTimer& timer) { return static_cast<double>(timer.nsecsElapsed()) * 1e-6; }

Status checkMeasure(const LogReader& reader, const MeasureSpec& spec) {
    switch (spec.measure) {
        case Measure::Mean:
        case Measure::Min:
        case Measure::Max:
        case Measure::Sum:
        case Measure::Quantile: {
            PH_TRY(checkField(reader, spec.field));
            const LogField* field = reader.field(spec.field);
            const unsigned number = 1u << static_cast<unsigned>(ColumnType::Number);
            if (field && field->types != 0 && (field->types & number) == 0)
                return fail(Error::invalid("\"" + spec.field + "\" holds no numbers to measure"));
            return {};
        }
        case Measure::MissingShare:
            return checkField(reader, spec.field);
        default:
            return {};
    }
}

/// True where the log can have rows: what lies wholly before its first or after its last one is not known to be empty.
std::vector<bool> bucketsOfLog(const LogReader& reader, const std::vector<Timestamp>& edges) {
    std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = std::numeric_limits<std::int64_t>::min();
    for (const Part& part : reader.parts()) {
        first = std::min(first, part.firstTime);
        last = std::max(last, part.lastTime);
    }
    std::vector<bool> within(edges.size() - 1);
    for (std::size_t b = 0; b < within.size(); ++b)
        within[b] = edges[b].ns <= last && edges[b + 1].ns > first;
    return within;
}

/// The accumulators of a request: one a measure, but one for all quantiles of a field.
class Measured {
public:
    [[nodiscard]] static Result<Measured> of(Scanner& scanner, const ports::AggregateRequest& request,
                                             const Bucketing& bucketing) {
        const std::size_t cells = bucketing.cellCount();
        if (cells * std::max<std::size_t>(1, request.measures.size()) > kMaxCells)
            return fail(Error::invalid("too many buckets, groups and measures at once (more than 5,000,000 values)"));
        const bool anyOrder = std::ranges::all_of(
            request.measures, [](const MeasureSpec& spec) { return Accumulator::anyOrder(spec.measure); });
        Measured measured(request);
        if (anyOrder && cells <= kMaxCellsAtOnce) {
            PH_TRY(measured.addAtOnce(scanner, bucketing));
        } else {
            PH_TRY(measured.addInOrder(scanner, bucketing));
        }
        return measured;
    }
    [[nodiscard]] const Accumulator& of(std::size_t measure) const { return m_slots[0][m_accumulatorOf[measure]]; }

private:
    explicit Measured(const ports::AggregateRequest& request) : m_request(request) {
        for (std::size_t m = 0; m < request.measures.size(); ++m) {
            const MeasureSpec& spec = request.measures[m];
            const auto same = std::ranges::find_if(m_specs, [&](const MeasureSpec& other) {
                return spec.measure == Measure::Quantile && other.measure == spec.measure && other.field == spec.field;
            });
            m_accumulatorOf.push_back(static_cast<std::size_t>(same - m_specs.begin()));
            if (same == m_specs.end()) m_specs.push_back(spec);
        }
    }
    void make(std::size_t slots, std::size_t cells) {
        const auto quantiles =
            static_cast<std::size_t>(std::ranges::count(m_specs, Measure::Quantile, &MeasureSpec::measure));
        const std::size_t distinct = kMaxDistinct / std::max<std::size_t>(1, cells * slots * quantiles);
        std::vector<Accumulator> accumulators;
        for (const MeasureSpec& spec : m_specs)
            accumulators.emplace_back(spec, cells, distinct);
        m_slots.assign(slots, accumulators);
    }
    Status addAtOnce(Scanner& scanner, const Bucketing& bucketing) {
        make(kWindow, bucketing.cellCount());
        std::vector<Bucketing> bucketings(kWindow, bucketing);
        const Status done = scanner.eachAtOnce([&](std::size_t slot, BlockView& view, const Mask& mask) -> Status {
            PH_TRY(bucketings[slot].run(view, mask));
            for (Accumulator& accumulator : m_slots[slot])
                PH_TRY(accumulator.add(view, bucketings[slot]));
            return {};
        });
        PH_TRY(done);
        for (std::size_t slot = 1; slot < kWindow; ++slot)
            for (std::size_t a = 0; a < m_specs.size(); ++a)
                m_slots[0][a].merge(m_slots[slot][a]);
        return {};
    }
    Status addInOrder(Scanner& scanner, Bucketing bucketing) {
        make(1, bucketing.cellCount());
        const auto prepare = [&](BlockView& view) -> Status {
            for (const MeasureSpec& spec : m_specs)
                if (!spec.field.empty()) PH_TRY(view.decode(spec.field));
            return bucketing.prepare(view, m_request.splitBy);
        };
        return scanner.eachAhead(prepare, [&](BlockView& view, const Mask& mask) -> Status {
            PH_TRY(bucketing.run(view, mask));
            for (Accumulator& accumulator : m_slots[0])
                PH_TRY(accumulator.add(view, bucketing));
            return {};
        });
    }

    const ports::AggregateRequest& m_request;
    std::vector<MeasureSpec> m_specs;
    std::vector<std::size_t> m_accumulatorOf;       ///< by measure of the request
    std::vector<std::vector<Accumulator>> m_slots;  ///< the first one has the answer
};

}  // namespace

Result<ports::TimeCounts> timeCountsOfLog(Database& database, const ports::TimeCountsRequest& request,
                                          const CancellationToken& token) {
    QElapsedTimer timer;
    timer.start();
    PH_TRY(checkEdges(request.edges));
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database));
    const TimeRange range{request.edges.front(), request.edges.back()};
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, range, kTimestampMax, token));
    PH_ASSIGN(const Groups groups, Groups::make(scanner, request.splitBy));
    std::vector<Bucketing> bucketings(kWindow, Bucketing(request.edges, groups));
    const std::size_t buckets = bucketings[0].buckets();
    std::vector<std::vector<std::uint64_t>> counts(kWindow, std::vector<std::uint64_t>(bucketings[0].cellCount()));
    const Status done = scanner.eachAtOnce([&](std::size_t slot, BlockView& view, const Mask& mask) -> Status {
        PH_TRY(bucketings[slot].run(view, mask));
        for (const std::uint32_t cell : bucketings[slot].cells)
            ++counts[slot][cell];
        return {};
    });
    PH_TRY(done);
    for (std::size_t slot = 1; slot < kWindow; ++slot)
        std::ranges::transform(counts[0], counts[slot], counts[0].begin(), std::plus{});
    ports::TimeCounts result;
    result.groups = groups.names();
    for (std::size_t g = 0; g < result.groups.size(); ++g) {
        const auto begin = counts[0].begin() + static_cast<std::ptrdiff_t>(g * buckets);
        result.counts.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(buckets));
    }
    result.stats = scanner.stats;
    result.stats.milliseconds = since(timer);
    PH_TRY(transaction.commit());
    return result;
}

Result<ports::Aggregates> aggregateLog(Database& database, const ports::AggregateRequest& request,
                                       const CancellationToken& token) {
    QElapsedTimer timer;
    timer.start();
    PH_TRY(checkEdges(request.edges));
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database));
    for (const MeasureSpec& spec : request.measures)
        PH_TRY(checkMeasure(reader, spec));
    const TimeRange range{request.edges.front(), request.edges.back()};
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, range, kTimestampMax, token));
    PH_ASSIGN(const Groups groups, Groups::make(scanner, request.splitBy));
    Bucketing bucketing(request.edges, groups);
    PH_ASSIGN(const Measured measured, Measured::of(scanner, request, bucketing));
    const std::vector<bool> within = bucketsOfLog(reader, request.edges);
    ports::Aggregates result;
    for (std::size_t g = 0; g < groups.names().size(); ++g) {
        for (std::size_t m = 0; m < request.measures.size(); ++m) {
            ports::AggregateSeries series{groups.names()[g], m, {}, 0};
            const Accumulator& accumulator = measured.of(m);
            for (std::size_t b = 0; b < bucketing.buckets(); ++b) {
                const std::size_t cell = g * bucketing.buckets() + b;
                series.values.push_back(within[b] ? accumulator.result(cell, request.measures[m].quantile) : kNaN);
                series.relativeError = std::max(series.relativeError, accumulator.relativeError(cell));
            }
            result.series.push_back(std::move(series));
        }
    }
    result.stats = scanner.stats;
    result.stats.milliseconds = since(timer);
    PH_TRY(transaction.commit());
    return result;
}

Result<ports::TopValues> topValuesOfLog(Database& database, const ports::TopValuesRequest& request,
                                        const CancellationToken& token) {
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database));
    PH_TRY(checkField(reader, request.field));
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, request.range, kTimestampMax, token));
    PH_ASSIGN(const ValueTally tally, ValueTally::of(scanner, request.field));
    ports::TopValues result;
    result.total = tally.total();
    result.missing = tally.missing();
    result.other = tally.total() - tally.missing();
    PH_ASSIGN(auto entries, tally.top(scanner, request.limit));
    for (auto& entry : entries) {
        result.other -= entry.count;
        result.values.push_back({std::move(entry.value), entry.count});
    }
    PH_TRY(transaction.commit());
    return result;
}

}  // namespace pilothouse::predictions
