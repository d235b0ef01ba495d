// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/scanner.h"

#include <algorithm>
#include <array>

#include "models/predictions/parallel.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/row_builder.h"

namespace pilothouse::predictions {

Result<Scanner> Scanner::open(LogReader& reader, const ports::Query& query, TimeRange range, Timestamp knownBefore,
                              CancellationToken token) {
    PH_TRY(token.check());
    Scanner scanner(reader, range, knownBefore, std::move(token));
    PH_ASSIGN(scanner.m_plan, QueryPlan::compile(query, reader, scanner.m_token));
    scanner.stats.segments = reader.parts().size();
    return scanner;
}

Result<QueryPlan::Outlook> Scanner::withinRange(BlockView& view) const {
    PH_ASSIGN(const auto directory, view.reader().directory(view.part()));
    const auto [first, last] = directory->range(ports::field::time);
    if (first == last) return fail(ErrorKind::Corrupt, view.part().name() + " has no column \"time\"");
    const BlockInfo& info = directory->columns[first].header.blocks[view.block()];
    using Outlook = QueryPlan::Outlook;
    if (info.lowTime() >= m_range.start.ns && info.highTime() < m_range.end.ns) return Outlook::Every;
    if (info.highTime() < m_range.start.ns || info.lowTime() >= m_range.end.ns) return Outlook::None;
    return Outlook::Open;
}

Status Scanner::clip(BlockView& view, Mask& mask) const {
    PH_ASSIGN(const ColumnBlock* times, view.field(std::string(ports::field::time), ports::ColumnType::Time));
    if (!times) return fail(ErrorKind::Corrupt, view.part().name() + " has no times");
    intersectWithin(mask, times->times, m_range.start.ns, m_range.end.ns);
    return {};
}

Result<bool> Scanner::mayMatch(const Part& part) const {
    if (part.rows == 0 || part.firstTime >= m_range.end.ns || part.lastTime < m_range.start.ns) return false;
    if (part.firstOrdinal >= m_before || part.firstOrdinal + static_cast<std::int64_t>(part.rows) <= m_from)
        return false;
    PH_ASSIGN(const auto outlook, m_plan.foresee(*m_reader, part, {}));
    return outlook != QueryPlan::Outlook::None;
}

bool Scanner::clipArrival(const BlockView& view, Mask& mask) const {
    const std::int64_t first = view.firstOrdinal(), rows = static_cast<std::int64_t>(view.rows());
    if (first >= m_from && first + rows <= m_before) return true;
    for (std::int64_t row = 0; row < rows; ++row)
        if (first + row < m_from || first + row >= m_before) mask[static_cast<std::size_t>(row)] = 0;
    return anySelected(mask);
}

Result<bool> Scanner::select(BlockView& view, Mask& mask, ports::ScanStats& cost) const {
    PH_TRY(m_token.check());
    const std::int64_t firstRow = view.firstOrdinal();
    if (firstRow >= m_before || firstRow + static_cast<std::int64_t>(view.rows()) <= m_from) return false;
    PH_ASSIGN(const auto outlook, m_plan.foresee(*m_reader, view.part(), view.block()));
    if (outlook == QueryPlan::Outlook::None) return false;
    // The range first: most blocks lie within it or outside, as their bounds say.
    PH_ASSIGN(const auto within, withinRange(view));
    if (within == QueryPlan::Outlook::None) return false;
    const bool whole = within == QueryPlan::Outlook::Every;
    if (!whole || outlook == QueryPlan::Outlook::Every) mask.assign(view.rows(), 1);
    if (!whole) {
        PH_TRY(clip(view, mask));
        if (!anySelected(mask)) return false;
    }
    ++cost.blocks;
    cost.rowsSeen += view.rows();
    if (outlook == QueryPlan::Outlook::Every) return clipArrival(view, mask);
    if (whole) {
        PH_TRY(m_plan.select(view, mask));
    } else {
        Mask matching;
        PH_TRY(m_plan.select(view, matching));
        intersect(mask, matching);
    }
    return clipArrival(view, mask) && anySelected(mask);
}

Status Scanner::each(const std::function<Status(BlockView&, const Mask&)>& visit) {
    Mask mask;
    for (const Part& part : m_reader->parts()) {
        PH_ASSIGN(const bool may, mayMatch(part));
        const std::size_t before = stats.blocks;
        for (std::size_t b = 0; may && b < part.blocks(); ++b) {
            BlockView view(*m_reader, part, b, m_knownBefore);
            PH_ASSIGN(const bool any, select(view, mask, stats));
            if (any) PH_TRY(visit(view, mask));
        }
        ++(stats.blocks > before ? stats.segmentsDecoded : stats.segmentsPruned);
    }
    return {};
}

Status Scanner::eachAtOnce(const std::function<Status(std::size_t, BlockView&, const Mask&)>& work,
                           const std::function<Status(std::size_t)>& consume) {
    struct Unit {
        Status status;
        ports::ScanStats cost;
        Mask mask;
    };
    std::array<Unit, kWindow> units;
    const auto& parts = m_reader->parts();
    const auto workPart = [&](std::size_t slot, const Part& part) -> Status {
        PH_TRY(m_token.check());
        PH_ASSIGN(const bool may, mayMatch(part));
        for (std::size_t b = 0; may && b < part.blocks(); ++b) {
            BlockView view(*m_reader, part, b, m_knownBefore);
            PH_ASSIGN(const bool any, select(view, units[slot].mask, units[slot].cost));
            if (any) PH_TRY(work(slot, view, units[slot].mask));
        }
        return {};
    };
    Status failed;
    runOrdered(
        parts.size(),
        [&](std::size_t u) {
            Unit& unit = units[u % kWindow];
            unit.cost = {};
            unit.status = workPart(u % kWindow, parts[u]);
        },
        [&](std::size_t u) {
            const Unit& unit = units[u % kWindow];
            stats.blocks += unit.cost.blocks;
            stats.rowsSeen += unit.cost.rowsSeen;
            ++(unit.cost.blocks > 0 ? stats.segmentsDecoded : stats.segmentsPruned);
            failed = unit.status && consume ? consume(u % kWindow) : unit.status;
            return failed.has_value();
        });
    return failed;
}

Status Scanner::eachAhead(const std::function<Status(BlockView&)>& prepare,
                          const std::function<Status(BlockView&, const Mask&)>& visit) {
    std::array<std::vector<std::pair<BlockView, Mask>>, kWindow> ready;
    return eachAtOnce(
        [&](std::size_t slot, BlockView& view, const Mask& mask) -> Status {
            PH_TRY(prepare(view));
            ready[slot].emplace_back(std::move(view), mask);
            return {};
        },
        [&](std::size_t slot) -> Status {
            for (auto& [view, mask] : ready[slot])
                PH_TRY(visit(view, mask));
            ready[slot].clear();
            return {};
        });
}

Status scan(workspace::Database& database, const ScanRequest& request, const CancellationToken& token,
            const std::function<Status(const ports::RowSet&)>& sink) {
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    PH_TRY(reader.limitTruth(request.arrivals.lastTruth));
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, request.range, request.truthKnownBefore, token));
    scanner.limitArrival(request.arrivals.from, request.arrivals.before);
    PH_ASSIGN(const auto fields, shownFields(reader, request.columns));
    RowBuilder builder(fields);
    std::vector<std::uint32_t> rows;
    const Status done = scanner.each([&](BlockView& view, const Mask& mask) -> Status {
        selectedRows(mask, rows);
        PH_TRY(builder.append(view, rows));
        return sink(builder.take());
    });
    return done ? transaction.commit() : done;
}

Result<ports::RowSet> collect(workspace::Database& database, const ScanRequest& request,
                              const CancellationToken& token) {
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    PH_TRY(reader.limitTruth(request.arrivals.lastTruth));
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, request.range, request.truthKnownBefore, token));
    scanner.limitArrival(request.arrivals.from, request.arrivals.before);
    PH_ASSIGN(const auto fields, shownFields(reader, request.columns));
    RowBuilder builder(fields);
    std::vector<std::uint32_t> rows;
    const auto prepare = [&](BlockView& view) -> Status {
        for (const std::string& column : request.columns)
            if (const auto decoded = view.field(column); !decoded) return fail(decoded.error());
        return {};
    };
    const Status done = scanner.eachAhead(prepare, [&](BlockView& view, const Mask& mask) -> Status {
        selectedRows(mask, rows);
        return builder.append(view, rows);
    });
    PH_TRY(done);
    PH_TRY(transaction.commit());
    return builder.take();
}

}  // namespace pilothouse::predictions
