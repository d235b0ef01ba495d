// SPDX-License-Identifier: GPL-3.0-or-later
// From batches to segments, and from small batches to larger ones.
#include <algorithm>

#include "models/predictions/prediction_store.h"
#include "models/predictions/segment_writer.h"
#include "models/predictions/tail_merge.h"

namespace pilothouse::predictions {

using workspace::Database;
using workspace::Transaction;

namespace {

/// Rows [from, to) of a batch.
struct Piece {
    const Part* part;
    std::size_t from, to;
};

Status copyPieces(LogReader& reader, std::span<const Piece> pieces, PartWriter& writer, EncodedSegment& facts) {
    std::size_t rows = 0;
    for (const Piece& piece : pieces) {
        PH_ASSIGN(const auto directory, reader.directory(*piece.part));
        for (const PartColumn& column : directory->columns) {
            ColumnWriter& target = writer.column(column.name, column.header.type);
            for (std::size_t b = piece.from / kBlockRows; b * kBlockRows < piece.to; ++b) {
                PH_ASSIGN(const auto block, reader.block(*piece.part, column, b));
                const std::size_t begin = b * kBlockRows, from = std::max(piece.from, begin) - begin,
                                  to = std::min(piece.to, begin + block->rows()) - begin;
                target.append(*block, from, to);
                for (std::size_t i = from; i < to; ++i) {
                    if (column.name == ports::field::time) {
                        facts.firstTime = std::min(facts.firstTime, block->times[i]);
                        facts.lastTime = std::max(facts.lastTime, block->times[i]);
                    } else if (column.name == ports::field::requestId) {
                        facts.ids.emplace_back(requestHash(block->text(i)),
                                               static_cast<std::uint32_t>(rows + begin + i - piece.from));
                    }
                }
            }
        }
        writer.finishRows(piece.to - piece.from);
        rows += piece.to - piece.from;
    }
    return {};
}

Status writeSegment(Database& database, LogReader& reader, std::span<const Piece> pieces) {
    PartWriter writer(Effort::Dense);
    EncodedSegment segment;
    PH_TRY(copyPieces(reader, pieces, writer, segment));
    segment.rows = segment.ids.size();
    segment.columns = writer.finish();
    segment.indexBytes = IdIndex::build(std::move(segment.ids)).encode();
    return insertSegment(database, segment,
                         pieces.front().part->firstOrdinal + static_cast<std::int64_t>(pieces.front().from));
}

/// The pieces, which follow each other, as one batch in place of those that they are of.
Result<TailIds::Batch> writeBatch(Database& database, LogReader& reader, std::span<const Piece> pieces) {
    PartWriter writer(Effort::Fast);
    EncodedSegment facts;
    PH_TRY(copyPieces(reader, pieces, writer, facts));
    for (const Piece& piece : pieces)
        PH_TRY(database.run("DELETE FROM prediction_batch WHERE id = ?1", piece.part->id));
    return insertBatch(database, writer.finish(), facts.ids.size(), facts.firstTime, facts.lastTime,
                       pieces.front().part->firstOrdinal + static_cast<std::int64_t>(pieces.front().from));
}

/// What is left of a batch whose first rows were sealed.
Status writeRest(Database& database, LogReader& reader, const Piece& rest) {
    PartWriter writer(Effort::Fast);
    EncodedSegment facts;
    PH_TRY(copyPieces(reader, std::span(&rest, 1), writer, facts));
    PH_TRY(insertBatch(database, writer.finish(), rest.to - rest.from, facts.firstTime, facts.lastTime,
                       rest.part->firstOrdinal + static_cast<std::int64_t>(rest.from)));
    return {};
}

/// The batches, in runs of rows whose ordinals follow each other.
std::vector<std::vector<const Part*>> tailRuns(const LogReader& reader) {
    std::vector<std::vector<const Part*>> runs;
    std::int64_t next = -1;
    for (const Part& part : reader.parts()) {
        if (part.segment) continue;
        if (runs.empty() || part.firstOrdinal != next) runs.emplace_back();
        runs.back().push_back(&part);
        next = part.firstOrdinal + static_cast<std::int64_t>(part.rows);
    }
    return runs;
}

/// The first `count` rows of the run become segments.
Status sealRun(Database& database, LogReader& reader, const std::vector<const Part*>& run, std::size_t count) {
    std::size_t next = 0, from = 0;  // batch, and its first row that is not sealed
    for (std::size_t done = 0; done < count;) {
        std::vector<Piece> pieces;
        const std::size_t wanted = std::min(kSegmentRows, count - done);
        for (std::size_t rows = 0; rows < wanted;) {
            const std::size_t take = std::min(run[next]->rows - from, wanted - rows);
            pieces.push_back({run[next], from, from + take});
            rows += take;
            from += take;
            if (from < run[next]->rows) continue;
            ++next;
            from = 0;
        }
        PH_TRY(writeSegment(database, reader, pieces));
        done += wanted;
    }
    if (from > 0) PH_TRY(writeRest(database, reader, {run[next], from, run[next]->rows}));
    for (std::size_t i = 0; i < next + (from > 0 ? 1 : 0); ++i)
        PH_TRY(database.run("DELETE FROM prediction_batch WHERE id = ?1", run[i]->id));
    return {};
}

// ---- merging

/// Rows of a batch, in powers of the number that become one.
std::size_t levelOf(std::size_t rows) {
    std::size_t level = 0;
    for (; rows >= kMergedBatches; rows /= kMergedBatches)
        ++level;
    return level;
}

/// The last batches, up to that level, that follow each other; the newest first.
std::vector<const Part*> lastBatches(const std::vector<Part>& tail, std::size_t level) {
    std::vector<const Part*> found;
    for (auto part = tail.rbegin(); part != tail.rend() && !part->segment; ++part) {
        const bool follows =
            found.empty() || part->firstOrdinal + static_cast<std::int64_t>(part->rows) == found.back()->firstOrdinal;
        if (!follows || levelOf(part->rows) > level) break;
        found.push_back(&*part);
    }
    return found;
}

/// Merges the batches of one level; false where they are too few, or too large already.
Result<bool> mergeLevel(Database& database, LogReader& reader, std::size_t level, std::vector<Part>& tail) {
    const std::vector<const Part*> batches = lastBatches(tail, level);
    std::size_t rows = 0;
    for (const Part* part : batches)
        rows += part->rows;
    if (batches.size() < kMergedBatches || rows > kMergedRows) return false;
    std::vector<Piece> pieces;
    for (auto part = batches.rbegin(); part != batches.rend(); ++part)
        pieces.push_back({*part, 0, (*part)->rows});
    Part merged = *batches.back();
    for (const Part* part : batches) {
        merged.firstTime = std::min(merged.firstTime, part->firstTime);
        merged.lastTime = std::max(merged.lastTime, part->lastTime);
    }
    PH_ASSIGN(const TailIds::Batch batch, writeBatch(database, reader, pieces));
    reader.state().tail.merge(pieces.size(), batch);
    merged.id = batch.id;
    merged.checksum = batch.checksum;
    merged.rows = rows;
    tail.resize(tail.size() - pieces.size());
    tail.push_back(merged);
    return true;
}

}  // namespace

Status mergeTail(Database& database, LogReader& reader, const Part& newest) {
    if (levelOf(newest.rows) > levelOf(kMergedRows) || reader.parts().size() + 1 < kMergedBatches) return {};
    constexpr std::size_t kMost = kMergedBatches * 4;  // more than ever wait to be merged
    const std::size_t kept = std::min(kMost, reader.parts().size());
    std::vector<Part> tail(reader.parts().end() - static_cast<std::ptrdiff_t>(kept), reader.parts().end());
    tail.push_back(newest);
    for (std::size_t level = 0; level <= levelOf(kMergedRows); ++level) {
        const auto merged = mergeLevel(database, reader, level, tail);
        if (!merged && merged.error().kind == ErrorKind::Corrupt) return {};  // stays as it is; verify names it
        PH_TRY(merged);
    }
    return {};
}

Result<std::size_t> seal(Database& database) {
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    std::size_t sealed = 0;
    const auto runs = tailRuns(reader);
    for (const auto& run : runs) {
        std::size_t rows = 0;
        for (const Part* part : run)
            rows += part->rows;
        // A run that segments follow cannot grow: all of it goes. Of the last one the full groups do.
        const bool open =
            run.back()->firstOrdinal + static_cast<std::int64_t>(run.back()->rows) == reader.nextOrdinal();
        const std::size_t count = open ? rows / kSegmentRows * kSegmentRows : rows;
        if (count == 0) continue;
        PH_TRY(sealRun(database, reader, run, count));
        sealed += count;
    }
    PH_TRY(transaction.commit());
    return sealed;
}

}  // namespace pilothouse::predictions
