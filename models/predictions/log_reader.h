// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "models/ports/prediction_log.h"
#include "models/predictions/block_cache.h"
#include "models/predictions/column_source.h"
#include "models/predictions/log_contents.h"
#include "models/predictions/part_format.h"
#include "models/predictions/store_state.h"
#include "models/predictions/word_filter.h"
#include "models/workspace/database.h"

namespace pilothouse::predictions {

/// Blocks of one field in one part: none, one, or one for each type it had there.
using TypedBlocks = std::vector<std::shared_ptr<const ColumnBlock>>;

/// Outcome and the moment it became known, for one block of rows.
struct OutcomeBlock {
    std::shared_ptr<const ColumnBlock> value, known;
};

/// The log as one transaction sees it. Decoded blocks come from BlockCache or go there. Lives within one transaction of
/// the database, which must outlive it.
///
/// Threads: directory(), blocks(), rowsOf(), block(), ids(), words() and outcome() may be called from several threads
/// at once, so that all of them see the one snapshot: what they read from the file they read one after the other, what
/// they decode they decode side by side. Nobody else may use the database meanwhile.
class LogReader {
public:
    /// Questions of people skip what is known to be damaged; what writes, learns or checks must see all of it.
    enum class Damaged { Skip, Include };
    [[nodiscard]] static Result<LogReader> open(workspace::Database& database, Damaged damaged = Damaged::Skip);
    LogReader(LogReader&&) noexcept;
    LogReader& operator=(LogReader&&) = delete;
    ~LogReader();

    [[nodiscard]] workspace::Database& database() const { return *m_database; }
    [[nodiscard]] StoreState& state() const { return *m_state; }
    /// In order of arrival.
    [[nodiscard]] const std::vector<Part>& parts() const { return m_contents->parts; }
    [[nodiscard]] std::uint64_t rows() const;
    /// The ordinal that the next row will get.
    [[nodiscard]] std::int64_t nextOrdinal() const;
    /// See predictions::noteAppended().
    void noteAppended(const Part& part) const { predictions::noteAppended(*m_database, *m_contents, part); }
    /// What arrived (reserved fields in their own order, then features in order of arrival), and the two fields joined
    /// from ground truth.
    [[nodiscard]] const std::vector<LogField>& fields() const { return m_contents->fields; }
    [[nodiscard]] const LogField* field(std::string_view name) const;

    [[nodiscard]] Result<std::shared_ptr<const PartDirectory>> directory(const Part& part);
    [[nodiscard]] Result<TypedBlocks> blocks(const Part& part, std::size_t block, std::string_view name);
    [[nodiscard]] Result<std::shared_ptr<const ColumnBlock>> block(const Part& part, const PartColumn& column,
                                                                   std::size_t block);
    /// Only these rows of a block. What was decoded for them is not kept, they are: a page of whole rows from all over
    /// the log would else drop everything that questions need.
    [[nodiscard]] Result<TypedBlocks> rowsOf(const Part& part, std::size_t block, std::string_view name,
                                             std::span<const std::uint32_t> rows);
    /// As they lie in the file, for a check of it: neither from the cache nor into it.
    [[nodiscard]] Result<std::shared_ptr<const PartDirectory>> readDirectory(const Part& part);
    /// A segment's directory is there twice: directory() prefers the copy, which lies together; the columns say it,
    /// too. Nothing for a segment of before there were copies.
    [[nodiscard]] Result<std::optional<PartDirectory>> readCopy(const Part& segment);
    [[nodiscard]] Result<std::shared_ptr<const PartDirectory>> readHeaders(const Part& segment);
    [[nodiscard]] Result<std::optional<WordFilter>> readWords(const Part& part, const PartColumn& column);
    [[nodiscard]] Result<ColumnBlock> readBlock(const Part& part, const PartColumn& column, std::size_t block);
    /// Segments only.
    [[nodiscard]] Result<std::shared_ptr<const IdIndex>> ids(const Part& part);
    /// Null where the column has none.
    [[nodiscard]] Result<std::shared_ptr<const WordFilter>> words(const Part& part, const PartColumn& column);
    [[nodiscard]] Result<OutcomeBlock> outcome(const Part& part, std::size_t block, Timestamp knownBefore);
    [[nodiscard]] Result<OutcomeBlock> outcome(const Part& part, std::size_t block, Timestamp knownBefore,
                                               std::span<const std::uint32_t> rows);

    /// From now on only ground truth of batches up to this one is there. Before other threads read.
    [[nodiscard]] Status limitTruth(std::int64_t lastBatch);

    /// Blocks decoded so far, for ScanStats.
    [[nodiscard]] std::size_t decoded() const { return m_decoded.load(); }

private:
    explicit LogReader(workspace::Database& database);
    /// Through the reader's own connection.
    [[nodiscard]] Result<Bytes> readBytes(const Part& part, const PartColumn& column, std::uint64_t offset,
                                          std::size_t count, std::size_t ahead);
    [[nodiscard]] Result<ColumnBlock> readRows(const Part& part, const PartColumn& column, std::size_t block,
                                               std::span<const std::uint32_t> rows);
    /// Through another connection where that goes.
    [[nodiscard]] Result<ColumnBlock> readDecoded(const Part& part, const PartColumn& column, std::size_t block,
                                                  std::size_t ahead,
                                                  const std::function<Result<ColumnBlock>(ByteView)>& decode);
    [[nodiscard]] Result<std::shared_ptr<const std::vector<std::uint64_t>>> truthKeys(const Part& part,
                                                                                      std::size_t block);
    [[nodiscard]] Result<TruthView> truth();
    [[nodiscard]] Error damaged(const Part& part, std::string_view column, const Error& cause) const;

    workspace::Database* m_database;
    std::shared_ptr<StoreState> m_state;
    std::shared_ptr<const LogContents> m_contents;
    std::map<std::pair<bool, std::int64_t>, std::shared_ptr<const PartDirectory>> m_directories;
    std::unique_ptr<ColumnSource> m_source;
    std::unique_ptr<SideSources> m_sides;       ///< null where the reader's transaction writes
    std::atomic<std::size_t> m_blocksRead = 0;  ///< from the file
    std::optional<TruthView> m_truth;
    std::atomic<std::size_t> m_decoded = 0;
    std::unique_ptr<std::mutex> m_sql = std::make_unique<std::mutex>();  ///< of all that is below m_state
};

}  // namespace pilothouse::predictions
