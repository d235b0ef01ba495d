// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/segment_writer.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>

namespace pilothouse::predictions {

using ports::ColumnType;
using workspace::Database;

namespace {

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

Status insertDirectory(Database& database, std::int64_t segment, std::uint64_t checksum, ByteView directory) {
    PH_ASSIGN(auto insert,
              database.prepare("INSERT INTO prediction_directory (id, checksum, directory) VALUES (?1, ?2, ?3)"));
    insert.bindAll(segment, directoryChecksum(directory, checksum));
    insert.bindBlob(3, directory);
    return insert.run();
}

Result<ColumnBlock> decoded(const EncodedColumn& column, std::size_t block) {
    const BlockInfo& info = column.header.blocks[block];
    return decodeBlock(ByteView(column.data).subspan(info.offset, info.bytes), column.header.type,
                       column.header.rowsOf(block), info);
}

/// The rows of a block that stay, counted from the block's first.
std::vector<std::uint32_t> staying(std::size_t begin, std::size_t rows, std::span<const std::uint32_t> leaving) {
    std::vector<std::uint32_t> out;
    auto next = std::ranges::lower_bound(leaving, static_cast<std::uint32_t>(begin));
    for (std::size_t i = 0; i < rows; ++i) {
        if (next != leaving.end() && *next == begin + i)
            ++next;
        else
            out.push_back(static_cast<std::uint32_t>(i));
    }
    return out;
}

}  // namespace

ColumnWriter& SegmentBuilder::column(const std::string& name, ColumnType type) {
    if (std::ranges::find(m_out.order, name) == m_out.order.end()) m_out.order.push_back(name);
    return m_writer.column(name, type);
}

EncodedSegment SegmentBuilder::finish() {
    m_writer.finishRows(m_rows);
    m_out.rows = m_rows;
    m_out.columns = m_writer.finish();
    m_out.index = IdIndex::build(m_out.ids);
    m_out.indexBytes = m_out.index.encode();
    return std::move(m_out);
}

Result<EncodedSegment> withoutRows(const EncodedSegment& segment, std::span<const std::uint32_t> rows) {
    EncodedSegment out;
    out.rows = segment.rows - rows.size();
    PartWriter writer(Effort::Dense);
    for (const auto& [name, column] : segment.columns) {
        ColumnWriter& target = writer.column(name, column.header.type);
        for (std::size_t b = 0; b < column.header.blocks.size(); ++b) {
            PH_ASSIGN(const ColumnBlock block, decoded(column, b));
            const auto kept = staying(b * kBlockRows, block.rows(), rows);
            target.append(block, kept);
            if (name != ports::field::time) continue;
            for (const std::uint32_t i : kept) {
                out.firstTime = std::min(out.firstTime, block.times[i]);
                out.lastTime = std::max(out.lastTime, block.times[i]);
            }
        }
    }
    writer.finishRows(out.rows);
    out.columns = writer.finish();
    for (const std::string& name : segment.order)
        if (std::ranges::find(out.columns, name, &std::pair<std::string, EncodedColumn>::first) != out.columns.end())
            out.order.push_back(name);
    for (const std::uint32_t row : staying(0, segment.rows, rows))
        out.ids.emplace_back(segment.ids[row].first, static_cast<std::uint32_t>(out.ids.size()));
    out.index = IdIndex::build(out.ids);
    out.indexBytes = out.index.encode();
    return out;
}

Result<std::optional<ColumnBlock>> decodeColumn(const EncodedSegment& segment, std::string_view name, ColumnType type,
                                                std::size_t block) {
    for (const auto& [column, encoded] : segment.columns) {
        if (column != name || encoded.header.type != type) continue;
        PH_ASSIGN(auto one, decoded(encoded, block));
        return std::optional<ColumnBlock>(std::move(one));
    }
    return std::optional<ColumnBlock>{};
}

std::vector<FieldValues> fieldValues(const EncodedSegment& segment) {
    std::vector<FieldValues> out;
    for (const std::string& name : segment.order) {
        FieldValues field{name, {}, ColumnType::Number};
        bool any = false;
        for (const auto& [column, encoded] : segment.columns) {
            if (column != name) continue;
            const ColumnType type = encoded.header.type;
            field.values[static_cast<std::size_t>(type)] += segment.rows - encoded.header.missing();
            const auto most = field.values[static_cast<std::size_t>(field.first)];
            if (!any || field.values[static_cast<std::size_t>(type)] > most) field.first = type;
            any = true;
        }
        if (any) out.push_back(std::move(field));
    }
    return out;
}

Status updateFields(Database& database, const LogReader& reader, std::span<const FieldValues> fields) {
    PH_ASSIGN(auto next, database.integer("SELECT count(*) FROM prediction_field"));
    std::int64_t position = next.value_or(0);
    for (const FieldValues& field : fields) {
        unsigned bits = 0;
        std::uint64_t conflicts = 0;
        const LogField* known = reader.field(field.name);
        for (std::size_t type = 0; type < field.values.size(); ++type)
            if (field.values[type] > 0) bits |= 1u << type;
        const unsigned types = bits | (known ? known->types : 0);
        // Every value can be shown as text; one type alone is shown as itself.
        ColumnType type = ColumnType::Text;
        if (types == 0)
            type = known ? known->info.type : field.first;
        else if (std::has_single_bit(types))
            type = static_cast<ColumnType>(std::countr_zero(types));
        const ColumnType expected = known && known->first ? *known->first : field.first;
        // A field that only came without values has no first type yet.
        const auto first = types == 0 ? std::optional<std::int64_t>{} : static_cast<std::int64_t>(expected);
        for (std::size_t t = 0; t < field.values.size(); ++t)
            if (static_cast<ColumnType>(t) != expected) conflicts += field.values[t];
        if (!known) {
            PH_TRY(database.run(
                "INSERT INTO prediction_field (name, position, type, types, feature, conflicts, first_type) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                field.name, position++, static_cast<int>(type), static_cast<std::int64_t>(types),
                ports::isReservedField(field.name) ? 0 : 1, conflicts, first));
        } else if (types != known->types || conflicts > 0) {
            PH_TRY(database.run(
                "UPDATE prediction_field SET type = ?2, types = ?3, conflicts = conflicts + ?4, first_type = ?5 "
                "WHERE name = ?1",
                field.name, static_cast<int>(type), static_cast<std::int64_t>(types), conflicts, first));
        }
    }
    return {};
}

Status insertSegment(Database& database, const EncodedSegment& segment, std::int64_t firstOrdinal) {
    Bytes root = segment.indexBytes;
    ByteWriter rootWriter(root);
    for (const auto& [name, column] : segment.columns) {
        rootWriter.put(std::string_view(name));
        rootWriter.put(ByteView(column.headerBytes));
    }
    PH_ASSIGN(auto insert,
              database.prepare("INSERT INTO prediction_segment (rows, first_time, last_time, first_ordinal, "
                               "checksum, ids) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
    const std::uint64_t checksum = XXH3_64bits(root.data(), root.size());
    insert.bindAll(static_cast<std::int64_t>(segment.rows), segment.firstTime, segment.lastTime, firstOrdinal,
                   static_cast<std::int64_t>(checksum));
    insert.bindBlob(6, segment.indexBytes);
    PH_TRY(insert.run());
    const std::int64_t id = database.lastInsertId();
    for (const auto& [name, column] : segment.columns)
        PH_TRY(insertColumn(database, id, name, column));
    return insertDirectory(database, id, checksum, encodeDirectory(segment.columns, segment.rows));
}

Result<TailIds::Batch> insertBatch(Database& database, std::vector<std::pair<std::string, EncodedColumn>> columns,
                                   std::size_t rows, std::int64_t firstTime, std::int64_t lastTime,
                                   std::int64_t firstOrdinal) {
    const EncodedBatch batch = encodeBatch(std::move(columns), rows);
    PH_ASSIGN(auto insert, database.prepare("INSERT INTO prediction_batch (rows, first_time, last_time, first_ordinal, "
                                            "checksum, directory, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
    insert.bindAll(static_cast<std::int64_t>(rows), firstTime, lastTime, firstOrdinal,
                   static_cast<std::int64_t>(batch.checksum));
    insert.bindBlob(6, batch.directory).bindBlob(7, batch.data);
    PH_TRY(insert.run());
    return TailIds::Batch{database.lastInsertId(), batch.checksum};
}

}  // namespace pilothouse::predictions
