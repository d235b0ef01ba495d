// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringListModel>
#include <QTableView>

namespace pilothouse::predictions_view {

/// A QTableView whose rows are all of one height and stand in the order of the model. It keeps nothing a row: its
/// vertical header has no sections, a row's place is computed. So a change in the number of rows costs the same for ten
/// rows as for ten millions, where a QTableView takes some 3 ns a row of them. Columns, delegates, selections and what
/// assistive technology is told are QTableView's own. Rows scroll row by row, columns by pixel. GUI thread.
///
/// Not for: spans; rows that are hidden, moved or resized; a grid; row titles. A row's place is an int of pixels: up to
/// 2^31 / height rows. rowAt() hides the one of QTableView, which knows of no row.
class UniformTable : public QTableView {
    Q_OBJECT
public:
    explicit UniformTable(int rowHeight, QWidget* parent = nullptr);

    void setModel(QAbstractItemModel* model) override;
    /// -1: no row there.
    [[nodiscard]] int rowAt(int y) const;
    [[nodiscard]] QRect visualRect(const QModelIndex& index) const override;
    [[nodiscard]] QModelIndex indexAt(const QPoint& at) const override;
    void scrollTo(const QModelIndex& index, ScrollHint hint = EnsureVisible) override;
    /// Another set of rows begins at its top.
    void reset() override;

protected:
    void rowsInserted(const QModelIndex& parent, int first, int last) override;
    void updateGeometries() override;
    void scrollContentsBy(int dx, int dy) override;
    void paintEvent(QPaintEvent* event) override;
    /// Home and End go to the first and last row.
    QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
    void setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags command) override;
    [[nodiscard]] QRegion visualRegionForSelection(const QItemSelection& selection) const override;
    [[nodiscard]] int verticalOffset() const override;
    [[nodiscard]] bool isIndexHidden(const QModelIndex& index) const override;
    /// Of the rows in sight.
    [[nodiscard]] int sizeHintForColumn(int column) const override;

private:
    [[nodiscard]] int rows() const;
    /// Rows that are in sight with their full height.
    [[nodiscard]] int pageRows() const;
    /// Beyond the rows too, where it would lie.
    [[nodiscard]] int rowOver(int y) const;
    [[nodiscard]] int top(int row) const;
    void scrollToColumn(int column, ScrollHint hint);

    QStringListModel m_noRows;
    QMetaObject::Connection m_removal;
    int m_rowHeight;
    bool m_placing = false;
};

}  // namespace pilothouse::predictions_view
