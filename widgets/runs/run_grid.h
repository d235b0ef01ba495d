// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <map>
#include <vector>

#include "models/base/time_zone.h"
#include "models/ports/orchestrator.h"

namespace pilothouse::runs {

/// Tasks × runs: a row a task, a column a run (newest at the right), a mark a state. Click or arrow keys choose a run
/// and a task.
class RunGrid : public QWidget {
    Q_OBJECT
public:
    explicit RunGrid(QWidget* parent = nullptr);
    /// Runs with their tasks, newest first.
    void setRuns(std::vector<ports::Run> runs, const Zone& zone);
    void setCurrent(const QString& run, const QString& task);
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void chosen(const QString& run, const QString& task);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Place {
        int row = -1, column = -1;
    };
    [[nodiscard]] int visibleColumns() const;
    [[nodiscard]] QRect cell(int row, int column) const;
    [[nodiscard]] Place placeAt(QPoint at) const;
    [[nodiscard]] const ports::Task* taskAt(Place place) const;
    void choose(Place place);

    std::vector<ports::Run> m_runs;  ///< oldest first
    std::vector<std::string> m_tasks;
    Zone m_zone;
    QString m_run, m_task;
};

}  // namespace pilothouse::runs
