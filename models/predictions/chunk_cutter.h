// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <xxhash.h>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "models/predictions/csv_rows.h"
#include "models/predictions/row_collector.h"

namespace pilothouse::predictions {

/// A row of a chunk: a line, or a record of a CSV, without its line break.
struct ChunkRow {
    RowPlace place;
    std::size_t from = 0, bytes = 0;  ///< in the chunk's data
};

/// Memory of chunks that are done, for the next ones: fresh pages would cost more than reading into them. Thread: any.
class ChunkBuffers {
public:
    [[nodiscard]] std::unique_ptr<char[]> take();
    void give(std::unique_ptr<char[]> buffer);

private:
    std::mutex m_mutex;
    std::vector<std::unique_ptr<char[]>> m_spare;
};

/// Whole rows of a file, end to end.
struct Chunk {
    explicit Chunk(std::shared_ptr<ChunkBuffers> from) : buffers(std::move(from)), data(buffers->take()) {}
    Chunk(const Chunk&) = delete;
    Chunk& operator=(const Chunk&) = delete;
    ~Chunk() { buffers->give(std::move(data)); }

    std::shared_ptr<ChunkBuffers> buffers;
    std::unique_ptr<char[]> data;  ///< kJsonPadding bytes behind every row can be read
    std::vector<ChunkRow> rows;
    std::vector<Quarantined> oversized;        ///< longer than a row may be
    std::uint64_t endOffset = 0, endLine = 0;  ///< of what the file holds up to here
    std::uint64_t endDigest = 0;               ///< XXH3 of the file's bytes up to here
};

/// XXH3 of bytes as they come, that can be asked in between and copied.
class RunningDigest {
public:
    RunningDigest() : m_state(XXH3_createState()) { XXH3_64bits_reset(m_state.get()); }
    void add(const char* bytes, std::size_t count) { XXH3_64bits_update(m_state.get(), bytes, count); }
    [[nodiscard]] std::uint64_t value() const { return XXH3_64bits_digest(m_state.get()); }
    void copyFrom(const RunningDigest& other) { XXH3_copyState(m_state.get(), other.m_state.get()); }

private:
    struct Free {
        void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
    };
    std::unique_ptr<XXH3_state_t, Free> m_state;
};

/// Cuts a file's bytes into chunks of at most kSegmentRows rows. Thread: one at a time.
class ChunkCutter {
public:
    static constexpr std::size_t kChunkBytes = 48 << 20;
    static constexpr std::size_t kMaxRowBytes = 16 << 20;

    /// `csv`: line breaks within quotes belong to the record. `digest` and the place are those of what came before.
    ChunkCutter(bool csv, const RunningDigest& before, const RowPlace& start,
                std::shared_ptr<ChunkBuffers> buffers = std::make_shared<ChunkBuffers>());

    /// Room for bytes to be read into; tell how many came with took().
    [[nodiscard]] char* room(std::size_t& capacity);
    void took(std::size_t bytes);
    /// True: take() the chunk before more is read.
    [[nodiscard]] bool full() const;
    /// Whole rows are waiting, and the next one is not being skipped.
    [[nodiscard]] bool any() const { return !m_skipping && (!m_chunk->rows.empty() || !m_chunk->oversized.empty()); }
    /// Something was read since the last chunk, if only blank lines.
    [[nodiscard]] bool moved() const { return m_rowFrom > 0 || any(); }
    /// The first whole row is taken out of the chunk: a CSV's header. Null while there is none, and
    /// when one that was too long came before it.
    [[nodiscard]] std::optional<std::string> takeFirstRow();
    /// The rows that are whole; what follows them is kept for the next chunk.
    [[nodiscard]] std::unique_ptr<Chunk> take();
    /// At the end of the file: the last row need not end in a line break. A JSON line that does not end in a brace is
    /// left alone, somebody may still be writing it: true says so.
    [[nodiscard]] bool finish();

private:
    void scan();
    [[nodiscard]] std::size_t rowEnd();
    void endRow(std::size_t end, std::size_t next);
    void dropOpenRow();
    void digestTo(std::size_t to);

    std::shared_ptr<ChunkBuffers> m_buffers;
    bool m_csv;
    CsvRecordEnds m_ends;
    RunningDigest m_digest;
    std::unique_ptr<Chunk> m_chunk;
    std::size_t m_used = 0, m_scanned = 0, m_rowFrom = 0, m_digested = 0;  ///< in the chunk's data
    std::uint64_t m_base = 0;                    ///< the file's offset of the chunk's first byte
    std::uint64_t m_line = 1, m_lineBreaks = 0;  ///< of the row that is open; line breaks within it
    bool m_skipping = false;                     ///< within a row that is too long
    Quarantined m_skipped;
};

}  // namespace pilothouse::predictions
