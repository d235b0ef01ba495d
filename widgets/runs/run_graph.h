// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

#include "models/ports/orchestrator.h"
#include "widgets/runs/dot_layout.h"

namespace pilothouse::runs {

/// The graph of one run: boxes by state, progress of what runs, the critical path drawn stronger. Click or arrow keys
/// choose a task.
class RunGraph : public QWidget {
    Q_OBJECT
public:
    explicit RunGraph(QWidget* parent = nullptr);
    void setRun(const ports::Run& run);
    void clear();
    void setCurrentTask(const QString& name);
    [[nodiscard]] QString currentTask() const { return m_current; }
    /// Laid out, or said why not.
    [[nodiscard]] bool settled() const { return m_run.tasks.empty() || m_layout || !m_problem.isEmpty(); }
    [[nodiscard]] QSize sizeHint() const override { return {640, 160}; }

Q_SIGNALS:
    void taskChosen(const QString& name);
    void laidOut();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void layoutAgain();
    [[nodiscard]] QTransform placement() const;
    void paintBox(QPainter& painter, const ports::Task& task, const QRectF& box) const;

    ports::Run m_run;
    std::vector<std::string> m_critical;
    GraphSpec m_spec;
    std::optional<GraphLayout> m_layout;
    QString m_problem, m_current;
    DotLayout m_dot;
};

}  // namespace pilothouse::runs
