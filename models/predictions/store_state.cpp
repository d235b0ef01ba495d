// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/store_state.h"

#include <fstream>
#include <list>

namespace pilothouse::predictions {

std::size_t TailIds::keep(const std::vector<Batch>& tail) {
    const bool goesOn = m_batches.size() <= tail.size() && std::equal(m_batches.begin(), m_batches.end(), tail.begin());
    if (!goesOn) {
        m_slots.clear();
        m_batches.clear();
        m_used = 0;
    }
    return m_batches.size();
}

void TailIds::add(std::uint64_t hash, std::int64_t ordinal) {
    if ((m_used + 1) * 2 > m_slots.size()) grow();
    std::size_t slot = hash & (m_slots.size() - 1);
    while (m_slots[slot].ordinal >= 0)
        slot = (slot + 1) & (m_slots.size() - 1);
    m_slots[slot] = {hash, ordinal};
    ++m_used;
}

void TailIds::grow() {
    std::vector<Slot> old = std::move(m_slots);
    m_slots.assign(std::max<std::size_t>(4096, old.size() * 2), Slot{});
    for (const Slot& s : old) {
        if (s.ordinal < 0) continue;
        std::size_t slot = s.hash & (m_slots.size() - 1);
        while (m_slots[slot].ordinal >= 0)
            slot = (slot + 1) & (m_slots.size() - 1);
        m_slots[slot] = s;
    }
}

void TailIds::merge(std::size_t count, Batch batch) {
    m_batches.resize(m_batches.size() - std::min(count, m_batches.size()));
    m_batches.push_back(batch);
}

void TailIds::find(std::uint64_t hash, const std::function<void(std::int64_t)>& use) const {
    if (m_slots.empty()) return;
    const std::size_t mask = m_slots.size() - 1;
    for (std::size_t slot = hash & mask; m_slots[slot].ordinal >= 0; slot = (slot + 1) & mask)
        if (m_slots[slot].hash == hash) use(m_slots[slot].ordinal);
}

bool TailIds::mayHold(std::uint64_t hash) const {
    if (m_slots.empty()) return false;
    const std::size_t mask = m_slots.size() - 1;
    for (std::size_t slot = hash & mask; m_slots[slot].ordinal >= 0; slot = (slot + 1) & mask)
        if (m_slots[slot].hash == hash) return true;
    return false;
}

void DamagedParts::report(std::uint64_t checksum, std::string what) {
    const std::lock_guard lock(m_mutex);
    m_reported.try_emplace(checksum, std::move(what));
}

bool DamagedParts::adopt() {
    const std::lock_guard lock(m_mutex);
    const std::size_t before = m_skipped.size();
    m_skipped.merge(m_reported);
    m_reported.clear();
    return m_skipped.size() > before;
}

bool DamagedParts::skips(std::uint64_t checksum) const {
    const std::lock_guard lock(m_mutex);
    return m_skipped.contains(checksum);
}

bool DamagedParts::any() const {
    const std::lock_guard lock(m_mutex);
    return !m_skipped.empty();
}

std::vector<std::string> DamagedParts::notes() const {
    const std::lock_guard lock(m_mutex);
    std::vector<std::string> out;
    for (const auto& [checksum, what] : m_skipped)
        out.push_back(what);
    return out;
}

std::shared_ptr<StoreState> StoreState::of(const std::string& path) {
    constexpr std::size_t kKept = 4;
    static std::mutex mutex;
    static std::list<std::pair<std::string, std::shared_ptr<StoreState>>> states;  // used last first
    const std::lock_guard lock(mutex);
    for (auto place = states.begin(); place != states.end(); ++place) {
        if (place->first != path) continue;
        states.splice(states.begin(), states, place);
        return place->second;
    }
    states.emplace_front(path, std::make_shared<StoreState>());
    if (states.size() > kKept) states.pop_back();
    return states.front().second;
}

Result<TruthView> StoreState::truth(workspace::Database& database) {
    std::shared_ptr<TruthIndex> index;
    {
        const std::lock_guard lock(m_truthMutex);
        index = m_truth;
    }
    PH_ASSIGN(auto stamp, index->refresh(database));
    if (stamp) return TruthView{index, *stamp};
    // One thread loads it anew, the others wait for that.
    const std::lock_guard lock(m_truthMutex);
    PH_ASSIGN(stamp, m_truth->refresh(database));
    if (!stamp) {
        auto fresh = std::make_shared<TruthIndex>();
        PH_ASSIGN(stamp, fresh->refresh(database));
        if (!stamp) return fail(Error::internal("ground truth changed while it was read"));
        m_truth = std::move(fresh);
    }
    return TruthView{m_truth, *stamp};
}

void StoreState::forgetTruth() {
    const std::lock_guard lock(m_truthMutex);
    m_truth = std::make_shared<TruthIndex>();
}

Result<std::shared_ptr<const statistics::Profile>> StoreState::profile(const std::string& path,
                                                                       const std::string& digest) {
    constexpr std::string_view kScheme = "sha256:";
    constexpr std::streamsize kMaxBytes = 64 << 20;
    {
        const std::lock_guard lock(m_profileMutex);
        if (const auto known = m_profiles.find(digest); known != m_profiles.end()) return known->second;
    }
    const std::string hex = digest.starts_with(kScheme) ? digest.substr(kScheme.size()) : std::string();
    if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != std::string::npos)
        return fail(ErrorKind::Corrupt, "\"" + digest.substr(0, 100) + "\" does not name a profile", path);
    const std::string file = path + ".artifacts/" + hex.substr(0, 2) + "/" + hex.substr(2);
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in) return fail(ErrorKind::NotFound, "the reference profile is not there", file);
    const std::streamsize size = in.tellg();
    if (size < 0 || size > kMaxBytes) return fail(ErrorKind::Corrupt, "the reference profile is too large", file);
    std::string json(static_cast<std::size_t>(size), '\0');
    in.seekg(0);
    if (!in.read(json.data(), size)) return fail(ErrorKind::Unavailable, "the reference profile cannot be read", file);
    PH_ASSIGN(auto parsed, statistics::profileFromJson(json));
    auto shared = std::make_shared<const statistics::Profile>(std::move(parsed));
    const std::lock_guard lock(m_profileMutex);
    return m_profiles.try_emplace(digest, std::move(shared)).first->second;
}

}  // namespace pilothouse::predictions
