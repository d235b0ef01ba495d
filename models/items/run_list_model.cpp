// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/run_list_model.h"

#include <algorithm>
#include <map>

namespace pilothouse::items {

namespace {

bool sameLine(const ports::Run& a, const ports::Run& b) {
    return a.state == b.state && a.result == b.result && a.wallMs == b.wallMs && a.started == b.started &&
           a.finished == b.finished && a.cause == b.cause;
}

}  // namespace

void RunListModel::setRuns(std::vector<ports::Run> runs) {
    // The usual change is "some new ones at the top"; anything else is a new list.
    std::size_t added = 0;
    while (added < runs.size() && (m_runs.empty() || runs[added].id != m_runs.front().id))
        ++added;
    const std::size_t kept = runs.size() - added;
    const bool prefix = !m_runs.empty() && kept == m_runs.size() &&
                        std::equal(m_runs.begin(), m_runs.end(), runs.begin() + static_cast<std::ptrdiff_t>(added),
                                   [](const ports::Run& a, const ports::Run& b) { return a.id == b.id; });
    if (!prefix) {
        beginResetModel();
        m_runs = std::move(runs);
        endResetModel();
        return;
    }
    if (added > 0) {
        beginInsertRows({}, 0, static_cast<int>(added) - 1);
        m_runs.insert(m_runs.begin(), runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(added));
        endInsertRows();
    }
    for (std::size_t row = added; row < runs.size(); ++row) {
        if (sameLine(m_runs[row], runs[row])) continue;
        m_runs[row] = std::move(runs[row]);
        Q_EMIT dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), ColumnCount - 1));
    }
}

int RunListModel::rowOf(const QString& id) const {
    for (std::size_t row = 0; row < m_runs.size(); ++row)
        if (QString::fromStdString(m_runs[row].id) == id) return static_cast<int>(row);
    return -1;
}

int RunListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}
int RunListModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant RunListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const ports::Run& run = m_runs[static_cast<std::size_t>(index.row())];
    switch (role) {
        case StateRole:
            return static_cast<int>(run.state);
        case IdRole:
            return QString::fromStdString(run.id);
        case StartedNsRole:
            return run.started ? QVariant(static_cast<qint64>(run.started->ns)) : QVariant();
        case WallMsRole:
            return run.wallMs;
        case Qt::DisplayRole:
            break;
        case Qt::ToolTipRole:
            return QString::fromStdString(run.result.empty() ? run.cause : run.result + "\n" + run.cause);
        default:
            return {};
    }
    switch (index.column()) {
        case Id:
            return QString::fromStdString(run.id);
        case Pipeline:
            return QString::fromStdString(run.pipeline);
        case State:
            return QString::fromLatin1(toString(run.state));
        case Result:
            return QString::fromStdString(run.result);
        case Cause:
            return QString::fromStdString(run.cause);
        default:
            return {};  // times and durations are formatted by the view, which knows the zone
    }
}

QVariant RunListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (section) {
        case Id:
            return QStringLiteral("run");
        case Started:
            return QStringLiteral("started");
        case Pipeline:
            return QStringLiteral("pipeline");
        case State:
            return QStringLiteral("state");
        case Result:
            return QStringLiteral("result");
        case Cause:
            return QStringLiteral("why it ran");
        case Wall:
            return QStringLiteral("took");
        default:
            return {};
    }
}

std::vector<std::string> criticalPath(const ports::Run& run) {
    // Tasks are in plan order, so every task's predecessors come before it.
    std::map<std::string, std::pair<double, std::string>> longest;  // task → (time to its end, predecessor)
    std::string last;
    double best = -1;
    for (const ports::Task& task : run.tasks) {
        double before = 0;
        std::string from;
        for (const std::string& name : task.after) {
            const auto found = longest.find(name);
            if (found != longest.end() && (from.empty() || found->second.first > before)) {
                before = found->second.first;
                from = name;
            }
        }
        const double end = before + task.wallMs;
        longest[task.name] = {end, from};
        if (end >= best) {
            best = end;
            last = task.name;
        }
    }
    std::vector<std::string> path;
    for (std::string name = last; !name.empty(); name = longest[name].second)
        path.push_back(name);
    std::reverse(path.begin(), path.end());
    return path;
}

}  // namespace pilothouse::items
