// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/prediction_store.h"

#include <xxhash.h>

#include <algorithm>
#include <numeric>

#include "models/predictions/log_reader.h"

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

// ---- the same request twice is one row

/// Compares (model, version, request id, time) of new rows with those that are there. The cost is a few probes of
/// memory a row: one in the tail's ids and one in each segment's id index; the log itself is read only for rows whose
/// id is there.
class DuplicateFinder {
public:
    DuplicateFinder(LogReader& reader, const RowSet& rows)
        : m_reader(reader),
          m_rows(rows),
          m_model(rows.find(ports::field::model)),
          m_version(rows.find(ports::field::version)),
          m_request(rows.find(ports::field::requestId)),
          m_time(rows.find(ports::field::time)) {}

    /// The rows that are new, in order; their hashes in the same order.
    Status run(std::vector<std::uint32_t>& fresh, std::vector<std::uint64_t>& hashes) {
        PH_TRY(loadTail());
        std::vector<std::shared_ptr<const IdIndex>> sealed;
        for (const Part& part : m_reader.parts()) {
            if (!part.segment) continue;
            PH_ASSIGN(auto ids, m_reader.ids(part));
            sealed.push_back(std::move(ids));
            m_segments.push_back(&part);
        }
        TailIds own;  // repeated within these rows
        for (std::uint32_t row = 0; row < m_rows.rows; ++row) {
            const std::uint64_t hash = requestHash(m_request->text(row));
            PH_ASSIGN(const bool known, isKnown(row, hash, sealed, own));
            if (known) continue;
            own.add(hash, row);
            fresh.push_back(row);
            hashes.push_back(hash);
        }
        return {};
    }

private:
    Status loadTail() {
        std::vector<TailIds::Batch> batches;
        for (const Part& part : m_reader.parts()) {
            if (part.segment) continue;
            batches.push_back({part.id, part.checksum});
            m_tail.push_back(&part);
        }
        TailIds& ids = m_reader.state().tail;
        for (std::size_t i = ids.keep(batches); i < batches.size(); ++i) {
            for (std::size_t b = 0; b < m_tail[i]->blocks(); ++b) {
                PH_ASSIGN(const TypedBlocks requests, m_reader.blocks(*m_tail[i], b, ports::field::requestId));
                if (requests.empty()) continue;
                for (std::size_t r = 0; r < requests[0]->rows(); ++r)
                    ids.add(requestHash(requests[0]->text(r)),
                            m_tail[i]->firstOrdinal + static_cast<std::int64_t>(b * kBlockRows + r));
            }
            ids.finish(batches[i]);
        }
        return {};
    }

    Result<bool> isKnown(std::uint32_t row, std::uint64_t hash,
                         const std::vector<std::shared_ptr<const IdIndex>>& sealed, const TailIds& own) {
        bool known = false;
        if (own.mayHold(hash))
            own.find(hash, [&](std::int64_t other) { known |= sameRow(row, static_cast<std::uint32_t>(other)); });
        if (known) return true;
        std::vector<std::pair<const Part*, std::size_t>> candidates;
        if (m_reader.state().tail.mayHold(hash)) {
            m_reader.state().tail.find(hash, [&](std::int64_t ordinal) {
                const auto after = std::ranges::upper_bound(m_tail, ordinal, {}, &Part::firstOrdinal);
                const Part* part = *(after - 1);
                candidates.emplace_back(part, static_cast<std::size_t>(ordinal - part->firstOrdinal));
            });
        }
        for (std::size_t s = 0; s < sealed.size(); ++s)
            if (sealed[s]->mayHold(hash))
                sealed[s]->find(hash, [&](std::uint32_t r) { candidates.emplace_back(m_segments[s], r); });
        for (const auto& [part, place] : candidates) {
            PH_ASSIGN(const bool same, sameStored(row, *part, place));
            if (same) return true;
        }
        return false;
    }

    bool sameRow(std::uint32_t a, std::uint32_t b) const {
        return m_time->times[a] == m_time->times[b] && m_request->text(a) == m_request->text(b) &&
               m_model->text(a) == m_model->text(b) && version(a) == version(b);
    }
    /// Without a version differs from every version.
    std::optional<std::string_view> version(std::uint32_t row) const {
        if (!m_version || m_version->missing(row)) return {};
        return m_version->text(row);
    }
    Result<bool> sameStored(std::uint32_t row, const Part& part, std::size_t place) {
        const auto stored = [&](std::string_view name) -> Result<std::optional<std::string>> {
            PH_ASSIGN(const TypedBlocks blocks, m_reader.blocks(part, place / kBlockRows, name));
            if (blocks.empty() || blocks[0]->missing(place % kBlockRows)) return std::optional<std::string>{};
            return std::optional<std::string>(blocks[0]->text(place % kBlockRows));
        };
        PH_ASSIGN(const auto request, stored(ports::field::requestId));
        if (request != m_request->text(row)) return false;
        PH_ASSIGN(const TypedBlocks times, m_reader.blocks(part, place / kBlockRows, ports::field::time));
        if (times.empty() || times[0]->times[place % kBlockRows] != m_time->times[row]) return false;
        PH_ASSIGN(const auto model, stored(ports::field::model));
        if (model != m_model->text(row)) return false;
        PH_ASSIGN(const auto storedVersion, stored(ports::field::version));
        const auto mine = version(row);
        return storedVersion.has_value() == mine.has_value() && (!mine || *storedVersion == *mine);
    }

    LogReader& m_reader;
    const RowSet& m_rows;
    const Column *m_model, *m_version, *m_request, *m_time;
    std::vector<const Part*> m_tail, m_segments;
};

// ---- writing

Status updateFields(Database& database, const LogReader& reader, const RowSet& rows,
                    std::span<const std::uint32_t> kept) {
    PH_ASSIGN(auto next, database.integer("SELECT count(*) FROM prediction_field"));
    std::int64_t position = next.value_or(0);
    for (const Column& column : rows.columns) {
        const auto values = std::ranges::count_if(kept, [&](std::uint32_t row) { return !column.missing(row); });
        const unsigned bit = values > 0 ? 1u << static_cast<unsigned>(column.type) : 0;
        const LogField* known = reader.field(column.name);
        if (!known) {
            PH_TRY(database.run(
                "INSERT INTO prediction_field (name, position, type, types, feature) VALUES (?1, ?2, ?3, ?4, ?5)",
                column.name, position++, static_cast<int>(column.type), static_cast<std::int64_t>(bit),
                ports::isReservedField(column.name) ? 0 : 1));
            continue;
        }
        if (bit == 0 || (known->types | bit) == (known->types & bit)) continue;
        const unsigned types = known->types | bit;
        // Every value can be shown as text; one type alone is shown as itself.
        const ColumnType type = std::has_single_bit(types) ? column.type : ColumnType::Text;
        const bool fits = known->types == 0 || known->info.type == column.type;
        if (types == known->types && fits) continue;
        PH_TRY(database.run(
            "UPDATE prediction_field SET type = ?2, types = ?3, conflicts = conflicts + ?4 WHERE name = ?1",
            column.name, static_cast<int>(type), static_cast<std::int64_t>(types),
            static_cast<std::int64_t>(fits ? 0 : values)));
    }
    return {};
}

/// Inserts the writer's rows as a batch and returns its id and checksum.
Result<TailIds::Batch> insertBatch(Database& database, PartWriter& writer, std::size_t rows, std::int64_t firstTime,
                                   std::int64_t lastTime, std::int64_t firstOrdinal) {
    const EncodedBatch batch = encodeBatch(writer.finish(), rows);
    PH_ASSIGN(auto insert, database.prepare("INSERT INTO prediction_batch (rows, first_time, last_time, first_ordinal, "
                                            "checksum, directory, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
    insert.bindAll(static_cast<std::int64_t>(rows), firstTime, lastTime, firstOrdinal,
                   static_cast<std::int64_t>(batch.checksum));
    insert.bindBlob(6, batch.directory).bindBlob(7, batch.data);
    PH_TRY(insert.run());
    return TailIds::Batch{database.lastInsertId(), batch.checksum};
}

// ---- sealing

/// Rows [from, to) of a batch.
struct Piece {
    const Part* part;
    std::size_t from, to;
};

struct PieceFacts {
    std::int64_t firstTime = std::numeric_limits<std::int64_t>::max(), lastTime = kTimestampMin.ns;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> ids;  ///< hash, row
};

Status copyPieces(LogReader& reader, std::span<const Piece> pieces, PartWriter& writer, PieceFacts& facts) {
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

Status insertColumn(Database& database, std::int64_t segment, const std::string& name, const EncodedColumn& column) {
    double low = std::nan(""), high = std::nan("");
    for (const BlockInfo& b : column.header.blocks) {
        const std::size_t rows = column.header.rowsOf(static_cast<std::size_t>(&b - column.header.blocks.data()));
        if (b.missing == rows || column.header.type == ColumnType::Text) continue;
        const bool number = column.header.type == ColumnType::Number;
        low = std::fmin(low, number ? b.lowNumber() : static_cast<double>(b.lowTime()));
        high = std::fmax(high, number ? b.highNumber() : static_cast<double>(b.highTime()));
    }
    PH_ASSIGN(auto insert,
              database.prepare("INSERT INTO prediction_column (segment, name, type, low, high, missing, "
                               "distinct_estimate, header, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
    insert.bindAll(segment, name, static_cast<int>(column.header.type), low, high, column.header.missing(),
                   column.distinct);
    insert.bindBlob(8, column.headerBytes).bindBlob(9, column.data);
    return insert.run();
}

Status writeSegment(Database& database, LogReader& reader, std::span<const Piece> pieces) {
    PartWriter writer(Effort::Dense);
    PieceFacts facts;
    PH_TRY(copyPieces(reader, pieces, writer, facts));
    const auto columns = writer.finish();
    const Bytes ids = IdIndex::build(std::move(facts.ids)).encode();
    Bytes root = ids;
    ByteWriter rootWriter(root);
    for (const auto& [name, column] : columns) {
        rootWriter.put(std::string_view(name));
        rootWriter.put(ByteView(column.headerBytes));
    }
    PH_ASSIGN(auto insert,
              database.prepare("INSERT INTO prediction_segment (rows, first_time, last_time, first_ordinal, "
                               "checksum, ids) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
    insert.bindAll(static_cast<std::int64_t>(kSegmentRows), facts.firstTime, facts.lastTime,
                   pieces.front().part->firstOrdinal + static_cast<std::int64_t>(pieces.front().from),
                   static_cast<std::int64_t>(XXH3_64bits(root.data(), root.size())));
    insert.bindBlob(6, ids);
    PH_TRY(insert.run());
    const std::int64_t segment = database.lastInsertId();
    for (const auto& [name, column] : columns)
        PH_TRY(insertColumn(database, segment, name, column));
    return {};
}

/// What is left of a batch whose first rows were sealed.
Status writeRest(Database& database, LogReader& reader, const Piece& rest) {
    PartWriter writer(Effort::Fast);
    PieceFacts facts;
    PH_TRY(copyPieces(reader, std::span(&rest, 1), writer, facts));
    PH_TRY(insertBatch(database, writer, rest.to - rest.from, facts.firstTime, facts.lastTime,
                       rest.part->firstOrdinal + static_cast<std::int64_t>(rest.from)));
    return {};
}

}  // namespace

Result<Appended> append(Database& database, const RowSet& rows) {
    if (rows.rows == 0) return Appended{};
    PH_TRY(check(rows));
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(auto reader, LogReader::open(database));
    const std::lock_guard lock(reader.state().tailMutex);
    std::vector<std::uint32_t> fresh;
    std::vector<std::uint64_t> hashes;
    PH_TRY(DuplicateFinder(reader, rows).run(fresh, hashes));
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
    PH_ASSIGN(const auto batch, insertBatch(database, writer, fresh.size(), first, last, ordinal));
    for (std::size_t i = 0; i < hashes.size(); ++i)
        reader.state().tail.add(hashes[i], ordinal + static_cast<std::int64_t>(i));
    reader.state().tail.finish(batch);
    PH_TRY(updateFields(database, reader, rows, fresh));
    PH_TRY(transaction.commit());
    return appended;
}

Status appendTruth(Database& database, const std::string& model, std::span<const Truth> truths) {
    if (truths.empty()) return {};
    if (model.empty()) return fail(Error::invalid("ground truth needs a model"));
    Column ids{"request_id", ColumnType::Text, {}, {}, {}, {}}, values{"value", ColumnType::Number, {}, {}, {}, {}},
        known{"known", ColumnType::Time, {}, {}, {}, {}};
    std::int64_t first = truths.front().known.ns, last = first;
    for (const Truth& truth : truths) {
        if (truth.requestId.empty() || truth.requestId.size() > kMaxTextBytes)
            return fail(Error::invalid("ground truth without a request id, or with one longer than 65,536 bytes"));
        if (std::isnan(truth.value) || truth.known == kTimestampMin || truth.known == kTimestampMax)
            return fail(Error::invalid("ground truth of request \"" + truth.requestId.substr(0, 100) +
                                       "\" has no value or no time"));
        ids.codes.push_back(static_cast<std::uint32_t>(ids.dictionary.size()));
        ids.dictionary.push_back(truth.requestId);
        values.numbers.push_back(truth.value);
        known.times.push_back(truth.known.ns);
        first = std::min(first, truth.known.ns);
        last = std::max(last, truth.known.ns);
    }
    PartWriter writer(Effort::Fast);
    for (const Column* column : {&ids, &values, &known})
        writer.column(column->name, column->type).append(*column, 0, truths.size());
    writer.finishRows(truths.size());
    const EncodedBatch batch = encodeBatch(writer.finish(), truths.size());

    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(const auto before, database.integer("SELECT checksum FROM truth_batch ORDER BY id DESC LIMIT 1"));
    const auto chain = XXH3_64bits_withSeed(batch.directory.data(), batch.directory.size(),
                                            static_cast<std::uint64_t>(before.value_or(0)));
    PH_ASSIGN(auto insert, database.prepare("INSERT INTO truth_batch (model, rows, first_known, last_known, checksum, "
                                            "directory, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
    insert.bindAll(model, static_cast<std::int64_t>(truths.size()), first, last, static_cast<std::int64_t>(chain));
    insert.bindBlob(6, batch.directory).bindBlob(7, batch.data);
    PH_TRY(insert.run());
    return transaction.commit();
}

Result<std::size_t> seal(Database& database) {
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(auto reader, LogReader::open(database));
    std::vector<const Part*> tail;
    std::size_t waiting = 0;
    for (const Part& part : reader.parts()) {
        if (part.segment) continue;
        tail.push_back(&part);
        waiting += part.rows;
    }
    const std::size_t sealed = waiting / kSegmentRows * kSegmentRows;
    if (sealed == 0) return std::size_t{0};
    std::size_t next = 0, from = 0;  // batch, and its first row that is not sealed
    for (std::size_t done = 0; done < sealed; done += kSegmentRows) {
        std::vector<Piece> pieces;
        for (std::size_t rows = 0; rows < kSegmentRows;) {
            const std::size_t take = std::min(tail[next]->rows - from, kSegmentRows - rows);
            pieces.push_back({tail[next], from, from + take});
            rows += take;
            from += take;
            if (from < tail[next]->rows) continue;
            ++next;
            from = 0;
        }
        PH_TRY(writeSegment(database, reader, pieces));
    }
    if (from > 0) PH_TRY(writeRest(database, reader, {tail[next], from, tail[next]->rows}));
    for (std::size_t i = 0; i < next + (from > 0 ? 1 : 0); ++i)
        PH_TRY(database.run("DELETE FROM prediction_batch WHERE id = ?1", tail[i]->id));
    PH_TRY(transaction.commit());
    return sealed;
}

}  // namespace pilothouse::predictions
