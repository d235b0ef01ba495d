// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/duplicate_finder.h"

#include <algorithm>
#include <array>

namespace pilothouse::predictions {

using ports::Column;
using ports::ColumnType;

namespace {

/// What tells a row apart.
struct Identity {
    std::string_view request, model;
    std::optional<std::string_view> version;
    std::int64_t time = 0;
    bool operator==(const Identity&) const = default;
};

/// A row that may be the same: row `row` of the new ones, and a row of the log.
struct Candidate {
    std::uint32_t row;
    const Part* part;
    std::size_t place;
};

/// Rows of a damaged part cannot be compared any more. What arrives is taken nevertheless: a log that is damaged in one
/// place goes on.
template <class T>
bool unreadable(const Result<T>& read) {
    return !read && read.error().kind == ErrorKind::Corrupt;
}

/// Reads stored rows' identities; rows that are asked for one after the other cost a block once.
class StoredRows {
public:
    explicit StoredRows(LogReader& reader) : m_reader(reader) {}

    Result<Identity> at(const Part& part, std::size_t place) {
        if (m_part != &part || m_block != place / kBlockRows) {
            m_part = nullptr;  // until all of it could be read
            m_block = place / kBlockRows;
            constexpr std::array<std::string_view, 4> kNames{ports::field::requestId, ports::field::model,
                                                             ports::field::version, ports::field::time};
            for (std::size_t i = 0; i < kNames.size(); ++i) {
                PH_ASSIGN(const TypedBlocks blocks, m_reader.blocks(part, m_block, kNames[i]));
                m_blocks[i] = blocks.empty() ? nullptr : blocks[0];
            }
            m_part = &part;
        }
        const std::size_t row = place % kBlockRows;
        Identity out;
        out.request = text(0, row).value_or(std::string_view{});
        out.model = text(1, row).value_or(std::string_view{});
        out.version = text(2, row);
        out.time = m_blocks[3] && m_blocks[3]->type == ColumnType::Time ? m_blocks[3]->times[row] : 0;
        return out;
    }

private:
    [[nodiscard]] std::optional<std::string_view> text(std::size_t which, std::size_t row) const {
        const ColumnBlock* block = m_blocks[which].get();
        if (!block || block->type != ColumnType::Text || block->missing(row)) return {};
        return block->text(row);
    }
    LogReader& m_reader;
    const Part* m_part = nullptr;
    std::size_t m_block = 0;
    std::array<std::shared_ptr<const ColumnBlock>, 4> m_blocks;
};

/// The rows that are not sealed, by the hash of their request id.
class Tail {
public:
    explicit Tail(LogReader& reader) : m_reader(reader) {}

    Status load() {
        std::vector<TailIds::Batch> batches;
        for (const Part& part : m_reader.parts()) {
            if (part.segment) continue;
            batches.push_back({part.id, part.checksum});
            m_parts.push_back(&part);
        }
        TailIds& ids = m_reader.state().tail;
        for (std::size_t i = ids.keep(batches); i < batches.size(); ++i) {
            for (std::size_t b = 0; b < m_parts[i]->blocks(); ++b) {
                const auto read = m_reader.blocks(*m_parts[i], b, ports::field::requestId);
                if (unreadable(read)) continue;
                PH_ASSIGN(const TypedBlocks requests, read);
                if (requests.empty()) continue;
                for (std::size_t r = 0; r < requests[0]->rows(); ++r)
                    ids.add(requestHash(requests[0]->text(r)),
                            m_parts[i]->firstOrdinal + static_cast<std::int64_t>(b * kBlockRows + r));
            }
            ids.finish(batches[i]);
        }
        return {};
    }
    void find(std::uint32_t row, std::uint64_t hash, std::vector<Candidate>& out) const {
        if (m_parts.empty() || !m_reader.state().tail.mayHold(hash)) return;
        m_reader.state().tail.find(hash, [&](std::int64_t ordinal) {
            const auto after = std::ranges::upper_bound(m_parts, ordinal, {}, &Part::firstOrdinal);
            const Part* part = *(after - 1);
            out.push_back({row, part, static_cast<std::size_t>(ordinal - part->firstOrdinal)});
        });
    }

private:
    LogReader& m_reader;
    std::vector<const Part*> m_parts;
};

bool reaches(const Part& part, std::int64_t first, std::int64_t last) {
    return part.firstTime <= last && first <= part.lastTime;
}

class RowSetIdentities {
public:
    explicit RowSetIdentities(const ports::RowSet& rows)
        : m_model(*rows.find(ports::field::model)),
          m_request(*rows.find(ports::field::requestId)),
          m_time(*rows.find(ports::field::time)),
          m_version(rows.find(ports::field::version)) {}
    [[nodiscard]] std::string_view request(std::uint32_t row) const { return m_request.text(row); }
    [[nodiscard]] std::int64_t time(std::uint32_t row) const { return m_time.times[row]; }
    [[nodiscard]] Identity at(std::uint32_t row) const {
        Identity out{m_request.text(row), m_model.text(row), {}, m_time.times[row]};
        if (m_version && !m_version->missing(row)) out.version = m_version->text(row);
        return out;
    }

private:
    const Column &m_model, &m_request, &m_time;
    const Column* m_version;
};

/// Identities of the rows of a coded segment: blocks are decoded when a row of them is first asked for.
class SegmentIdentities {
public:
    explicit SegmentIdentities(const EncodedSegment& segment)
        : m_segment(segment), m_blocks((segment.rows + kBlockRows - 1) / kBlockRows) {}

    Result<Identity> at(std::uint32_t row) {
        auto& block = m_blocks[row / kBlockRows];
        if (!block) {
            const std::size_t b = row / kBlockRows;
            Block read;
            PH_ASSIGN(read.request, decodeColumn(m_segment, ports::field::requestId, ColumnType::Text, b));
            PH_ASSIGN(read.model, decodeColumn(m_segment, ports::field::model, ColumnType::Text, b));
            PH_ASSIGN(read.version, decodeColumn(m_segment, ports::field::version, ColumnType::Text, b));
            PH_ASSIGN(read.time, decodeColumn(m_segment, ports::field::time, ColumnType::Time, b));
            if (!read.request || !read.model || !read.time)
                return fail(Error::internal("a segment lacks what tells its rows apart"));
            block = std::move(read);
        }
        const std::size_t i = row % kBlockRows;
        Identity out{block->request->text(i), block->model->text(i), {}, block->time->times[i]};
        if (block->version && !block->version->missing(i)) out.version = block->version->text(i);
        return out;
    }

private:
    struct Block {
        std::optional<ColumnBlock> request, model, version, time;
    };
    const EncodedSegment& m_segment;
    std::vector<std::optional<Block>> m_blocks;
};

/// Rows of the segment that come twice in it: all but the first.
Status repeatedWithin(const EncodedSegment& segment, SegmentIdentities& identities, std::vector<std::uint32_t>& out) {
    auto sorted = segment.ids;
    std::ranges::sort(sorted);
    for (std::size_t from = 0; from < sorted.size();) {
        std::size_t to = from + 1;
        while (to < sorted.size() && sorted[to].first == sorted[from].first)
            ++to;
        std::vector<Identity> seen;
        for (std::size_t i = from; to - from > 1 && i < to; ++i) {
            PH_ASSIGN(const Identity identity, identities.at(sorted[i].second));
            if (std::ranges::find(seen, identity) != seen.end())
                out.push_back(sorted[i].second);
            else
                seen.push_back(identity);
        }
        from = to;
    }
    return {};
}

}  // namespace

Result<NewRows> findNewRows(LogReader& reader, const ports::RowSet& rows) {
    const RowSetIdentities identities(rows);
    Tail tail(reader);
    PH_TRY(tail.load());
    std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = kTimestampMin.ns;
    for (std::uint32_t row = 0; row < rows.rows; ++row) {
        first = std::min(first, identities.time(row));
        last = std::max(last, identities.time(row));
    }
    std::vector<std::pair<const Part*, std::shared_ptr<const IdIndex>>> sealed;
    for (const Part& part : reader.parts()) {
        if (!part.segment || !reaches(part, first, last)) continue;
        auto read = reader.ids(part);
        if (unreadable(read)) continue;
        PH_ASSIGN(auto ids, std::move(read));
        sealed.emplace_back(&part, std::move(ids));
    }
    NewRows out;
    TailIds own;  // repeated within these rows
    StoredRows stored(reader);
    std::vector<Candidate> candidates;
    for (std::uint32_t row = 0; row < rows.rows; ++row) {
        const std::uint64_t hash = requestHash(identities.request(row));
        bool known = false;
        if (own.mayHold(hash))
            own.find(hash, [&](std::int64_t other) {
                known |= identities.at(static_cast<std::uint32_t>(other)) == identities.at(row);
            });
        candidates.clear();
        if (!known) {
            tail.find(row, hash, candidates);
            for (const auto& [part, ids] : sealed)
                if (reaches(*part, identities.time(row), identities.time(row)) && ids->mayHold(hash))
                    ids->find(hash, [&](std::uint32_t place) { candidates.push_back({row, part, place}); });
        }
        for (std::size_t i = 0; i < candidates.size() && !known; ++i) {
            const auto read = stored.at(*candidates[i].part, candidates[i].place);
            if (unreadable(read)) continue;
            PH_ASSIGN(const Identity there, read);
            known = there == identities.at(row);
        }
        if (known) continue;
        own.add(hash, row);
        out.rows.push_back(row);
        out.hashes.push_back(hash);
    }
    return out;
}

Result<std::vector<std::uint32_t>> findRepeatedRows(LogReader& reader, const EncodedSegment& segment) {
    Tail tail(reader);
    PH_TRY(tail.load());
    SegmentIdentities identities(segment);
    std::vector<std::uint32_t> out;
    PH_TRY(repeatedWithin(segment, identities, out));
    std::vector<Candidate> candidates;
    for (const auto& [hash, row] : segment.ids)
        tail.find(row, hash, candidates);
    for (const Part& part : reader.parts()) {
        if (!part.segment || !reaches(part, segment.firstTime, segment.lastTime)) continue;
        const auto read = reader.ids(part);
        if (unreadable(read)) continue;
        PH_ASSIGN(const auto ids, read);
        ids->findAll(segment.index, [&](std::uint32_t place, std::uint32_t row) {
            candidates.push_back({row, &part, place});
        });
    }
    // In the order of the log, so that each of its blocks is read once.
    std::ranges::sort(candidates, {}, [](const Candidate& c) { return std::pair(c.part->firstOrdinal, c.place); });
    StoredRows stored(reader);
    for (const Candidate& candidate : candidates) {
        const auto read = stored.at(*candidate.part, candidate.place);
        if (unreadable(read)) continue;
        PH_ASSIGN(const Identity there, read);
        PH_ASSIGN(const Identity mine, identities.at(candidate.row));
        if (there == mine) out.push_back(candidate.row);
    }
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
}

}  // namespace pilothouse::predictions
