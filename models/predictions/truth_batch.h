// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/predictions/part_format.h"
#include "models/predictions/prediction_store.h"

/// Ground truth as it lies in the file: batches coded like those of rows, chained by checksum in order of arrival.
namespace pilothouse::predictions {

/// InvalidInput for a request without an id, a value or a time.
[[nodiscard]] Status checkTruth(std::span<const Truth> truths);
[[nodiscard]] EncodedBatch encodeTruth(std::span<const Truth> truths);
/// Corrupt where the bytes are not such a batch of `rows` rows, or fail a block's checksum.
[[nodiscard]] Result<std::vector<Truth>> decodeTruth(ByteView directory, ByteView data, std::size_t rows);

/// The checksum that a batch stores: over its directory and the batch before.
[[nodiscard]] std::uint64_t chainAfter(std::uint64_t before, ByteView directory);
/// What the first batch follows: 0, or the checksum of the last one that retention removed.
[[nodiscard]] Result<std::uint64_t> chainBase(workspace::Database& database);
[[nodiscard]] Status setChainBase(workspace::Database& database, std::uint64_t checksum);

}  // namespace pilothouse::predictions
