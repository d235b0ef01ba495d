// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/part_rewrite.h"

#include <algorithm>
#include <numeric>

#include "models/workspace/workspace.h"

namespace pilothouse::predictions {

using ports::ColumnType;
using workspace::Database;

namespace {

std::vector<std::uint32_t> allRows(const Part& part) {
    std::vector<std::uint32_t> rows(part.rows);
    std::iota(rows.begin(), rows.end(), 0u);
    return rows;
}

/// Rows whose text in the field is this one.
Result<std::vector<std::uint32_t>> rowsOfText(LogReader& reader, const Part& part, std::string_view field,
                                              std::string_view text) {
    std::vector<std::uint32_t> found;
    for (std::size_t b = 0; b < part.blocks(); ++b) {
        PH_ASSIGN(const TypedBlocks blocks, reader.blocks(part, b, field));
        for (const auto& block : blocks) {
            if (block->type != ColumnType::Text) continue;
            for (std::size_t i = 0; i < block->rows(); ++i)
                if (!block->missing(i) && block->text(i) == text)
                    found.push_back(static_cast<std::uint32_t>(b * kBlockRows + i));
        }
    }
    return found;
}

/// Hands the runs of consecutive rows, a block at a time: block, from and to within it.
template <class Use>
Status eachRun(std::span<const std::uint32_t> rows, const Use& use) {
    for (std::size_t i = 0; i < rows.size();) {
        const std::size_t block = rows[i] / kBlockRows;
        std::size_t j = i + 1;
        while (j < rows.size() && rows[j] == rows[j - 1] + 1 && rows[j] / kBlockRows == block)
            ++j;
        const std::size_t begin = block * kBlockRows;
        PH_TRY(use(block, rows[i] - begin, rows[j - 1] + 1 - begin));
        i = j;
    }
    return {};
}

Status copyColumns(LogReader& reader, const KeptRows& kept, SegmentBuilder& builder) {
    PH_ASSIGN(const auto directory, reader.directory(*kept.part));
    for (const PartColumn& column : directory->columns) {
        ColumnWriter& target = builder.column(column.name, column.header.type);
        builder.catchUp(target);
        const Status copied = eachRun(kept.rows, [&](std::size_t b, std::size_t from, std::size_t to) -> Status {
            PH_ASSIGN(const auto block, reader.block(*kept.part, column, b));
            target.append(*block, from, to);
            return {};
        });
        PH_TRY(copied);
    }
    return {};
}

/// Times and ids of rows whose columns are there.
Status finishRows(LogReader& reader, const KeptRows& kept, SegmentBuilder& builder) {
    return eachRun(kept.rows, [&](std::size_t b, std::size_t from, std::size_t to) -> Status {
        PH_ASSIGN(const TypedBlocks times, reader.blocks(*kept.part, b, ports::field::time));
        PH_ASSIGN(const TypedBlocks ids, reader.blocks(*kept.part, b, ports::field::requestId));
        if (times.size() != 1 || times[0]->type != ColumnType::Time || ids.size() != 1 ||
            ids[0]->type != ColumnType::Text)
            return fail(ErrorKind::Corrupt, kept.part->name() + " has no times or no request ids",
                        reader.database().path());
        for (std::size_t i = from; i < to; ++i)
            builder.finishRow(times[0]->times[i], requestHash(ids[0]->text(i)));
        return {};
    });
}

Result<EncodedSegment> code(LogReader& reader, std::span<const KeptRows> kept, Effort effort) {
    SegmentBuilder builder(effort);
    for (const KeptRows& k : kept) {
        PH_TRY(copyColumns(reader, k, builder));
        PH_TRY(finishRows(reader, k, builder));
    }
    return builder.finish();
}

}  // namespace

KeptRows without(const Part& part, std::span<const std::uint32_t> rows) {
    KeptRows kept{&part, {}};
    kept.rows.reserve(part.rows - std::min(part.rows, rows.size()));
    auto next = rows.begin();
    for (std::uint32_t row = 0; row < part.rows; ++row) {
        if (next != rows.end() && *next == row)
            ++next;
        else
            kept.rows.push_back(row);
    }
    return kept;
}

Result<std::vector<std::uint32_t>> rowsOfRequest(LogReader& reader, const Part& part, std::string_view requestId) {
    if (!part.segment) return rowsOfText(reader, part, ports::field::requestId, requestId);
    const auto index = reader.ids(part);
    if (!index) {  // damaged: the column itself still tells
        if (index.error().kind != ErrorKind::Corrupt) return fail(index.error());
        return rowsOfText(reader, part, ports::field::requestId, requestId);
    }
    std::vector<std::uint32_t> candidates, found;
    (*index)->find(requestHash(requestId), [&](std::uint32_t row) { candidates.push_back(row); });
    std::ranges::sort(candidates);
    for (const std::uint32_t row : candidates) {
        PH_ASSIGN(const TypedBlocks blocks, reader.blocks(part, row / kBlockRows, ports::field::requestId));
        if (!blocks.empty() && blocks[0]->type == ColumnType::Text && blocks[0]->text(row % kBlockRows) == requestId)
            found.push_back(row);
    }
    return found;
}

Result<std::vector<std::uint32_t>> rowsOfModel(LogReader& reader, const Part& part, std::string_view model) {
    return rowsOfText(reader, part, ports::field::model, model);
}

Result<std::vector<std::uint32_t>> rowsBefore(LogReader& reader, const Part& part, Timestamp moment) {
    if (part.firstTime >= moment.ns) return std::vector<std::uint32_t>{};
    if (part.lastTime < moment.ns) return allRows(part);
    std::vector<std::uint32_t> found;
    for (std::size_t b = 0; b < part.blocks(); ++b) {
        PH_ASSIGN(const TypedBlocks blocks, reader.blocks(part, b, ports::field::time));
        if (blocks.empty() || blocks[0]->type != ColumnType::Time) continue;
        for (std::size_t i = 0; i < blocks[0]->rows(); ++i)
            if (blocks[0]->times[i] < moment.ns) found.push_back(static_cast<std::uint32_t>(b * kBlockRows + i));
    }
    return found;
}

Status deletePart(Database& database, const Part& part) {
    if (!part.segment) return database.run("DELETE FROM prediction_batch WHERE id = ?1", part.id);
    return database.run("DELETE FROM prediction_segment WHERE id = ?1", part.id);  // its columns go with it
}

Status noteRemoval(Database& database) {
    PH_ASSIGN(const auto before, workspace::Workspace::integerSetting(database, kRemovals));
    return workspace::Workspace::setSetting(database, kRemovals, std::to_string(before.value_or(0) + 1));
}

Status replacePart(Database& database, LogReader& reader, const KeptRows& kept) {
    const Part& part = *kept.part;
    PH_TRY(noteRemoval(database));
    if (kept.rows.empty()) return deletePart(database, part);
    PH_ASSIGN(auto coded, code(reader, std::span(&kept, 1), part.segment ? Effort::Dense : Effort::Fast));
    PH_TRY(deletePart(database, part));
    if (part.segment) return insertSegment(database, coded, part.firstOrdinal);
    PH_TRY(insertBatch(database, std::move(coded.columns), coded.rows, coded.firstTime, coded.lastTime,
                       part.firstOrdinal));
    return {};
}

Status mergeSegments(Database& database, LogReader& reader, std::span<const Part> segments) {
    std::vector<KeptRows> all;
    for (const Part& part : segments)
        all.push_back({&part, allRows(part)});
    PH_ASSIGN(const auto coded, code(reader, all, Effort::Dense));
    for (const Part& part : segments)
        PH_TRY(deletePart(database, part));
    return insertSegment(database, coded, segments.front().firstOrdinal);
}

}  // namespace pilothouse::predictions
