// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "models/base/time_zone.h"
#include "models/ports/orchestrator.h"

namespace pilothouse::items {

/// Runs, newest first. Semantic roles only; a view gives colour and shape to a state.
class RunListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Id, Started, Pipeline, State, Result, Cause, Wall, ColumnCount };
    enum Role {
        StateRole = Qt::UserRole + 1,  ///< int of ports::RunState
        IdRole,                        ///< QString
        StartedNsRole,                 ///< qint64; invalid where not started
        WallMsRole,                    ///< double
    };
    explicit RunListModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// Keeps rows in place: new runs are inserted at the top, known ones change where they are.
    void setRuns(std::vector<ports::Run> runs);
    [[nodiscard]] const std::vector<ports::Run>& runs() const { return m_runs; }
    [[nodiscard]] int rowOf(const QString& id) const;  ///< -1: not there

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<ports::Run> m_runs;
};

/// The tasks on a run's critical path: the chain of dependencies with the longest measured time.
[[nodiscard]] std::vector<std::string> criticalPath(const ports::Run& run);

}  // namespace pilothouse::items
