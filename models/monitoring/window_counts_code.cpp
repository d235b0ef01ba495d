// SPDX-License-Identifier: GPL-3.0-or-later
// Counts as bytes: little-endian numbers, zstd over all, a checksum in front.
#include <xxhash.h>
#include <zstd.h>

#include "models/monitoring/window_counts.h"
#include "models/predictions/bytes.h"

namespace pilothouse::monitoring {

using predictions::ByteReader;
using predictions::Bytes;
using predictions::ByteWriter;
using statistics::ClusterTally;
using statistics::ColumnTally;
using statistics::DistinctSample;
using statistics::ExactSum;

namespace {

constexpr std::uint32_t kFormat = 4;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

void put(ByteWriter& out, const ExactSum& sum) {
    out.put(static_cast<std::uint64_t>(sum.steps()));
    out.put(static_cast<std::int64_t>(sum.steps() >> 64));
}

ExactSum getSum(ByteReader& in) {
    const auto low = in.get<std::uint64_t>();
    const auto high = in.get<std::int64_t>();
    return ExactSum::fromSteps(ExactSum::Steps{high} << 64 | ExactSum::Steps{low});
}

void put(ByteWriter& out, const ColumnTally& tally) {
    out.put(static_cast<std::uint32_t>(tally.counts.size()));
    for (const std::uint64_t count : tally.counts)
        out.put(count);
    out.put(tally.missing);
    out.put(tally.foreign);
    out.put(tally.unseen);
    for (std::size_t side = 0; side < 2; ++side) {
        put(out, tally.outer[side]);
        put(out, tally.outerSquares[side]);
        out.put(tally.beyond[side]);
    }
    out.put(static_cast<std::uint32_t>(tally.clusters.size()));
    for (const ClusterTally& cluster : tally.clusters) {
        for (std::size_t b = 0; b < tally.counts.size(); ++b)
            out.put(b < cluster.counts.size() ? cluster.counts[b] : 0u);
        out.put(cluster.missing);
        out.put(cluster.unseen);
        put(out, cluster.outer[0]);
        put(out, cluster.outer[1]);
    }
}

bool get(ByteReader& in, ColumnTally& tally) {
    if (in.get<std::uint32_t>() != tally.counts.size()) return false;  // another profile
    for (std::uint64_t& count : tally.counts)
        count = in.get<std::uint64_t>();
    tally.missing = in.get<std::uint64_t>();
    tally.foreign = in.get<std::uint64_t>();
    tally.unseen = in.get<std::uint64_t>();
    for (std::size_t side = 0; side < 2; ++side) {
        tally.outer[side] = getSum(in);
        tally.outerSquares[side] = getSum(in);
        tally.beyond[side] = in.get<std::uint64_t>();
    }
    const auto clusters = in.get<std::uint32_t>();
    if (!in.ok() || clusters > in.left() / 40) return false;
    tally.clusters.resize(clusters);
    for (ClusterTally& cluster : tally.clusters) {
        cluster.counts.resize(tally.counts.size());
        for (std::uint32_t& count : cluster.counts)
            count = in.get<std::uint32_t>();
        cluster.missing = in.get<std::uint32_t>();
        cluster.unseen = in.get<std::uint32_t>();
        cluster.outer = {getSum(in), getSum(in)};
    }
    return in.ok();
}

void put(ByteWriter& out, const DistinctSample& sample) {
    out.put(static_cast<std::uint32_t>(sample.hashes().size()));
    for (const std::uint64_t hash : sample.hashes())
        out.put(hash);
}

bool get(ByteReader& in, DistinctSample& sample) {
    const auto hashes = in.get<std::uint32_t>();
    if (!in.ok() || hashes > sample.most() || hashes > in.left() / 8) return false;
    for (std::uint32_t i = 0; i < hashes; ++i)
        sample.add(in.get<std::uint64_t>());
    return in.ok();
}

Bytes pack(const Bytes& plain) {
    Bytes out;
    ByteWriter writer(out);
    writer.put(XXH3_64bits(plain.data(), plain.size()));
    writer.put(static_cast<std::uint64_t>(plain.size()));
    const std::size_t head = out.size();
    out.resize(head + ZSTD_compressBound(plain.size()));
    const std::size_t size = ZSTD_compress(out.data() + head, out.size() - head, plain.data(), plain.size(), 1);
    out.resize(ZSTD_isError(size) ? 0 : head + size);
    return out;
}

std::optional<Bytes> unpack(std::span<const std::uint8_t> bytes) {
    ByteReader in(bytes);
    const auto checksum = in.get<std::uint64_t>(), size = in.get<std::uint64_t>();
    if (!in.ok() || size > kMostBytes) return {};
    const auto packed = in.take(in.left());
    Bytes plain(size);
    const std::size_t got = ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
    if (ZSTD_isError(got) || got != size || XXH3_64bits(plain.data(), plain.size()) != checksum) return {};
    return plain;
}

}  // namespace

std::vector<std::uint8_t> encodeCounts(const WindowCounts& counts) {
    Bytes plain;
    ByteWriter out(plain);
    out.put(kFormat);
    out.put(counts.rows);
    out.put(counts.newest);
    out.put(static_cast<std::uint8_t>(counts.folded));
    out.put(static_cast<std::uint32_t>(counts.folded ? 0 : counts.clusters.size()));
    for (std::size_t i = 0; !counts.folded && i < counts.clusters.size(); ++i) {
        out.put(static_cast<std::uint32_t>(counts.clusters[i].size()));
        out.put(std::string_view(counts.clusters[i]));
    }
    out.put(static_cast<std::uint32_t>(counts.columns.size()));
    for (const ColumnCounts& column : counts.columns) {
        put(out, column.tally);
        out.put(column.numbers);
        out.put(column.outside);
        put(out, column.distinct);
    }
    put(out, counts.different);
    return pack(plain);
}

std::optional<WindowCounts> decodeCounts(std::span<const std::uint8_t> bytes, const CountingPlan& plan) {
    const auto plain = unpack(bytes);
    if (!plain) return {};
    ByteReader in(*plain);
    WindowCounts out = emptyCounts(plan);
    if (in.get<std::uint32_t>() != kFormat) return {};
    out.rows = in.get<std::uint64_t>();
    out.newest = in.get<std::int64_t>();
    const bool folded = in.get<std::uint8_t>() != 0;
    const auto clusters = in.get<std::uint32_t>();
    if (folded) out.fold();
    for (std::uint32_t i = 0; in.ok() && i < clusters; ++i) {
        const auto key = in.take(in.get<std::uint32_t>());
        out.clusters.emplace_back(reinterpret_cast<const char*>(key.data()), key.size());
    }
    if (in.get<std::uint32_t>() != out.columns.size()) return {};
    for (ColumnCounts& column : out.columns) {
        if (!get(in, column.tally)) return {};
        column.numbers = in.get<std::uint64_t>();
        column.outside = in.get<std::uint64_t>();
        if (!get(in, column.distinct)) return {};
    }
    if (!get(in, out.different)) return {};
    if (!in.ok() || in.left() > 0) return {};
    return out;
}

}  // namespace pilothouse::monitoring
