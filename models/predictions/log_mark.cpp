// SPDX-License-Identifier: GPL-3.0-or-later
// How far a log has come, and what came since.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "models/predictions/part_rewrite.h"
#include "models/predictions/prediction_store.h"
#include "models/predictions/truth_batch.h"
#include "models/workspace/workspace.h"

namespace pilothouse::predictions {

using ports::ColumnType;
using workspace::Database;
using workspace::Transaction;

namespace {

/// Request ids by their hash.
using Wanted = std::unordered_multimap<std::uint64_t, std::string>;

Result<Wanted> requestsOfNewTruth(Database& database, const std::string& model, std::int64_t truth) {
    PH_ASSIGN(auto rows,
              database.prepare("SELECT rows, directory, data FROM truth_batch WHERE id > ?1 AND model = ?2"));
    rows.bindAll(truth, model);
    std::unordered_set<std::string> ids;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) break;
        PH_ASSIGN(auto truths, decodeTruth(rows.blob(1), rows.blob(2), static_cast<std::size_t>(rows.integer(0))));
        for (Truth& t : truths)
            ids.insert(std::move(t.requestId));
    }
    Wanted out;
    for (const std::string& id : ids)
        out.emplace(requestHash(id), id);
    return out;
}

/// Text of a row; empty where it has none.
Result<std::string_view> textOf(LogReader& reader, const Part& part, std::uint32_t row, std::string_view field,
                                TypedBlocks& held) {
    PH_ASSIGN(held, reader.blocks(part, row / kBlockRows, field));
    if (held.empty() || held.front()->type != ColumnType::Text) return std::string_view();
    return held.front()->text(row % kBlockRows);
}

Status addTimes(LogReader& reader, const Part& part, std::vector<std::uint32_t> candidates, const std::string& model,
                const Wanted& wanted, std::vector<Timestamp>& out) {
    std::ranges::sort(candidates);
    candidates.erase(std::ranges::unique(candidates).begin(), candidates.end());
    TypedBlocks held;
    for (const std::uint32_t row : candidates) {
        PH_ASSIGN(const std::string_view id, textOf(reader, part, row, ports::field::requestId, held));
        const auto [first, last] = wanted.equal_range(requestHash(id));
        if (std::none_of(first, last, [&](const auto& w) { return w.second == id; })) continue;
        PH_ASSIGN(const std::string_view itsModel, textOf(reader, part, row, ports::field::model, held));
        if (itsModel != model) continue;
        PH_ASSIGN(const TypedBlocks times, reader.blocks(part, row / kBlockRows, ports::field::time));
        if (!times.empty() && times.front()->type == ColumnType::Time)
            out.push_back({times.front()->times[row % kBlockRows]});
    }
    return {};
}

Result<std::vector<std::uint32_t>> candidatesOf(LogReader& reader, const Part& part, const Wanted& wanted) {
    std::vector<std::uint32_t> out;
    if (part.segment) {
        PH_ASSIGN(const auto ids, reader.ids(part));
        for (const auto& [hash, id] : wanted)
            ids->find(hash, [&](std::uint32_t row) { out.push_back(row); });
        return out;
    }
    for (std::size_t b = 0; b < part.blocks(); ++b) {
        PH_ASSIGN(const TypedBlocks blocks, reader.blocks(part, b, ports::field::requestId));
        for (const auto& block : blocks)
            for (std::size_t i = 0; block->type == ColumnType::Text && i < block->rows(); ++i)
                if (wanted.contains(requestHash(block->text(i))))
                    out.push_back(static_cast<std::uint32_t>(b * kBlockRows + i));
    }
    return out;
}

}  // namespace

Result<LogMark> markOf(Database& database) {
    PH_ASSIGN(auto snapshot, Transaction::begin(database, Transaction::Kind::Read));
    PH_ASSIGN(const auto contents, contentsOf(database));
    PH_ASSIGN(const auto truth, database.integer("SELECT max(id) FROM truth_batch"));
    PH_ASSIGN(const auto removals, workspace::Workspace::integerSetting(database, kRemovals));
    PH_TRY(snapshot.commit());
    return LogMark{contents->nextOrdinal(), truth.value_or(0), removals.value_or(0)};
}

Result<std::vector<Timestamp>> rowsOfNewTruth(Database& database, const std::string& model, std::int64_t truth,
                                              const CancellationToken& token) {
    PH_ASSIGN(auto snapshot, Transaction::begin(database, Transaction::Kind::Read));
    PH_ASSIGN(const Wanted wanted, requestsOfNewTruth(database, model, truth));
    std::vector<Timestamp> out;
    if (!wanted.empty()) {
        PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
        for (const Part& part : reader.parts()) {
            PH_TRY(token.check());
            PH_ASSIGN(auto candidates, candidatesOf(reader, part, wanted));
            PH_TRY(addTimes(reader, part, std::move(candidates), model, wanted, out));
        }
    }
    PH_TRY(snapshot.commit());
    return out;
}

}  // namespace pilothouse::predictions
