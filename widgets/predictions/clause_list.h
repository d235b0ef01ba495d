// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QListView>
#include <QStyleOptionViewItem>

namespace pilothouse::predictions_view {

/// A list whose rows stand for clauses. A click, Enter or Space adds the clause; with Alt or Shift, or by −, the value
/// is excluded. Rows without a clause do nothing.
class ClauseList : public QListView {
    Q_OBJECT
public:
    /// `clauseRole`: where the model keeps the clause as a text.
    ClauseList(QAbstractItemModel& model, int clauseRole, QWidget* parent);

Q_SIGNALS:
    void toggled(const QString& clause, bool exclude);

protected:
    /// The tool tip of a row with a clause, without what a click does.
    [[nodiscard]] virtual QString tip(const QModelIndex& index) const = 0;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    [[nodiscard]] QString clauseOf(const QModelIndex& index) const;
    void toggle(const QModelIndex& index, bool exclude);
    int m_clauseRole;
};

/// What lies under a row that the mouse is over, and around the one that has the focus.
void paintClauseState(QPainter& painter, const QStyleOptionViewItem& option);

}  // namespace pilothouse::predictions_view
