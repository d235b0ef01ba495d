// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/truth_index.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "models/predictions/truth_batch.h"

namespace pilothouse::predictions {

namespace {
Error corruptBatch(std::int64_t id, const std::string& why) {
    return {ErrorKind::Corrupt, "ground truth batch " + std::to_string(id) + ": " + why, {}, {}, false};
}
}  // namespace

std::uint64_t truthKey(std::string_view model, std::string_view requestId) {
    const std::uint64_t key =
        XXH3_64bits_withSeed(requestId.data(), requestId.size(), XXH3_64bits(model.data(), model.size()));
    return key == 0 ? 1 : key;
}

Result<std::optional<TruthIndex::Stamp>> TruthIndex::refresh(workspace::Database& database) {
    using MaybeStamp = std::optional<Stamp>;
    PH_ASSIGN(auto newest, database.prepare("SELECT id, checksum FROM truth_batch ORDER BY id DESC LIMIT 1"));
    PH_ASSIGN(const bool any, newest.step());
    if (!any) return MaybeStamp(Stamp{});
    const std::int64_t id = newest.integer(0);
    const auto chain = static_cast<std::uint64_t>(newest.integer(1));
    const auto stampOf = [&]() -> MaybeStamp {
        const auto place = std::ranges::lower_bound(m_batches, id, {}, &std::pair<std::int64_t, std::uint64_t>::first);
        if (place == m_batches.end() || *place != std::pair(id, chain)) return {};
        return Stamp{static_cast<std::uint32_t>(place - m_batches.begin() + 1), chain};
    };
    {
        const std::shared_lock lock(m_mutex);
        if (const auto stamp = stampOf()) return stamp;
    }
    const std::unique_lock lock(m_mutex);
    if (const auto stamp = stampOf()) return stamp;  // another reader was faster
    std::int64_t after = 0;
    if (m_batches.empty()) {
        PH_ASSIGN(m_base, chainBase(database));
    } else {
        after = m_batches.back().first;
        PH_ASSIGN(const auto stored, database.integer("SELECT checksum FROM truth_batch WHERE id = ?1", after));
        if (!stored || static_cast<std::uint64_t>(*stored) != m_batches.back().second) return MaybeStamp{};
    }
    PH_TRY(load(database, after));
    return stampOf();
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
    const ByteView directory = row.blob(4);
    const std::uint64_t before = m_batches.empty() ? m_base : m_batches.back().second;
    if (chainAfter(before, directory) != chain) return fail(ErrorKind::Corrupt, "the directory fails its checksum");
    PH_ASSIGN(const auto truths, decodeTruth(directory, row.blob(5), count));
    const auto batch = static_cast<std::uint32_t>(m_batches.size() + 1);
    for (const Truth& truth : truths)
        insert({truthKey(model, truth.requestId), truth.value, truth.known.ns, batch, 0});
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

TruthIndex::Stamp TruthIndex::upTo(const Stamp& stamp, std::int64_t lastBatch) const {
    const std::shared_lock lock(m_mutex);
    const auto held = std::span(m_batches).first(std::min<std::size_t>(stamp.batches, m_batches.size()));
    const auto end = std::ranges::upper_bound(held, lastBatch, {}, &std::pair<std::int64_t, std::uint64_t>::first);
    if (end == held.begin()) return {};
    return {static_cast<std::uint32_t>(end - held.begin()), std::prev(end)->second};
}

std::vector<std::int64_t> TruthIndex::batchesOf(std::uint64_t key, const Stamp& stamp) const {
    const std::shared_lock lock(m_mutex);
    std::vector<std::int64_t> out;
    if (m_slots.empty()) return out;
    const Entry* entry = &m_slots[slotOf(key)];
    if (entry->key == 0) return out;
    for (;; entry = &m_older[entry->older - 1]) {
        if (entry->batch <= stamp.batches) out.push_back(m_batches[entry->batch - 1].first);
        if (entry->older == 0) break;
    }
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
}

std::size_t TruthIndex::requests() const {
    const std::shared_lock lock(m_mutex);
    return m_used;
}

}  // namespace pilothouse::predictions
