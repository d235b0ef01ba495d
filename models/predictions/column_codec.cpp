// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/column_codec.h"

#include <xxhash.h>
#include <zstd.h>

#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "models/predictions/number_coding.h"
#include "models/predictions/packed_numbers.h"
#include "models/predictions/text_coding.h"

namespace pilothouse::predictions {

namespace {

constexpr std::uint32_t kHeaderMagic = 0x31434850;       // "PHC1"
constexpr std::uint32_t kFrontHeaderMagic = 0x32434850;  // "PHC2": with the bytes before the blocks
constexpr std::size_t kMaxColumnRows = std::size_t{1} << 24;
constexpr std::size_t kMaxRawBytes = kBlockRows * (kMaxTextBytes + 16);
constexpr std::array<std::int64_t, 6> kTimeUnits{60'000'000'000, 1'000'000'000, 1'000'000, 1'000, 1, 1};

/// Numbers have those of NumberCoding.
enum class Coding : std::uint8_t { Time = 3, Text = 4, HexText = 5 };
enum class Packing : std::uint8_t { Plain = 0, Zstd = 1 };

Error corrupt(const char* what) { return {ErrorKind::Corrupt, what, {}, {}, false}; }

// ---- times

void putTimes(ByteWriter& out, const std::vector<std::int64_t>& times) {
    std::size_t unit = 0;
    for (const std::int64_t t : times)
        while (t % kTimeUnits[unit] != 0)
            ++unit;
    std::vector<std::uint64_t> steps(times.size());
    std::uint64_t last = times.empty() ? 0 : static_cast<std::uint64_t>(times.front() / kTimeUnits[unit]);
    const std::uint64_t first = last;
    for (std::size_t i = 0; i < times.size(); ++i) {
        const auto now = static_cast<std::uint64_t>(times[i] / kTimeUnits[unit]);
        const auto step = static_cast<std::int64_t>(now - last);
        steps[i] = (static_cast<std::uint64_t>(step) << 1) ^ static_cast<std::uint64_t>(step >> 63);
        last = now;
    }
    out.put(static_cast<std::uint8_t>(unit));
    out.put(first);
    putPacked(out, steps);
}

bool getTimes(ByteReader& in, std::size_t rows, std::vector<std::int64_t>& times) {
    const unsigned unit = in.get<std::uint8_t>();
    auto now = in.get<std::uint64_t>();
    if (!in.ok() || unit >= kTimeUnits.size()) return false;
    times.resize(rows);
    return forPacked(in, rows, [&](std::size_t i, std::uint64_t v) {
        now += (v >> 1) ^ (~(v & 1) + 1);
        times[i] = static_cast<std::int64_t>(now * static_cast<std::uint64_t>(kTimeUnits[unit]));
    });
}

// ---- zstd

struct FreeContext {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
    void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
};

Bytes compressed(ByteView raw, int level) {
    thread_local std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    Bytes out(ZSTD_compressBound(raw.size()));
    const std::size_t size = ZSTD_compressCCtx(context.get(), out.data(), out.size(), raw.data(), raw.size(), level);
    if (ZSTD_isError(size)) return {};  // stored plain instead
    out.resize(size);
    return out;
}

/// The bytes live until the thread unpacks the next block: fresh memory for each would cost more than the unpacking.
Result<ByteView> decompressed(ByteView packed, std::size_t rawBytes) {
    constexpr std::size_t kKept = std::size_t{2} << 20;
    if (rawBytes > kMaxRawBytes || ZSTD_getFrameContentSize(packed.data(), packed.size()) != rawBytes)
        return fail(corrupt("a block's size is not what it says"));
    thread_local std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
    thread_local Bytes out;
    if (out.size() > kKept) out = Bytes();
    if (out.size() < rawBytes) out.resize(rawBytes);
    const std::size_t size = ZSTD_decompressDCtx(context.get(), out.data(), rawBytes, packed.data(), packed.size());
    if (ZSTD_isError(size) || size != rawBytes) return fail(corrupt("a block cannot be unpacked"));
    return ByteView(out).first(rawBytes);
}

/// Batches are packed only where it pays at once: texts, mostly request ids.
int levelFor(Coding coding, std::size_t bytes, Effort effort) {
    if (effort == Effort::Dense) return bytes > 64 ? 3 : 0;
    return coding == Coding::Text && bytes > 4'096 ? 1 : 0;
}

void describe(const ColumnBlock& block, BlockInfo& info) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = std::numeric_limits<std::int64_t>::min();
    for (std::size_t i = 0; i < block.rows(); ++i) {
        if (block.missing(i)) {
            ++info.missing;
        } else if (block.type == ports::ColumnType::Number) {
            low = std::min(low, block.numbers[i]);
            high = std::max(high, block.numbers[i]);
        } else if (block.type == ports::ColumnType::Time) {
            first = std::min(first, block.times[i]);
            last = std::max(last, block.times[i]);
        }
    }
    if (block.type == ports::ColumnType::Number) {
        info.low = std::bit_cast<std::uint64_t>(low + 0.0);  // -0.0 would order by sign
        info.high = std::bit_cast<std::uint64_t>(high + 0.0);
    } else if (block.type == ports::ColumnType::Time) {
        info.low = static_cast<std::uint64_t>(first);
        info.high = static_cast<std::uint64_t>(last);
    } else {
        info.low = charactersOf(block.pool);
    }
}

}  // namespace

bool holdsHexTexts(ByteView bytes) { return !bytes.empty() && bytes[0] == static_cast<std::uint8_t>(Coding::HexText); }

std::uint64_t checksumOf(ByteView bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

BlockInfo encodeBlock(const ColumnBlock& block, Effort effort, Bytes& data) {
    Bytes body;
    ByteWriter out(body);
    Coding coding = Coding::Text;
    switch (block.type) {
        case ports::ColumnType::Number:
            coding = static_cast<Coding>(putNumbers(out, block.numbers));
            break;
        case ports::ColumnType::Time:
            coding = Coding::Time;
            putTimes(out, block.times);
            break;
        case ports::ColumnType::Text:
            if (putHexTexts(out, block)) {
                coding = Coding::HexText;
            } else {
                putTexts(out, block);
            }
            break;
    }
    BlockInfo info;
    info.offset = data.size();
    ByteWriter target(data);
    target.put(static_cast<std::uint8_t>(coding));
    const int level = levelFor(coding, body.size(), effort);
    const Bytes small = level > 0 ? compressed(body, level) : Bytes{};
    if (!small.empty() && small.size() + 4 < body.size()) {
        target.put(static_cast<std::uint8_t>(Packing::Zstd));
        target.put(static_cast<std::uint32_t>(body.size()));
        target.put(ByteView(small));
    } else {
        target.put(static_cast<std::uint8_t>(Packing::Plain));
        target.put(ByteView(body));
    }
    info.bytes = static_cast<std::uint32_t>(data.size() - info.offset);
    info.checksum = XXH3_64bits(data.data() + info.offset, info.bytes);
    describe(block, info);
    return info;
}

namespace {

struct Body {
    Coding coding = Coding::Text;
    ByteView bytes;  ///< unpacked; until the thread unpacks the next one
};

Result<Body> bodyOf(ByteView bytes, std::size_t rows, const BlockInfo& info) {
    if (bytes.size() != info.bytes || XXH3_64bits(bytes.data(), bytes.size()) != info.checksum)
        return fail(corrupt("a block fails its checksum"));
    ByteReader reader(bytes);
    Body body;
    body.coding = static_cast<Coding>(reader.get<std::uint8_t>());
    const auto packing = static_cast<Packing>(reader.get<std::uint8_t>());
    if (packing == Packing::Zstd) {
        const std::size_t rawBytes = reader.get<std::uint32_t>();
        if (!reader.ok()) return fail(corrupt("a block is cut short"));
        PH_ASSIGN(body.bytes, decompressed(reader.take(reader.left()), rawBytes));
    } else {
        body.bytes = reader.take(reader.left());
    }
    if (!reader.ok() || rows > kBlockRows || (packing != Packing::Plain && packing != Packing::Zstd))
        return fail(corrupt("a block's form is not known"));
    return body;
}

Error notTheRows() { return corrupt("a block does not hold the rows it says"); }

}  // namespace

Result<ColumnBlock> decodeBlock(ByteView bytes, ports::ColumnType type, std::size_t rows, const BlockInfo& info) {
    PH_ASSIGN(const Body body, bodyOf(bytes, rows, info));
    ColumnBlock block;
    block.type = type;
    ByteReader in(body.bytes);
    bool ok = false;
    switch (type) {
        case ports::ColumnType::Number:
            ok = getNumbers(in, static_cast<NumberCoding>(body.coding), rows, block.numbers);
            break;
        case ports::ColumnType::Time:
            ok = body.coding == Coding::Time && getTimes(in, rows, block.times);
            break;
        case ports::ColumnType::Text:
            ok = body.coding == Coding::Text      ? getTexts(in, rows, block)
                 : body.coding == Coding::HexText ? getHexTexts(in, rows, block)
                                                  : false;
            break;
    }
    if (!ok || in.left() != 0) return fail(notTheRows());
    return block;
}

Result<ColumnBlock> decodeRows(ByteView bytes, ports::ColumnType type, std::size_t rows, const BlockInfo& info,
                               std::span<const std::uint32_t> wanted) {
    for (const std::uint32_t row : wanted)
        if (row >= rows) return fail(Error::internal("a row beyond its block is asked for"));
    if (type == ports::ColumnType::Time) {  // each is a difference to the one before
        PH_ASSIGN(const ColumnBlock all, decodeBlock(bytes, type, rows, info));
        ColumnBlock block;
        block.type = type;
        for (const std::uint32_t row : wanted)
            block.times.push_back(all.times[row]);
        return block;
    }
    PH_ASSIGN(const Body body, bodyOf(bytes, rows, info));
    ColumnBlock block;
    block.type = type;
    ByteReader in(body.bytes);
    bool ok = false;
    if (type == ports::ColumnType::Number)
        ok = getNumbersAt(in, static_cast<NumberCoding>(body.coding), rows, wanted, block.numbers);
    else if (body.coding == Coding::Text || body.coding == Coding::HexText)
        ok = body.coding == Coding::Text ? getTextsAt(in, rows, wanted, block) : getHexTextsAt(in, rows, wanted, block);
    if (!ok || in.left() != 0) return fail(notTheRows());
    return block;
}

Bytes encodeHeader(ColumnHeader& header) {
    Bytes bytes;
    ByteWriter out(bytes);
    out.put(header.frontBytes > 0 ? kFrontHeaderMagic : kHeaderMagic);
    out.put(static_cast<std::uint32_t>(header.type));
    out.put(static_cast<std::uint32_t>(header.rows));
    out.put(static_cast<std::uint32_t>(header.blocks.size()));
    if (header.frontBytes > 0) out.put(header.frontBytes);
    for (const BlockInfo& b : header.blocks) {
        out.put(b.bytes);
        out.put(b.missing);
        out.put(b.checksum);
        out.put(b.low);
        out.put(b.high);
    }
    header.checksum = XXH3_64bits(bytes.data(), bytes.size());
    out.put(header.checksum);
    return bytes;
}

Result<ColumnHeader> decodeHeader(ByteReader& reader) {
    constexpr std::size_t kFixed = 16, kEach = 32;
    const ByteView fixed = reader.take(kFixed);
    if (!reader.ok()) return fail(corrupt("a column's header is cut short"));
    ByteReader in(fixed);
    const auto magic = in.get<std::uint32_t>();
    if (magic != kHeaderMagic && magic != kFrontHeaderMagic) return fail(corrupt("a column's header is not one"));
    const auto type = in.get<std::uint32_t>();
    ColumnHeader header;
    header.rows = in.get<std::uint32_t>();
    const std::size_t blocks = in.get<std::uint32_t>();
    if (type > static_cast<std::uint32_t>(ports::ColumnType::Time) || header.rows > kMaxColumnRows ||
        blocks != (header.rows + kBlockRows - 1) / kBlockRows)
        return fail(corrupt("a column's header contradicts itself"));
    header.type = static_cast<ports::ColumnType>(type);
    std::size_t length = kFixed;
    if (magic == kFrontHeaderMagic) {
        header.frontBytes = reader.get<std::uint32_t>();
        length += sizeof(header.frontBytes);
    }
    header.dataBytes = header.frontBytes;
    const ByteView list = reader.take(blocks * kEach);
    header.checksum = reader.get<std::uint64_t>();
    if (!reader.ok()) return fail(corrupt("a column's header is cut short"));
    // The parts lie end to end in what the reader was made from.
    if (XXH3_64bits(fixed.data(), length + list.size()) != header.checksum)
        return fail(corrupt("a column's header fails its checksum"));
    ByteReader rest(list);
    header.blocks.resize(blocks);
    for (BlockInfo& b : header.blocks) {
        b.bytes = rest.get<std::uint32_t>();
        b.missing = rest.get<std::uint32_t>();
        b.checksum = rest.get<std::uint64_t>();
        b.low = rest.get<std::uint64_t>();
        b.high = rest.get<std::uint64_t>();
        b.offset = header.dataBytes;
        header.dataBytes += b.bytes;
    }
    return header;
}

}  // namespace pilothouse::predictions
