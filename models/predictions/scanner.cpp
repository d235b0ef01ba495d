// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/scanner.h"

#include <algorithm>

#include "models/predictions/prediction_store.h"
#include "models/predictions/row_builder.h"

namespace pilothouse::predictions {

Result<Scanner> Scanner::open(LogReader& reader, const ports::Query& query, TimeRange range, Timestamp knownBefore,
                              CancellationToken token) {
    PH_TRY(token.check());
    Scanner scanner(reader, range, knownBefore, std::move(token));
    PH_ASSIGN(scanner.m_plan, QueryPlan::compile(query, reader));
    scanner.stats.segments = reader.parts().size();
    return scanner;
}

Status Scanner::clip(BlockView& view, Mask& mask) const {
    PH_ASSIGN(const auto directory, view.reader().directory(view.part()));
    const auto [first, last] = directory->range(ports::field::time);
    if (first == last) return fail(ErrorKind::Corrupt, view.part().name() + " has no column \"time\"");
    const BlockInfo& info = directory->columns[first].header.blocks[view.block()];
    if (info.lowTime() >= m_range.start.ns && info.highTime() < m_range.end.ns) return {};
    if (info.highTime() < m_range.start.ns || info.lowTime() >= m_range.end.ns) {
        std::ranges::fill(mask, 0);
        return {};
    }
    PH_ASSIGN(const ColumnBlock* times, view.field(std::string(ports::field::time), ports::ColumnType::Time));
    if (!times) return fail(ErrorKind::Corrupt, view.part().name() + " has no times");
    for (std::size_t i = 0; i < mask.size(); ++i)
        mask[i] &= static_cast<std::uint8_t>(times->times[i] >= m_range.start.ns && times->times[i] < m_range.end.ns);
    return {};
}

Result<bool> Scanner::select(BlockView& view, Mask& mask) {
    PH_TRY(m_token.check());
    // The range first: most blocks lie within it or outside, as their bounds say.
    mask.assign(view.rows(), 1);
    PH_TRY(clip(view, mask));
    const auto any = [&] { return std::ranges::find(mask, 1) != mask.end(); };
    if (!any()) return false;
    stats.rowsSeen += view.rows();
    if (m_plan.selectsAll()) return true;
    Mask matching;
    PH_TRY(m_plan.select(view, matching));
    for (std::size_t i = 0; i < mask.size(); ++i)
        mask[i] &= matching[i];
    return any();
}

Status Scanner::each(const std::function<Status(BlockView&, const Mask&)>& visit) {
    Mask mask;
    for (const Part& part : m_reader->parts()) {
        if (!mayMatch(part)) {
            ++stats.segmentsPruned;
            continue;
        }
        ++stats.segmentsDecoded;
        for (std::size_t b = 0; b < part.blocks(); ++b) {
            BlockView view(*m_reader, part, b, m_knownBefore);
            PH_ASSIGN(const bool any, select(view, mask));
            if (any) PH_TRY(visit(view, mask));
        }
    }
    return {};
}

void selectedRows(const Mask& mask, std::vector<std::uint32_t>& rows) {
    rows.clear();
    for (std::uint32_t i = 0; i < mask.size(); ++i)
        if (mask[i]) rows.push_back(i);
}

Status scan(workspace::Database& database, const ScanRequest& request, const CancellationToken& token,
            const std::function<Status(const ports::RowSet&)>& sink) {
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, request.range, request.truthKnownBefore, token));
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
    PH_ASSIGN(auto scanner, Scanner::open(reader, request.query, request.range, request.truthKnownBefore, token));
    PH_ASSIGN(const auto fields, shownFields(reader, request.columns));
    RowBuilder builder(fields);
    std::vector<std::uint32_t> rows;
    const Status done = scanner.each([&](BlockView& view, const Mask& mask) -> Status {
        selectedRows(mask, rows);
        return builder.append(view, rows);
    });
    PH_TRY(done);
    PH_TRY(transaction.commit());
    return builder.take();
}

}  // namespace pilothouse::predictions
