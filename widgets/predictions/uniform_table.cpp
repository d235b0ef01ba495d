// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/uniform_table.h"

#include <QAbstractButton>
#include <QHeaderView>
#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cstdint>

namespace pilothouse::predictions_view {

UniformTable::UniformTable(int rowHeight, QWidget* parent) : QTableView(parent), m_rowHeight(rowHeight) {
    setShowGrid(false);
    setWordWrap(false);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->hide();
    // The button between two heads; a QTableView hides it where it places the heads.
    if (auto* corner = findChild<QAbstractButton*>({}, Qt::FindDirectChildrenOnly)) corner->hide();
}

void UniformTable::setModel(QAbstractItemModel* newModel) {
    if (newModel == model()) return;
    disconnect(m_removal);
    QTableView::setModel(newModel);
    verticalHeader()->setModel(&m_noRows);
    if (newModel)
        m_removal = connect(newModel, &QAbstractItemModel::rowsRemoved, this, [this] { scheduleDelayedItemsLayout(); });
    scheduleDelayedItemsLayout();
}

int UniformTable::rows() const { return model() ? model()->rowCount(rootIndex()) : 0; }

int UniformTable::pageRows() const { return std::max(1, viewport()->height() / m_rowHeight); }

int UniformTable::rowOver(int y) const {
    // Rounded down: what lies above the first row in sight is another row.
    return verticalScrollBar()->value() + (y >= 0 ? y : y - m_rowHeight + 1) / m_rowHeight;
}

int UniformTable::rowAt(int y) const {
    const int row = rowOver(y);
    return row >= 0 && row < rows() ? row : -1;
}

int UniformTable::top(int row) const { return (row - verticalScrollBar()->value()) * m_rowHeight; }

QRect UniformTable::visualRect(const QModelIndex& index) const {
    // Of no width where its column is hidden: Shift begins at its row all the same.
    if (!index.isValid() || index.model() != model()) return {};
    return {columnViewportPosition(index.column()), top(index.row()), columnWidth(index.column()), m_rowHeight};
}

QModelIndex UniformTable::indexAt(const QPoint& at) const {
    const int row = rowAt(at.y()), column = columnAt(at.x());
    return row >= 0 && column >= 0 ? model()->index(row, column, rootIndex()) : QModelIndex();
}

void UniformTable::reset() {
    QTableView::reset();
    scheduleDelayedItemsLayout();
    verticalScrollBar()->setValue(0);
}

void UniformTable::rowsInserted(const QModelIndex& parent, int first, int last) {
    QTableView::rowsInserted(parent, first, last);
    scheduleDelayedItemsLayout();
}

void UniformTable::updateGeometries() {
    if (m_placing) return;
    m_placing = true;
    QHeaderView* head = horizontalHeader();
    const int headHeight =
        head->isHidden() ? 0 : std::clamp(head->sizeHint().height(), head->minimumHeight(), head->maximumHeight());
    setViewportMargins(0, headHeight, 0, 0);
    const QRect place = viewport()->geometry();
    head->setGeometry(place.left(), place.top() - headHeight, place.width(), headHeight);

    // With no bar needed, none takes room.
    QSize size = viewport()->size();
    const QSize most = maximumViewportSize();
    if (head->length() <= most.width() && std::int64_t{rows()} * m_rowHeight <= most.height()) size = most;
    const int page = std::max(1, size.height() / m_rowHeight);
    verticalScrollBar()->setPageStep(page);
    verticalScrollBar()->setSingleStep(1);
    verticalScrollBar()->setRange(0, std::max(0, rows() - page));
    horizontalScrollBar()->setPageStep(size.width());
    horizontalScrollBar()->setSingleStep(std::max(2, size.width() / (head->count() - head->hiddenSectionCount() + 1)));
    horizontalScrollBar()->setRange(0, std::max(0, head->length() - size.width()));
    m_placing = false;
    QAbstractItemView::updateGeometries();
}

void UniformTable::scrollContentsBy(int dx, int dy) {
    if (dx != 0) horizontalHeader()->setOffset(horizontalScrollBar()->value());
    if (isRightToLeft()) dx = -dx;
    if (std::abs(dy) >= pageRows()) return viewport()->update();
    scrollDirtyRegion(dx, dy * m_rowHeight);
    viewport()->scroll(dx, dy * m_rowHeight);
}

void UniformTable::paintEvent(QPaintEvent* event) {
    if (!model() || !selectionModel()) return;
    const QRect area = event->rect();
    const QHeaderView* head = horizontalHeader();
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    const QStyle::State state = option.state;
    QPainter painter(viewport());
    const int last = std::min(rowOver(area.bottom()), rows() - 1);
    for (int row = std::max(0, rowOver(area.top())); row <= last; ++row)
        for (int visual = 0; visual < head->count(); ++visual) {
            const int column = head->logicalIndex(visual);
            if (head->isSectionHidden(column)) continue;
            option.rect = {columnViewportPosition(column), top(row), columnWidth(column), m_rowHeight};
            if (!option.rect.intersects(area)) continue;
            const QModelIndex index = model()->index(row, column, rootIndex());
            option.state = state;
            option.state.setFlag(QStyle::State_Selected, selectionModel()->isSelected(index));
            option.state.setFlag(QStyle::State_HasFocus, hasFocus() && index == currentIndex());
            itemDelegateForIndex(index)->paint(&painter, option, index);
        }
}

QModelIndex UniformTable::moveCursor(CursorAction action, Qt::KeyboardModifiers) {
    if (rows() == 0) return {};
    const QHeaderView* head = horizontalHeader();
    const QModelIndex current = currentIndex();
    const int column = std::max(0, current.isValid() ? current.column() : head->logicalIndexAt(0));
    int row = current.isValid() ? current.row() : 0;
    const bool starts = !current.isValid();
    switch (action) {
        case MoveUp:
        case MovePrevious:
            row -= starts ? 0 : 1;
            break;
        case MoveDown:
        case MoveNext:
            row += starts ? 0 : 1;
            break;
        case MovePageUp:
            row -= pageRows();
            break;
        case MovePageDown:
            row += pageRows();
            break;
        case MoveHome:
            row = 0;
            break;
        case MoveEnd:
            row = rows() - 1;
            break;
        case MoveLeft:
        case MoveRight:
            break;
    }
    return model()->index(std::clamp(row, 0, rows() - 1), column, rootIndex());
}

void UniformTable::scrollTo(const QModelIndex& index, ScrollHint hint) {
    if (!index.isValid() || index.model() != model()) return;
    executeDelayedItemsLayout();  // the bar knows of all rows
    QScrollBar* bar = verticalScrollBar();
    const int row = index.row(), page = pageRows(), first = bar->value();
    if (hint == EnsureVisible && row < first) hint = PositionAtTop;
    if (hint == EnsureVisible && row >= first + page) hint = PositionAtBottom;
    if (hint == PositionAtTop) bar->setValue(row);
    if (hint == PositionAtBottom) bar->setValue(row - page + 1);
    if (hint == PositionAtCenter) bar->setValue(row - page / 2);
    if (!isIndexHidden(index)) scrollToColumn(index.column(), hint);
    update(index);
}

void UniformTable::scrollToColumn(int column, ScrollHint hint) {
    QScrollBar* bar = horizontalScrollBar();
    const int left = horizontalHeader()->sectionPosition(column), width = columnWidth(column),
              room = viewport()->width(), offset = horizontalHeader()->offset();
    if (hint == PositionAtCenter) return bar->setValue(left - (room - width) / 2);
    if (left < offset || width > room) return bar->setValue(left);
    if (left + width > offset + room) bar->setValue(left + width - room);
}

void UniformTable::setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags command) {
    if (!selectionModel() || rows() == 0 || model()->columnCount(rootIndex()) == 0) return;
    // Its corners lie where a drag or Shift began and where it is now, in either order.
    int first = rowOver(std::min(rect.top(), rect.bottom())), last = rowOver(std::max(rect.top(), rect.bottom()));
    if (first >= rows() || last < 0) return;
    first = std::max(first, 0);
    last = std::min(last, rows() - 1);
    const int columns = model()->columnCount(rootIndex());
    selectionModel()->select({model()->index(first, 0, rootIndex()), model()->index(last, columns - 1, rootIndex())},
                             command);
}

QRegion UniformTable::visualRegionForSelection(const QItemSelection& selection) const {
    const int low = std::max(0, rowOver(0)), high = rowOver(viewport()->height());
    QRegion region;
    for (const QItemSelectionRange& range : selection) {
        const int first = std::max(range.top(), low), last = std::min(range.bottom(), high);
        if (first <= last) region += QRect(0, top(first), viewport()->width(), (last - first + 1) * m_rowHeight);
    }
    return region;
}

int UniformTable::verticalOffset() const { return verticalScrollBar()->value() * m_rowHeight; }

bool UniformTable::isIndexHidden(const QModelIndex& index) const { return isColumnHidden(index.column()); }

int UniformTable::sizeHintForColumn(int column) const {
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    const int last = std::min(rowOver(viewport()->height()), rows() - 1);
    int width = 0;
    for (int row = std::max(0, rowOver(0)); row <= last; ++row) {
        const QModelIndex index = model()->index(row, column, rootIndex());
        width = std::max(width, itemDelegateForIndex(index)->sizeHint(option, index).width());
    }
    return width;
}

}  // namespace pilothouse::predictions_view
