// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/truth_batch.h"

#include <xxhash.h>

#include <charconv>
#include <cmath>

#include "models/workspace/workspace.h"

namespace pilothouse::predictions {

using ports::Column;
using ports::ColumnType;
using workspace::Database;
using workspace::Workspace;

namespace {

constexpr const char* kBaseSetting = "truth.base";
constexpr const char* kRequest = "request_id";
constexpr const char* kValue = "value";
constexpr const char* kKnown = "known";

Result<ColumnBlock> blockOf(const PartDirectory& directory, ByteView data, std::string_view name, ColumnType type,
                            std::size_t block) {
    const auto [first, last] = directory.range(name);
    if (last - first != 1 || directory.columns[first].header.type != type)
        return fail(ErrorKind::Corrupt, "the columns are not those of ground truth");
    const PartColumn& column = directory.columns[first];
    const BlockInfo& info = column.header.blocks[block];
    if (column.offset + info.offset + info.bytes > data.size())
        return fail(ErrorKind::Corrupt, "the data is cut short");
    return decodeBlock(data.subspan(column.offset + info.offset, info.bytes), type, column.header.rowsOf(block), info);
}

}  // namespace

Status checkTruth(std::span<const Truth> truths) {
    for (const Truth& truth : truths) {
        if (truth.requestId.empty() || truth.requestId.size() > kMaxTextBytes)
            return fail(Error::invalid("ground truth without a request id, or with one longer than 65,536 bytes"));
        if (std::isnan(truth.value) || truth.known == kTimestampMin || truth.known == kTimestampMax)
            return fail(Error::invalid("ground truth of request \"" + truth.requestId.substr(0, 100) +
                                       "\" has no value or no time"));
    }
    return {};
}

EncodedBatch encodeTruth(std::span<const Truth> truths) {
    Column ids{kRequest, ColumnType::Text, {}, {}, {}, {}}, values{kValue, ColumnType::Number, {}, {}, {}, {}},
        known{kKnown, ColumnType::Time, {}, {}, {}, {}};
    for (const Truth& truth : truths) {
        ids.codes.push_back(static_cast<std::uint32_t>(ids.dictionary.size()));
        ids.dictionary.push_back(truth.requestId);
        values.numbers.push_back(truth.value);
        known.times.push_back(truth.known.ns);
    }
    PartWriter writer(Effort::Fast);
    for (const Column* column : {&ids, &values, &known})
        writer.column(column->name, column->type).append(*column, 0, truths.size());
    writer.finishRows(truths.size());
    return encodeBatch(writer.finish(), truths.size());
}

Result<std::vector<Truth>> decodeTruth(ByteView bytes, ByteView data, std::size_t rows) {
    PH_ASSIGN(const PartDirectory directory, decodeDirectory(bytes, rows, XXH3_64bits(bytes.data(), bytes.size())));
    std::vector<Truth> out;
    out.reserve(std::min<std::size_t>(rows, kSegmentRows));
    for (std::size_t b = 0; b * kBlockRows < rows; ++b) {
        PH_ASSIGN(const ColumnBlock ids, blockOf(directory, data, kRequest, ColumnType::Text, b));
        PH_ASSIGN(const ColumnBlock values, blockOf(directory, data, kValue, ColumnType::Number, b));
        PH_ASSIGN(const ColumnBlock known, blockOf(directory, data, kKnown, ColumnType::Time, b));
        for (std::size_t i = 0; i < ids.rows(); ++i)
            out.push_back({std::string(ids.text(i)), values.numbers[i], {known.times[i]}});
    }
    return out;
}

std::uint64_t chainAfter(std::uint64_t before, ByteView directory) {
    return XXH3_64bits_withSeed(directory.data(), directory.size(), before);
}

Result<std::uint64_t> chainBase(Database& database) {
    PH_ASSIGN(const auto text, Workspace::setting(database, kBaseSetting));
    std::uint64_t base = 0;
    if (!text) return base;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), base, 16);
    if (error != std::errc{} || end != text->data() + text->size())
        return fail(ErrorKind::Corrupt, "setting truth.base is no checksum", database.path());
    return base;
}

Status setChainBase(Database& database, std::uint64_t checksum) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), checksum, 16).ptr;
    return Workspace::setSetting(database, kBaseSetting, std::string(digits.data(), end));
}

}  // namespace pilothouse::predictions
