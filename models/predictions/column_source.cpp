// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/column_source.h"

#include <sqlite3.h>

#include <algorithm>

#include "models/workspace/read_ahead.h"

namespace pilothouse::predictions {

using workspace::Database;

void ColumnSource::close(std::size_t kept) {
    while (m_open.size() > kept) {
        for (auto& [column, blob] : m_open.back().byColumn)
            sqlite3_blob_close(blob);
        m_open.pop_back();
    }
}

Result<sqlite3_blob*> ColumnSource::open(const Part& part, const PartColumn& column) {
    constexpr std::size_t kOpenParts = 6;  // the threads of a scan are in a few parts at once
    const std::pair<bool, std::int64_t> key(part.segment, part.id);
    auto place = std::ranges::find(m_open, key, &OpenColumns::part);
    if (place == m_open.end()) {
        close(kOpenParts - 1);
        m_open.push_front({key, {}});
    } else if (place != m_open.begin()) {
        m_open.splice(m_open.begin(), m_open, place);
    }
    auto& blobs = m_open.front().byColumn;
    const std::string name = part.segment ? column.name + static_cast<char>(column.header.type) : std::string();
    if (const auto known = blobs.find(name); known != blobs.end()) return known->second;
    std::int64_t row = part.id;
    if (part.segment) {
        PH_ASSIGN(const auto id,
                  m_database->integer("SELECT id FROM prediction_column WHERE segment = ?1 AND name = ?2 AND type = ?3",
                                      part.id, column.name, static_cast<int>(column.header.type)));
        if (!id) return fail(ErrorKind::Corrupt, "is gone");
        row = *id;
    }
    sqlite3_blob* blob = nullptr;
    const int code = sqlite3_blob_open(m_database->handle(), "main",
                                       part.segment ? "prediction_column" : "prediction_batch", "data", row, 0, &blob);
    if (code != SQLITE_OK) return fail(m_database->error(code, "reading the prediction log"));
    blobs.emplace(name, blob);
    return blob;
}

Result<Bytes> ColumnSource::read(const Part& part, const PartColumn& column, std::uint64_t offset, std::size_t count,
                                 std::size_t ahead) {
    PH_ASSIGN(sqlite3_blob* const blob, open(part, column));
    const std::uint64_t from = offset + (part.segment ? 0 : column.offset);
    const auto size = static_cast<std::uint64_t>(sqlite3_blob_bytes(blob));
    if (from > size || count > size - from) return fail(ErrorKind::Corrupt, "the data is cut short");
    Bytes bytes(count);
    const workspace::ReadAhead reading(ahead);
    const int code = sqlite3_blob_read(blob, bytes.data(), static_cast<int>(count), static_cast<int>(from));
    if (code != SQLITE_OK) return fail(m_database->error(code, "reading the prediction log"));
    return bytes;
}

std::optional<Bytes> SideSources::read(const Part& part, const PartColumn& column, std::uint64_t offset,
                                       std::size_t count, std::size_t ahead) {
    Side* const side = take();
    if (!side) return {};
    auto bytes = side->source->read(part, column, offset, count, ahead);
    giveBack(side);
    return bytes ? std::optional(std::move(*bytes)) : std::nullopt;
}

SideSources::Side* SideSources::take() {
    constexpr std::size_t kMost = 4;
    const std::lock_guard lock(m_mutex);
    if (!m_free.empty()) {
        Side* const side = m_free.back();
        m_free.pop_back();
        return side;
    }
    if (m_failed || m_sides.size() >= kMost) return nullptr;
    auto opened = Database::open(m_path, Database::Mode::ReadOnly, std::chrono::milliseconds(0));
    // Each page is read once: there is no use in keeping many.
    m_failed = !opened || !(*opened)->execute("PRAGMA cache_size = -1024");
    if (m_failed) return nullptr;
    auto side = std::make_unique<Side>();
    side->source = std::make_unique<ColumnSource>(**opened);
    side->database = std::move(*opened);
    m_sides.push_back(std::move(side));
    return m_sides.back().get();
}

void SideSources::giveBack(Side* side) {
    const std::lock_guard lock(m_mutex);
    m_free.push_back(side);
}

}  // namespace pilothouse::predictions
