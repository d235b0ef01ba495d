// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/log_contents.h"

#include <array>

namespace pilothouse::predictions {

using ports::ColumnType;
using workspace::Database;

namespace {

struct Reserved {
    std::string_view name;
    ColumnType type;
};
/// In the order in which they are shown.
constexpr std::array<Reserved, 11> kReserved{{{ports::field::time, ColumnType::Time},
                                              {ports::field::model, ColumnType::Text},
                                              {ports::field::version, ColumnType::Text},
                                              {ports::field::requestId, ColumnType::Text},
                                              {ports::field::traceId, ColumnType::Text},
                                              {ports::field::score, ColumnType::Number},
                                              {ports::field::outcome, ColumnType::Number},
                                              {ports::field::outcomeTime, ColumnType::Time},
                                              {ports::field::latencyMs, ColumnType::Number},
                                              {ports::field::status, ColumnType::Text},
                                              {ports::field::message, ColumnType::Text}}};

bool joined(std::string_view name) { return name == ports::field::outcome || name == ports::field::outcomeTime; }

}  // namespace

std::optional<ColumnType> reservedType(std::string_view name) {
    for (const Reserved& r : kReserved)
        if (r.name == name) return r.type;
    return {};
}

namespace {

/// What a connection read last, and when: no other connection has committed since, and this one has neither changed a
/// row nor rolled back.
struct Read {
    std::int64_t version = 0, changes = 0, rollbacks = 0;
    std::shared_ptr<const LogContents> contents;
};

Status listParts(Database& database, LogContents& contents) {
    for (const bool segment : {true, false}) {
        PH_ASSIGN(auto rows,
                  database.prepare(segment ? "SELECT id, rows, first_time, last_time, first_ordinal, checksum FROM "
                                             "prediction_segment ORDER BY first_ordinal"
                                           : "SELECT id, rows, first_time, last_time, first_ordinal, checksum FROM "
                                             "prediction_batch ORDER BY first_ordinal"));
        for (;;) {
            PH_ASSIGN(const bool more, rows.step());
            if (!more) break;
            Part part;
            part.segment = segment;
            part.id = rows.integer(0);
            part.rows = static_cast<std::size_t>(std::clamp<std::int64_t>(rows.integer(1), 0, std::int64_t{1} << 24));
            part.firstTime = rows.integer(2);
            part.lastTime = rows.integer(3);
            part.firstOrdinal = rows.integer(4);
            part.checksum = static_cast<std::uint64_t>(rows.integer(5));
            contents.parts.push_back(part);
        }
    }
    std::ranges::stable_sort(contents.parts, {}, &Part::firstOrdinal);
    return {};
}

Status listFields(Database& database, LogContents& contents) {
    PH_ASSIGN(auto rows,
              database.prepare(
                  "SELECT name, type, types, feature, first_type FROM prediction_field ORDER BY position, name"));
    std::vector<LogField> features;
    std::vector<std::string> reserved;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) break;
        const std::string name = rows.text(0);
        if (reservedType(name)) {
            reserved.push_back(name);
            continue;
        }
        const auto type = static_cast<ColumnType>(std::clamp<std::int64_t>(rows.integer(1), 0, 2));
        LogField field{{name, type, rows.integer(3) != 0}, static_cast<unsigned>(rows.integer(2))};
        if (!rows.isNull(4)) field.first = static_cast<ColumnType>(std::clamp<std::int64_t>(rows.integer(4), 0, 2));
        features.push_back(std::move(field));
    }
    for (const Reserved& r : kReserved) {
        const bool there = std::ranges::find(reserved, r.name) != reserved.end();
        if (there || (joined(r.name) && !reserved.empty()))
            contents.fields.push_back(
                {{std::string(r.name), r.type, false}, 1u << static_cast<unsigned>(r.type), r.type});
    }
    contents.fields.insert(contents.fields.end(), features.begin(), features.end());
    return {};
}

}  // namespace

Result<std::shared_ptr<const LogContents>> contentsOf(Database& database) {
    if (!database.attachment()) database.attachment() = std::make_shared<Read>();
    auto& read = *std::static_pointer_cast<Read>(database.attachment());
    PH_ASSIGN(const auto version, database.integer("PRAGMA data_version"));
    if (read.contents && read.version == version && read.changes == database.totalChanges() &&
        read.rollbacks == database.rollbacks())
        return read.contents;
    auto contents = std::make_shared<LogContents>();
    PH_TRY(listParts(database, *contents));
    PH_TRY(listFields(database, *contents));
    // Outside a transaction another connection may have committed in between.
    if (database.inTransaction()) read = {version.value_or(0), database.totalChanges(), database.rollbacks(), contents};
    return std::shared_ptr<const LogContents>(std::move(contents));
}

void noteAppended(Database& database, const LogContents& contents, const Part& part) {
    const auto read = std::static_pointer_cast<Read>(database.attachment());
    const bool alone = read && read->contents.get() == &contents && database.totalChanges() == read->changes + 1 &&
                       database.rollbacks() == read->rollbacks;
    if (!alone) return;
    auto longer = std::make_shared<LogContents>(contents);
    longer->parts.push_back(part);
    read->contents = std::move(longer);
    ++read->changes;
}

}  // namespace pilothouse::predictions
