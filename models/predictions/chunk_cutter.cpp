// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/chunk_cutter.h"

#include <algorithm>
#include <cstring>

#include "models/predictions/json_rows.h"

namespace pilothouse::predictions {

namespace {

constexpr std::size_t kReadBytes = 1 << 20;
constexpr std::string_view kMark = "\xef\xbb\xbf";
}  // namespace

std::unique_ptr<char[]> ChunkBuffers::take() {
    {
        const std::lock_guard lock(m_mutex);
        if (!m_spare.empty()) {
            auto buffer = std::move(m_spare.back());
            m_spare.pop_back();
            return buffer;
        }
    }
    // Not set to zero: pages that nothing is read into cost nothing.
    return std::unique_ptr<char[]>(new char[ChunkCutter::kChunkBytes + kJsonPadding]);
}

void ChunkBuffers::give(std::unique_ptr<char[]> buffer) {
    const std::lock_guard lock(m_mutex);
    m_spare.push_back(std::move(buffer));
}

ChunkCutter::ChunkCutter(bool csv, const RunningDigest& before, const RowPlace& start,
                         std::shared_ptr<ChunkBuffers> buffers)
    : m_buffers(std::move(buffers)),
      m_csv(csv),
      m_chunk(std::make_unique<Chunk>(m_buffers)),
      m_base(start.offset),
      m_line(start.line) {
    m_digest.copyFrom(before);
}

char* ChunkCutter::room(std::size_t& capacity) {
    capacity = std::min(kReadBytes, kChunkBytes - m_used);
    return m_chunk->data.get() + m_used;
}

void ChunkCutter::took(std::size_t bytes) {
    m_used += bytes;
    scan();
}

bool ChunkCutter::full() const { return m_chunk->rows.size() >= kSegmentRows || m_used == kChunkBytes; }

void ChunkCutter::scan() {
    while (m_scanned < m_used && m_chunk->rows.size() < kSegmentRows) {
        const std::size_t end = rowEnd();
        if (end == m_used) {
            if (m_skipping || m_used - m_rowFrom > kMaxRowBytes) dropOpenRow();
            return;
        }
        endRow(end, end + 1);
    }
}

/// Where the open row's line break lies, from m_scanned on; m_used when it is not there yet.
std::size_t ChunkCutter::rowEnd() {
    const char* const data = m_chunk->data.get();
    if (!m_csv) {
        const void* found = std::memchr(data + m_scanned, '\n', m_used - m_scanned);
        const std::size_t end = found ? static_cast<std::size_t>(static_cast<const char*>(found) - data) : m_used;
        m_scanned = found ? end + 1 : m_used;
        return end;
    }
    for (; m_scanned < m_used; ++m_scanned) {
        const char c = data[m_scanned];
        if (m_ends.ends(c)) return m_scanned++;
        if (c == '\n') ++m_lineBreaks;
    }
    return m_used;
}

void ChunkCutter::digestTo(std::size_t to) {
    m_digest.add(m_chunk->data.get() + m_digested, to - m_digested);
    m_digested = to;
}

/// The row that is open is too long to be held: its beginning is kept, the rest only counted.
void ChunkCutter::dropOpenRow() {
    const std::size_t bytes = m_used - m_rowFrom;
    if (!m_skipping) {
        m_skipping = true;
        m_skipped = {{m_line, m_base + m_rowFrom},
                     0,
                     "longer than 16 MiB",
                     {},
                     std::string(m_chunk->data.get() + m_rowFrom, kQuarantinedBytes)};
    }
    m_skipped.bytes += bytes;
    digestTo(m_used);
    m_base += bytes;
    m_used = m_scanned = m_digested = m_rowFrom;
}

void ChunkCutter::endRow(std::size_t end, std::size_t next) {
    if (m_skipping) {
        m_skipped.bytes += end - m_rowFrom;
        m_chunk->oversized.push_back(std::move(m_skipped));
        m_skipping = false;
    } else {
        std::string_view row(m_chunk->data.get() + m_rowFrom, end - m_rowFrom);
        if (!row.empty() && row.back() == '\r') row.remove_suffix(1);
        if (m_base + m_rowFrom == 0 && row.starts_with(kMark)) row.remove_prefix(kMark.size());
        if (row.find_first_not_of(" \t\r\n") != std::string_view::npos)
            m_chunk->rows.push_back(
                {{m_line, m_base + m_rowFrom}, static_cast<std::size_t>(row.data() - m_chunk->data.get()), row.size()});
    }
    m_line += 1 + m_lineBreaks;
    m_lineBreaks = 0;
    m_rowFrom = next;
}

std::optional<std::string> ChunkCutter::takeFirstRow() {
    if (m_chunk->rows.empty()) return {};
    const ChunkRow row = m_chunk->rows.front();
    if (!m_chunk->oversized.empty() && m_chunk->oversized.front().place.line < row.place.line) return {};
    m_chunk->rows.erase(m_chunk->rows.begin());
    return std::string(m_chunk->data.get() + row.from, row.bytes);
}

std::unique_ptr<Chunk> ChunkCutter::take() {
    digestTo(m_rowFrom);
    auto next = std::make_unique<Chunk>(m_buffers);
    const std::size_t rest = m_used - m_rowFrom;
    std::memcpy(next->data.get(), m_chunk->data.get() + m_rowFrom, rest);
    m_chunk->endOffset = m_base + m_rowFrom;
    m_chunk->endLine = m_line;
    m_chunk->endDigest = m_digest.value();
    std::swap(m_chunk, next);
    m_base += m_rowFrom;
    m_scanned -= m_rowFrom;
    m_used = rest;
    m_rowFrom = m_digested = 0;
    scan();
    return next;
}

bool ChunkCutter::finish() {
    if (m_rowFrom == m_used && !m_skipping) return false;
    if (!m_csv && !m_skipping) {
        std::string_view row(m_chunk->data.get() + m_rowFrom, m_used - m_rowFrom);
        while (!row.empty() && (row.back() == ' ' || row.back() == '\r' || row.back() == '\t'))
            row.remove_suffix(1);
        if (!row.empty() && row.back() != '}') return true;
    }
    endRow(m_used, m_used);
    m_ends.reset();
    return false;
}

}  // namespace pilothouse::predictions
