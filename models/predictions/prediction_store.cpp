// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/prediction_store.h"

#include <xxhash.h>

#include <algorithm>
#include <numeric>

#include "models/predictions/duplicate_finder.h"
#include "models/predictions/log_reader.h"
#include "models/predictions/truth_batch.h"

namespace pilothouse::predictions {

using ports::Column;
using ports::ColumnType;
using ports::RowSet;
using workspace::Database;
using workspace::Transaction;

namespace {

constexpr std::size_t kMaxFields = 20'000;
constexpr std::size_t kMaxNameBytes = 255;

const char* nameOf(ColumnType type) {
    return type == ColumnType::Number ? "numbers" : type == ColumnType::Text ? "texts" : "times";
}

Error invalidColumn(const Column& column, const std::string& what) {
    return Error::invalid("column \"" + column.name.substr(0, kMaxNameBytes) + "\" " + what);
}

// ---- what an append must be

Status checkTexts(const Column& column) {
    for (std::size_t i = 0; i < column.dictionary.size(); ++i)
        if (column.dictionary[i].size() > kMaxTextBytes)
            return fail(invalidColumn(column, "holds a text of " + std::to_string(column.dictionary[i].size()) +
                                                  " bytes; the limit is " + std::to_string(kMaxTextBytes)));
    for (std::size_t row = 0; row < column.codes.size(); ++row)
        if (column.codes[row] != Column::kMissingCode && column.codes[row] >= column.dictionary.size())
            return fail(invalidColumn(column, "has a code outside its dictionary in row " + std::to_string(row)));
    return {};
}

Status checkColumn(const Column& column, std::size_t rows) {
    if (column.name.empty() || column.name.size() > kMaxNameBytes)
        return fail(Error::invalid("a column's name is empty or longer than 255 bytes"));
    if (column.name == ports::field::outcome || column.name == ports::field::outcomeTime)
        return fail(invalidColumn(column, "is joined from ground truth and cannot be appended as a row"));
    if (const auto type = reservedType(column.name); type && *type != column.type)
        return fail(
            invalidColumn(column, std::string("holds ") + nameOf(column.type) + " but must hold " + nameOf(*type)));
    if (column.size() != rows)
        return fail(invalidColumn(column, "has " + std::to_string(column.size()) + " rows of " + std::to_string(rows)));
    return column.type == ColumnType::Text ? checkTexts(column) : Status{};
}

Status checkRequired(const RowSet& rows, std::string_view name) {
    const Column* column = rows.find(name);
    if (!column) return fail(Error::invalid("rows need a column \"" + std::string(name) + "\""));
    for (std::size_t i = 0; i < rows.rows; ++i)
        if (column->missing(i) || (column->type == ColumnType::Text && column->text(i).empty()))
            return fail(invalidColumn(*column, "is missing in row " + std::to_string(i)));
    return {};
}

Status check(const RowSet& rows) {
    if (rows.columns.size() > kMaxFields) return fail(Error::invalid("more than 20,000 columns"));
    std::vector<std::string_view> names;
    for (const Column& column : rows.columns) {
        PH_TRY(checkColumn(column, rows.rows));
        names.push_back(column.name);
    }
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
        return fail(Error::invalid("column \"" + std::string(*twice) + "\" comes twice"));
    PH_TRY(checkRequired(rows, ports::field::time));
    PH_TRY(checkRequired(rows, ports::field::model));
    return checkRequired(rows, ports::field::requestId);
}

// ---- writing

std::vector<FieldValues> fieldValues(const RowSet& rows, std::span<const std::uint32_t> kept) {
    std::vector<FieldValues> out;
    for (const Column& column : rows.columns) {
        FieldValues field{column.name, {}, column.type};
        field.values[static_cast<std::size_t>(column.type)] = static_cast<std::uint64_t>(
            std::ranges::count_if(kept, [&](std::uint32_t row) { return !column.missing(row); }));
        out.push_back(std::move(field));
    }
    return out;
}

// ---- sealing

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

}  // namespace

Result<Appended> append(Database& database, const RowSet& rows) {
    if (rows.rows == 0) return Appended{};
    PH_TRY(check(rows));
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    const std::lock_guard lock(reader.state().tailMutex);
    PH_ASSIGN(const auto found, findNewRows(reader, rows));
    const auto& [fresh, hashes] = found;
    const Appended appended{fresh.size(), rows.rows - fresh.size()};
    if (fresh.empty()) return appended;

    PartWriter writer(Effort::Fast);
    for (const Column& column : rows.columns)
        writer.column(column.name, column.type).append(column, fresh);
    writer.finishRows(fresh.size());
    const auto& times = rows.find(ports::field::time)->times;
    std::int64_t first = times[fresh.front()], last = first;
    for (const std::uint32_t row : fresh) {
        first = std::min(first, times[row]);
        last = std::max(last, times[row]);
    }
    const std::int64_t ordinal = reader.nextOrdinal();
    PH_ASSIGN(const auto batch, insertBatch(database, writer.finish(), fresh.size(), first, last, ordinal));
    for (std::size_t i = 0; i < hashes.size(); ++i)
        reader.state().tail.add(hashes[i], ordinal + static_cast<std::int64_t>(i));
    reader.state().tail.finish(batch);
    PH_TRY(updateFields(database, reader, fieldValues(rows, fresh)));
    PH_TRY(transaction.commit());
    return appended;
}

Status appendTruth(Database& database, const std::string& model, std::span<const Truth> truths) {
    if (truths.empty()) return {};
    if (model.empty()) return fail(Error::invalid("ground truth needs a model"));
    PH_TRY(checkTruth(truths));
    const auto [first, last] = std::ranges::minmax_element(truths, {}, &Truth::known);
    const EncodedBatch batch = encodeTruth(truths);

    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(const auto newest, database.integer("SELECT checksum FROM truth_batch ORDER BY id DESC LIMIT 1"));
    PH_ASSIGN(const std::uint64_t base, chainBase(database));
    const std::uint64_t chain = chainAfter(newest ? static_cast<std::uint64_t>(*newest) : base, batch.directory);
    PH_ASSIGN(auto insert, database.prepare("INSERT INTO truth_batch (model, rows, first_known, last_known, checksum, "
                                            "directory, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
    insert.bindAll(model, static_cast<std::int64_t>(truths.size()), first->known, last->known, chain);
    insert.bindBlob(6, batch.directory).bindBlob(7, batch.data);
    PH_TRY(insert.run());
    return transaction.commit();
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
