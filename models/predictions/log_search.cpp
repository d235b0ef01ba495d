// SPDX-License-Identifier: GPL-3.0-or-later
// Rows in an order, newest first mostly, pages of them, and what the log holds.
#include <QElapsedTimer>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "models/predictions/log_queries.h"
#include "models/predictions/parallel.h"
#include "models/predictions/row_builder.h"
#include "models/predictions/scanner.h"

namespace pilothouse::predictions {

using ports::RowPosition;
using workspace::Database;

namespace {

constexpr std::size_t kMaxPage = 1'000'000;

/// Which of two rows comes first.
class Order {
public:
    explicit Order(const ports::RowOrder& order) : m_field(order.field), m_ascending(order.ascending) {}
    [[nodiscard]] bool byTime() const { return m_field.empty(); }
    [[nodiscard]] bool ascending() const { return m_ascending; }
    [[nodiscard]] const std::string& field() const { return m_field; }
    [[nodiscard]] bool ahead(const RowPosition& a, const RowPosition& b) const {
        if (byTime() && m_ascending) return a.time != b.time ? a.time < b.time : a.ordinal < b.ordinal;
        if (!byTime()) {
            if (std::isnan(a.value) != std::isnan(b.value)) return std::isnan(b.value);
            if (a.value < b.value) return m_ascending;
            if (a.value > b.value) return !m_ascending;
        }
        return a.time != b.time ? a.time > b.time : a.ordinal > b.ordinal;
    }

private:
    std::string m_field;
    bool m_ascending;
};

/// A block that may hold rows of the page.
struct Unit {
    const Part* part;
    std::size_t block;
    RowPosition best;  ///< no row of it comes before this one
};

struct Hit {
    RowPosition position;
    std::uint32_t unit, row;
};

class Search {
public:
    Search(Scanner& scanner, const ports::SearchRequest& request)
        : m_scanner(scanner),
          m_order(request.order),
          m_before(request.before),
          m_wanted(std::min(request.limit, kMaxPage) + 1) {}

    /// The first rows that match, one more than the page holds, in order. Rows may have arrived in any order: blocks
    /// are read by the first row that their bounds allow, until none can hold one that comes before those found.
    Result<std::vector<Hit>> run() {
        constexpr std::size_t kAlone = 3;  // mostly the first blocks hold enough
        PH_TRY(listUnits());
        const std::vector<std::size_t> starts = chunks(m_units.size());
        std::array<Found, kWindow> found;
        Status failed;
        runOrdered(
            starts.size() - 1, [&](std::size_t c) { read(starts[c], starts[c + 1], found[c % kWindow]); },
            [&](std::size_t c) {
                const bool more = take(starts[c], found[c % kWindow]);
                if (more) failed = found[c % kWindow].status;
                return more && failed.has_value();
            },
            kAlone);
        PH_TRY(failed);
        m_scanner.stats.segmentsDecoded = m_lookedAt.size();
        std::ranges::sort(m_hits, [this](const Hit& a, const Hit& b) { return ahead(a, b); });
        return std::move(m_hits);
    }
    [[nodiscard]] BlockView view(std::uint32_t unit) const {
        return {m_scanner.reader(), *m_units[unit].part, m_units[unit].block, m_scanner.knownBefore()};
    }

    /// Only these rows of the block.
    [[nodiscard]] BlockView view(std::uint32_t unit, std::vector<std::uint32_t> rows) const {
        return {m_scanner.reader(), *m_units[unit].part, m_units[unit].block, m_scanner.knownBefore(), std::move(rows)};
    }

private:
    [[nodiscard]] bool ahead(const Hit& a, const Hit& b) const { return m_order.ahead(a.position, b.position); }

    /// All rows of the part come before the one where the page begins.
    [[nodiscard]] bool passed(const Part& part) const {
        if (!m_before || !m_order.byTime()) return false;
        return m_order.ascending() ? part.lastTime < m_before->time.ns : part.firstTime > m_before->time.ns;
    }
    Status listUnits() {
        for (const Part& part : m_scanner.reader().parts()) {
            PH_ASSIGN(const bool may, m_scanner.mayMatch(part));
            if (!may || passed(part)) {
                ++m_scanner.stats.segmentsPruned;
                continue;
            }
            // By time, a part of one block needs no look into its directory.
            if (part.blocks() == 1 && m_order.byTime()) {
                m_units.push_back({&part, 0, bestAt(part.firstTime, part.lastTime)});
                continue;
            }
            PH_ASSIGN(const auto directory, m_scanner.reader().directory(part));
            PH_TRY(listBlocks(part, *directory));
        }
        std::ranges::stable_sort(m_units,
                                 [this](const Unit& a, const Unit& b) { return m_order.ahead(a.best, b.best); });
        return {};
    }
    Status listBlocks(const Part& part, const PartDirectory& directory) {
        const auto [first, last] = directory.range(ports::field::time);
        if (first == last) return fail(ErrorKind::Corrupt, part.name() + " has no column \"time\"");
        const auto& times = directory.columns[first].header.blocks;
        for (std::size_t b = 0; b < part.blocks(); ++b) {
            Unit unit{&part, b, bestAt(times[b].lowTime(), times[b].highTime())};
            if (!m_order.byTime()) unit.best.value = bestValue(directory, b, part.rowsOf(b));
            m_units.push_back(unit);
        }
        return {};
    }
    [[nodiscard]] RowPosition bestAt(std::int64_t low, std::int64_t high) const {
        constexpr auto kLeast = std::numeric_limits<std::int64_t>::min(),
                       kMost = std::numeric_limits<std::int64_t>::max();
        const bool oldest = m_order.byTime() && m_order.ascending();
        return {{oldest ? low : high}, oldest ? kLeast : kMost, std::numeric_limits<double>::quiet_NaN()};
    }
    /// Of the numbers of a block; NaN where it has none.
    [[nodiscard]] double bestValue(const PartDirectory& directory, std::size_t block, std::size_t rows) const {
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        if (m_order.field() == ports::field::outcome) return m_order.ascending() ? -kInfinity : kInfinity;  // joined
        const auto [first, last] = directory.range(m_order.field());
        for (std::size_t c = first; c < last; ++c) {
            const ColumnHeader& header = directory.columns[c].header;
            if (header.type != ports::ColumnType::Number || header.blocks[block].missing == rows) continue;
            return m_order.ascending() ? header.blocks[block].lowNumber() : header.blocks[block].highNumber();
        }
        return std::numeric_limits<double>::quiet_NaN();
    }

    /// Blocks are read in ever larger groups: where few of them hold a row, the threads would else wait for each other
    /// at every one; where the first ones hold enough, none is read in vain.
    static std::vector<std::size_t> chunks(std::size_t units) {
        constexpr std::size_t kShare = 32, kMost = 16;
        std::vector<std::size_t> starts{0};
        while (starts.back() < units)
            starts.push_back(
                std::min(units, starts.back() + std::clamp<std::size_t>(starts.back() / kShare, 1, kMost)));
        return starts;
    }

    /// What one block gave.
    struct BlockFound {
        ports::ScanStats cost;
        std::vector<Hit> hits;
    };
    /// What a group of blocks gave, up to the one that failed.
    struct Found {
        Status status;
        Mask mask;
        std::vector<BlockFound> blocks;
    };
    [[nodiscard]] bool full() const { return m_hits.size() == m_wanted; }

    /// Thread: any.
    void read(std::size_t from, std::size_t to, Found& found) const {
        found.status = {};
        found.blocks.clear();
        for (std::size_t unit = from; unit < to && found.status; ++unit) {
            BlockFound block;
            found.status = readUnit(static_cast<std::uint32_t>(unit), found.mask, block);
            if (found.status) found.blocks.push_back(std::move(block));
        }
    }
    Status readUnit(std::uint32_t unit, Mask& mask, BlockFound& found) const {
        BlockView block = view(unit);
        PH_ASSIGN(const bool any, m_scanner.select(block, mask, found.cost));
        if (!any) return {};
        PH_ASSIGN(const ColumnBlock* times, block.field(std::string(ports::field::time), ports::ColumnType::Time));
        if (!times) return fail(ErrorKind::Corrupt, block.part().name() + " has no times");
        const ColumnBlock* values = nullptr;
        if (!m_order.byTime()) {
            PH_ASSIGN(values, block.field(m_order.field(), ports::ColumnType::Number));
        }
        for (std::uint32_t row = 0; row < mask.size(); ++row) {
            if (!mask[row]) continue;
            RowPosition position{{times->times[row]}, block.firstOrdinal() + row};
            if (values) position.value = values->numbers[row];
            if (!m_before || m_order.ahead(*m_before, position)) found.hits.push_back({position, unit, row});
        }
        return {};
    }
    /// False: no block from there on can hold a row of the page.
    bool take(std::size_t firstUnit, const Found& found) {
        for (std::size_t b = 0; b < found.blocks.size(); ++b) {
            const Unit& unit = m_units[firstUnit + b];
            if (full() && m_order.ahead(m_hits.front().position, unit.best)) return false;
            take(unit, found.blocks[b]);
        }
        const std::size_t next = firstUnit + found.blocks.size();
        return found.status || !full() || !m_order.ahead(m_hits.front().position, m_units[next].best);
    }
    void take(const Unit& unit, const BlockFound& found) {
        m_scanner.stats.blocks += found.cost.blocks;
        m_scanner.stats.rowsSeen += found.cost.rowsSeen;
        if (found.cost.blocks > 0) m_lookedAt.insert(unit.part);
        const auto first = [this](const Hit& a, const Hit& b) { return ahead(a, b); };
        for (const Hit& hit : found.hits) {
            if (full()) {
                if (!ahead(hit, m_hits.front())) continue;
                std::ranges::pop_heap(m_hits, first);
                m_hits.pop_back();
            }
            m_hits.push_back(hit);
            std::ranges::push_heap(m_hits, first);  // the last one in front
        }
    }

    Scanner& m_scanner;
    Order m_order;
    std::optional<RowPosition> m_before;
    std::size_t m_wanted;
    std::vector<Unit> m_units;
    std::vector<Hit> m_hits;
    std::set<const Part*> m_lookedAt;
};

Status checkOrder(const LogReader& reader, const ports::RowOrder& order) {
    if (order.field.empty()) return {};
    PH_TRY(checkField(reader, order.field));
    const LogField* field = reader.field(order.field);
    constexpr unsigned kNumber = 1u << static_cast<unsigned>(ports::ColumnType::Number);
    const bool numbers = !field || field->types == 0 ? !field || field->info.type == ports::ColumnType::Number
                                                     : (field->types & kNumber) != 0;
    if (!numbers) return fail(Error::invalid("\"" + order.field + "\" holds no numbers to order rows by"));
    return {};
}

/// Hits of one block that follow each other.
struct Run {
    std::uint32_t unit;
    std::vector<std::uint32_t> rows;
};

Status buildRows(const Search& search, const std::vector<Hit>& hits, const std::vector<ShownField>& fields,
                 const CancellationToken& token, RowBuilder& builder) {
    std::vector<Run> runs;
    for (const Hit& hit : hits) {
        if (runs.empty() || runs.back().unit != hit.unit) runs.push_back({hit.unit, {}});
        runs.back().rows.push_back(hit.row);
    }
    constexpr std::size_t kFew = 64;
    struct Ready {
        Status status;
        std::vector<std::uint32_t> rows;  ///< numbered as the view numbers them
        std::optional<BlockView> view;
    };
    std::array<Ready, kWindow> ready;
    Status failed;
    runOrdered(
        runs.size(),
        [&](std::size_t r) {
            Ready& slot = ready[r % kWindow];
            const bool few = runs[r].rows.size() < kFew;
            slot.view.emplace(few ? search.view(runs[r].unit, runs[r].rows) : search.view(runs[r].unit));
            slot.rows = runs[r].rows;
            for (std::uint32_t i = 0; few && i < slot.rows.size(); ++i)
                slot.rows[i] = i;
            slot.status = token.check();
            for (std::size_t f = 0; f < fields.size() && slot.status; ++f)
                if (const auto decoded = slot.view->field(fields[f].name); !decoded)
                    slot.status = fail(decoded.error());
        },
        [&](std::size_t r) {
            Ready& slot = ready[r % kWindow];
            failed = slot.status ? builder.append(*slot.view, slot.rows) : slot.status;
            slot.view.reset();
            return failed.has_value();
        },
        1);
    return failed;
}

}  // namespace

Result<ports::SearchPage> searchLog(Database& database, const ports::SearchRequest& request,
                                    const CancellationToken& token) {
    QElapsedTimer timer;
    timer.start();
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database));
    PH_TRY(checkOrder(reader, request.order));
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, request.range, kTimestampMax, token));
    std::vector<std::string> columns = request.columns;
    if (columns.empty())
        for (const LogField& field : reader.fields())
            columns.push_back(field.info.name);
    PH_ASSIGN(const auto fields, shownFields(reader, columns));

    Search search(scanner, request);
    PH_ASSIGN(auto hits, search.run());
    ports::SearchPage page;
    page.more = hits.size() > request.limit;
    hits.resize(std::min(hits.size(), request.limit));
    RowBuilder builder(fields);
    for (const Hit& hit : hits)
        page.positions.push_back(hit.position);
    PH_TRY(buildRows(search, hits, fields, token, builder));
    page.rows = builder.take();
    page.stats = scanner.stats;
    page.stats.milliseconds = static_cast<double>(timer.nsecsElapsed()) * 1e-6;
    PH_TRY(transaction.commit());
    return page;
}

Result<std::uint64_t> countInLog(Database& database, const ports::Query& query, TimeRange range,
                                 const CancellationToken& token) {
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database));
    PH_ASSIGN(auto scanner, Scanner::open(reader, query, range, kTimestampMax, token));
    std::uint64_t count = 0;
    std::array<std::uint64_t, kWindow> counts{};
    const Status done = scanner.eachAtOnce(
        [&](std::size_t slot, BlockView&, const Mask& mask) -> Status {
            counts[slot] += countSelected(mask);
            return {};
        },
        [&](std::size_t slot) -> Status {
            count += std::exchange(counts[slot], 0);
            return {};
        });
    PH_TRY(done);
    PH_TRY(transaction.commit());
    return count;
}

Result<std::vector<ports::FieldInfo>> fieldsOfLog(Database& database) {
    PH_ASSIGN(const auto reader, LogReader::open(database));
    std::vector<ports::FieldInfo> fields;
    for (const LogField& field : reader.fields())
        fields.push_back(field.info);
    return fields;
}

Result<ports::PredictionLog::Extent> extentOfLog(Database& database) {
    PH_ASSIGN(const auto reader, LogReader::open(database));
    ports::PredictionLog::Extent extent;
    for (const Part& part : reader.parts()) {
        const TimeRange range{{part.firstTime}, {part.lastTime}};
        extent.range = extent.rows == 0 ? range
                                        : TimeRange{std::min(extent.range.start, range.start),
                                                    std::max(extent.range.end, range.end)};
        extent.rows += part.rows;
    }
    return extent;
}

}  // namespace pilothouse::predictions
