// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/predictions/log_reader.h"

#include <sqlite3.h>
#include <xxhash.h>

#include <algorithm>

namespace pilothouse::predictions {

using ports::ColumnType;

LogReader::LogReader(workspace::Database& database)
    : m_database(&database),
      m_state(StoreState::of(database.path())),
      m_source(std::make_unique<ColumnSource>(database)) {
    if (sqlite3_txn_state(database.handle(), "main") != SQLITE_TXN_WRITE)
        m_sides = std::make_unique<SideSources>(database.path());
}

LogReader::LogReader(LogReader&& other) noexcept
    : m_database(other.m_database),
      m_state(std::move(other.m_state)),
      m_contents(std::move(other.m_contents)),
      m_directories(std::move(other.m_directories)),
      m_source(std::move(other.m_source)),
      m_sides(std::move(other.m_sides)),
      m_truth(std::move(other.m_truth)),
      m_decoded(other.m_decoded.load()),
      m_sql(std::move(other.m_sql)) {}

LogReader::~LogReader() = default;

Result<LogReader> LogReader::open(workspace::Database& database, Damaged damaged) {
    LogReader reader(database);
    PH_ASSIGN(reader.m_contents, contentsOf(database));
    const DamagedParts& known = reader.m_state->damaged;
    if (damaged == Damaged::Skip && known.any()) {
        auto sound = std::make_shared<LogContents>(*reader.m_contents);
        std::erase_if(sound->parts, [&](const Part& part) { return known.skips(part.checksum); });
        reader.m_contents = std::move(sound);
    }
    return reader;
}

std::uint64_t LogReader::rows() const {
    std::uint64_t sum = 0;
    for (const Part& p : parts())
        sum += p.rows;
    return sum;
}

std::int64_t LogReader::nextOrdinal() const { return m_contents->nextOrdinal(); }

const LogField* LogReader::field(std::string_view name) const {
    for (const LogField& f : fields())
        if (f.info.name == name) return &f;
    return nullptr;
}

Error LogReader::damaged(const Part& part, std::string_view column, const Error& cause) const {
    if (cause.kind != ErrorKind::Corrupt) return cause;
    std::string where = part.name();
    if (!column.empty()) where += ", column \"" + std::string(column) + "\"";
    m_state->damaged.report(part.checksum, where + ": " + cause.message);
    return {ErrorKind::Corrupt, where + ": " + cause.message, cause.detail, m_database->path(), false};
}

Result<std::shared_ptr<const PartDirectory>> LogReader::directory(const Part& part) {
    const std::lock_guard lock(*m_sql);
    if (const auto known = m_directories.find({part.segment, part.id}); known != m_directories.end())
        return known->second;
    // A segment's checksum covers what its columns say of themselves, a batch's its directory.
    const BlockCache::Key key{part.checksum, part.segment ? 1u : 0u, BlockCache::Kind::Directory};
    auto directory = BlockCache::instance().find<PartDirectory>(key);
    if (!directory) {
        auto read = readDirectory(part);
        if (!read) return fail(damaged(part, {}, read.error()));
        directory = std::move(*read);
        BlockCache::instance().put(key, directory, directory->bytes());
    }
    m_directories.emplace(std::pair(part.segment, part.id), directory);
    return directory;
}

Result<std::shared_ptr<const PartDirectory>> LogReader::readDirectory(const Part& part) {
    if (!part.segment) {
        PH_ASSIGN(auto row, m_database->prepare("SELECT directory FROM prediction_batch WHERE id = ?1"));
        row.bindAll(part.id);
        PH_ASSIGN(const bool there, row.step());
        if (!there) return fail(ErrorKind::Corrupt, "is gone");
        PH_ASSIGN(PartDirectory directory, decodeDirectory(row.blob(0), part.rows, part.checksum));
        return std::make_shared<const PartDirectory>(std::move(directory));
    }
    // A copy that is damaged or from elsewhere is no loss.
    if (auto copy = readCopy(part); copy && *copy) return std::make_shared<const PartDirectory>(std::move(**copy));
    return readHeaders(part);
}

Result<std::optional<PartDirectory>> LogReader::readCopy(const Part& part) {
    PH_ASSIGN(auto row, m_database->prepare("SELECT checksum, directory FROM prediction_directory WHERE id = ?1"));
    row.bindAll(part.id);
    PH_ASSIGN(const bool there, row.step());
    if (!there) return std::optional<PartDirectory>();
    PH_ASSIGN(PartDirectory directory,
              decodeDirectory(row.blob(1), part.rows, static_cast<std::uint64_t>(row.integer(0)), part.checksum));
    return std::optional(std::move(directory));
}

Result<std::shared_ptr<const PartDirectory>> LogReader::readHeaders(const Part& part) {
    PH_ASSIGN(
        auto rows,
        m_database->prepare("SELECT name, type, header FROM prediction_column WHERE segment = ?1 ORDER BY name, type"));
    rows.bindAll(part.id);
    PartDirectory directory;
    for (;;) {
        PH_ASSIGN(const bool more, rows.step());
        if (!more) break;
        PartColumn column;
        column.name = rows.text(0);
        ByteReader in(rows.blob(2));
        auto header = decodeHeader(in);
        if (!header) return fail(ErrorKind::Corrupt, "column \"" + column.name + "\": " + header.error().message);
        column.header = std::move(*header);
        if (column.header.rows != part.rows || rows.integer(1) != static_cast<std::int64_t>(column.header.type))
            return fail(ErrorKind::Corrupt, "column \"" + column.name + "\" contradicts its segment");
        directory.columns.push_back(std::move(column));
    }
    return std::make_shared<const PartDirectory>(std::move(directory));
}

Result<Bytes> LogReader::readBytes(const Part& part, const PartColumn& column, std::uint64_t offset, std::size_t count,
                                   std::size_t ahead) {
    const std::lock_guard lock(*m_sql);
    return m_source->read(part, column, offset, count, ahead);
}

Result<std::shared_ptr<const ColumnBlock>> LogReader::block(const Part& part, const PartColumn& column,
                                                            std::size_t index) {
    const BlockCache::Key key{column.header.checksum, static_cast<std::uint32_t>(index), BlockCache::Kind::Block};
    if (auto known = BlockCache::instance().find<ColumnBlock>(key)) return known;
    auto decoded = readBlock(part, column, index);
    if (!decoded) return fail(damaged(part, column.name, decoded.error()));
    ++m_decoded;
    auto shared = std::make_shared<const ColumnBlock>(std::move(*decoded));
    BlockCache::instance().put(key, shared, shared->bytes());
    return shared;
}

Result<ColumnBlock> LogReader::readBlock(const Part& part, const PartColumn& column, std::size_t index) {
    constexpr std::uint64_t kMostAhead = 512 * 1024;
    const BlockInfo& info = column.header.blocks[index];
    const std::uint64_t rest = std::min(column.header.dataBytes - info.offset, kMostAhead);
    return readDecoded(part, column, index, std::max<std::uint64_t>(info.bytes, rest), [&](ByteView bytes) {
        return decodeBlock(bytes, column.header.type, column.header.rowsOf(index), info);
    });
}

Result<ColumnBlock> LogReader::readRows(const Part& part, const PartColumn& column, std::size_t index,
                                        std::span<const std::uint32_t> rows) {
    const BlockInfo& info = column.header.blocks[index];
    return readDecoded(part, column, index, info.bytes, [&](ByteView bytes) {
        return decodeRows(bytes, column.header.type, column.header.rowsOf(index), info, rows);
    });
}

Result<ColumnBlock> LogReader::readDecoded(const Part& part, const PartColumn& column, std::size_t index,
                                           std::size_t ahead,
                                           const std::function<Result<ColumnBlock>(ByteView)>& decode) {
    constexpr std::size_t kAlone = 16;  // for a few blocks, a connection of its own costs more than it saves
    const BlockInfo& info = column.header.blocks[index];
    if (m_sides && part.segment && m_blocksRead++ >= kAlone) {
        auto aside = m_sides->read(part, column, info.offset, info.bytes, ahead);
        // What is not what was expected is read again by the reader itself, which then says why.
        if (aside)
            if (auto block = decode(*aside)) return block;
    }
    PH_ASSIGN(const Bytes bytes, readBytes(part, column, info.offset, info.bytes, ahead));
    return decode(bytes);
}

Result<TypedBlocks> LogReader::blocks(const Part& part, std::size_t index, std::string_view name) {
    PH_ASSIGN(const auto columns, directory(part));
    const auto [first, last] = columns->range(name);
    TypedBlocks result;
    for (std::size_t i = first; i < last; ++i) {
        PH_ASSIGN(auto one, block(part, columns->columns[i], index));
        result.push_back(std::move(one));
    }
    return result;
}

namespace {
ColumnBlock chosen(const ColumnBlock& from, std::span<const std::uint32_t> rows) {
    ColumnBlock out;
    out.type = from.type;
    for (const std::uint32_t row : rows) {
        switch (from.type) {
            case ColumnType::Number:
                out.numbers.push_back(from.numbers[row]);
                break;
            case ColumnType::Time:
                out.times.push_back(from.times[row]);
                break;
            case ColumnType::Text:
                out.codes.push_back(from.missing(row) ? ports::Column::kMissingCode
                                                      : static_cast<std::uint32_t>(out.pool.size()));
                if (!from.missing(row)) out.pool.add(from.text(row));
                break;
        }
    }
    return out;
}
}  // namespace

Result<TypedBlocks> LogReader::rowsOf(const Part& part, std::size_t index, std::string_view name,
                                      std::span<const std::uint32_t> rows) {
    PH_ASSIGN(const auto columns, directory(part));
    const std::uint64_t which = XXH3_64bits(rows.data(), rows.size_bytes());
    const auto [first, last] = columns->range(name);
    TypedBlocks result;
    for (std::size_t i = first; i < last; ++i) {
        const PartColumn& column = columns->columns[i];
        const auto block = static_cast<std::uint32_t>(index);
        const BlockCache::Key key{column.header.checksum ^ which, block, BlockCache::Kind::Rows};
        auto few = BlockCache::filters().find<ColumnBlock>(key);
        if (!few) {
            const auto whole = BlockCache::instance().find<ColumnBlock>({column.header.checksum, block});
            if (!whole) {
                auto decoded = readRows(part, column, index, rows);
                if (!decoded) return fail(damaged(part, column.name, decoded.error()));
                ++m_decoded;
                few = std::make_shared<const ColumnBlock>(std::move(*decoded));
            } else {
                few = std::make_shared<const ColumnBlock>(chosen(*whole, rows));
            }
            BlockCache::filters().put(key, few, few->bytes());
        }
        result.push_back(std::move(few));
    }
    return result;
}

Result<std::shared_ptr<const IdIndex>> LogReader::ids(const Part& part) {
    const BlockCache::Key key{part.checksum, 0, BlockCache::Kind::Ids};
    if (auto known = BlockCache::filters().find<IdIndex>(key)) return known;
    const auto read = [&]() -> Result<IdIndex> {
        const std::lock_guard lock(*m_sql);
        PH_ASSIGN(auto row, m_database->prepare("SELECT ids FROM prediction_segment WHERE id = ?1"));
        row.bindAll(part.id);
        PH_ASSIGN(const bool there, row.step());
        return there ? IdIndex::decode(row.blob(0), part.rows) : fail(ErrorKind::Corrupt, "is gone");
    };
    auto index = read();
    if (!index) return fail(damaged(part, {}, index.error()));
    auto shared = std::make_shared<const IdIndex>(std::move(*index));
    BlockCache::filters().put(key, shared, shared->bytes());
    return shared;
}

Result<std::optional<WordFilter>> LogReader::readWords(const Part& part, const PartColumn& column) {
    if (column.header.frontBytes == 0) return std::optional<WordFilter>{};
    PH_ASSIGN(const Bytes bytes, readBytes(part, column, 0, column.header.frontBytes, column.header.frontBytes));
    PH_ASSIGN(auto filter, WordFilter::decode(bytes, column.header.blocks.size()));
    return std::optional<WordFilter>(std::move(filter));
}

Result<std::shared_ptr<const WordFilter>> LogReader::words(const Part& part, const PartColumn& column) {
    if (column.header.frontBytes == 0) return nullptr;
    const BlockCache::Key key{column.header.checksum, 0, BlockCache::Kind::Words};
    if (auto known = BlockCache::filters().find<WordFilter>(key)) return known;
    auto filter = readWords(part, column);
    if (!filter) return fail(damaged(part, column.name, filter.error()));
    auto shared = std::make_shared<const WordFilter>(std::move(**filter));
    BlockCache::filters().put(key, shared, shared->bytes());
    return shared;
}

namespace {

using Keys = std::vector<std::uint64_t>;

Keys keysOf(const TypedBlocks& models, const TypedBlocks& requests, std::size_t rows) {
    Keys keys(rows, std::uint64_t{0});
    if (models.size() == 1 && requests.size() == 1 && models[0]->type == ColumnType::Text &&
        requests[0]->type == ColumnType::Text) {
        for (std::size_t i = 0; i < keys.size(); ++i)
            keys[i] = truthKey(models[0]->text(i), requests[0]->text(i));
    }
    return keys;
}

OutcomeBlock joined(const Keys& keys, const TruthView& truth, Timestamp knownBefore) {
    auto value = std::make_shared<ColumnBlock>(), known = std::make_shared<ColumnBlock>();
    known->type = ColumnType::Time;
    value->numbers.resize(keys.size());
    known->times.resize(keys.size());
    truth.index->join(keys, truth.stamp, knownBefore, value->numbers.data(), known->times.data());
    return {value, known};
}

/// A joined block and the ground truth it was joined with.
struct CachedOutcome {
    TruthIndex::Stamp stamp;
    OutcomeBlock block;
};

}  // namespace

Result<std::shared_ptr<const std::vector<std::uint64_t>>> LogReader::truthKeys(const Part& part, std::size_t index) {
    const BlockCache::Key key{part.checksum, static_cast<std::uint32_t>(index), BlockCache::Kind::TruthKeys};
    if (auto known = BlockCache::instance().find<Keys>(key)) return known;
    PH_ASSIGN(const TypedBlocks models, blocks(part, index, ports::field::model));
    PH_ASSIGN(const TypedBlocks requests, blocks(part, index, ports::field::requestId));
    auto shared = std::make_shared<const Keys>(keysOf(models, requests, part.rowsOf(index)));
    BlockCache::instance().put(key, shared, shared->size() * sizeof(std::uint64_t));
    return shared;
}

Result<TruthView> LogReader::truth() {
    const std::lock_guard lock(*m_sql);
    if (!m_truth) {
        PH_ASSIGN(m_truth, m_state->truth(*m_database));
    }
    return *m_truth;
}

Status LogReader::limitTruth(std::int64_t lastBatch) {
    if (lastBatch == std::numeric_limits<std::int64_t>::max()) return {};
    PH_ASSIGN(TruthView truth, this->truth());
    if (truth.stamp.batches > 0) truth.stamp = truth.index->upTo(truth.stamp, lastBatch);
    m_truth = truth;
    return {};
}

Result<OutcomeBlock> LogReader::outcome(const Part& part, std::size_t index, Timestamp knownBefore) {
    PH_ASSIGN(const TruthView truth, this->truth());
    if (truth.stamp.batches == 0) return joined(Keys(part.rowsOf(index)), truth, knownBefore);
    const BlockCache::Key key{part.checksum, static_cast<std::uint32_t>(index), BlockCache::Kind::Outcome};
    const bool cacheable = knownBefore == kTimestampMax;
    if (cacheable) {
        if (const auto known = BlockCache::instance().find<CachedOutcome>(key); known && known->stamp == truth.stamp)
            return known->block;
    }
    PH_ASSIGN(const auto keys, truthKeys(part, index));
    const OutcomeBlock result = joined(*keys, truth, knownBefore);
    if (cacheable) {
        auto entry = std::make_shared<const CachedOutcome>(CachedOutcome{truth.stamp, result});
        BlockCache::instance().put(key, std::move(entry), result.value->bytes() + result.known->bytes());
    }
    return result;
}

Result<OutcomeBlock> LogReader::outcome(const Part& part, std::size_t index, Timestamp knownBefore,
                                        std::span<const std::uint32_t> rows) {
    PH_ASSIGN(const TruthView truth, this->truth());
    if (truth.stamp.batches == 0) return joined(Keys(rows.size()), truth, knownBefore);
    PH_ASSIGN(const TypedBlocks models, rowsOf(part, index, ports::field::model, rows));
    PH_ASSIGN(const TypedBlocks requests, rowsOf(part, index, ports::field::requestId, rows));
    return joined(keysOf(models, requests, rows.size()), truth, knownBefore);
}

}  // namespace pilothouse::predictions
