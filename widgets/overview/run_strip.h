// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "models/ports/orchestrator.h"

namespace pilothouse::overview {

/// Column and row of each task: as far right as its longest chain of tasks before it; cycles and unknown names end up
/// left.
struct StripCell {
    int column = 0, row = 0;
};
[[nodiscard]] std::vector<StripCell> layoutStrip(const std::vector<ports::Task>& tasks);

/// The tasks of a run as a small graph, left to right, with their states. A task that is clicked, or reached by arrows
/// and entered, is activated.
class RunStrip : public QWidget {
    Q_OBJECT
public:
    explicit RunStrip(QWidget* parent = nullptr);
    void setRun(std::optional<ports::Run> run);
    [[nodiscard]] const std::optional<ports::Run>& run() const { return m_run; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {160, sizeHint().height()}; }

Q_SIGNALS:
    void taskActivated(const QString& runAndTask);  ///< "3/train"

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] double step() const;
    [[nodiscard]] bool narrow() const;
    [[nodiscard]] QRectF boxOf(std::size_t task) const;
    [[nodiscard]] QRectF nameBox(std::size_t task) const;
    [[nodiscard]] int taskAt(QPointF position) const;  ///< -1: none
    void activate(int task);
    void paintTask(QPainter& painter, std::size_t task) const;

    std::optional<ports::Run> m_run;
    std::vector<StripCell> m_cells;
    int m_columns = 0, m_rows = 0;
    int m_current = 0;
};

}  // namespace pilothouse::overview
