// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/predictions/log_reader.h"
#include "models/predictions/segment_writer.h"
#include "tests/predictions/support.h"

namespace pilothouse::test {

/// The rows as a segment, however few they are: index over ids, filters over words, dense coding.
inline Status appendSegment(workspace::Database& database, const ports::RowSet& rows) {
    predictions::SegmentBuilder builder;
    for (const ports::Column& column : rows.columns)
        builder.column(column.name, column.type).append(column, 0, rows.rows);
    for (std::uint32_t i = 0; i < rows.rows; ++i)
        builder.finishRow(rows.find("time")->times[i], predictions::requestHash(rows.find("request_id")->text(i)));
    const predictions::EncodedSegment segment = builder.finish();
    PH_ASSIGN(auto transaction, workspace::Transaction::begin(database));
    PH_ASSIGN(auto reader, predictions::LogReader::open(database));
    PH_TRY(predictions::updateFields(database, reader, predictions::fieldValues(segment)));
    PH_TRY(predictions::insertSegment(database, segment, reader.nextOrdinal()));
    return transaction.commit();
}

}  // namespace pilothouse::test
