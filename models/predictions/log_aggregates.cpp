// SPDX-License-Identifier: GPL-3.0-or-later
// Counts, measures, top values and bins.
#include <QElapsedTimer>
#include <algorithm>
#include <array>
#include <limits>

#include "models/predictions/log_queries.h"
#include "models/predictions/parallel.h"
#include "models/predictions/value_groups.h"

namespace pilothouse::predictions {

using ports::ColumnType;
using ports::Measure;
using ports::MeasureSpec;
using workspace::Database;

namespace {

constexpr std::size_t kMaxBuckets = 100'000;
constexpr std::size_t kMaxCells = 5'000'000;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double since(const QElapsedTimer& timer) { return static_cast<double>(timer.nsecsElapsed()) * 1e-6; }

Status checkEdges(const std::vector<Timestamp>& edges) {
    if (edges.size() < 2 || edges.size() > kMaxBuckets + 1)
        return fail(Error::invalid("between 1 and 100,000 buckets of time can be counted, not " +
                                   std::to_string(edges.empty() ? 0 : edges.size() - 1)));
    if (std::ranges::adjacent_find(edges, std::greater_equal{}) != edges.end())
        return fail(Error::invalid("the edges of the buckets do not ascend"));
    return {};
}

/// The bucket of each selected row; what is not selected stays as it was. Rows come nearly in order, so the bucket of
/// the row before is tried first.
void bucketsOf(const ColumnBlock& times, const Mask& mask, const std::vector<Timestamp>& edges,
               std::vector<std::uint32_t>& buckets) {
    std::size_t bucket = 0;
    buckets.resize(mask.size());
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!mask[i]) continue;
        const Timestamp t{times.times[i]};
        if (t < edges[bucket] || t >= edges[bucket + 1])
            bucket = static_cast<std::size_t>(std::ranges::upper_bound(edges, t) - edges.begin()) - 1;
        buckets[i] = static_cast<std::uint32_t>(bucket);
    }
}

/// Rows in buckets of time and groups: both kinds of answer are made from it.
class Bucketing {
public:
    Bucketing(const std::vector<Timestamp>& edges, const Groups& groups) : m_edges(edges), m_groups(groups) {}
    [[nodiscard]] std::size_t buckets() const { return m_edges.size() - 1; }
    /// The bucket that holds all rows of the block, as its bounds say.
    [[nodiscard]] Result<std::optional<std::uint32_t>> wholeBucket(BlockView& view) const {
        PH_ASSIGN(const auto directory, view.reader().directory(view.part()));
        const auto [first, last] = directory->range(ports::field::time);
        if (first == last) return fail(ErrorKind::Corrupt, view.part().name() + " has no times");
        const BlockInfo& info = directory->columns[first].header.blocks[view.block()];
        const auto after = std::ranges::upper_bound(m_edges, Timestamp{info.lowTime()});
        if (after == m_edges.begin() || after == m_edges.end() || info.highTime() >= after->ns)
            return std::optional<std::uint32_t>{};
        return std::optional(static_cast<std::uint32_t>(after - m_edges.begin() - 1));
    }
    /// Decodes what run() needs.
    Status prepare(BlockView& view, const std::string& splitBy) const {
        PH_ASSIGN(const auto whole, wholeBucket(view));
        if (!whole) PH_TRY(decode(view, std::string(ports::field::time)));
        return splitBy.empty() ? Status{} : decode(view, splitBy);
    }
    static Status decode(BlockView& view, const std::string& field) {
        PH_ASSIGN(const TypedBlocks* blocks, view.field(field));
        (void)blocks;
        return {};
    }
    /// rows: those selected; cells: group × buckets + bucket of each of them.
    Status run(BlockView& view, const Mask& mask) {
        PH_ASSIGN(const auto whole, wholeBucket(view));
        if (whole) {
            m_buckets.assign(mask.size(), *whole);
        } else {
            PH_ASSIGN(const ColumnBlock* times, view.field(std::string(ports::field::time), ColumnType::Time));
            if (!times) return fail(ErrorKind::Corrupt, view.part().name() + " has no times");
            bucketsOf(*times, mask, m_edges, m_buckets);
        }
        PH_TRY(m_groups.groupsOf(view, m_groupOfRow));
        selectedRows(mask, rows);
        cells.resize(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
            cells[i] = static_cast<std::uint32_t>(m_groupOfRow[rows[i]] * buckets() + m_buckets[rows[i]]);
        return {};
    }
    std::vector<std::uint32_t> rows, cells;

private:
    const std::vector<Timestamp>& m_edges;
    const Groups& m_groups;
    std::vector<std::uint32_t> m_buckets;
    std::vector<std::uint8_t> m_groupOfRow;
};

/// One measure over all cells. Values are added in order of arrival, so that the cut into batches does not show.
class Accumulator {
public:
    Accumulator(const MeasureSpec& spec, std::size_t cells) : m_spec(spec), m_n(cells) {
        switch (spec.measure) {
            case Measure::Count:
                break;
            case Measure::Min:
                m_value.assign(cells, std::numeric_limits<double>::infinity());
                break;
            case Measure::Max:
                m_value.assign(cells, -std::numeric_limits<double>::infinity());
                break;
            case Measure::Quantile:
                m_values.resize(cells);
                break;
            default:
                m_value.assign(cells, 0);
        }
    }

    Status add(BlockView& view, const Bucketing& rows) {
        switch (m_spec.measure) {
            case Measure::Count:
                each(
                    rows, [](std::size_t) { return true; }, [](std::size_t, std::size_t) {});
                return {};
            case Measure::ErrorShare:
                return addErrors(view, rows);
            case Measure::MissingShare:
                return addMissing(view, rows);
            case Measure::LabelledShare:
            case Measure::PositiveShare:
                return addOutcomes(view, rows);
            default:
                return addNumbers(view, rows);
        }
    }

    /// `q`: of a quantile; one accumulator serves all quantiles of its field.
    [[nodiscard]] double result(std::size_t cell, double q) {
        const auto n = static_cast<double>(m_n[cell]);
        if (m_spec.measure == Measure::Count) return n;
        if (m_n[cell] == 0) return kNaN;
        switch (m_spec.measure) {
            case Measure::Sum:
            case Measure::Min:
            case Measure::Max:
                return m_value[cell];
            case Measure::Quantile:
                return quantile(m_values[cell], q);
            default:
                return m_value[cell] / n;
        }
    }

private:
    template <class Counts, class Use>
    void each(const Bucketing& rows, Counts&& counts, Use&& use) {
        for (std::size_t i = 0; i < rows.rows.size(); ++i) {
            if (!counts(rows.rows[i])) continue;
            ++m_n[rows.cells[i]];
            use(rows.rows[i], rows.cells[i]);
        }
    }
    void addIf(std::size_t cell, bool counts) { m_value[cell] += counts ? 1 : 0; }

    /// Scored rows are those with a version; a status that is missing is no error.
    Status addErrors(BlockView& view, const Bucketing& rows) {
        PH_ASSIGN(const ColumnBlock* version, view.field(std::string(ports::field::version), ColumnType::Text));
        PH_ASSIGN(const ColumnBlock* status, view.field(std::string(ports::field::status), ColumnType::Text));
        if (!version) return {};
        std::vector<bool> bad(status ? status->pool.size() : 0);
        for (std::size_t code = 0; code < bad.size(); ++code)
            bad[code] = status->pool.at(code) != "ok";
        each(
            rows, [&](std::size_t row) { return !version->missing(row); },
            [&](std::size_t row, std::size_t cell) {
                addIf(cell, status && !status->missing(row) && bad[status->codes[row]]);
            });
        return {};
    }
    Status addMissing(BlockView& view, const Bucketing& rows) {
        PH_ASSIGN(const TypedBlocks* blocks, view.field(m_spec.field));
        each(
            rows, [](std::size_t) { return true; },
            [&](std::size_t row, std::size_t cell) {
                addIf(cell, std::ranges::all_of(*blocks, [&](const auto& b) { return b->missing(row); }));
            });
        return {};
    }
    Status addOutcomes(BlockView& view, const Bucketing& rows) {
        PH_ASSIGN(const ColumnBlock* outcome, view.field(std::string(ports::field::outcome), ColumnType::Number));
        if (!outcome) return {};
        const bool positive = m_spec.measure == Measure::PositiveShare;
        const auto& v = outcome->numbers;
        each(
            rows, [&](std::size_t row) { return !positive || !std::isnan(v[row]); },
            [&](std::size_t row, std::size_t cell) { addIf(cell, positive ? v[row] > 0.5 : !std::isnan(v[row])); });
        return {};
    }
    Status addNumbers(BlockView& view, const Bucketing& rows) {
        PH_ASSIGN(const ColumnBlock* block, view.field(m_spec.field, ColumnType::Number));
        if (!block) return {};
        const auto& v = block->numbers;
        const auto counts = [&](std::size_t row) { return !std::isnan(v[row]); };
        switch (m_spec.measure) {
            case Measure::Min:
                each(rows, counts, [&](std::size_t r, std::size_t c) { m_value[c] = std::min(m_value[c], v[r]); });
                break;
            case Measure::Max:
                each(rows, counts, [&](std::size_t r, std::size_t c) { m_value[c] = std::max(m_value[c], v[r]); });
                break;
            case Measure::Quantile:
                each(rows, counts, [&](std::size_t r, std::size_t c) { m_values[c].push_back(v[r]); });
                break;
            default:
                each(rows, counts, [&](std::size_t r, std::size_t c) { m_value[c] += v[r]; });
        }
        return {};
    }
    /// Type 7: between the order statistics around (n - 1) q.
    [[nodiscard]] static double quantile(std::vector<double>& values, double q) {
        const double place = static_cast<double>(values.size() - 1) * std::clamp(q, 0.0, 1.0);
        const auto below = static_cast<std::ptrdiff_t>(place);
        std::nth_element(values.begin(), values.begin() + below, values.end());
        const double low = values[static_cast<std::size_t>(below)], share = place - static_cast<double>(below);
        if (share == 0) return low;
        const double high = *std::min_element(values.begin() + below + 1, values.end());
        return low == high ? low : low + share * (high - low);  // equal infinities have no difference
    }

    MeasureSpec m_spec;
    std::vector<std::uint64_t> m_n;
    std::vector<double> m_value;
    std::vector<std::vector<double>> m_values;
};

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

/// Finds bin i, [edge i-1, edge i), of a number: a table over the span of the edges leads to the first edge to compare
/// with.
class BinFinder {
public:
    explicit BinFinder(const std::vector<double>& edges) : m_edges(edges) {
        if (edges.size() < 2) return;
        const double width = (edges.back() - edges.front()) / kCells;
        m_perUnit = 1 / width;
        if (!(width > 0) || !std::isfinite(width) || !std::isfinite(m_perUnit)) return;
        // One cell lower, so that rounding never leads past an edge.
        for (std::size_t c = 0; c < m_start.size(); ++c) {
            const double low = edges.front() + (static_cast<double>(c) - 1) * width;
            m_start[c] = static_cast<std::uint32_t>(std::ranges::lower_bound(edges, low) - edges.begin());
        }
    }
    [[nodiscard]] std::size_t binOf(double value) const {
        const std::size_t n = m_edges.size();
        if (n == 0 || value < m_edges.front()) return 0;
        if (value >= m_edges.back()) return n;
        const double cell = (value - m_edges.front()) * m_perUnit;
        std::size_t bin = m_start[cell < kCells ? static_cast<std::size_t>(cell) : kCells - 1];
        while (value >= m_edges[bin])
            ++bin;  // ends before the last edge, which is greater
        return bin;
    }

private:
    static constexpr std::size_t kCells = 512;
    const std::vector<double>& m_edges;
    double m_perUnit = 0;
    std::array<std::uint32_t, kCells> m_start{};
};

void countNumbers(const ColumnBlock& block, const Mask& mask, const BinFinder& bins, ports::FeatureCounts& counts) {
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!mask[i] || std::isnan(block.numbers[i])) continue;
        ++counts.counts[bins.binOf(block.numbers[i])];
        --counts.missing;
    }
}

void countCategories(const ColumnBlock& block, const Mask& mask, const std::vector<std::string>& categories,
                     ports::FeatureCounts& counts) {
    const auto binOf = [&](std::string_view text) {
        return static_cast<std::size_t>(std::ranges::find(categories, text) - categories.begin());
    };
    std::vector<std::size_t> bins(block.pool.size());
    for (std::size_t code = 0; code < bins.size(); ++code)
        bins[code] = binOf(block.pool.at(code));
    for (std::size_t i = 0; i < mask.size(); ++i) {
        if (!mask[i] || block.missing(i)) continue;
        ++counts.counts[block.type == ColumnType::Text ? bins[block.codes[i]] : binOf(numberText(block.numbers[i]))];
        --counts.missing;
    }
}

Status countFeature(BlockView& view, const Mask& mask, const ports::FeatureBins& bins, const BinFinder& finder,
                    ports::FeatureCounts& counts) {
    const std::uint64_t selected = countSelected(mask);
    counts.rows += selected;
    counts.missing += selected;  // less what has a value
    PH_ASSIGN(const TypedBlocks* blocks, view.field(bins.field));
    for (const auto& block : *blocks) {
        if (block->type == ColumnType::Time) continue;
        if (!bins.categories.empty()) {
            countCategories(*block, mask, bins.categories, counts);
        } else if (block->type == ColumnType::Number) {
            countNumbers(*block, mask, finder, counts);
        }
    }
    return {};
}

void addCounts(const ports::FeatureCounts& from, ports::FeatureCounts& to) {
    to.rows += from.rows;
    to.missing += from.missing;
    for (std::size_t b = 0; b < to.counts.size(); ++b)
        to.counts[b] += from.counts[b];
}

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
    Bucketing bucketing(request.edges, groups);
    std::vector<std::uint64_t> cells(groups.names().size() * bucketing.buckets());
    const Status done = scanner.eachAhead([&](BlockView& view) { return bucketing.prepare(view, request.splitBy); },
                                          [&](BlockView& view, const Mask& mask) -> Status {
                                              PH_TRY(bucketing.run(view, mask));
                                              for (const std::uint32_t cell : bucketing.cells)
                                                  ++cells[cell];
                                              return {};
                                          });
    PH_TRY(done);
    ports::TimeCounts result;
    result.groups = groups.names();
    for (std::size_t g = 0; g < result.groups.size(); ++g) {
        const auto begin = cells.begin() + static_cast<std::ptrdiff_t>(g * bucketing.buckets());
        result.counts.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(bucketing.buckets()));
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
    const std::size_t cells = groups.names().size() * bucketing.buckets();
    if (cells * std::max<std::size_t>(1, request.measures.size()) > kMaxCells)
        return fail(Error::invalid("too many buckets, groups and measures at once (more than 5,000,000 values)"));
    std::vector<Accumulator> accumulators;
    std::vector<std::size_t> accumulatorOf;
    for (std::size_t m = 0; m < request.measures.size(); ++m) {
        const MeasureSpec& spec = request.measures[m];
        const auto same = std::ranges::find_if(request.measures, [&](const MeasureSpec& other) {
            return spec.measure == Measure::Quantile && other.measure == spec.measure && other.field == spec.field;
        });
        const auto first = static_cast<std::size_t>(same - request.measures.begin());
        if (first < m) {
            accumulatorOf.push_back(accumulatorOf[first]);
            continue;
        }
        accumulatorOf.push_back(accumulators.size());
        accumulators.emplace_back(spec, cells);
    }
    const auto prepare = [&](BlockView& view) -> Status {
        for (const MeasureSpec& spec : request.measures)
            if (!spec.field.empty()) PH_TRY(Bucketing::decode(view, spec.field));
        return bucketing.prepare(view, request.splitBy);
    };
    const Status done = scanner.eachAhead(prepare, [&](BlockView& view, const Mask& mask) -> Status {
        PH_TRY(bucketing.run(view, mask));
        for (Accumulator& accumulator : accumulators)
            PH_TRY(accumulator.add(view, bucketing));
        return {};
    });
    PH_TRY(done);
    const std::vector<bool> within = bucketsOfLog(reader, request.edges);
    ports::Aggregates result;
    for (std::size_t g = 0; g < groups.names().size(); ++g) {
        for (std::size_t m = 0; m < request.measures.size(); ++m) {
            ports::AggregateSeries series{groups.names()[g], m, {}};
            for (std::size_t b = 0; b < bucketing.buckets(); ++b)
                series.values.push_back(within[b] ? accumulators[accumulatorOf[m]].result(g * bucketing.buckets() + b,
                                                                                          request.measures[m].quantile)
                                                  : kNaN);
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
    for (auto& entry : tally.sorted()) {
        if (result.values.size() == request.limit) break;
        result.other -= entry.count;
        result.values.push_back({std::move(entry.value), entry.count});
    }
    PH_TRY(transaction.commit());
    return result;
}

Result<std::vector<ports::FeatureCounts>> featureCountsOfLog(Database& database,
                                                             const ports::FeatureCountsRequest& request,
                                                             const CancellationToken& token) {
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database));
    std::vector<ports::FeatureCounts> result;
    std::vector<BinFinder> finders;
    for (const ports::FeatureBins& bins : request.features) {
        PH_TRY(checkField(reader, bins.field));
        if (bins.edges.size() >= 65'535 || !std::ranges::is_sorted(bins.edges))
            return fail(
                Error::invalid("the bin edges of \"" + bins.field + "\" do not ascend, or are more than 65,534"));
        const std::size_t n = bins.categories.empty() ? bins.edges.size() : bins.categories.size();
        result.push_back({bins.field, std::vector<std::uint64_t>(n + 1), 0, 0});
        finders.emplace_back(bins.edges);
    }
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, request.range, kTimestampMax, token));
    const std::vector<ports::FeatureCounts> none = result;
    std::vector<std::vector<ports::FeatureCounts>> parts(kWindow, none);
    const Status done = scanner.eachAtOnce(
        [&](std::size_t slot, BlockView& view, const Mask& mask) -> Status {
            for (std::size_t f = 0; f < result.size(); ++f)
                PH_TRY(countFeature(view, mask, request.features[f], finders[f], parts[slot][f]));
            return {};
        },
        [&](std::size_t slot) -> Status {
            for (std::size_t f = 0; f < result.size(); ++f)
                addCounts(parts[slot][f], result[f]);
            parts[slot] = none;
            return {};
        });
    PH_TRY(done);
    PH_TRY(transaction.commit());
    return result;
}

}  // namespace pilothouse::predictions
