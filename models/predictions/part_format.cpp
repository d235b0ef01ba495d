// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/part_format.h"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>

namespace pilothouse::predictions {

namespace {
constexpr std::uint32_t kDirectoryMagic = 0x31424850;  // "PHB1"
constexpr std::uint32_t kIdsMagic = 0x31494850;        // "PHI1"
constexpr std::size_t kMaxColumns = 20'000;
constexpr unsigned kRowBits = 20, kBucketBits = 13, kHashBits = 40;

Error corrupt(const char* what) { return {ErrorKind::Corrupt, what, {}, {}, false}; }
}  // namespace

std::uint64_t requestHash(std::string_view requestId) { return XXH3_64bits(requestId.data(), requestId.size()); }

std::pair<std::size_t, std::size_t> PartDirectory::range(std::string_view name) const {
    const auto first =
        std::ranges::lower_bound(columns, name, {}, [](const PartColumn& c) -> std::string_view { return c.name; });
    auto last = first;
    while (last != columns.end() && last->name == name)
        ++last;
    return {static_cast<std::size_t>(first - columns.begin()), static_cast<std::size_t>(last - columns.begin())};
}

std::size_t PartDirectory::bytes() const {
    std::size_t sum = sizeof(*this);
    for (const PartColumn& c : columns)
        sum += sizeof(c) + c.name.size() + c.header.blocks.size() * sizeof(BlockInfo);
    return sum;
}

ColumnWriter& PartWriter::column(const std::string& name, ports::ColumnType type) {
    const auto [place, inserted] = m_columns.try_emplace({name, type}, type, m_effort);
    if (place->second.rows() < m_rows) place->second.appendMissing(m_rows - place->second.rows());
    return place->second;
}

void PartWriter::finishRows(std::size_t rows) {
    m_rows += rows;
    for (auto& [key, writer] : m_columns)
        if (writer.rows() < m_rows) writer.appendMissing(m_rows - writer.rows());
}

std::vector<std::pair<std::string, EncodedColumn>> PartWriter::finish() {
    std::vector<std::pair<std::string, EncodedColumn>> out;
    for (auto& [key, writer] : m_columns)
        if (writer.anyValue()) out.emplace_back(key.first, writer.finish());
    return out;
}

Bytes encodeDirectory(const std::vector<std::pair<std::string, EncodedColumn>>& columns, std::size_t rows) {
    Bytes directory;
    ByteWriter out(directory);
    out.put(kDirectoryMagic);
    out.put(static_cast<std::uint32_t>(rows));
    out.put(static_cast<std::uint32_t>(columns.size()));
    for (const auto& [name, column] : columns) {
        out.put(static_cast<std::uint16_t>(name.size()));
        out.put(std::string_view(name));
        out.put(ByteView(column.headerBytes));
    }
    return directory;
}

std::uint64_t directoryChecksum(ByteView directory, std::uint64_t seed) {
    return XXH3_64bits_withSeed(directory.data(), directory.size(), seed);
}

EncodedBatch encodeBatch(std::vector<std::pair<std::string, EncodedColumn>> columns, std::size_t rows) {
    EncodedBatch batch;
    batch.directory = encodeDirectory(columns, rows);
    for (const auto& [name, column] : columns)
        batch.data.insert(batch.data.end(), column.data.begin(), column.data.end());
    batch.checksum = directoryChecksum(batch.directory);
    return batch;
}

Result<PartDirectory> decodeDirectory(ByteView directory, std::size_t rows, std::uint64_t checksum,
                                      std::uint64_t seed) {
    if (directoryChecksum(directory, seed) != checksum) return fail(corrupt("the directory fails its checksum"));
    ByteReader in(directory);
    const auto magic = in.get<std::uint32_t>();
    const std::size_t storedRows = in.get<std::uint32_t>();
    const std::size_t count = in.get<std::uint32_t>();
    if (!in.ok() || magic != kDirectoryMagic || storedRows != rows || count > kMaxColumns)
        return fail(corrupt("the directory contradicts the batch"));
    PartDirectory result;
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < count; ++i) {
        PartColumn column;
        const ByteView name = in.take(in.get<std::uint16_t>());
        column.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
        PH_ASSIGN(column.header, decodeHeader(in));
        if (column.header.rows != rows) return fail(corrupt("a column is not as long as its batch"));
        column.offset = offset;
        offset += column.header.dataBytes;
        if (!result.columns.empty() && std::pair(result.columns.back().name, result.columns.back().header.type) >=
                                           std::pair(column.name, column.header.type))
            return fail(corrupt("the directory is not in order"));
        result.columns.push_back(std::move(column));
    }
    if (!in.ok() || in.left() != 0) return fail(corrupt("the directory is cut short"));
    return result;
}

IdIndex IdIndex::build(std::vector<std::pair<std::uint64_t, std::uint32_t>> hashesAndRows) {
    IdIndex result;
    result.m_entries.reserve(hashesAndRows.size());
    for (const auto& [hash, row] : hashesAndRows)
        result.m_entries.push_back((hash >> (64 - kHashBits)) << kRowBits | row);
    std::ranges::sort(result.m_entries);
    result.index();
    return result;
}

void IdIndex::index() {
    constexpr unsigned kShift = kHashBits + kRowBits - kBucketBits;
    m_starts.assign((std::size_t{1} << kBucketBits) + 1, 0);
    for (const std::uint64_t e : m_entries)
        ++m_starts[(e >> kShift) + 1];
    for (std::size_t i = 1; i < m_starts.size(); ++i)
        m_starts[i] += m_starts[i - 1];
}

Bytes IdIndex::encode() const {
    // Byte planes of the differences between hashes, then of the rows: all but the small planes is noise anyway.
    const std::size_t n = m_entries.size();
    Bytes raw(n * 8);
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t hash = m_entries[i] >> kRowBits, step = hash - last;
        const std::uint64_t row = m_entries[i] & ((1u << kRowBits) - 1);
        last = hash;
        for (std::size_t b = 0; b < 5; ++b)
            raw[b * n + i] = static_cast<std::uint8_t>(step >> (8 * b));
        for (std::size_t b = 0; b < 3; ++b)
            raw[(5 + b) * n + i] = static_cast<std::uint8_t>(row >> (8 * b));
    }
    Bytes packed(ZSTD_compressBound(raw.size()));
    const std::size_t size = ZSTD_compress(packed.data(), packed.size(), raw.data(), raw.size(), 3);
    packed.resize(ZSTD_isError(size) ? 0 : size);
    Bytes out;
    ByteWriter writer(out);
    writer.put(kIdsMagic);
    writer.put(static_cast<std::uint32_t>(n));
    writer.put(ByteView(packed));
    writer.put(static_cast<std::uint64_t>(XXH3_64bits(out.data(), out.size())));
    return out;
}

Result<IdIndex> IdIndex::decode(ByteView bytes, std::size_t rows) {
    if (bytes.size() < 16) return fail(corrupt("the id index is cut short"));
    ByteReader tail(bytes.last(8));
    if (tail.get<std::uint64_t>() != XXH3_64bits(bytes.data(), bytes.size() - 8))
        return fail(corrupt("the id index fails its checksum"));
    ByteReader in(bytes.first(bytes.size() - 8));
    const auto magic = in.get<std::uint32_t>();
    const std::size_t n = in.get<std::uint32_t>();
    const ByteView packed = in.take(in.left());
    if (magic != kIdsMagic || n > rows || ZSTD_getFrameContentSize(packed.data(), packed.size()) != n * 8)
        return fail(corrupt("the id index contradicts its segment"));
    Bytes raw(n * 8);
    if (ZSTD_decompress(raw.data(), raw.size(), packed.data(), packed.size()) != raw.size())
        return fail(corrupt("the id index cannot be unpacked"));
    IdIndex result;
    result.m_entries.resize(n);
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < n; ++i) {
        std::uint64_t row = 0;
        for (std::size_t b = 0; b < 5; ++b)
            hash += static_cast<std::uint64_t>(raw[b * n + i]) << (8 * b);
        for (std::size_t b = 0; b < 3; ++b)
            row |= static_cast<std::uint64_t>(raw[(5 + b) * n + i]) << (8 * b);
        if (hash >> kHashBits != 0 || row >= rows) return fail(corrupt("the id index is out of range"));
        result.m_entries[i] = hash << kRowBits | row;
    }
    result.index();
    return result;
}

void IdIndex::find(std::uint64_t hash, const std::function<void(std::uint32_t)>& use) const {
    const std::uint64_t wanted = hash >> (64 - kHashBits);
    const std::size_t bucket = hash >> (64 - kBucketBits);
    for (std::size_t i = m_starts[bucket]; i < m_starts[bucket + 1]; ++i)
        if (m_entries[i] >> kRowBits == wanted) use(static_cast<std::uint32_t>(m_entries[i] & ((1u << kRowBits) - 1)));
}

bool IdIndex::mayHold(std::uint64_t hash) const {
    const std::uint64_t wanted = hash >> (64 - kHashBits);
    const std::size_t bucket = hash >> (64 - kBucketBits);
    for (std::size_t i = m_starts[bucket]; i < m_starts[bucket + 1]; ++i)
        if (m_entries[i] >> kRowBits == wanted) return true;
    return false;
}

void IdIndex::findAll(const IdIndex& other, const std::function<void(std::uint32_t, std::uint32_t)>& use) const {
    constexpr std::uint64_t kRows = (std::uint64_t{1} << kRowBits) - 1;
    const auto& mine = m_entries;
    const auto& theirs = other.m_entries;
    for (std::size_t i = 0, j = 0; i < mine.size() && j < theirs.size();) {
        const std::uint64_t a = mine[i] >> kRowBits, b = theirs[j] >> kRowBits;
        if (a == b) {
            for (std::size_t k = j; k < theirs.size() && theirs[k] >> kRowBits == a; ++k)
                use(static_cast<std::uint32_t>(mine[i] & kRows), static_cast<std::uint32_t>(theirs[k] & kRows));
        }
        // Without a branch that the processor would have to guess: hashes come in random order.
        i += a <= b ? 1 : 0;
        j += a > b ? 1 : 0;
    }
}

}  // namespace pilothouse::predictions
