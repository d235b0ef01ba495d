// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_rows_model.h"

#include <algorithm>
#include <numeric>

namespace pilothouse::items {
namespace {

/// Rows beyond the visible ones that are fetched with them.
constexpr int kMargin = 64;
/// Blocks kept when they are out of sight.
constexpr std::size_t kKeptBlocks = 48;

}  // namespace

PredictionRowsModel::PredictionRowsModel(std::shared_ptr<ports::PredictionLog> log, QObject* parent)
    : QAbstractTableModel(parent), m_log(std::move(log)) {}

void PredictionRowsModel::setColumns(std::vector<PredictionColumn> columns) {
    if (columns == m_columns) return;
    beginResetModel();
    m_columns = std::move(columns);
    for (Block& b : m_blocks) {
        b.pieces.clear();
        b.have = 0;
        b.complete = false;
    }
    m_latest.cancel();
    endResetModel();
    fetchNext();
}

std::vector<PredictionRowsModel::Block> PredictionRowsModel::makeBlocks(const std::vector<Timestamp>& edges,
                                                                        const std::vector<std::uint64_t>& counts,
                                                                        std::uint64_t start) {
    std::vector<Block> blocks;
    Block open;
    const auto close = [&] {
        if (open.count == 0) return;
        open.start = start;
        start += open.count;
        blocks.push_back(std::move(open));
        open = {};
    };
    for (std::size_t i = counts.size(); i-- > 0;) {
        if (counts[i] == 0) continue;
        if (open.count > 0 && open.count + counts[i] > kCutRows) close();  // large ones stand alone
        if (open.count == 0) open.range.end = edges[i + 1];
        open.range.start = edges[i];
        open.count += counts[i];
        if (open.count >= kBlockRows) close();
    }
    close();
    return blocks;
}

ports::SearchRequest PredictionRowsModel::firstPage(const ports::Query& query, const TimeRange& range,
                                                    const ports::RowOrder& order) const {
    ports::SearchRequest request;
    request.query = query;
    request.range = range;
    request.limit = ranked(order) ? kRanked : kFirstRows;
    request.columns = neededFields();
    if (ranked(order)) request.order = order;
    return request;
}

bool PredictionRowsModel::preview(const ports::Query& query, const TimeRange& range, const ports::RowOrder& order,
                                  ports::SearchPage first) {
    if (order.ascending && !ranked(order)) return false;
    const std::uint64_t rows = first.rows.rows;
    ask({query, {range.start, range.end}, {rows}, order}, std::move(first));
    return true;
}

void PredictionRowsModel::ask(PredictionQuestion question, std::optional<ports::SearchPage> first, bool following) {
    m_latest.cancel();
    std::vector<Block> blocks;
    if (!ranked(question.order)) {
        blocks = makeBlocks(question.edges, question.counts);
    } else if (first && first->rows.rows > 0) {
        blocks.push_back({0, first->rows.rows, {question.edges.front(), question.edges.back()}, {}, 0, false, true});
    }
    if (!following || !follow(question, blocks, first)) {
        beginResetModel();
        adopt(std::move(question), std::move(blocks), std::move(first));
        m_first = oldestFirst() ? std::max(0, rowCount() - 61) : 0;
        m_last = m_first + 60;
        endResetModel();
    }
    fetchNext();
    Q_EMIT loadingChanged();
}

void PredictionRowsModel::adopt(PredictionQuestion question, std::vector<Block> blocks,
                                std::optional<ports::SearchPage> first) {
    m_question = std::move(question);
    m_blocks = std::move(blocks);
    m_rows = m_blocks.empty() ? 0 : m_blocks.back().start + m_blocks.back().count;
    m_rows = std::min(m_rows, kMaxRows);
    m_newest.reset();
    if (!first || m_blocks.empty()) return;
    if (!first->positions.empty()) m_newest = first->positions.front();
    const std::size_t rows = first->rows.rows;
    deal(m_blocks, {{std::make_shared<ports::SearchPage>(std::move(*first)), 0, rows}});
}

/// Rows that are here already, from the first of the blocks on.
void PredictionRowsModel::deal(std::vector<Block>& blocks, const std::vector<Piece>& pieces) {
    auto block = blocks.begin();
    for (Piece piece : pieces) {
        for (; block != blocks.end() && piece.rows > 0; ++block) {
            const std::size_t rows = std::min<std::size_t>(piece.rows, block->count - block->have);
            if (rows > 0) block->pieces.push_back({piece.page, piece.from, rows});
            block->have += rows;
            piece.from += rows;
            piece.rows -= rows;
            block->complete = block->have == block->count;
            if (!block->complete) break;
        }
    }
}

/// Rows that came and rows that left the range, as insertions and removals, so that selection and scroll position stay.
bool PredictionRowsModel::follow(PredictionQuestion& question, std::vector<Block>& blocks,
                                 std::optional<ports::SearchPage>& first) {
    if (!m_newest || !first || blocks.empty() || question.order != m_question.order) return false;
    const auto samePlace = [](const ports::RowPosition& a, const ports::RowPosition& b) {
        return a.time == b.time && a.ordinal == b.ordinal;
    };
    if (ranked(question.order)) {
        if (m_blocks.empty() || m_blocks.front().pieces.empty()) return false;
        const auto& known = m_blocks.front().pieces.front().page->positions;
        if (!std::ranges::equal(known, first->positions, samePlace)) return false;
        adopt(std::move(question), std::move(blocks), std::move(first));
    } else {
        const auto found = std::ranges::find_if(first->positions,
                                                [&](const ports::RowPosition& p) { return samePlace(p, *m_newest); });
        if (found == first->positions.end()) return false;
        const auto fresh = static_cast<std::int64_t>(found - first->positions.begin());
        const std::uint64_t total = std::min(blocks.back().start + blocks.back().count, kMaxRows);
        const std::int64_t older = static_cast<std::int64_t>(total) - static_cast<std::int64_t>(m_rows) - fresh;
        if (static_cast<std::int64_t>(m_rows) + older < 0) return false;
        addOlder(older);
        const int at = oldestFirst() ? rowCount() : 0;
        if (fresh > 0) beginInsertRows({}, at, at + static_cast<int>(fresh) - 1);
        adopt(std::move(question), std::move(blocks), std::move(first));
        if (fresh > 0) endInsertRows();
    }
    // Outcomes that have arrived meanwhile change rows that are shown.
    if (m_rows > 0 && columnCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    return true;
}

/// So many rows more, or fewer, at the older end.
void PredictionRowsModel::addOlder(std::int64_t older) {
    const int rows = rowCount(), by = static_cast<int>(older), from = oldestFirst() ? 0 : rows;
    if (by > 0) {
        beginInsertRows({}, from, from + by - 1);
        m_rows = static_cast<std::uint64_t>(rows + by);
        endInsertRows();
    } else if (by < 0) {
        const int first = oldestFirst() ? 0 : rows + by;
        beginRemoveRows({}, first, first - by - 1);
        m_rows = static_cast<std::uint64_t>(rows + by);
        endRemoveRows();
    }
}

std::vector<std::string> PredictionRowsModel::neededFields() const {
    std::vector<std::string> result;
    const auto add = [&](std::string_view name) {
        if (std::find(result.begin(), result.end(), name) == result.end()) result.emplace_back(name);
    };
    for (const std::string_view name :
         {ports::field::time, ports::field::requestId, ports::field::model, ports::field::version, ports::field::score,
          ports::field::outcome, ports::field::status})
        add(name);
    for (const PredictionColumn& c : m_columns)
        for (const std::string& f : c.fields)
            add(f);
    return result;
}

std::size_t PredictionRowsModel::blockOf(std::uint64_t row) const {
    const auto it = std::upper_bound(m_blocks.begin(), m_blocks.end(), row,
                                     [](std::uint64_t a, const Block& b) { return a < b.start; });
    return it == m_blocks.begin() ? m_blocks.size() : static_cast<std::size_t>(it - m_blocks.begin()) - 1;
}

PredictionRowsModel::Place PredictionRowsModel::place(int row) const {
    if (row < 0 || static_cast<std::uint64_t>(row) >= m_rows) return {};
    row = turned(row);
    const std::size_t b = blockOf(static_cast<std::uint64_t>(row));
    if (b >= m_blocks.size()) return {};
    std::size_t offset = static_cast<std::uint64_t>(row) - m_blocks[b].start;
    for (const Piece& piece : m_blocks[b].pieces) {
        if (offset < piece.rows) return {&piece.page->rows, piece.from + offset};
        offset -= piece.rows;
    }
    return {};
}

bool PredictionRowsModel::loaded(int row) const { return place(row).rows != nullptr; }

int PredictionRowsModel::rowOfRequest(const QString& requestId) const {
    const std::string wanted = requestId.toStdString();
    for (const Block& b : m_blocks) {
        std::size_t offset = 0;
        for (const Piece& piece : b.pieces) {
            if (const ports::Column* ids = piece.page->rows.find(ports::field::requestId))
                for (std::size_t i = 0; i < piece.rows; ++i)
                    if (ids->text(piece.from + i) == wanted) return turned(static_cast<int>(b.start + offset + i));
            offset += piece.rows;
        }
    }
    return -1;
}

int PredictionRowsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows);
}

int PredictionRowsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant PredictionRowsModel::fieldValue(const Place& at, std::string_view field) const {
    const ports::Column* c = at.rows->find(field);
    if (!c || at.row >= c->size() || c->missing(at.row)) return {};
    switch (c->type) {
        case ports::ColumnType::Number:
            return c->numbers[at.row];
        case ports::ColumnType::Time:
            return static_cast<qint64>(c->times[at.row]);
        case ports::ColumnType::Text: {
            const std::string_view text = c->text(at.row);
            return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
        }
    }
    return {};
}

QVariant PredictionRowsModel::columnValue(const Place& at, const PredictionColumn& column) const {
    if (column.fields.size() == 1) return fieldValue(at, column.fields.front());
    QStringList parts;
    for (const std::string& f : column.fields) {
        const QVariant value = fieldValue(at, f);
        if (value.isValid()) parts += value.toString();
    }
    return parts.isEmpty() ? QVariant() : QVariant(parts.join(column.joiner));
}

QVariant PredictionRowsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.column() >= columnCount()) return {};
    const PredictionColumn& column = m_columns[static_cast<std::size_t>(index.column())];
    if (role == ColumnIdRole) return column.id;
    if (role == TypeRole) return static_cast<int>(column.type);
    const Place at = place(index.row());
    if (role == LoadingRole) return at.rows == nullptr;
    if (!at.rows) return {};
    switch (role) {
        case Qt::DisplayRole:
        case ValueRole:
            return columnValue(at, column);
        case TimeRole:
            return fieldValue(at, ports::field::time);
        case RequestIdRole:
            return fieldValue(at, ports::field::requestId);
        case ScoreRole:
            return fieldValue(at, ports::field::score);
        case OutcomeRole:
            return fieldValue(at, ports::field::outcome);
        case StatusRole:
            return fieldValue(at, ports::field::status);
        case VersionRole:
            return fieldValue(at, ports::field::version);
        default:
            return {};
    }
}

QVariant PredictionRowsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical || section < 0 || section >= columnCount()) return {};
    const PredictionColumn& column = m_columns[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) return column.title;
    if (role == Qt::TextAlignmentRole) {
        const bool right = column.type == ports::ColumnType::Number && column.id != u"score" && column.id != u"outcome";
        return QVariant::fromValue(Qt::Alignment((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    if (role == ColumnIdRole) return column.id;
    if (role == TypeRole) return static_cast<int>(column.type);
    return {};
}

void PredictionRowsModel::setVisible(int first, int last) {
    if (oldestFirst()) {
        const int low = turned(last);
        last = turned(first);
        first = std::max(0, low);
    }
    if (first == m_first && last == m_last) return;
    m_first = std::max(0, first);
    m_last = std::max(m_first, last);
    if (m_latest.running() && m_fetching < m_blocks.size()) {
        const Block& b = m_blocks[m_fetching];
        const auto low = static_cast<std::int64_t>(b.start), high = low + static_cast<std::int64_t>(b.count);
        if (high < m_first - kMargin || low > m_last + kMargin) m_latest.cancel();
    }
    if (!m_latest.running()) fetchNext();
}

/// The first block that lacks rows of [from, to]; the number of blocks where none does.
std::size_t PredictionRowsModel::lacking(int from, int to) const {
    if (m_rows == 0) return m_blocks.size();
    from = std::clamp(from, 0, rowCount() - 1);
    to = std::clamp(to, 0, rowCount() - 1);
    for (std::size_t b = blockOf(static_cast<std::uint64_t>(from));
         b < m_blocks.size() && m_blocks[b].start <= static_cast<std::uint64_t>(to); ++b) {
        const Block& block = m_blocks[b];
        const std::uint64_t needed =
            std::min<std::uint64_t>(block.count, static_cast<std::uint64_t>(to) + 1 - block.start);
        if (!block.complete && block.have < needed) return b;
    }
    return m_blocks.size();
}

void PredictionRowsModel::fetchNext() {
    std::size_t wanted = lacking(m_first, m_last);
    if (wanted >= m_blocks.size()) wanted = lacking(m_first - kMargin, m_last + kMargin);
    if (wanted >= m_blocks.size() || m_columns.empty()) {
        Q_EMIT loadingChanged();
        return;
    }
    const Block& block = m_blocks[wanted];
    const bool far = static_cast<std::uint64_t>(m_first) > block.start + block.have + kCutRows;
    if (far && !block.whole && block.range.duration().count() > 1) return cut(wanted);
    ports::SearchRequest request;
    request.query = m_question.query;
    request.range = block.range;
    request.limit = std::min<std::size_t>(block.count - block.have, kPageRows);
    request.columns = neededFields();
    if (ranked(m_question.order)) request.order = m_question.order;
    if (!block.pieces.empty()) {
        const Piece& last = block.pieces.back();
        if (last.page->positions.size() >= last.from + last.rows)
            request.before = last.page->positions[last.from + last.rows - 1];
    }
    m_fetching = wanted;
    m_latest.start(
        this, [&](CancellationToken token) { return m_log->search(std::move(request), std::move(token)); },
        [this, wanted](Result<ports::SearchPage> page) {
            if (page) {
                received(wanted, std::move(*page));
            } else {
                Q_EMIT failed(QString::fromStdString(page.error().text()));
                Q_EMIT loadingChanged();
            }
        });
    Q_EMIT loadingChanged();
}

/// Counts in narrower buckets: a busy hour of a large log holds thousands of rows.
void PredictionRowsModel::cut(std::size_t index) {
    constexpr std::int64_t kParts = 64;
    const TimeRange range = m_blocks[index].range;
    ports::TimeCountsRequest request;
    request.query = m_question.query;
    const std::int64_t step = std::max<std::int64_t>(1, range.duration().count() / kParts);
    for (Timestamp t = range.start; t < range.end && request.edges.size() <= 2 * kParts; t += Duration(step))
        request.edges.push_back(t);
    request.edges.push_back(range.end);
    auto edges = request.edges;
    m_fetching = index;
    m_latest.start(
        this, [&](CancellationToken token) { return m_log->timeCounts(std::move(request), std::move(token)); },
        [this, index, edges = std::move(edges)](Result<ports::TimeCounts> counts) {
            if (counts) return wasCut(index, edges, *counts);
            Q_EMIT failed(QString::fromStdString(counts.error().text()));
            Q_EMIT loadingChanged();
        });
    Q_EMIT loadingChanged();
}

void PredictionRowsModel::wasCut(std::size_t index, const std::vector<Timestamp>& edges,
                                 const ports::TimeCounts& counts) {
    if (index >= m_blocks.size()) return;
    Block& block = m_blocks[index];
    std::vector<std::uint64_t> sums(edges.size() - 1, 0);
    for (const auto& group : counts.counts)
        for (std::size_t i = 0; i < group.size() && i < sums.size(); ++i)
            sums[i] += group[i];
    auto parts = makeBlocks(edges, sums, block.start);
    // Rows may have come or gone since the first count: what lies below must not move.
    if (std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}) != block.count) {
        block.whole = true;
    } else {
        deal(parts, block.pieces);
        const auto place = m_blocks.erase(m_blocks.begin() + static_cast<std::ptrdiff_t>(index));
        m_blocks.insert(place, std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
    }
    fetchNext();
}

void PredictionRowsModel::received(std::size_t index, ports::SearchPage page) {
    if (index >= m_blocks.size()) return;
    Block& block = m_blocks[index];
    const ports::ScanStats stats = page.stats;
    const std::uint64_t from = block.start + block.have;
    const std::size_t rows = page.rows.rows;
    block.have += rows;
    // Fewer rows than were counted (some were erased meanwhile): the rest stays empty until the next count.
    block.complete = block.have >= block.count || !page.more || rows == 0;
    if (rows > 0) block.pieces.push_back({std::make_shared<ports::SearchPage>(std::move(page)), 0, rows});
    const std::uint64_t to =
        std::min<std::uint64_t>(std::min(block.start + block.have, block.start + block.count), m_rows);
    if (to > from && columnCount() > 0) {
        const int a = turned(static_cast<int>(from)), b = turned(static_cast<int>(to) - 1);
        Q_EMIT dataChanged(this->index(std::min(a, b), 0), this->index(std::max(a, b), columnCount() - 1));
    }
    Q_EMIT searched(stats);
    forgetFar();
    fetchNext();
}

void PredictionRowsModel::forgetFar() {
    std::vector<std::size_t> held;
    for (std::size_t i = 0; i < m_blocks.size(); ++i)
        if (!m_blocks[i].pieces.empty()) held.push_back(i);
    if (held.size() <= kKeptBlocks) return;
    const auto middle = static_cast<std::uint64_t>((m_first + m_last) / 2);
    const auto distance = [&](std::size_t i) {
        const std::uint64_t at = m_blocks[i].start + m_blocks[i].count / 2;
        return at > middle ? at - middle : middle - at;
    };
    std::sort(held.begin(), held.end(), [&](std::size_t a, std::size_t b) { return distance(a) > distance(b); });
    held.resize(held.size() - kKeptBlocks);
    for (const std::size_t i : held) {
        m_blocks[i].pieces.clear();
        m_blocks[i].have = 0;
        m_blocks[i].complete = false;
    }
}

}  // namespace pilothouse::items
