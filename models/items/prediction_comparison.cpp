// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_comparison.h"

#include <QDateTime>
#include <algorithm>

#include "models/items/join.h"
#include "models/predictions/query_parser.h"
#include "models/predictions/query_plan.h"

namespace pilothouse::items {

namespace {

ports::SearchRequest requestFor(const std::string& model, const PredictionComparison::Place& place) {
    ports::SearchRequest request;
    std::string text = predictions::equalsClause(ports::field::requestId, place.requestId);
    if (!model.empty()) text = predictions::equalsClause(ports::field::model, model) + " " + text;
    if (auto query = predictions::parseQuery(text)) request.query = std::move(*query);
    request.range = {place.time, place.time + Duration(1)};
    request.limit = 1;
    return request;
}

QString timeText(Timestamp t, const Zone& zone) {
    const auto offset = std::chrono::duration_cast<std::chrono::seconds>(zone.offsetAt(t));
    return QDateTime::fromMSecsSinceEpoch(t.ms(), Qt::OffsetFromUTC, static_cast<int>(offset.count()))
        .toString(t.ms() % 1'000 == 0 ? QStringLiteral("yyyy-MM-dd HH:mm:ss")
                                      : QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz"));
}

QString cellText(const ports::Column& column, const Zone& zone) {
    switch (column.type) {
        case ports::ColumnType::Number:
            // Digits that nobody compares by eye only push out those that one would.
            if (const std::string exact = predictions::numberText(column.numbers.front()); exact.size() <= 10)
                return QString::fromStdString(exact);
            return QString::number(column.numbers.front(), 'g', 8);
        case ports::ColumnType::Text:
            return QString::fromUtf8(column.text(0).data(), static_cast<qsizetype>(column.text(0).size()));
        case ports::ColumnType::Time:
            return timeText({column.times.front()}, zone);
    }
    return {};
}

}  // namespace

PredictionComparison::PredictionComparison(std::shared_ptr<ports::PredictionLog> log, QObject* parent)
    : QAbstractTableModel(parent), m_log(std::move(log)) {}

void PredictionComparison::setZone(const Zone& zone) {
    m_zone = zone;
    if (!m_lines.empty()) fill(m_rows);
}

void PredictionComparison::clear() {
    m_latest.cancel();
    beginResetModel();
    m_rows = {};
    m_lines.clear();
    m_differing = 0;
    endResetModel();
}

void PredictionComparison::load(const std::string& model, std::array<Place, 2> rows) {
    m_latest.start(
        this,
        [&](const CancellationToken& token) {
            Join<Pair> join;
            for (std::size_t i = 0; i < rows.size(); ++i)
                join.need(m_log->search(requestFor(model, rows[i]), token),
                          [i](Pair& pair, ports::SearchPage page) { pair[i] = std::move(page.rows); });
            return join.answer();
        },
        [this](Result<Pair> pair) {
            if (!pair) return Q_EMIT failed(QString::fromStdString(pair.error().text()));
            if ((*pair)[0].rows == 0 || (*pair)[1].rows == 0)
                return Q_EMIT failed(QStringLiteral("One of the two rows is not in the log any more"));
            m_rows = std::move(*pair);
            fill(m_rows);
            Q_EMIT loaded();
        });
}

void PredictionComparison::fill(const Pair& rows) {
    std::vector<Line> lines;
    for (const ports::Column& a : rows[0].columns) {
        Line line;
        line.field = QString::fromStdString(a.name);
        const std::array<const ports::Column*, 2> columns{&a, rows[1].find(a.name)};
        for (std::size_t i = 0; i < columns.size(); ++i) {
            line.missing[i] = !columns[i] || columns[i]->size() == 0 || columns[i]->missing(0);
            if (!line.missing[i]) line.values[i] = cellText(*columns[i], m_zone);
        }
        if (line.missing[0] && line.missing[1]) continue;
        line.differs = line.missing[0] != line.missing[1] || line.values[0] != line.values[1];
        lines.push_back(std::move(line));
    }
    std::ranges::stable_partition(lines, &Line::differs);
    beginResetModel();
    m_lines = std::move(lines);
    m_differing = static_cast<int>(std::ranges::count_if(m_lines, &Line::differs));
    endResetModel();
}

int PredictionComparison::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

QVariant PredictionComparison::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= 3) return {};
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    const auto side = static_cast<std::size_t>(std::max(0, index.column() - 1));
    switch (role) {
        case Qt::DisplayRole:
        case Qt::ToolTipRole:
            if (index.column() == 0) return line.field;
            return line.missing[side] ? QStringLiteral("no value") : line.values[side];
        case DiffersRole:
            return line.differs;
        case MissingRole:
            return index.column() > 0 && line.missing[side];
        default:
            return {};
    }
}

QVariant PredictionComparison::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    if (section == 0) return QStringLiteral("field");
    const ports::RowSet& rows = m_rows[section == 1 ? 0 : 1];
    const ports::Column* id = rows.find(ports::field::requestId);
    return id && id->size() > 0 ? QString::fromStdString(std::string(id->text(0))) : QString();
}

}  // namespace pilothouse::items
