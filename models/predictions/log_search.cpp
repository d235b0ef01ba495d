// SPDX-License-Identifier: GPL-3.0-or-later
// Newest rows first, pages of them, and what the log holds.
#include <QElapsedTimer>
#include <algorithm>

#include "models/predictions/log_queries.h"
#include "models/predictions/row_builder.h"
#include "models/predictions/scanner.h"

namespace pilothouse::predictions {

using ports::RowPosition;
using workspace::Database;

namespace {

constexpr std::size_t kMaxPage = 1'000'000;

bool newer(const RowPosition& a, const RowPosition& b) {
    return a.time != b.time ? a.time > b.time : a.ordinal > b.ordinal;
}

/// A block that may hold rows of the page.
struct Unit {
    const Part* part;
    std::size_t block;
    std::int64_t newest;
};

struct Hit {
    RowPosition position;
    std::uint32_t unit, row;
};
struct NewerHit {
    bool operator()(const Hit& a, const Hit& b) const { return newer(a.position, b.position); }
};

class Search {
public:
    Search(Scanner& scanner, const ports::SearchRequest& request)
        : m_scanner(scanner), m_before(request.before), m_wanted(std::min(request.limit, kMaxPage) + 1) {}

    /// The newest rows that match, one more than the page holds, newest first. Rows may have arrived in any order of
    /// time: blocks are read by their newest row until none can hold a newer one than those found.
    Result<std::vector<Hit>> run() {
        PH_TRY(listUnits());
        std::size_t lastPart = SIZE_MAX;
        for (std::uint32_t u = 0; u < m_units.size(); ++u) {
            if (m_hits.size() == m_wanted && m_units[u].newest < m_hits.front().position.time.ns) break;
            PH_TRY(readUnit(u));
            const auto part = static_cast<std::size_t>(m_units[u].part - m_scanner.reader().parts().data());
            if (part != lastPart) ++m_scanner.stats.segmentsDecoded;
            lastPart = part;
        }
        std::ranges::sort(m_hits, NewerHit{});
        return std::move(m_hits);
    }
    [[nodiscard]] BlockView view(std::uint32_t unit) const {
        return {m_scanner.reader(), *m_units[unit].part, m_units[unit].block, m_scanner.knownBefore()};
    }

private:
    Status listUnits() {
        for (const Part& part : m_scanner.reader().parts()) {
            if (!m_scanner.mayMatch(part) || (m_before && part.firstTime > m_before->time.ns)) {
                ++m_scanner.stats.segmentsPruned;
                continue;
            }
            // A part of one block needs no look into its directory.
            if (part.blocks() == 1) {
                m_units.push_back({&part, 0, part.lastTime});
                continue;
            }
            PH_ASSIGN(const auto directory, m_scanner.reader().directory(part));
            const auto [first, last] = directory->range(ports::field::time);
            if (first == last) return fail(ErrorKind::Corrupt, part.name() + " has no column \"time\"");
            for (std::size_t b = 0; b < part.blocks(); ++b)
                m_units.push_back({&part, b, directory->columns[first].header.blocks[b].highTime()});
        }
        std::ranges::stable_sort(m_units, std::greater{}, &Unit::newest);
        return {};
    }

    Status readUnit(std::uint32_t unit) {
        BlockView block = view(unit);
        PH_ASSIGN(const bool any, m_scanner.select(block, m_mask));
        if (!any) return {};
        PH_ASSIGN(const ColumnBlock* times, block.field(std::string(ports::field::time), ports::ColumnType::Time));
        if (!times) return fail(ErrorKind::Corrupt, block.part().name() + " has no times");
        for (std::uint32_t row = 0; row < m_mask.size(); ++row) {
            if (!m_mask[row]) continue;
            const RowPosition position{{times->times[row]}, block.firstOrdinal() + row};
            if (m_before && !newer(*m_before, position)) continue;
            if (m_hits.size() == m_wanted) {
                if (!newer(position, m_hits.front().position)) continue;
                std::ranges::pop_heap(m_hits, NewerHit{});
                m_hits.pop_back();
            }
            m_hits.push_back({position, unit, row});
            std::ranges::push_heap(m_hits, NewerHit{});  // the oldest in front
        }
        return {};
    }

    Scanner& m_scanner;
    std::optional<RowPosition> m_before;
    std::size_t m_wanted;
    std::vector<Unit> m_units;
    std::vector<Hit> m_hits;
    Mask m_mask;
};

}  // namespace

Result<ports::SearchPage> searchLog(Database& database, const ports::SearchRequest& request,
                                    const CancellationToken& token) {
    QElapsedTimer timer;
    timer.start();
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database, workspace::Transaction::Kind::Read));
    PH_ASSIGN(auto reader, LogReader::open(database));
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
    std::map<std::uint32_t, BlockView> views;
    std::vector<std::uint32_t> run;
    for (std::size_t i = 0; i < hits.size();) {
        PH_TRY(token.check());
        const std::uint32_t unit = hits[i].unit;
        run.clear();
        for (; i < hits.size() && hits[i].unit == unit; ++i) {
            run.push_back(hits[i].row);
            page.positions.push_back(hits[i].position);
        }
        PH_TRY(builder.append(views.try_emplace(unit, search.view(unit)).first->second, run));
    }
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
    const Status done = scanner.each([&](BlockView&, const Mask& mask) -> Status {
        count += countSelected(mask);
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
