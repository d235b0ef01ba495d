// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/prediction_store.h"

#include <xxhash.h>

#include <algorithm>
#include <numeric>

#include "models/predictions/duplicate_finder.h"
#include "models/predictions/log_reader.h"
#include "models/predictions/tail_merge.h"
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
    const Part part{false, batch.id, fresh.size(), first, last, ordinal, batch.checksum};
    PH_TRY(mergeTail(database, reader, part));
    reader.noteAppended(part);
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

}  // namespace pilothouse::predictions
