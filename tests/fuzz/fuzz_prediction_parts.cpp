// SPDX-License-Identifier: GPL-3.0-or-later
#include <xxhash.h>

#include <array>
#include <cmath>

#include "models/predictions/part_format.h"
#include "models/predictions/truth_batch.h"
#include "tests/fuzz/fuzz.h"

using namespace pilothouse;
using namespace pilothouse::predictions;

// What the prediction log reads from its own file. A checksum stops chance; here it is made right again, so that the
// decoders themselves are tried. The input: which part, then damages of three bytes: where (two) and what.

namespace {

constexpr std::size_t kRows = 300;

ColumnBlock numbers(double (*value)(std::size_t)) {
    ColumnBlock block;
    for (std::size_t row = 0; row < kRows; ++row)
        block.numbers.push_back(value(row));
    return block;
}

struct Sample {
    Bytes bytes;
    ports::ColumnType type;
    BlockInfo info;
};

Sample encoded(const ColumnBlock& block, Effort effort) {
    Sample sample;
    sample.type = block.type;
    sample.info = encodeBlock(block, effort, sample.bytes);
    return sample;
}

/// One block of each coding.
const std::vector<Sample>& samples() {
    static const std::vector<Sample> all = [] {
        ColumnBlock times;
        times.type = ports::ColumnType::Time;
        for (std::size_t row = 0; row < kRows; ++row)
            times.times.push_back(row % 40 == 7 ? kTimestampMin.ns
                                                : static_cast<std::int64_t>(row * row) * 60'000'000'000);
        ColumnBlock texts;
        texts.type = ports::ColumnType::Text;
        for (const char* text : {"UA", "", "a longer text, a longer text", "\xC3\xA9"})
            texts.pool.add(text);
        for (std::size_t row = 0; row < kRows; ++row)
            texts.codes.push_back(row < 4   ? static_cast<std::uint32_t>(row)
                                  : row % 9 ? static_cast<std::uint32_t>(row * row % 4)
                                            : ports::Column::kMissingCode);
        std::vector<Sample> out;
        for (const Effort effort : {Effort::Fast, Effort::Dense}) {
            out.push_back(
                encoded(numbers([](std::size_t row) { return static_cast<double>(row % 50) / 100; }), effort));
            out.push_back(encoded(
                numbers([](std::size_t row) { return static_cast<double>(std::sqrt(static_cast<float>(row))); }),
                effort));
            out.push_back(encoded(
                numbers([](std::size_t row) { return row % 7 ? std::sqrt(static_cast<double>(row)) : std::nan(""); }),
                effort));
            out.push_back(encoded(times, effort));
            out.push_back(encoded(texts, effort));
        }
        return out;
    }();
    return all;
}

EncodedBatch batch() {
    PartWriter writer(Effort::Fast);
    ports::Column number, text;
    number.numbers = {1, 2.5, std::nan(""), 4};
    text.type = ports::ColumnType::Text;
    text.dictionary = {"a", "b"};
    text.codes = {0, 1, 1, ports::Column::kMissingCode};
    writer.column("score", ports::ColumnType::Number).append(number, 0, 4);
    writer.column("carrier", ports::ColumnType::Text).append(text, 0, 4);
    writer.finishRows(4);
    return encodeBatch(writer.finish(), 4);
}

void damage(Bytes& bytes, const std::uint8_t* data, std::size_t size) {
    for (std::size_t i = 0; i + 2 < size; i += 3) {
        const std::size_t at = static_cast<std::size_t>(data[i] | data[i + 1] << 8);
        if (at == 0xFFFF)
            bytes.resize(bytes.size() - std::min<std::size_t>(bytes.size(), data[i + 2]));
        else if (!bytes.empty())
            bytes[at % bytes.size()] = data[i + 2];
    }
}

void tryBlock(const Sample& sample, const std::uint8_t* data, std::size_t size) {
    Bytes bytes = sample.bytes;
    damage(bytes, data, size);
    BlockInfo info = sample.info;
    info.bytes = static_cast<std::uint32_t>(bytes.size());
    info.checksum = XXH3_64bits(bytes.data(), bytes.size());
    const auto block = decodeBlock(bytes, sample.type, kRows, info);
    constexpr std::array<std::uint32_t, 4> kWanted{kRows - 1, 0, 7, 0};
    const auto few = decodeRows(bytes, sample.type, kRows, info, kWanted);
    if (few) FUZZ_REQUIRE(few->rows() == kWanted.size());
    if (block) FUZZ_REQUIRE(few.has_value());
    if (bytes == sample.bytes) FUZZ_REQUIRE(block.has_value());
    if (!block) return;
    FUZZ_REQUIRE(block->rows() == kRows);
    std::size_t read = 0;
    for (std::size_t row = 0; row < kRows; ++row)
        if (block->type == ports::ColumnType::Text && !block->missing(row)) read += block->text(row).size();
    FUZZ_REQUIRE(read < (std::size_t{1} << 40));
}

void tryDirectory(const std::uint8_t* data, std::size_t size) {
    static const EncodedBatch sound = batch();
    Bytes bytes = sound.directory;
    damage(bytes, data, size);
    const auto directory = decodeDirectory(bytes, 4, XXH3_64bits(bytes.data(), bytes.size()));
    if (bytes == sound.directory) FUZZ_REQUIRE(directory.has_value() && directory->columns.size() == 2);
}

/// Ground truth: the directory and the data behind it.
void tryTruth(const std::uint8_t* data, std::size_t size) {
    static const EncodedBatch sound = [] {
        std::vector<Truth> truths;
        for (int i = 0; i < 200; ++i)
            truths.push_back({"request " + std::to_string(i * i), i % 3 / 2.0, Timestamp::fromSeconds(i * 60)});
        return encodeTruth(truths);
    }();
    Bytes directory = sound.directory, content = sound.data;
    damage(size % 2 ? directory : content, data, size);
    const auto truths = decodeTruth(directory, content, 200);
    if (directory == sound.directory && content == sound.data) FUZZ_REQUIRE(truths && truths->size() == 200);
    if (truths) FUZZ_REQUIRE(truths->size() == 200);
}

void tryIds(const std::uint8_t* data, std::size_t size) {
    static const Bytes sound = [] {
        std::vector<std::pair<std::uint64_t, std::uint32_t>> ids;
        for (std::uint32_t row = 0; row < kRows; ++row)
            ids.emplace_back(requestHash("id" + std::to_string(row)), row);
        return IdIndex::build(std::move(ids)).encode();
    }();
    Bytes bytes = sound;
    damage(bytes, data, size);
    if (bytes.size() > 8) {
        const std::uint64_t checksum = XXH3_64bits(bytes.data(), bytes.size() - 8);
        std::memcpy(bytes.data() + bytes.size() - 8, &checksum, sizeof checksum);
    }
    const auto index = IdIndex::decode(bytes, kRows);
    if (bytes == sound) FUZZ_REQUIRE(index.has_value());
    if (!index) return;
    std::size_t found = 0;
    index->find(requestHash("id7"), [&](std::uint32_t row) {
        FUZZ_REQUIRE(row < kRows);
        ++found;
    });
    if (bytes == sound) FUZZ_REQUIRE(found >= 1);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t which = data[0] % (samples().size() + 3);
    if (which < samples().size())
        tryBlock(samples()[which], data + 1, size - 1);
    else if (which == samples().size())
        tryDirectory(data + 1, size - 1);
    else if (which == samples().size() + 1)
        tryIds(data + 1, size - 1);
    else
        tryTruth(data + 1, size - 1);
    return 0;
}
