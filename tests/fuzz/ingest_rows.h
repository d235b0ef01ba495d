// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstring>
#include <memory>
#include <string>

#include "models/predictions/chunk_cutter.h"
#include "models/predictions/ingest_guess.h"
#include "models/predictions/json_rows.h"
#include "tests/fuzz/fuzz.h"

/// What the targets of the formats for prediction rows share.
namespace pilothouse::fuzz {

/// Cuts the text as it comes in pieces of that size and hands over every row.
template <class Use>
void forRows(std::string_view text, std::size_t pieceBytes, bool csv, Use&& use) {
    // One for all inputs: the address sanitizer takes longer over a fresh buffer than over what is tested.
    static const auto buffers = std::make_shared<predictions::ChunkBuffers>();
    predictions::ChunkCutter cutter(csv, predictions::RunningDigest(), {1, 0}, buffers);
    for (std::size_t at = 0; at < text.size();) {
        std::size_t room = 0;
        char* const to = cutter.room(room);
        const std::size_t step = std::min({room, pieceBytes, text.size() - at});
        std::memcpy(to, text.data() + at, step);
        cutter.took(step);
        at += step;
    }
    const bool open = cutter.finish();
    const auto chunk = cutter.take();
    FUZZ_REQUIRE(open || chunk->endOffset == text.size());
    for (const predictions::ChunkRow& row : chunk->rows) {
        FUZZ_REQUIRE(row.place.offset < text.size());
        use(row.place, std::string_view(chunk->data.get() + row.from, row.bytes));
    }
}

/// One line a row: where it is and what it is.
inline std::string cutRows(std::string_view text, std::size_t pieceBytes, bool csv) {
    std::string out;
    forRows(text, pieceBytes, csv, [&](const predictions::RowPlace& place, std::string_view row) {
        out += std::to_string(place.line) + ' ' + std::to_string(place.offset) + ' ' + std::string(row) + '\n';
    });
    return out;
}

/// What was collected holds together.
inline void check(predictions::RowCollector& collector) {
    const predictions::CollectedRows rows = collector.finish();
    FUZZ_REQUIRE(rows.segment.ids.size() == rows.segment.rows);
    for (const auto& [name, column] : rows.segment.columns) {
        FUZZ_REQUIRE(!name.empty() && name.size() <= 255);
        FUZZ_REQUIRE(column.header.rows == rows.segment.rows);
    }
    for (const auto& row : rows.quarantined)
        FUZZ_REQUIRE(!row.reason.empty() && row.raw.size() <= predictions::kQuarantinedBytes);
}

}  // namespace pilothouse::fuzz
