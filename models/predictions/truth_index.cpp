// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/truth_index.h"

#include <xxhash.h>

#include <cmath>
#include <limits>
#include <mutex>

#include "models/predictions/part_format.h"

namespace pilothouse::predictions {

namespace {
Error corruptBatch(std::int64_t id, const std::string& why) {
    return {ErrorKind::Corrupt, "ground truth batch " + std::to_string(id) + ": " + why, {}, {}, false};
}

/// Decodes block `block` of the named column.
Result<ColumnBlock> blockOf(const PartDirectory& directory, ByteView data, std::string_view name,
                            ports::ColumnType type, std::size_t block) {
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

std::uint64_t truthKey(std::string_view model, std::string_view requestId) {
    const std::uint64_t key =
        XXH3_64bits_withSeed(requestId.data(), requestId.size(), XXH3_64bits(model.data(), model.size()));
    return key == 0 ? 1 : key;
}

Result<TruthIndex::Stamp> TruthIndex::refresh(workspace::Database& database) {
    PH_ASSIGN(auto newest, database.prepare("SELECT id, checksum FROM truth_batch ORDER BY id DESC LIMIT 1"));
    PH_ASSIGN(const bool any, newest.step());
    if (!any) return Stamp{};
    const std::int64_t id = newest.integer(0);
    const auto chain = static_cast<std::uint64_t>(newest.integer(1));
    const auto stampOf = [&]() -> std::optional<Stamp> {
        const auto place = std::ranges::lower_bound(m_batches, id, {}, &std::pair<std::int64_t, std::uint64_t>::first);
        if (place == m_batches.end() || *place != std::pair(id, chain)) return {};
        return Stamp{static_cast<std::uint32_t>(place - m_batches.begin() + 1), chain};
    };
    {
        const std::shared_lock lock(m_mutex);
        if (const auto stamp = stampOf()) return *stamp;
    }
    const std::unique_lock lock(m_mutex);
    if (const auto stamp = stampOf()) return *stamp;  // another reader was faster
    std::int64_t after = m_batches.empty() ? 0 : m_batches.back().first;
    if (after != 0) {
        PH_ASSIGN(const auto stored, database.integer("SELECT checksum FROM truth_batch WHERE id = ?1", after));
        if (!stored || static_cast<std::uint64_t>(*stored) != m_batches.back().second)
            after = 0;  // rolled back, or another file
    }
    if (after == 0) {
        m_slots.clear();
        m_older.clear();
        m_batches.clear();
        m_used = 0;
    }
    PH_TRY(load(database, after));
    if (const auto stamp = stampOf()) return *stamp;
    return fail(Error::internal("ground truth changed while it was read"));
}

Status TruthIndex::load(workspace::Database& database, std::int64_t afterId) {
    PH_ASSIGN(auto rows,
              database.prepare(
                  "SELECT id, model, rows, checksum, directory, data FROM truth_batch WHERE id > ?1 ORDER BY id"));
    rows.bindAll(afterId);
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) return {};
        if (auto status = loadBatch(rows); !status) return fail(corruptBatch(rows.integer(0), status.error().message));
    }
}

Status TruthIndex::loadBatch(workspace::Statement& row) {
    const std::string model = row.text(1);
    const auto count = static_cast<std::size_t>(row.integer(2));
    const auto chain = static_cast<std::uint64_t>(row.integer(3));
    const ByteView bytes = row.blob(4), data = row.blob(5);
    const std::uint64_t before = m_batches.empty() ? 0 : m_batches.back().second;
    if (XXH3_64bits_withSeed(bytes.data(), bytes.size(), before) != chain)
        return fail(ErrorKind::Corrupt, "the directory fails its checksum");
    PH_ASSIGN(const PartDirectory directory, decodeDirectory(bytes, count, XXH3_64bits(bytes.data(), bytes.size())));
    const auto batch = static_cast<std::uint32_t>(m_batches.size() + 1);
    std::vector<Entry> entries;
    entries.reserve(count);
    for (std::size_t b = 0; b * kBlockRows < count; ++b) {
        PH_ASSIGN(const ColumnBlock ids, blockOf(directory, data, "request_id", ports::ColumnType::Text, b));
        PH_ASSIGN(const ColumnBlock values, blockOf(directory, data, "value", ports::ColumnType::Number, b));
        PH_ASSIGN(const ColumnBlock known, blockOf(directory, data, "known", ports::ColumnType::Time, b));
        for (std::size_t i = 0; i < ids.rows(); ++i)
            entries.push_back({truthKey(model, ids.text(i)), values.numbers[i], known.times[i], batch, 0});
    }
    for (const Entry& e : entries)
        insert(e);
    m_batches.emplace_back(row.integer(0), chain);
    return {};
}

std::size_t TruthIndex::slotOf(std::uint64_t key) const {
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = key & mask;
    while (m_slots[slot].key != 0 && m_slots[slot].key != key)
        slot = (slot + 1) & mask;
    return slot;
}

void TruthIndex::insert(Entry entry) {
    if ((m_used + 1) * 4 > m_slots.size() * 3) grow();
    Entry& place = m_slots[slotOf(entry.key)];
    if (place.key == 0) {
        place = entry;
        ++m_used;
        return;
    }
    if (entry.known >= place.known) {  // equal: it arrived later
        m_older.push_back(place);
        entry.older = static_cast<std::uint32_t>(m_older.size());
        place = entry;
    } else {
        entry.older = place.older;
        m_older.push_back(entry);
        place.older = static_cast<std::uint32_t>(m_older.size());
    }
}

void TruthIndex::grow() {
    std::vector<Entry> old = std::move(m_slots);
    m_slots.assign(std::max<std::size_t>(1024, old.size() * 2), Entry{});
    for (const Entry& e : old)
        if (e.key != 0) m_slots[slotOf(e.key)] = e;
}

void TruthIndex::join(std::span<const std::uint64_t> keys, const Stamp& stamp, Timestamp knownBefore, double* values,
                      std::int64_t* times) const {
    constexpr std::size_t kAhead = 12;  // the table is larger than the caches: ask for a slot before its turn
    std::fill_n(values, keys.size(), std::numeric_limits<double>::quiet_NaN());
    std::fill_n(times, keys.size(), kTimestampMin.ns);
    const std::shared_lock lock(m_mutex);
    if (m_slots.empty() || stamp.batches == 0) return;
    const auto seen = [&](const Entry& e) { return e.batch <= stamp.batches && e.known < knownBefore.ns; };
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (i + kAhead < keys.size()) __builtin_prefetch(&m_slots[keys[i + kAhead] & (m_slots.size() - 1)]);
        const Entry& newest = m_slots[slotOf(keys[i])];
        if (newest.key == 0) continue;
        const Entry* best = seen(newest) ? &newest : nullptr;
        // The chain below holds everything else, later arrivals first, in no particular order of time; it is short.
        for (std::uint32_t o = best ? 0 : newest.older; o != 0; o = m_older[o - 1].older) {
            const Entry& e = m_older[o - 1];
            if (seen(e) && (!best || e.known > best->known)) best = &e;
        }
        if (best) {
            values[i] = best->value;
            times[i] = best->known;
        }
    }
}

std::size_t TruthIndex::requests() const {
    const std::shared_lock lock(m_mutex);
    return m_used;
}

}  // namespace pilothouse::predictions
