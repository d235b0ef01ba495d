// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/bulk_append.h"

#include "models/predictions/duplicate_finder.h"

namespace pilothouse::predictions {

using workspace::Database;
using workspace::Transaction;

namespace {

Status insert(Database& database, LogReader& reader, const EncodedSegment& segment) {
    const std::int64_t ordinal = reader.nextOrdinal();
    PH_TRY(updateFields(database, reader, fieldValues(segment)));
    if (segment.rows >= kLeastSegmentRows) return insertSegment(database, segment, ordinal);
    PH_ASSIGN(const auto batch,
              insertBatch(database, segment.columns, segment.rows, segment.firstTime, segment.lastTime, ordinal));
    TailIds& tail = reader.state().tail;
    for (const auto& [hash, row] : segment.ids)
        tail.add(hash, ordinal + row);
    tail.finish(batch);
    return {};
}

}  // namespace

Result<Appended> appendEncoded(Database& database, const EncodedSegment& segment) {
    if (segment.rows == 0) return Appended{};
    PH_ASSIGN(auto transaction, Transaction::begin(database));
    PH_ASSIGN(auto reader, LogReader::open(database, LogReader::Damaged::Include));
    const std::lock_guard lock(reader.state().tailMutex);
    PH_ASSIGN(const auto repeated, findRepeatedRows(reader, segment));
    if (repeated.empty()) {
        PH_TRY(insert(database, reader, segment));
    } else if (repeated.size() < segment.rows) {
        PH_ASSIGN(const EncodedSegment rest, withoutRows(segment, repeated));
        PH_TRY(insert(database, reader, rest));
    }
    PH_TRY(transaction.commit());
    return Appended{segment.rows - repeated.size(), repeated.size()};
}

}  // namespace pilothouse::predictions
