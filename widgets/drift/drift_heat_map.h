// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

#include "models/base/time_zone.h"
#include "models/items/drift_matrix_model.h"

namespace pilothouse::drift {

/// Features by windows, a cell a verdict: how strongly it is filled says the effect, its shape and hue the verdict.
/// Score and data quality below have a sliver a day. Arrows move, Enter chooses; a click on a column's head takes its
/// window.
class DriftHeatMap : public QWidget {
    Q_OBJECT
public:
    DriftHeatMap(items::DriftMatrixModel& model, const Zone& zone, QWidget* parent = nullptr);

    void setZone(const Zone& zone);
    /// What the rest of the view shows. -1: nothing.
    void setChosen(int row, int column);
    [[nodiscard]] int chosenRow() const { return m_chosenRow; }
    [[nodiscard]] int chosenColumn() const { return m_chosenColumn; }
    /// The column that the chosen one is compared with carries a frame; -1: none.
    void setBaseline(int column);
    /// Columns in the lens's range carry a bar above them.
    void setRange(const TimeRange& range);

    /// Cell under the keyboard.
    [[nodiscard]] int cursorRow() const { return m_cursorRow; }
    [[nodiscard]] int cursorColumn() const { return m_cursorColumn; }

    /// In this widget's pixels; for tests, tool tips and other hands than the mouse.
    [[nodiscard]] QRect cellRect(int row, int column) const;
    [[nodiscard]] QRect headRect(int column) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void cellChosen(int row, int column);
    void columnChosen(int column);
    void rowChosen(int row);
    /// Shift and a click, or B: this column is what the chosen one is to be compared with.
    void baselineChosen(int column);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Hit {
        int row = -1, column = -1;
        bool head = false, label = false;
    };
    [[nodiscard]] Hit hit(QPoint at) const;
    void layOut();
    void moveCursor(int row, int column);
    [[nodiscard]] int columnX(int column) const;
    [[nodiscard]] int rowY(int row) const;
    [[nodiscard]] QString words(int row, int column) const;
    void paintHead(QPainter& painter);
    void paintRow(QPainter& painter, int row);
    void paintCell(QPainter& painter, const QRect& box, const items::DriftCell& cell);
    void paintFrames(QPainter& painter);

    items::DriftMatrixModel& m_model;
    Zone m_zone;
    TimeRange m_range;
    int m_chosenRow = -1, m_chosenColumn = -1, m_baseline = -1;
    int m_cursorRow = -1, m_cursorColumn = -1;
    Hit m_hover;
    int m_left = 0, m_top = 0, m_rowHeight = 22, m_effectWidth = 0;
    double m_columnWidth = 10;
};

}  // namespace pilothouse::drift
