// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/prediction_facets_model.h"

#include <algorithm>

#include "models/predictions/query_parser.h"

namespace pilothouse::items {
namespace {

std::optional<double> liftOf(std::uint64_t count, std::uint64_t total, std::optional<std::uint64_t> baseCount,
                             std::uint64_t baseTotal) {
    if (!baseCount || *baseCount == 0 || total == 0 || baseTotal == 0) return std::nullopt;
    const double share = static_cast<double>(count) / static_cast<double>(total);
    return share / (static_cast<double>(*baseCount) / static_cast<double>(baseTotal));
}

}  // namespace

PredictionFacetsModel::PredictionFacetsModel(QObject* parent) : QAbstractListModel(parent) {}

void PredictionFacetsModel::setFields(std::vector<std::string> fields) {
    if (fields == m_fields) return;
    m_fields = std::move(fields);
    rebuild();
}

void PredictionFacetsModel::setValues(const std::string& field, ports::TopValues values,
                                      std::optional<ports::TopValues> baseline) {
    m_answers[field] = {std::move(values), std::move(baseline)};
    rebuild();
}

void PredictionFacetsModel::setFilters(const std::vector<std::string>& filters) {
    QStringList list;
    for (const std::string& f : filters)
        list += QString::fromStdString(f);
    if (list == m_filters) return;
    m_filters = std::move(list);
    if (!m_lines.empty()) Q_EMIT dataChanged(index(0), index(rowCount() - 1), {ActiveRole, ExcludedRole});
}

void PredictionFacetsModel::clearValues() {
    m_answers.clear();
    rebuild();
}

void PredictionFacetsModel::setLimit(int limit) {
    if (limit == m_limit) return;
    m_limit = limit;
    rebuild();
}

std::vector<PredictionFacetsModel::Line> PredictionFacetsModel::linesOf(const std::string& field,
                                                                        const Answer& answer) const {
    const ports::TopValues& values = answer.values;
    std::vector<Line> result;
    if (values.total == 0) return result;
    Line header;
    header.field = field;
    header.header = true;
    header.count = values.total;
    result.push_back(header);
    const auto share = [&](std::uint64_t n) { return static_cast<double>(n) / static_cast<double>(values.total); };
    const auto baseCount = [&](const std::string& value) -> std::optional<std::uint64_t> {
        if (!answer.baseline) return std::nullopt;
        for (const ports::ValueCount& v : answer.baseline->values)
            if (v.value == value) return v.count;
        return std::nullopt;
    };
    const std::uint64_t baseTotal = answer.baseline ? answer.baseline->total : 0;
    int shown = 0;
    for (const ports::ValueCount& v : values.values) {
        if (shown++ >= m_limit) break;
        Line line;
        line.field = field;
        line.value = v.value;
        line.count = v.count;
        line.share = share(v.count);
        line.lift = liftOf(v.count, values.total, baseCount(v.value), baseTotal);
        line.clause = QString::fromStdString(predictions::equalsClause(field, v.value));
        result.push_back(std::move(line));
    }
    if (values.missing > 0) {
        Line line;
        line.field = field;
        line.missing = true;
        line.count = values.missing;
        line.share = share(values.missing);
        if (answer.baseline) line.lift = liftOf(values.missing, values.total, answer.baseline->missing, baseTotal);
        line.clause = QStringLiteral("_missing_:") + QString::fromStdString(field);
        result.push_back(std::move(line));
    }
    return result;
}

void PredictionFacetsModel::rebuild() {
    std::vector<Line> lines;
    for (const std::string& field : m_fields) {
        const auto it = m_answers.find(field);
        if (it == m_answers.end()) continue;
        for (Line& line : linesOf(field, it->second))
            lines.push_back(std::move(line));
    }
    // The same lines with other numbers must not move the list under the reader.
    const bool same =
        lines.size() == m_lines.size() &&
        std::equal(lines.begin(), lines.end(), m_lines.begin(), [](const Line& a, const Line& b) {
            return a.field == b.field && a.value == b.value && a.header == b.header && a.missing == b.missing;
        });
    if (same) {
        m_lines = std::move(lines);
        if (!m_lines.empty()) Q_EMIT dataChanged(index(0), index(rowCount() - 1));
        return;
    }
    beginResetModel();
    m_lines = std::move(lines);
    endResetModel();
}

int PredictionFacetsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

QVariant PredictionFacetsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            return QString::fromStdString(line.header ? line.field : line.value);
        case FieldRole:
            return QString::fromStdString(line.field);
        case HeaderRole:
            return line.header;
        case ValueRole:
            return QString::fromStdString(line.value);
        case MissingRole:
            return line.missing;
        case CountRole:
            return static_cast<qulonglong>(line.count);
        case ShareRole:
            return line.share;
        case LiftRole:
            return line.lift ? QVariant(*line.lift) : QVariant();
        case ClauseRole:
            return line.clause;
        case ActiveRole:
            return !line.header && m_filters.contains(line.clause);
        case ExcludedRole:
            return !line.header && m_filters.contains(exclusion(line.clause));
        default:
            return {};
    }
}

Qt::ItemFlags PredictionFacetsModel::flags(const QModelIndex& index) const {
    if (!index.isValid()) return Qt::NoItemFlags;
    if (data(index, HeaderRole).toBool()) return Qt::ItemIsEnabled;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
}

}  // namespace pilothouse::items
