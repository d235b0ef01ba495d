// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predictions/rows_table.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QSettings>
#include <algorithm>
#include <utility>

#include "widgets/theme/tokens.h"

namespace pilothouse::predictions_view {
namespace {

constexpr int kRow = 22;
const QString kSettings = QStringLiteral("predictions/columns");

}  // namespace

RowsTable::RowsTable(items::PredictionRowsModel& model, QWidget* parent)
    : UniformTable(kRow, parent), m_model(model), m_delegate(new RowDelegate(this)) {
    setObjectName(u"rowsTable"_qs);
    setAccessibleName(u"Matching rows"_qs);
    setModel(&model);
    setItemDelegate(m_delegate);
    setFrameShape(QFrame::NoFrame);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setCornerButtonEnabled(false);
    setCornerWidget(new QWidget);
    setTabKeyNavigation(false);
    QHeaderView* head = horizontalHeader();
    head->setObjectName(u"rowsHead"_qs);
    head->setHighlightSections(false);
    head->setSectionsMovable(true);
    head->setMinimumSectionSize(36);
    head->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    head->setContextMenuPolicy(Qt::CustomContextMenu);
    head->setToolTip(u"Click to order the rows, right click to choose columns, drag to move them"_qs);
    head->setSortIndicatorShown(true);
    // A table selects the column that is clicked.
    disconnect(head, SIGNAL(sectionPressed(int)), this, nullptr);
    disconnect(head, SIGNAL(sectionEntered(int)), this, nullptr);
    connect(head, &QHeaderView::sectionClicked, this, &RowsTable::headClicked);
    connect(head, &QWidget::customContextMenuRequested, this, &RowsTable::headMenu);
    connect(head, &QHeaderView::sectionMoved, this, &RowsTable::saveColumns);
    connect(head, &QHeaderView::sectionResized, this, &RowsTable::saveColumns);
    connect(&model, &QAbstractItemModel::modelReset, this, &RowsTable::tellVisible, Qt::QueuedConnection);
    connect(&model, &QAbstractItemModel::rowsInserted, this, &RowsTable::tellVisible, Qt::QueuedConnection);
    // Above the first row they come in by themselves, below the last one the table has to go along.
    connect(&model, &QAbstractItemModel::rowsAboutToBeInserted, this, [this](const QModelIndex&, int first) {
        m_goAlong = first > 0 && m_order.ascending && m_order.field.empty() && atNewest();
    });
    connect(
        &model, &QAbstractItemModel::rowsInserted, this,
        [this] {
            if (std::exchange(m_goAlong, false)) scrollToNewest();
        },
        Qt::QueuedConnection);
    connect(this, &QAbstractItemView::doubleClicked, this,
            [this](const QModelIndex& at) { Q_EMIT rowActivated(at.row()); });
}

void RowsTable::setZone(const Zone& zone) {
    m_delegate->zone = zone;
    viewport()->update();
}

void RowsTable::setRange(const TimeRange& range) {
    // Within one year the year is said by the range above.
    const bool withYear =
        m_delegate->zone.date(range.start).year != m_delegate->zone.date(range.end - Duration(1)).year;
    if (withYear == m_delegate->withYear) return;
    m_delegate->withYear = withYear;
    restoreColumns();  // a time with its year needs more room
    viewport()->update();
}

void RowsTable::setVersions(const std::map<std::string, ports::ModelVersion>& versions) {
    m_delegate->readings.clear();
    for (const auto& [name, version] : versions) {
        ScoreReading reading;
        reading.threshold = version.threshold;
        if (!version.positiveClass.empty()) {
            reading.positive = QString::fromStdString(version.positiveClass);
            reading.negative = u"not "_qs + reading.positive;
        }
        m_delegate->readings[QString::fromStdString(name)] = reading;
        m_delegate->common = reading;
    }
    viewport()->update();
}

int RowsTable::defaultWidth(const items::PredictionColumn& column) const {
    const QFontMetrics metrics(theme::font());
    const int head = metrics.horizontalAdvance(column.title) + 22;
    const auto text = [&](const char16_t* sample) {
        return metrics.horizontalAdvance(QString::fromUtf16(sample)) + 22;
    };
    int width = text(u"00,000.0");
    if (column.id == u"score") return text(u"0.000") + 74;
    if (column.id == u"outcome") return text(u"not known") + 34;
    if (column.id == u"latency_ms") width = text(u"00.000 ms");
    if (column.id == u"request_id") width = text(u"UA1545-201301011015");
    if (column.id == u"version") width = text(u"v00");
    if (column.type == ports::ColumnType::Time)
        width = text(m_delegate->withYear ? u"30 Sep 2013 00:00" : u"30 Sep 00:00");
    if (column.type == ports::ColumnType::Text && column.id != u"version")
        width = std::max(width, text(column.joiner.isEmpty() ? u"WN 0000" : u"EWR → MMM"));
    return std::max(width, head);
}

void RowsTable::restoreColumns() {
    m_restoring = true;
    const QSettings settings;
    const QStringList order = settings.value(kSettings + u"/order"_qs).toStringList();
    const QStringList shown = settings.value(kSettings + u"/shown"_qs).toStringList();
    const QStringList hidden = settings.value(kSettings + u"/hidden"_qs).toStringList();
    QHeaderView* head = horizontalHeader();
    const auto& columns = m_model.columns();
    for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
        const items::PredictionColumn& column = columns[static_cast<std::size_t>(i)];
        const bool show = shown.contains(column.id) || (column.shown && !hidden.contains(column.id));
        setColumnHidden(i, !show);
        const int width = settings.value(kSettings + u"/width/"_qs + column.id).toInt();
        setColumnWidth(i, width >= 36 ? width : defaultWidth(column));
    }
    int place = 0;
    for (const QString& id : order)
        for (int i = 0; i < static_cast<int>(columns.size()); ++i)
            if (columns[static_cast<std::size_t>(i)].id == id) head->moveSection(head->visualIndex(i), place++);
    m_restoring = false;
    showOrder();
}

void RowsTable::saveColumns() {
    if (m_restoring || m_model.columns().empty()) return;
    QSettings settings;
    QStringList order, shown, hidden;
    const QHeaderView* head = horizontalHeader();
    for (int visual = 0; visual < head->count(); ++visual) {
        const int i = head->logicalIndex(visual);
        const items::PredictionColumn& column = m_model.columns()[static_cast<std::size_t>(i)];
        order += column.id;
        if (isColumnHidden(i) == column.shown) (isColumnHidden(i) ? hidden : shown) += column.id;
        if (!isColumnHidden(i) && columnWidth(i) != defaultWidth(column))
            settings.setValue(kSettings + u"/width/"_qs + column.id, columnWidth(i));
    }
    settings.setValue(kSettings + u"/order"_qs, order);
    settings.setValue(kSettings + u"/shown"_qs, shown);
    settings.setValue(kSettings + u"/hidden"_qs, hidden);
}

QStringList RowsTable::shownColumns() const {
    QStringList result;
    const QHeaderView* head = horizontalHeader();
    for (int visual = 0; visual < head->count(); ++visual)
        if (const int i = head->logicalIndex(visual); !isColumnHidden(i))
            result += m_model.columns()[static_cast<std::size_t>(i)].id;
    return result;
}

void RowsTable::setColumnShown(const QString& id, bool shown) {
    for (int i = 0; i < static_cast<int>(m_model.columns().size()); ++i)
        if (m_model.columns()[static_cast<std::size_t>(i)].id == id) {
            setColumnHidden(i, !shown);
            if (shown && columnWidth(i) < 36)
                setColumnWidth(i, defaultWidth(m_model.columns()[static_cast<std::size_t>(i)]));
        }
    saveColumns();
}

bool RowsTable::arrangeColumns(const QStringList& ids) {
    const auto& columns = m_model.columns();
    const auto indexOf = [&](const QString& id) {
        const auto found = std::ranges::find(columns, id, &items::PredictionColumn::id);
        return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
    };
    if (std::ranges::none_of(ids, [&](const QString& id) { return indexOf(id) >= 0; })) return false;
    m_restoring = true;
    for (int i = 0; i < static_cast<int>(columns.size()); ++i)
        setColumnHidden(i, !ids.contains(columns[static_cast<std::size_t>(i)].id));
    int place = 0;
    for (const QString& id : ids)
        if (const int i = indexOf(id); i >= 0) {
            if (columnWidth(i) < 36) setColumnWidth(i, defaultWidth(columns[static_cast<std::size_t>(i)]));
            horizontalHeader()->moveSection(horizontalHeader()->visualIndex(i), place++);
        }
    m_restoring = false;
    saveColumns();
    return true;
}

void RowsTable::headMenu(const QPoint& at) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(u"columnsMenu"_qs);
    for (int i = 0; i < static_cast<int>(m_model.columns().size()); ++i) {
        const items::PredictionColumn& column = m_model.columns()[static_cast<std::size_t>(i)];
        QAction* action = menu->addAction(column.title);
        action->setObjectName(u"column_"_qs + column.id);
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(i));
        connect(action, &QAction::toggled, this, [this, id = column.id](bool shown) { setColumnShown(id, shown); });
    }
    menu->addSeparator();
    connect(menu->addAction(u"Default columns"_qs), &QAction::triggered, this, [this] {
        QSettings().remove(kSettings);
        m_restoring = true;
        for (int i = 0; i < horizontalHeader()->count(); ++i)
            horizontalHeader()->moveSection(horizontalHeader()->visualIndex(i), i);
        m_restoring = false;
        restoreColumns();
    });
    menu->popup(horizontalHeader()->mapToGlobal(at));
}

bool RowsTable::atNewest() const {
    const QScrollBar* bar = verticalScrollBar();
    return m_order.ascending && m_order.field.empty() ? bar->value() >= bar->maximum() : bar->value() <= bar->minimum();
}

void RowsTable::scrollToNewest() {
    QScrollBar* bar = verticalScrollBar();
    bar->setValue(m_order.ascending && m_order.field.empty() ? bar->maximum() : bar->minimum());
}

QString RowsTable::currentRequest() const {
    return currentIndex().isValid() ? currentIndex().data(items::PredictionRowsModel::RequestIdRole).toString()
                                    : QString();
}

void RowsTable::tellVisible() {
    if (model() != &m_model) return;  // a view outlives its rows for a moment when it is closed
    const int first = verticalScrollBar()->value();
    m_model.setVisible(first, first + viewport()->height() / kRow + 1);
}

void RowsTable::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange || event->type() == QEvent::ApplicationFontChange) m_delegate->dress();
    UniformTable::changeEvent(event);
}

void RowsTable::resizeEvent(QResizeEvent* event) {
    UniformTable::resizeEvent(event);
    tellVisible();
}

void RowsTable::scrollContentsBy(int dx, int dy) {
    UniformTable::scrollContentsBy(dx, dy);
    if (dy != 0) {
        tellVisible();
        Q_EMIT scrolled();
    }
}

/// An item view makes its first row current when it gets the focus; here that would open a row nobody asked for.
void RowsTable::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void RowsTable::selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) {
    UniformTable::selectionChanged(selected, deselected);
    // By ranges, not by cells: all of a log may be selected.
    std::vector<int> rows;
    for (const QItemSelectionRange& range : selectionModel()->selection())
        for (int row = range.top(); row <= range.bottom() && rows.size() < 3; ++row)
            if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
    std::sort(rows.begin(), rows.end());
    Q_EMIT rowsSelected(rows);
}

void RowsTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    UniformTable::currentChanged(current, previous);
    if (current.isValid() && current.row() != previous.row()) Q_EMIT rowChosen(current.row());
}

void RowsTable::keyPressEvent(QKeyEvent* event) {
    const int rows = m_model.rowCount(), column = std::max(0, horizontalHeader()->logicalIndexAt(0));
    const auto go = [&](int step) {
        if (rows == 0) return;
        const int row = currentIndex().isValid() ? std::clamp(currentIndex().row() + step, 0, rows - 1) : 0;
        setCurrentIndex(m_model.index(row, column));
    };
    switch (event->key()) {
        case Qt::Key_J:
            return go(+1);
        case Qt::Key_K:
            return go(-1);
        case Qt::Key_Home:
            if (event->modifiers() & Qt::ShiftModifier) break;
            return rows > 0 ? setCurrentIndex(m_model.index(0, column)) : void();
        case Qt::Key_End:
            if (event->modifiers() & Qt::ShiftModifier) break;
            return rows > 0 ? setCurrentIndex(m_model.index(rows - 1, column)) : void();
        case Qt::Key_O:
            return orderMenu();
        case Qt::Key_H:
        case Qt::Key_Menu:
            return headMenu({8, horizontalHeader()->height()});
        case Qt::Key_Left:
            return horizontalScrollBar()->setValue(horizontalScrollBar()->value() - 60);
        case Qt::Key_Right:
            return horizontalScrollBar()->setValue(horizontalScrollBar()->value() + 60);
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (currentIndex().isValid()) Q_EMIT rowActivated(currentIndex().row());
            return;
        case Qt::Key_Escape:
            return Q_EMIT left();
        default:
            break;
    }
    if (event->matches(QKeySequence::Copy) && currentIndex().isValid()) {
        QStringList cells;
        for (int visual = 0; visual < horizontalHeader()->count(); ++visual)
            if (const int i = horizontalHeader()->logicalIndex(visual); !isColumnHidden(i))
                cells += m_delegate->text(m_model.index(currentIndex().row(), i));
        QApplication::clipboard()->setText(cells.join(u'\t'));
        return;
    }
    // A table would search its first column for what is typed; letters are the window's commands here.
    if (!event->text().isEmpty() && event->text().front().isPrint()) return event->ignore();
    UniformTable::keyPressEvent(event);
}

}  // namespace pilothouse::predictions_view
