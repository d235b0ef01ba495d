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
        b.pages.clear();
        b.have = 0;
        b.complete = false;
    }
    m_latest.cancel();
    endResetModel();
    fetchNext();
}

std::vector<PredictionRowsModel::Block> PredictionRowsModel::makeBlocks(const PredictionQuestion& question) {
    std::vector<Block> blocks;
    std::uint64_t start = 0;
    Block open;
    const auto close = [&] {
        if (open.count == 0) return;
        open.start = start;
        start += open.count;
        blocks.push_back(std::move(open));
        open = {};
    };
    for (std::size_t i = question.counts.size(); i-- > 0;) {
        if (question.counts[i] == 0) continue;
        const TimeRange bucket{question.edges[i], question.edges[i + 1]};
        if (open.count == 0) open.range.end = bucket.end;
        open.range.start = bucket.start;
        open.count += question.counts[i];
        if (open.count >= kBlockRows) close();
    }
    close();
    return blocks;
}

ports::SearchRequest PredictionRowsModel::firstPage(const PredictionQuestion& question) const {
    const auto blocks = makeBlocks(question);
    ports::SearchRequest request;
    request.query = question.query;
    if (!blocks.empty()) {
        request.range = blocks.front().range;
        request.limit = std::min<std::size_t>(blocks.front().count, kPageRows);
    }
    request.columns = neededFields();
    return request;
}

void PredictionRowsModel::ask(PredictionQuestion question, std::optional<ports::SearchPage> first, bool following) {
    m_latest.cancel();
    auto blocks = makeBlocks(question);
    if (!following || !follow(question, blocks, first)) {
        beginResetModel();
        adopt(std::move(question), std::move(blocks), std::move(first));
        m_first = 0;
        m_last = 60;
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
    if (first && !m_blocks.empty()) {
        Block& b = m_blocks.front();
        b.have = first->rows.rows;
        b.complete = !first->more || b.have >= b.count;
        b.pages.push_back(std::move(*first));
    }
}

/// New rows on top, old ones gone below: as insertions and removals, so that selection and scroll position stay.
bool PredictionRowsModel::follow(PredictionQuestion& question, std::vector<Block>& blocks,
                                 std::optional<ports::SearchPage>& first) {
    if (m_blocks.empty() || m_blocks.front().pages.empty() || !first || blocks.empty()) return false;
    const auto& known = m_blocks.front().pages.front().positions;
    if (known.empty()) return false;
    const ports::RowPosition top = known.front();
    const auto found = std::find_if(first->positions.begin(), first->positions.end(), [&](const ports::RowPosition& p) {
        return p.time == top.time && p.ordinal == top.ordinal;
    });
    if (found == first->positions.end()) return false;
    const int fresh = static_cast<int>(found - first->positions.begin());
    const std::uint64_t total = std::min(blocks.back().start + blocks.back().count, kMaxRows);
    const std::int64_t bottom = static_cast<std::int64_t>(total) - static_cast<std::int64_t>(m_rows) - fresh;
    if (static_cast<std::int64_t>(m_rows) + bottom < 0) return false;
    const int oldRows = static_cast<int>(m_rows);
    if (bottom < 0) {
        beginRemoveRows({}, oldRows + static_cast<int>(bottom), oldRows - 1);
        m_rows = static_cast<std::uint64_t>(oldRows + bottom);
        endRemoveRows();
    } else if (bottom > 0) {
        beginInsertRows({}, oldRows, oldRows + static_cast<int>(bottom) - 1);
        m_rows = static_cast<std::uint64_t>(oldRows + bottom);
        endInsertRows();
    }
    if (fresh > 0) beginInsertRows({}, 0, fresh - 1);
    adopt(std::move(question), std::move(blocks), std::move(first));
    if (fresh > 0) endInsertRows();
    // Outcomes that have arrived meanwhile change rows that are shown.
    if (m_rows > 0 && columnCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    return true;
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
    const std::size_t b = blockOf(static_cast<std::uint64_t>(row));
    if (b >= m_blocks.size()) return {};
    std::size_t offset = static_cast<std::uint64_t>(row) - m_blocks[b].start;
    for (const ports::SearchPage& page : m_blocks[b].pages) {
        if (offset < page.rows.rows) return {&page.rows, offset};
        offset -= page.rows.rows;
    }
    return {};
}

bool PredictionRowsModel::loaded(int row) const { return place(row).rows != nullptr; }

int PredictionRowsModel::rowOfRequest(const QString& requestId) const {
    const std::string wanted = requestId.toStdString();
    for (const Block& b : m_blocks) {
        std::size_t offset = 0;
        for (const ports::SearchPage& page : b.pages) {
            if (const ports::Column* ids = page.rows.find(ports::field::requestId))
                for (std::size_t i = 0; i < page.rows.rows; ++i)
                    if (ids->text(i) == wanted) return static_cast<int>(b.start + offset + i);
            offset += page.rows.rows;
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

void PredictionRowsModel::fetchNext() {
    const auto wantedIn = [&](int from, int to) -> std::size_t {
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
    };
    std::size_t wanted = wantedIn(m_first, m_last);
    if (wanted >= m_blocks.size()) wanted = wantedIn(m_first - kMargin, m_last + kMargin);
    if (wanted >= m_blocks.size() || m_columns.empty()) {
        Q_EMIT loadingChanged();
        return;
    }
    const Block& block = m_blocks[wanted];
    ports::SearchRequest request;
    request.query = m_question.query;
    request.range = block.range;
    request.limit = std::min<std::size_t>(block.count - block.have, kPageRows);
    request.columns = neededFields();
    if (!block.pages.empty() && !block.pages.back().positions.empty())
        request.before = block.pages.back().positions.back();
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

void PredictionRowsModel::received(std::size_t index, ports::SearchPage page) {
    if (index >= m_blocks.size()) return;
    Block& block = m_blocks[index];
    const ports::ScanStats stats = page.stats;
    const std::uint64_t from = block.start + block.have;
    block.have += page.rows.rows;
    // Fewer rows than were counted (some were erased meanwhile): the rest stays empty until the next count.
    block.complete = block.have >= block.count || !page.more || page.rows.rows == 0;
    block.pages.push_back(std::move(page));
    const std::uint64_t to =
        std::min<std::uint64_t>(std::min(block.start + block.have, block.start + block.count), m_rows);
    if (to > from && columnCount() > 0)
        Q_EMIT dataChanged(this->index(static_cast<int>(from), 0),
                           this->index(static_cast<int>(to) - 1, columnCount() - 1));
    Q_EMIT searched(stats);
    forgetFar();
    fetchNext();
}

void PredictionRowsModel::forgetFar() {
    std::vector<std::size_t> held;
    for (std::size_t i = 0; i < m_blocks.size(); ++i)
        if (!m_blocks[i].pages.empty()) held.push_back(i);
    if (held.size() <= kKeptBlocks) return;
    const auto middle = static_cast<std::uint64_t>((m_first + m_last) / 2);
    const auto distance = [&](std::size_t i) {
        const std::uint64_t at = m_blocks[i].start + m_blocks[i].count / 2;
        return at > middle ? at - middle : middle - at;
    };
    std::sort(held.begin(), held.end(), [&](std::size_t a, std::size_t b) { return distance(a) > distance(b); });
    held.resize(held.size() - kKeptBlocks);
    for (const std::size_t i : held) {
        m_blocks[i].pages.clear();
        m_blocks[i].have = 0;
        m_blocks[i].complete = false;
    }
}

}  // namespace pilothouse::items
