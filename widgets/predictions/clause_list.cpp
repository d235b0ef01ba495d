// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/clause_list.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {

using theme::Token;

ClauseList::ClauseList(QAbstractItemModel& model, int clauseRole, QWidget* parent)
    : QListView(parent), m_clauseRole(clauseRole) {
    setModel(&model);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
}

QString ClauseList::clauseOf(const QModelIndex& index) const { return index.data(m_clauseRole).toString(); }

void ClauseList::toggle(const QModelIndex& index, bool exclude) {
    if (const QString clause = clauseOf(index); !clause.isEmpty()) Q_EMIT toggled(clause, exclude);
}

void ClauseList::mouseReleaseEvent(QMouseEvent* event) {
    QListView::mouseReleaseEvent(event);
    if (event->button() != Qt::LeftButton) return;
    toggle(indexAt(event->pos()), event->modifiers() & (Qt::AltModifier | Qt::ShiftModifier));
}

void ClauseList::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space:
            return toggle(currentIndex(), event->modifiers() & (Qt::AltModifier | Qt::ShiftModifier));
        case Qt::Key_Minus:
            return toggle(currentIndex(), true);
        default:
            break;
    }
    if (!event->text().isEmpty() && event->text().front().isPrint()) return event->ignore();  // the window's commands
    QListView::keyPressEvent(event);
}

bool ClauseList::viewportEvent(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QListView::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QModelIndex index = indexAt(help->pos());
    if (clauseOf(index).isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), tip(index) + u"\nclick: only these · Alt or Shift: without these"_qs,
                           this);
    return true;
}

void paintClauseState(QPainter& painter, const QStyleOptionViewItem& option) {
    if (option.state & QStyle::State_MouseOver) painter.fillRect(option.rect, theme::color(Token::Hover));
    if (!(option.state & QStyle::State_HasFocus && option.state & QStyle::State_Selected)) return;
    painter.setPen(theme::color(Token::Accent));
    painter.drawRect(option.rect.adjusted(4, 0, -5, -1));
}

}  // namespace pilothouse::predictions_view
