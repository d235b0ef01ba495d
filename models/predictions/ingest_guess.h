// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "models/predictions/byte_source.h"
#include "models/predictions/ingest_mapping.h"

namespace pilothouse::predictions {

/// How many bytes of a file's beginning are looked at.
inline constexpr std::size_t kSampleBytes = 256 << 10;

/// So many bytes, or all there are.
[[nodiscard]] Result<std::string> readSample(ByteSource& source, const CancellationToken& token);
/// What the first bytes of a file (unpacked) are. InvalidInput for what is none of the formats.
[[nodiscard]] Result<RowFormat> guessFormat(std::string_view sample, const std::string& file);
/// Rows of a sample whose values are kept for a person to see, and how much of a value.
inline constexpr std::size_t kShownRows = 3, kShownBytes = 120;
/// The fields of the first rows, in the order in which they come; none for inference events.
[[nodiscard]] std::vector<SampledField> sampleFields(RowFormat format, std::string_view sample);
/// The mapping of a file of that format.
[[nodiscard]] RowMapping guessFromSample(RowFormat format, std::string_view sample);
/// InvalidInput that lists the fields there are when rows could not be placed in time or given to a model.
[[nodiscard]] Status checkMapping(const RowMapping& mapping, std::string_view sample, const std::string& file);

}  // namespace pilothouse::predictions
